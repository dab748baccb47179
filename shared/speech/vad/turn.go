package vad

import (
	"context"
	"fmt"
	"time"

	"github.com/intellifit/intellifit/shared/speech/pcm"
)

// Judge understands whether what was said is a whole turn. Probability is how sure it is that it is one; a judge that only knows yes and no says 1
// or 0.
type Judge interface {
	Complete(ctx context.Context, clip pcm.Clip) (whole bool, probability float64, err error)
}

// JudgeFunc is a function as a Judge: JudgeFunc(recognizer.Turn).
type JudgeFunc func(ctx context.Context, clip pcm.Clip) (whole bool, probability float64, err error)

// Complete calls f.
func (f JudgeFunc) Complete(ctx context.Context, clip pcm.Clip) (whole bool, probability float64, err error) {
	return f(ctx, clip)
}

// TurnConfig says when a turn is over. Zero values take the defaults.
type TurnConfig struct {
	// Config is the Detector's. MinSilence is also the shortest silence that ends a turn. MaxSpeech has no meaning here, see MaxTurn.
	Config
	// Judged says that a Judge is asked in pauses. Otherwise Fallback alone decides.
	Judged bool
	// Ask is the silence after which the judge is asked: 128 ms. It knows no more later, and asked before MinSilence is over it
	// costs no time.
	Ask time.Duration
	// Fallback is the silence that ends a turn of which the judge is not sure, or nobody knows: there is no judge, it erred, it is
	// slow. 600 ms: most pauses inside sentences are shorter, and people expect an answer after about that time.
	Fallback time.Duration
	// Unfinished is the silence that ends a turn that the judge holds for unfinished: 1.5 s. A turn must end some day even when the
	// judge is wrong.
	Unfinished time.Duration
	// Sure and Doubt are the probabilities from which on a turn counts as whole, 0.95, and up to which as unfinished, 0.02. Smart Turn, the
	// judge that servers/whisper has, was measured with them; what it says between them tells little.
	Sure, Doubt float64
	// BargeIn is how long the member speaks before it counts while the assistant speaks: 400 ms, longer than an "mhm" that says go on.
	BargeIn time.Duration
	// Deaf is how long nothing counts after the assistant began to speak: 500 ms, in which echo cancellers adapt.
	Deaf time.Duration
	// MaxTurn ends a turn that does not end: 60 s, the most that a call takes at once.
	MaxTurn time.Duration
}

// Defaults of TurnConfig.
const (
	DefaultAsk        = 4 * Window
	DefaultFallback   = 600 * time.Millisecond
	DefaultUnfinished = 1500 * time.Millisecond
	DefaultSure       = 0.95
	DefaultDoubt      = 0.02
	DefaultBargeIn    = 400 * time.Millisecond
	DefaultDeaf       = 500 * time.Millisecond
	DefaultMaxTurn    = 60 * time.Second
)

func (c TurnConfig) complete() (TurnConfig, error) {
	detector, err := c.Config.complete()
	if err != nil {
		return c, err
	}
	c.Config = detector
	c.MaxSpeech = -1
	for _, d := range []struct {
		name    string
		value   *time.Duration
		usually time.Duration
	}{
		{"silence before the judge is asked", &c.Ask, DefaultAsk}, {"silence of a turn nobody judged", &c.Fallback, DefaultFallback},
		{"silence of an unfinished turn", &c.Unfinished, DefaultUnfinished}, {"speech of a barge-in", &c.BargeIn, DefaultBargeIn},
		{"time of deafness", &c.Deaf, DefaultDeaf}, {"longest turn", &c.MaxTurn, DefaultMaxTurn},
	} {
		if *d.value == 0 {
			*d.value = d.usually
		}
		if *d.value < 0 {
			return c, fmt.Errorf("the %s is negative: %v", d.name, *d.value)
		}
	}
	if c.Sure == 0 {
		c.Sure = DefaultSure
	}
	if c.Doubt == 0 {
		c.Doubt = DefaultDoubt
	}
	if !(c.Doubt >= 0 && c.Doubt <= c.Sure && c.Sure <= 1) {
		return c, fmt.Errorf("the probabilities of an unfinished turn, %v, and of a whole one, %v, are not in order between 0 and 1", c.Doubt, c.Sure)
	}
	c.Fallback = max(c.Fallback, c.MinSilence)
	c.Unfinished = max(c.Unfinished, c.Fallback)
	return c, nil
}

// Verdict is what the judge said when it was asked.
type Verdict struct {
	Ask         int // as in the Signal
	Whole       bool
	Probability float64
	Err         error // the judge could not tell
}

// patience is the silence that ends the turn, and why it would end then. Without a verdict v is nil.
func (c TurnConfig) patience(v *Verdict) (time.Duration, Reason) {
	switch {
	case v == nil || v.Err != nil:
		return c.Fallback, EndedSilence
	case v.Whole && v.Probability >= c.Sure:
		return c.MinSilence, EndedWhole
	case !v.Whole && v.Probability <= c.Doubt:
		return c.Unfinished, EndedPatience
	}
	return c.Fallback, EndedSilence
}

// judged is how much of a turn's end the judge hears; models of intonation take no more.
const judged = 8 * time.Second

// Ask asks the judge about a turn that pauses, as a TurnAsk signal tells. The answer goes to Endpointer.Judge.
func Ask(ctx context.Context, j Judge, s Signal) Verdict {
	whole, p, err := j.Complete(ctx, s.Clip)
	if err != nil {
		err = fmt.Errorf("judge the end of a turn: %w", err)
	}
	return Verdict{Ask: s.Ask, Whole: whole, Probability: p, Err: err}
}

// State is what Detect tells about sound so far.
type State struct {
	Speech   []Span
	Speaking bool          // at the end of the sound
	Silence  time.Duration // at the end of the sound
	Over     bool          // somebody spoke, and the turn is over
	Verdict  *Verdict      // nil when no judge was asked
}

// Detect looks at the sound of a turn so far, 16 kHz, for callers who send it again and again instead of streaming it. Only its end decides whether
// the turn is over: who went on after a pause has decided about that pause. The judge may be nil.
func Detect(ctx context.Context, clip pcm.Clip, c TurnConfig, j Judge) (State, error) {
	c, err := c.complete()
	if err != nil {
		return State{}, err
	}
	spans, err := Spans(clip, c.Config)
	if err != nil || len(spans) == 0 {
		return State{Silence: clip.Duration()}, err
	}
	last := spans[len(spans)-1]
	s := State{Speech: spans, Silence: clip.Duration() - last.End}
	s.Speaking = s.Silence < c.MinSilence
	if j != nil && s.Silence >= c.Ask {
		v := Ask(ctx, j, Signal{Clip: clip.Slice(max(spans[0].Start-c.Prefix, clip.Duration()-judged), clip.Duration())})
		s.Verdict = &v
	}
	wait, _ := c.patience(s.Verdict)
	s.Over = !s.Speaking && s.Silence >= wait
	return s, nil
}
