package eval

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/intellifit/intellifit/internal/eval/stat"
	"github.com/intellifit/intellifit/internal/eval/turnset"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/vad"
)

// Reply is how long after the end of a turn the assistant's voice begins on the small profile, two cores. A turn that goes on before is
// no harm: the endpointer continues it, and what the assistant began to think is dropped.
const Reply = 800 * time.Millisecond

// microphone is how much sound comes at once.
const microphone = 20 * time.Millisecond

// EndpointResult is how the end of one turn was found.
type EndpointResult struct {
	ID        string        `json:"id"`
	Kind      string        `json:"kind"`
	CutOff    bool          `json:"cut_off"`     // it was ended before its end, at least once
	Spoken    bool          `json:"spoken_into"` // and the assistant's voice would have begun before the member went on
	Missed    bool          `json:"missed"`      // it was not ended at all
	Delay     time.Duration `json:"delay"`       // from its end to the decision, when it was found
	Reason    vad.Reason    `json:"reason,omitempty"`
	Asked     int           `json:"asked"`      // questions to the judge
	JudgeFail int           `json:"judge_fail"` // that it could not answer
	Judged    time.Duration `json:"judged"`     // the longest answer
}

// RunEndpoint lets an endpointer hear one turn as a microphone gives it. The judge, who may be nil, is asked for real, and what it takes passes in the
// sound as well; a machine that does much else can say with takes what it takes on an idle one.
func RunEndpoint(ctx context.Context, turn turnset.Turn, cfg vad.TurnConfig, judge vad.Judge, takes time.Duration) (EndpointResult, error) {
	cfg.Judged = judge != nil
	e, err := vad.NewEndpointer(cfg)
	if err != nil {
		return EndpointResult{}, fmt.Errorf("turn %s: %w", turn.ID, err)
	}
	r := &endpointRun{turn: turn, judge: judge, takes: takes, e: e, result: EndpointResult{ID: turn.ID, Kind: turn.Kind}}
	chunk := int(microphone.Seconds() * pcm.Rate)
	var now time.Duration
	for samples := range slices.Chunk(turn.Clip.Samples, chunk) {
		if r.verdict != nil && r.answered <= now {
			v := *r.verdict
			r.verdict = nil
			r.take(ctx, max(r.answered, now-microphone), e.Judge(v))
		}
		now += microphone
		r.take(ctx, now, e.Feed(samples))
		if err := ctx.Err(); err != nil {
			return r.result, fmt.Errorf("turn %s: %w", turn.ID, err)
		}
		if r.done {
			return r.result, nil
		}
	}
	r.result.Missed = true
	return r.result, nil
}

type endpointRun struct {
	turn   turnset.Turn
	judge  vad.Judge
	takes  time.Duration // 0: what it took
	e      *vad.Endpointer
	result EndpointResult
	done   bool

	verdict  *vad.Verdict // on its way
	answered time.Duration
	ended    time.Duration // the decision that cut the turn off; 0: none did
}

// take follows the signals of one moment.
func (r *endpointRun) take(ctx context.Context, now time.Duration, signals []vad.Signal) {
	for _, s := range signals {
		switch s.Kind {
		case vad.TurnAsk:
			began := time.Now()
			v := vad.Ask(ctx, r.judge, s)
			took := time.Since(began)
			if r.takes > 0 {
				took = r.takes
			}
			r.verdict, r.answered = &v, now+took
			r.result.Asked++
			r.result.Judged = max(r.result.Judged, took)
			if v.Err != nil {
				r.result.JudgeFail++
			}
		case vad.TurnStarted:
			if r.ended == 0 {
				continue
			}
			if !r.e.Continue() || now > r.ended+Reply {
				r.result.Spoken, r.done = true, true
			}
			r.ended = 0
		case vad.TurnEnded:
			if r.verdict = nil; now < r.turn.End {
				r.result.CutOff, r.ended = true, now
				continue
			}
			r.result.Delay, r.result.Reason, r.done = now-r.turn.End, s.Reason, true
		}
	}
}

// ScoreEndpoint makes the table of results: overall against the bars, then by kind.
func ScoreEndpoint(results []EndpointResult) Score {
	var s Score
	row := func(metric, value, bar string, held bool) { s.Rows = append(s.Rows, Row{metric, value, bar, &held}) }
	note := func(metric, format string, args ...any) {
		s.Rows = append(s.Rows, Row{Metric: metric, Value: fmt.Sprintf(format, args...)})
	}
	n := float64(len(results))
	cut, spoken, missed := count(results, func(r EndpointResult) bool { return r.CutOff }), count(results, func(r EndpointResult) bool { return r.Spoken }), count(results, func(r EndpointResult) bool { return r.Missed })
	delays := endpointDelays(results)
	p50, p95 := stat.Quantile(delays, 0.5), stat.Quantile(delays, 0.95)
	note("turns", "%d", len(results))
	row("cut off in a pause", share100(cut, len(results)), "≤ 3 %", float64(cut) <= 0.03*n)
	row("of them spoken into: the member went on after the voice began", share100(spoken, len(results)), "≤ 3 %", float64(spoken) <= 0.03*n)
	row("end missed", share100(missed, len(results)), "≤ 1 %", float64(missed) <= 0.01*n)
	row("delay of the end, p50", fmt.Sprintf("%.0f ms", p50), "≤ 300 ms", p50 <= 300)
	row("delay of the end, p95", fmt.Sprintf("%.0f ms", p95), "≤ 700 ms", p95 <= 700)
	for _, kind := range []string{turnset.Plain, turnset.Pauses, turnset.Joined, turnset.Short, turnset.Noisy} {
		of := slices.DeleteFunc(slices.Clone(results), func(r EndpointResult) bool { return r.Kind != kind })
		if len(of) == 0 {
			continue
		}
		d := endpointDelays(of)
		cut, spoken, missed := count(of, func(r EndpointResult) bool { return r.CutOff }), count(of, func(r EndpointResult) bool { return r.Spoken }), count(of, func(r EndpointResult) bool { return r.Missed })
		note(kind, "%d: cut off %d, spoken into %d, missed %d, p50 %.0f ms, p95 %.0f ms", len(of), cut, spoken, missed, stat.Quantile(d, 0.5), stat.Quantile(d, 0.95))
	}
	asked, failed, longest := 0, 0, time.Duration(0)
	for _, r := range results {
		asked += r.Asked
		failed += r.JudgeFail
		longest = max(longest, r.Judged)
		if r.Spoken || r.Missed {
			s.Misses = append(s.Misses, Violation{Case: r.ID, Rule: map[bool]string{true: "missed", false: "spoken into"}[r.Missed]})
		}
	}
	note("questions to the judge", "%d, %d without an answer; longest %d ms", asked, failed, longest.Milliseconds())
	return s
}

func count[T any](list []T, holds func(T) bool) int {
	n := 0
	for _, v := range list {
		if holds(v) {
			n++
		}
	}
	return n
}

// endpointDelays are the delays in ms of the ends that were found in time.
func endpointDelays(results []EndpointResult) []float64 {
	var out []float64
	for _, r := range results {
		if !r.Missed && !r.Spoken {
			out = append(out, float64(r.Delay.Microseconds())/1000)
		}
	}
	return out
}
