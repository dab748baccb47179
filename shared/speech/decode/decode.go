// Package decode turns what a client sent into a mono clip: WAV, FLAC, MP3, Ogg/Opus, WebM/Opus or raw samples.
package decode

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/intellifit/intellifit/shared/speech/pcm"
)

// Limits bound what one recording may cost. They hold while decoding, not after it.
type Limits struct {
	MaxBytes    int64         // of the encoded recording; audio_too_large above
	MaxDuration time.Duration // of the sound; audio_too_long above
}

// Info says what the recording was before it became a clip.
type Info struct {
	Format    string // wav, flac, mp3, ogg, webm or pcm
	Codec     string // pcm_s16le, flac, mp3, opus …
	Rate      int    // Hz, as sent; the clip has the same
	Channels  int    // as sent; the clip is their mean
	Bytes     int64  // of the encoded recording
	Truncated bool   // the recording ends early or has holes: the clip is what is there
}

// Decode reads a recording. What it is, its content tells; contentType is a hint, and names the rate and channels of raw
// samples ("audio/pcm;rate=16000;channels=1").
func Decode(ctx context.Context, r io.Reader, contentType string, l Limits) (pcm.Clip, Info, error) {
	return pcm.Clip{}, Info{}, errors.New("decode.Decode is not written yet")
}
