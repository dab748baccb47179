package vad

import (
	"time"

	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/vad/silero"
)

// SignalKind is what a Signal tells.
type SignalKind string

// The kinds of signals.
const (
	TurnStarted SignalKind = "turn_started" // the member speaks; if the assistant does, it is a barge-in
	TurnAsk     SignalKind = "turn_ask"     // a pause: ask the judge, and tell Judge what it said
	TurnEnded   SignalKind = "turn_ended"
)

// Reason is why a turn ended.
type Reason string

// The reasons.
const (
	EndedWhole    Reason = "whole"    // the judge is sure that all was said
	EndedSilence  Reason = "silence"  // Fallback is over
	EndedPatience Reason = "patience" // Unfinished is over
	EndedLong     Reason = "long"     // MaxTurn is over
	EndedAsked    Reason = "asked"    // by End, or there is no more sound
)

// Signal is what happens to a turn.
type Signal struct {
	Kind   SignalKind
	At     time.Duration // where the turn's speech began; of TurnEnded: where it ended
	From   time.Duration // where the turn's sound begins, with the prefix
	Heard  time.Duration // how much had been heard
	Reason Reason        // of TurnEnded
	Ask    int           // of TurnAsk: the number of the question
	Clip   pcm.Clip      // of TurnAsk what the judge should hear, of TurnEnded the turn; not to be changed
}

// Endpointer finds turns in a stream of sound: when somebody begins, when to ask the judge, when they are done. It is a state machine without
// clock or goroutines, and not for concurrent use: it knows the time from the sound it was fed, and the judge's verdicts are told to it.
type Endpointer struct {
	cfg TurnConfig
	d   *Detector

	sound []float32 // only ever appended to or replaced: clips share it
	base  int       // samples before sound

	open    bool          // in a turn
	began   Event         // the speech that a turn is or may be made of
	stopped time.Duration // end of the last speech in the turn
	inside  bool          // the Detector is in speech
	asks    int
	asked   bool     // in this pause
	verdict *Verdict // of this pause
	playing time.Duration
	before  [2]time.Duration // beginning and end of the last turn
}

// grace is how long the sound of a turn is kept after it for Continue.
const grace = 3 * time.Second

// NewEndpointer makes an Endpointer that has heard nothing.
func NewEndpointer(c TurnConfig) (*Endpointer, error) {
	c, err := c.complete()
	if err != nil {
		return nil, err
	}
	d, err := New(c.Config)
	if err != nil {
		return nil, err
	}
	return &Endpointer{cfg: c, d: d, playing: -1, before: [2]time.Duration{-1, -1}}, nil
}

// Configure changes the knobs from here on, also in the middle of a turn.
func (e *Endpointer) Configure(c TurnConfig) error {
	c, err := c.complete()
	if err != nil {
		return err
	}
	e.cfg, e.d.cfg = c, c.Config
	return nil
}

// Feed hears more sound, 16 kHz, as much or as little as there is.
func (e *Endpointer) Feed(samples []float32) []Signal {
	var signals []Signal
	for len(samples) > 0 {
		n := min(silero.Window-e.d.filled, len(samples))
		e.sound = append(e.sound, samples[:n]...)
		for _, event := range e.d.Feed(samples[:n]) {
			e.note(event)
		}
		if samples = samples[n:]; e.d.filled == 0 {
			signals = e.tick(signals)
		}
	}
	return signals
}

// Judge takes what the judge said. What it says about a pause that is over no longer counts.
func (e *Endpointer) Judge(v Verdict) []Signal {
	if !e.open || !e.asked || v.Ask != e.asks || e.verdict != nil {
		return nil
	}
	e.verdict = &v
	return e.tick(nil)
}

// Playing tells that the assistant begins or ends to speak: then the member has to speak longer until it counts.
func (e *Endpointer) Playing(playing bool) {
	switch {
	case !playing:
		e.playing = -1
	case e.playing < 0:
		e.playing = e.d.Heard()
	}
}

// Continue makes the turn that has just started one with the last one, which ended too early, and reports whether it could: the last one must have
// ended at most three seconds before, and both together be no longer than a turn may be. To be called between TurnStarted and the next Feed.
func (e *Endpointer) Continue() bool {
	from, end := e.before[0], e.before[1]
	if !e.open || from < 0 || e.began.At-end > grace || e.d.Heard()-from >= e.cfg.MaxTurn {
		return false
	}
	e.began.From = from
	return true
}

// End ends the turn at once, if there is one: the member let go of the button, or there is no more sound.
func (e *Endpointer) End() []Signal {
	if !e.open {
		return nil
	}
	return e.end(EndedAsked, nil)
}

// Clear forgets the turn, if there is one.
func (e *Endpointer) Clear() {
	if e.inside {
		e.d.stop(e.d.heard, true)
	}
	e.open, e.inside = false, false
	e.before = [2]time.Duration{-1, -1}
}

// Heard is how much sound was judged.
func (e *Endpointer) Heard() time.Duration { return e.d.Heard() }

// Open reports whether a turn has started and not ended.
func (e *Endpointer) Open() bool { return e.open }

// note takes what the Detector tells.
func (e *Endpointer) note(event Event) {
	switch {
	case event.Kind == SpeechStopped:
		e.inside, e.stopped = false, event.At
	case e.open:
		e.inside, e.asked, e.verdict = true, false, nil
	default:
		e.inside, e.began = true, event
	}
}

// tick decides after each window, and after each verdict.
func (e *Endpointer) tick(signals []Signal) []Signal {
	now := e.d.Heard()
	if !e.open {
		if !e.begins(now) {
			e.forget(now)
			return signals
		}
		e.open, e.asked, e.verdict = true, false, nil
		signals = append(signals, Signal{Kind: TurnStarted, At: e.began.At, From: e.began.From, Heard: now})
	}
	silence := e.d.Silence()
	if e.inside && silence == 0 {
		e.asked, e.verdict = false, nil
	}
	if e.cfg.Judged && !e.asked && silence >= e.cfg.Ask {
		e.asks++
		e.asked = true
		clip := e.clip(max(e.began.From, now-judged), now)
		signals = append(signals, Signal{Kind: TurnAsk, At: e.began.At, From: e.began.From, Heard: now, Ask: e.asks, Clip: clip})
	}
	if wait, reason := e.cfg.patience(e.verdict); !e.inside && silence >= wait {
		return e.end(reason, signals)
	}
	if now-e.began.From >= e.cfg.MaxTurn {
		return e.end(EndedLong, signals)
	}
	return signals
}

// begins reports whether the speech that is there counts.
func (e *Endpointer) begins(now time.Duration) bool {
	switch {
	case !e.inside:
		return false
	case e.playing < 0:
		return true
	}
	return now-e.d.Silence()-e.began.At >= e.cfg.BargeIn && now >= e.playing+e.cfg.Deaf
}

func (e *Endpointer) end(reason Reason, signals []Signal) []Signal {
	now := e.d.Heard()
	at := e.stopped
	if e.inside { // what follows is a new turn
		at = now - e.d.Silence()
		e.d.stop(now, true)
	}
	e.open, e.inside = false, false
	e.before = [2]time.Duration{e.began.From, at}
	clip := e.clip(e.began.From, min(at+e.cfg.Prefix, now))
	return append(signals, Signal{Kind: TurnEnded, At: at, From: e.began.From, Heard: now, Reason: reason, Clip: clip})
}

// clip is the sound between two times.
func (e *Endpointer) clip(from, to time.Duration) pcm.Clip {
	a := max(samples(from)-e.base, 0)
	b := min(samples(to)-e.base, len(e.sound))
	return pcm.Clip{Rate: pcm.Rate, Samples: e.sound[a:b:b]}
}

func samples(d time.Duration) int { return int(d * pcm.Rate / time.Second) }

// forget drops sound that no turn can want any more, a second and more at a time.
func (e *Endpointer) forget(now time.Duration) {
	keep := now - e.cfg.Prefix - e.cfg.BargeIn - e.cfg.Deaf - time.Second
	if e.inside {
		keep = min(keep, e.began.From)
	}
	if from, end := e.before[0], e.before[1]; from >= 0 {
		if now-end > grace+time.Second {
			e.before = [2]time.Duration{-1, -1}
		} else {
			keep = min(keep, from)
		}
	}
	if drop := samples(keep) - e.base; drop >= pcm.Rate {
		e.sound = append(make([]float32, 0, len(e.sound)-drop+2*pcm.Rate), e.sound[drop:]...)
		e.base += drop
	}
}
