package eval

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/intellifit/intellifit/internal/eval/stat"
	"github.com/intellifit/intellifit/internal/eval/turnset"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/vad"
)

const speechData = "../../../shared/data/speech" // public recordings beside the repository

func spokenTurns(t *testing.T, n int, seed uint64) []turnset.Turn {
	t.Helper()
	recordings, err := turnset.Read(speechData)
	if err != nil {
		t.Skipf("no ../shared/data/speech: %v", err)
	}
	turns, err := turnset.Make(recordings, n, seed)
	if err != nil {
		t.Fatal(err)
	}
	return turns
}

func runEndpoints(t *testing.T, turns []turnset.Turn, takes time.Duration, judge func(turnset.Turn) vad.Judge) []EndpointResult {
	t.Helper()
	var results []EndpointResult
	for _, turn := range turns {
		r, err := RunEndpoint(t.Context(), turn, vad.TurnConfig{}, judge(turn), takes)
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, r)
	}
	return results
}

func turnJudge(f func(clip pcm.Clip) (bool, float64, error)) vad.Judge {
	return vad.JudgeFunc(func(_ context.Context, clip pcm.Clip) (bool, float64, error) { return f(clip) })
}

// TestEndpointing: with no judge, with one who knows, and with one who is wrong or down, on real recordings with pauses.
func TestEndpointing(t *testing.T) {
	t.Parallel()
	turns := spokenTurns(t, 60, 11)
	cuts := func(r []EndpointResult) int { return count(r, func(r EndpointResult) bool { return r.CutOff }) }
	missed := func(r []EndpointResult) int { return count(r, func(r EndpointResult) bool { return r.Missed }) }

	alone := runEndpoints(t, turns, time.Millisecond, func(turnset.Turn) vad.Judge { return nil })
	if p50 := stat.Quantile(endpointDelays(alone), 0.5); missed(alone) > 0 || p50 < 500 || p50 > 750 {
		t.Errorf("without a judge: %d ends missed, delay p50 %.0f ms; want 0 and about 650", missed(alone), p50)
	}
	// Somebody who knows where the speech ends: by the length of what they hear, until the recognised end.
	knows := runEndpoints(t, turns, time.Millisecond, func(turn turnset.Turn) vad.Judge {
		return turnJudge(func(clip pcm.Clip) (bool, float64, error) {
			tail := turn.Clip.Slice(turn.End-80*time.Millisecond, turn.End)
			if at := find(clip.Samples, tail.Samples); at >= 0 {
				return true, 1, nil
			}
			return false, 0, nil
		})
	})
	p50, p95 := stat.Quantile(endpointDelays(knows), 0.5), stat.Quantile(endpointDelays(knows), 0.95)
	if cuts(knows) > 0 || missed(knows) > 0 || p50 > 300 || p95 > 700 {
		t.Errorf("with a judge who knows: %d cut off, %d missed, p50 %.0f, p95 %.0f ms", cuts(knows), missed(knows), p50, p95)
	}
	hasty := runEndpoints(t, turns, time.Millisecond, func(turnset.Turn) vad.Judge {
		return turnJudge(func(pcm.Clip) (bool, float64, error) { return true, 1, nil })
	})
	if cuts(hasty) <= cuts(alone) {
		t.Errorf("a judge who always says yes cuts off %d turns, no judge %d", cuts(hasty), cuts(alone))
	}
	down := runEndpoints(t, turns[:10], time.Millisecond, func(turnset.Turn) vad.Judge {
		return turnJudge(func(pcm.Clip) (bool, float64, error) { return true, 1, errors.New("down") })
	})
	for i, r := range down {
		if r.Delay != alone[i].Delay || r.CutOff != alone[i].CutOff || r.JudgeFail != r.Asked || r.Asked == 0 {
			t.Errorf("%s with a judge that is down: %+v, without %+v", r.ID, r, alone[i])
		}
	}
}

// find looks for the samples of a part.
func find(all, part []float32) int {
	for i := 0; i+len(part) <= len(all); i++ {
		if all[i] == part[0] && all[i+1] == part[1] && all[i+len(part)-1] == part[len(part)-1] {
			return i
		}
	}
	return -1
}

// TestScoreEndpoint: each bar can be held and missed.
func TestScoreEndpoint(t *testing.T) {
	t.Parallel()
	ended := func(ms int) EndpointResult {
		return EndpointResult{ID: "x", Kind: turnset.Plain, Delay: time.Duration(ms) * time.Millisecond}
	}
	list := func(n int, change func(i int, r *EndpointResult)) []EndpointResult {
		out := make([]EndpointResult, n)
		for i := range out {
			out[i] = ended(250)
			change(i, &out[i])
		}
		return out
	}
	for name, c := range map[string]struct {
		results []EndpointResult
		broken  string
	}{
		"good":        {list(100, func(i int, r *EndpointResult) { r.CutOff, r.Missed = i < 3, i == 99 }), ""},
		"cut off":     {list(100, func(i int, r *EndpointResult) { r.CutOff = i < 4 }), "cut off in a pause"},
		"spoken into": {list(100, func(i int, r *EndpointResult) { r.Spoken = i < 4 }), "of them spoken into"},
		"missed":      {list(100, func(i int, r *EndpointResult) { r.Missed = i < 2 }), "end missed"},
		"slow":        {list(100, func(_ int, r *EndpointResult) { r.Delay = 301 * time.Millisecond }), "p50"},
		"slow at times": {list(100, func(i int, r *EndpointResult) {
			if i < 6 {
				r.Delay = time.Second
			}
		}), "p95"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var broken []string
			for _, r := range ScoreEndpoint(c.results).Rows {
				if r.Held != nil && !*r.Held {
					broken = append(broken, r.Metric)
				}
			}
			if c.broken == "" && len(broken) > 0 || c.broken != "" && (len(broken) != 1 || !strings.Contains(broken[0], c.broken)) {
				t.Errorf("broken bars %v, want %q", broken, c.broken)
			}
		})
	}
}
