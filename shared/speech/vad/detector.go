package vad

import (
	"time"

	"github.com/intellifit/intellifit/shared/speech/vad/silero"
)

// Detector finds speech in a stream of sound. It is not for concurrent use.
type Detector struct {
	cfg    Config
	judge  func(*[silero.Window]float32) float32
	forget func()

	window [silero.Window]float32
	filled int

	heard   time.Duration // whole windows
	last    float32       // probability of the last window
	begin   time.Duration // of the speech that is there or may begin; negative: none
	sure    time.Duration // its first window above the threshold
	silence time.Duration // where the silence in speech begins that may end it; negative: none
	ended   time.Duration // end of the last speech
	inside  bool          // SpeechStarted was told
}

// New makes a Detector that has heard nothing.
func New(c Config) (*Detector, error) {
	c, err := c.complete()
	if err != nil {
		return nil, err
	}
	s := silero.NewStream()
	d := &Detector{cfg: c, judge: s.Probability, forget: s.Reset}
	d.Reset()
	return d, nil
}

// Reset forgets what was heard and begins at time 0.
func (d *Detector) Reset() {
	d.forget()
	d.filled, d.heard, d.last, d.ended, d.inside = 0, 0, 0, 0, false
	d.begin, d.silence = -1, -1
}

// Feed hears more sound, 16 kHz, as much or as little as there is. What it returns is in order; it allocates only when something happened.
func (d *Detector) Feed(samples []float32) []Event {
	var events []Event
	for len(samples) > 0 {
		n := copy(d.window[d.filled:], samples)
		samples = samples[n:]
		if d.filled += n; d.filled == len(d.window) {
			d.filled = 0
			events = d.hear(d.judge(&d.window), events)
		}
	}
	return events
}

// Finish ends the stream: what does not fill a window is judged as if silence followed, and speech stops where the sound does. Reset begins a new
// one.
func (d *Detector) Finish() []Event {
	var events []Event
	end := d.heard + time.Duration(d.filled)*time.Second/silero.Rate
	if d.filled > 0 {
		clear(d.window[d.filled:])
		d.filled = 0
		events = d.hear(d.judge(&d.window), events)
		d.heard = end
	}
	if !d.inside {
		return events
	}
	if d.silence >= 0 {
		end = d.silence
	}
	return append(events, d.stop(min(end, d.heard), false))
}

// Heard is how much sound was judged.
func (d *Detector) Heard() time.Duration { return d.heard }

// Speaking reports whether speech has started and not stopped.
func (d *Detector) Speaking() bool { return d.inside }

// Silence is how long it has been silent: since the last window of speech, or from the beginning.
func (d *Detector) Silence() time.Duration {
	switch {
	case d.silence >= 0:
		return d.heard - d.silence
	case d.begin >= 0:
		return 0
	}
	return d.heard - d.ended
}

// Probability is how likely speech was in the last window.
func (d *Detector) Probability() float64 { return float64(d.last) }

// hear takes the probability of the next window.
func (d *Detector) hear(p float32, events []Event) []Event {
	at, before := d.heard, float64(d.last)
	d.heard += Window
	d.last = p
	switch {
	case float64(p) >= d.cfg.Threshold:
		d.silence = -1
		if d.begin < 0 {
			d.begin, d.sure = at, at
			if before >= d.cfg.Exit { // speech is noticed a window late where it begins softly
				d.begin = max(at-Window, d.ended)
			}
		}
	case d.begin >= 0 && d.silence < 0 && float64(p) < d.cfg.Exit:
		d.silence = at
	}
	if d.begin < 0 {
		return events
	}
	if !d.inside && d.silence >= 0 { // too short to be speech
		d.begin, d.silence = -1, -1
		return events
	}
	if !d.inside && d.heard-d.sure >= d.cfg.MinSpeech {
		d.inside = true
		from := max(d.begin-d.cfg.Prefix, d.ended)
		events = append(events, Event{Kind: SpeechStarted, At: d.begin, From: from, Heard: d.heard})
	}
	switch {
	case !d.inside:
	case d.silence >= 0 && d.heard-d.silence >= d.cfg.MinSilence:
		events = append(events, d.stop(d.silence, false))
	case d.silence < 0 && d.cfg.MaxSpeech > 0 && d.heard-d.begin >= d.cfg.MaxSpeech:
		events = append(events, d.stop(d.heard, true))
	}
	return events
}

func (d *Detector) stop(at time.Duration, cut bool) Event {
	d.begin, d.silence, d.ended, d.inside = -1, -1, at, false
	return Event{Kind: SpeechStopped, At: at, Heard: d.heard, Cut: cut}
}
