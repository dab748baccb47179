// Package decode turns what a client sent into a mono clip: WAV, FLAC, MP3, Ogg/Opus, WebM/Opus or raw samples, in Go alone.
//
// What comes in is untrusted. Limits hold while decoding, so that no recording costs more memory or time than they allow,
// however small it is packed; a decoder that panics makes the recording unreadable, and nothing else.
//
// The codecs are github.com/pion/opus (MIT), github.com/mewkiz/flac (public domain, the Unlicense) and
// github.com/hajimehoshi/go-mp3 (Apache-2.0), with icza/bitio (Apache-2.0) below. The containers are read here.
package decode

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech/pcm"
)

// Limits bound what one recording may cost. They hold while decoding, not after it. Zero values take DefaultLimits.
type Limits struct {
	MaxBytes    int64         // of the encoded recording; audio_too_large above
	MaxDuration time.Duration // of the sound; audio_too_long above
	Rate        int           // Hz that the clip shall have; 0 leaves that of the recording. It saves memory to ask for it here
}

// DefaultLimits are those of one turn of a call.
var DefaultLimits = Limits{MaxBytes: 10 << 20, MaxDuration: time.Minute}

const (
	minRate     = 8_000 // Hz
	maxRate     = 192_000
	maxChannels = 8

	// shortest is how much must be there of a recording that is damaged or ends early.
	shortest = 100 * time.Millisecond
)

// Info says what the recording was before it became a clip.
type Info struct {
	Format    string // wav, flac, mp3, ogg, webm or pcm
	Codec     string // pcm_s16le, flac, mp3, opus …
	Rate      int    // Hz, as sent; Opus always has 48 000
	Channels  int    // as sent; the clip is their mean
	Bytes     int64  // that were read
	Truncated bool   // the recording ends early or has holes: the clip is what is there
}

// Decode reads a recording. What it is, its content tells; contentType is a hint, and names the rate and channels of raw
// samples ("audio/pcm;rate=16000;channels=1").
//
// Errors that are the client's are a *gym.Error: audio_empty, audio_unreadable, audio_format, audio_too_long, audio_too_large,
// audio_rate or audio_channels.
func Decode(ctx context.Context, r io.Reader, contentType string, l Limits) (pcm.Clip, Info, error) {
	var clip pcm.Clip
	rate, info, err := each(ctx, r, contentType, l, func(samples []float32) error {
		clip.Samples = append(clip.Samples, samples...)
		return nil
	})
	if err != nil {
		return pcm.Clip{}, info, err
	}
	clip.Rate = rate
	return clip, info, nil
}

// Each is Decode for recordings that are too long to be kept whole: take is given the sound piece by piece, at the rate that
// the limits name. The pieces are take's only until it returns; its error ends the decoding.
func Each(ctx context.Context, r io.Reader, contentType string, l Limits, take func(samples []float32) error) (Info, error) {
	if l.Rate <= 0 {
		return Info{}, errors.New("decode a recording piece by piece: no rate is named")
	}
	_, info, err := each(ctx, r, contentType, l, take)
	return info, err
}

func each(ctx context.Context, r io.Reader, contentType string, l Limits, take func([]float32) error) (rate int, _ Info, _ error) {
	if l.MaxBytes <= 0 {
		l.MaxBytes = DefaultLimits.MaxBytes
	}
	if l.MaxDuration <= 0 {
		l.MaxDuration = DefaultLimits.MaxDuration
	}
	in, out := newInput(ctx, r, l.MaxBytes), newSink(ctx, l, take)
	err := decode(in, out, contentType)
	out.info.Bytes = in.taken
	switch { // whatever a decoder made of it
	case out.err != nil:
		err = out.err
	case in.err != nil:
		err = in.err
	}
	if out.err == nil {
		err = judge(err, out)
	}
	if err == nil {
		err = out.finish()
	}
	return out.rate, out.info, err
}

// decode finds out what the recording is and lets that format's decoder read it.
func decode(in *input, out *sink, contentType string) error {
	f, err := sniff(in, contentType)
	if err != nil {
		return err
	}
	out.info.Format = f.name
	return guard(func() error { return f.decode(in, out) })
}

// guard turns a panic of a decoder, which is a defect of it that some recording found, into an error.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &gym.Error{
				Kind: gym.ErrInvalid, Code: CodeUnreadable, Detail: "the recording cannot be decoded",
				Err: fmt.Errorf("a decoder panicked: %v\n%s", p, debug.Stack()),
			}
		}
	}()
	return f()
}

// judge says whether what a decoder gave is a recording. A damaged one is what could be read of it, if that is long enough to
// hold a word.
func judge(err error, out *sink) error {
	var ours *gym.Error
	enough := out.sound() >= shortest
	switch {
	case errors.As(err, &ours), errors.Is(err, errUpload):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("decode the recording: %w", err)
	case errors.Is(err, errNumber):
		return &gym.Error{Kind: gym.ErrInvalid, Code: CodeUnreadable, Detail: "the recording holds samples that are no numbers", Err: err}
	case err != nil && !enough:
		return &gym.Error{
			Kind: gym.ErrInvalid, Code: CodeUnreadable, Detail: "the recording cannot be decoded",
			Hint: "it may have broken off while it was sent; record it again", Err: err,
		}
	case err != nil:
		out.info.Truncated = true
	case out.info.Truncated && !enough:
		return gym.Errorf(gym.ErrInvalid, CodeUnreadable, "the recording breaks off before there is sound in it")
	case out.taken == 0:
		return gym.Errorf(gym.ErrInvalid, CodeEmpty, "the recording has no sound in it")
	}
	return nil
}
