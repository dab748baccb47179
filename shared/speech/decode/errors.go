package decode

import (
	"errors"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
)

// The codes of what is wrong with a recording.
const (
	CodeEmpty      = "audio_empty"      // 400: no bytes, or no sound
	CodeUnreadable = "audio_unreadable" // 400: damaged, or not what it says
	CodeRate       = "audio_rate"       // 400: too few or too many samples a second, or raw samples that do not say how many
	CodeChannels   = "audio_channels"   // 400: more than a microphone has
	CodeTooLong    = "audio_too_long"   // 413
	CodeTooLarge   = "audio_too_large"  // 413
	CodeFormat     = "audio_format"     // 415: another format or codec
)

const formatHint = "send WAV, FLAC, MP3, Ogg or WebM with Opus, or raw samples as audio/pcm;rate=16000"

var (
	errNumber = errors.New("a sample is no finite number")
	errUpload = errors.New("read the recording") // the reader's fault
)

func errFormat(what string) error {
	return &gym.Error{Kind: gym.ErrUnsupported, Code: CodeFormat, Detail: what, Hint: formatHint}
}

func errRate(rate int) error {
	e := gym.Errorf(gym.ErrInvalid, CodeRate, "the recording has %d samples a second; %d to %d are taken", rate, minRate, maxRate)
	e.Hint = "record at 16000 or 48000 Hz"
	return e
}

func errChannels(n int) error {
	e := gym.Errorf(gym.ErrInvalid, CodeChannels, "the recording has %d channels; up to %d are taken", n, maxChannels)
	e.Hint = "record in mono"
	return e
}

func errTooLong(most time.Duration) error {
	return gym.Errorf(gym.ErrTooLarge, CodeTooLong, "the recording is longer than %v", most)
}

func errTooLarge(most int64) error {
	return gym.Errorf(gym.ErrTooLarge, CodeTooLarge, "the recording is larger than %d bytes", most)
}
