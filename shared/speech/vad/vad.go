// Package vad hears when somebody speaks and when their turn is over. A Detector tells speech from silence, window by window of 32 ms, with the
// network of package silero; an Endpointer decides of each pause whether it ends the turn, with the help of a Judge who understands what was said.
// Time is that of the sound: what was fed, not what a clock shows, so that the same sound always gives the same events.
package vad

import (
	"fmt"
	"time"

	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/vad/silero"
)

// Window is the grain of all times: the network judges 32 ms at once.
const Window = silero.Window * time.Second / silero.Rate

// Config says what counts as speech. Zero values take the defaults.
type Config struct {
	// Threshold is the probability from which on a window is speech: 0.5, what the network was trained for. 0.7 in a loud hall.
	Threshold float64
	// Exit is the probability below which speech may end: Threshold - 0.15. Between the two nothing changes, or every soft syllable
	// would be two events.
	Exit float64
	// MinSpeech is how long speech lasts before it counts: 80 ms, which is three windows. A plate that falls rings for one or two, a
	// short "yes" lasts five or more.
	MinSpeech time.Duration
	// MinSilence is how long silence lasts before speech has stopped: 192 ms, which is six windows. The stops inside words ("eigh-t") are shorter; whether a
	// pause that is longer ends the turn is asked later (Endpointer).
	MinSilence time.Duration
	// Prefix is how much before speech belongs to it: 300 ms. The first consonant is softer than what the network notices, and recognisers
	// want a moment of quiet. Negative: nothing.
	Prefix time.Duration
	// MaxSpeech ends speech that does not stop: 60 s, the longest turn of a call. Negative: never.
	MaxSpeech time.Duration
}

// Defaults of Config.
const (
	DefaultThreshold  = 0.5
	DefaultHysteresis = 0.15
	DefaultMinSpeech  = 80 * time.Millisecond
	DefaultMinSilence = 6 * Window
	DefaultPrefix     = 300 * time.Millisecond
	DefaultMaxSpeech  = 60 * time.Second
)

func (c Config) complete() (Config, error) {
	if c.Threshold == 0 {
		c.Threshold = DefaultThreshold
	}
	if !(c.Threshold > 0 && c.Threshold < 1) {
		return c, fmt.Errorf("the threshold %v is not between 0 and 1", c.Threshold)
	}
	if c.Exit == 0 {
		c.Exit = max(c.Threshold-DefaultHysteresis, c.Threshold/2)
	}
	if !(c.Exit > 0 && c.Exit <= c.Threshold) {
		return c, fmt.Errorf("the exit threshold %v is not between 0 and the threshold %v", c.Exit, c.Threshold)
	}
	for _, d := range []struct {
		name    string
		value   *time.Duration
		usually time.Duration
	}{
		{"shortest speech", &c.MinSpeech, DefaultMinSpeech}, {"shortest silence", &c.MinSilence, DefaultMinSilence},
		{"prefix", &c.Prefix, DefaultPrefix}, {"longest speech", &c.MaxSpeech, DefaultMaxSpeech},
	} {
		if *d.value == 0 {
			*d.value = d.usually
		}
		if *d.value < 0 && (d.value == &c.MinSpeech || d.value == &c.MinSilence) {
			return c, fmt.Errorf("the %s is negative: %v", d.name, *d.value)
		}
	}
	c.Prefix = max(c.Prefix, 0)
	return c, nil
}

// Kind is what an Event tells.
type Kind string

// The kinds of events.
const (
	SpeechStarted Kind = "speech_started"
	SpeechStopped Kind = "speech_stopped"
)

// Event is the beginning or the end of speech.
type Event struct {
	Kind  Kind
	At    time.Duration // where in the sound
	From  time.Duration // of SpeechStarted: At less the prefix, but not before the end of the speech before it
	Heard time.Duration // how much had been heard when it was known
	Cut   bool          // of SpeechStopped: speech goes on, but was as long as it may be
}

// Span is a stretch of speech.
type Span struct{ Start, End time.Duration }

// Spans finds the speech in a whole clip, of 16 kHz.
func Spans(clip pcm.Clip, c Config) ([]Span, error) {
	if clip.Rate != pcm.Rate {
		return nil, fmt.Errorf("find speech at %d Hz: the network knows %d Hz alone", clip.Rate, pcm.Rate)
	}
	d, err := New(c)
	if err != nil {
		return nil, err
	}
	var spans []Span
	for _, e := range append(d.Feed(clip.Samples), d.Finish()...) {
		if e.Kind == SpeechStarted {
			spans = append(spans, Span{Start: e.At})
			continue
		}
		spans[len(spans)-1].End = e.At
	}
	return spans, nil
}
