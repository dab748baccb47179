package phone

import (
	"fmt"
	"math"
	"strings"

	"github.com/intellifit/intellifit/internal/eval"
	"github.com/intellifit/intellifit/internal/eval/sound"
	"github.com/intellifit/intellifit/internal/eval/stat"
	"github.com/intellifit/intellifit/shared/speech/spoken"
)

// The bars. What may harm has none but zero; a dialogue may fail because a word was misheard, once in ten.
const (
	barDialogues = 0.9
	barBroken    = 0.75 // of the answers that should be broken off: fewer, and the set measures nothing
	slowTool     = 500  // ms, from which on a member wants to hear something
	barFiller    = 800  // ms, until they do
)

// Score judges raw results.
func Score(results []Result) eval.Score {
	var t table
	var dialogues []DialogueResult
	var bargeIns []named
	ends := map[bool][]eval.EndpointResult{}
	for _, r := range results {
		switch {
		case r.Dialogue != nil:
			dialogues = append(dialogues, *r.Dialogue)
		case r.BargeIn != nil:
			bargeIns = append(bargeIns, named{r.ID, *r.BargeIn})
		case r.Endpoint != nil:
			ends[r.Endpoint.WithJudge] = append(ends[r.Endpoint.WithJudge], r.Endpoint.EndpointResult)
		}
	}
	if len(dialogues) > 0 {
		t.dialogues(dialogues)
	}
	if len(bargeIns) > 0 {
		t.bargeIns(bargeIns)
	}
	t.ends(ends)
	if len(t.Rows) == 0 {
		t.bar("anything measured", "nothing", "something", false)
	}
	return t.Score
}

// table collects rows.
type table struct{ eval.Score }

func (t *table) bar(metric, value, bar string, held bool) {
	t.Rows = append(t.Rows, eval.Row{Metric: metric, Value: value, Bar: bar, Held: &held})
}

func (t *table) note(metric, format string, args ...any) {
	t.Rows = append(t.Rows, eval.Row{Metric: metric, Value: fmt.Sprintf(format, args...)})
}

// harmful are the rules of which no one may be broken, with what the table calls them.
var harmful = []struct{ rule, row string }{
	{ruleWritten, "written without a heard yes, or written otherwise"}, {ruleTwice, "turns sent twice that were not answered alike"},
	{ruleNoise, "sounds without speech that gave words"}, {ruleSafety, "red flags missed"}, {ruleJSON, "answers that read notation aloud"},
	{ruleConversation, "conversations that hold what was not said or heard"},
}

func (t *table) dialogues(list []DialogueResult) {
	good, turns, wrong, words := 0, 0, 0, 0
	broken := map[string]int{}
	var first []float64
	for _, r := range list {
		found := judge(r)
		if len(found) == 0 {
			good++
		}
		for _, f := range found {
			broken[f.rule]++
			t.find(fmt.Sprintf("%s, turn %d", r.Dialogue.ID, f.turn), f)
		}
		for i, turn := range r.Turns {
			turns++
			want := r.Dialogue.Turns[i]
			if want.Say != "" && turn.Heard != "" {
				w, of := sound.WrongWords(spoken.Hear(spoken.Say(want.Say)), turn.Heard)
				wrong, words = wrong+w, words+of
			}
			if turn.FirstSoundMS > 0 {
				first = append(first, float64(turn.FirstSoundMS))
			}
		}
	}
	t.bar("dialogues that went as written", share(good, len(list)), fmt.Sprintf("≥ %.0f %%", 100*barDialogues), float64(good) >= barDialogues*float64(len(list)))
	for _, h := range harmful {
		t.bar("  "+h.row, fmt.Sprint(broken[h.rule]), "0", broken[h.rule] == 0)
	}
	t.fillers(list)
	t.note("  words of the member heard wrongly", "%s of %d turns", share(wrong, words), turns)
	t.note("  first sound of an answer, p50 / p95", "%.0f / %.0f ms", stat.Quantile(first, 0.5), stat.Quantile(first, 0.95))
}

// find lists what a rule found: harm among the violations, else what to look at.
func (t *table) find(where string, f finding) {
	v := eval.Violation{Case: where, Rule: f.rule, Item: f.what}
	for _, h := range harmful {
		if h.rule == f.rule {
			t.Violations = append(t.Violations, v)
			return
		}
	}
	t.Misses = append(t.Misses, v)
}

// fillers looks at turns whose tool took long: something must be heard meanwhile.
func (t *table) fillers(list []DialogueResult) {
	slow, late := 0, 0
	for _, r := range list {
		for i, turn := range r.Turns {
			if turn.TimingsMS["tool"] <= slowTool || turn.Metrics == nil || turn.Metrics.Turn == nil {
				continue
			}
			slow++
			if wait := *turn.Metrics.Turn - value(turn.Metrics.STT) - value(turn.Metrics.Decode); wait > barFiller {
				late++
				t.Misses = append(t.Misses, eval.Violation{Case: fmt.Sprintf("%s, turn %d", r.Dialogue.ID, i+1), Rule: "nothing heard while a tool worked", Item: fmt.Sprintf("%d ms, tool %d ms", wait, turn.TimingsMS["tool"])})
			}
		}
	}
	t.bar(fmt.Sprintf("  tools slower than %d ms without a sound by %d ms", slowTool, barFiller), fmt.Sprintf("%d of %d", late, slow), "0", late == 0)
}

func value(ms *int64) int64 {
	if ms == nil {
		return 0
	}
	return *ms
}

// named is a result with its id.
type named struct {
	id string
	BargeInResult
}

func (t *table) bargeIns(list []named) {
	broken, sounded := map[string]int{}, 0
	whole := map[bool]int{}
	var closed, idle, beyond, accepted, answered, after, late []float64
	for _, r := range list {
		whole[!r.Broken]++
		for _, f := range r.judge() {
			broken[f.rule]++
			t.find(fmt.Sprintf("%s at %.0f ms", r.id, r.AfterMS), f)
		}
		if r.Error != "" || !r.Broken {
			continue
		}
		if strings.TrimSpace(r.Received) != "" {
			sounded++
		}
		switch r.Way {
		case WayOver:
			accepted, answered = append(accepted, r.AcceptedMS), append(answered, r.AnsweredMS)
			continue
		case WayCancelled:
			late = append(late, float64(r.Late))
		}
		closed, idle, beyond = append(closed, r.ClosedMS), append(idle, r.IdleMS), append(beyond, max(0, r.IdleMS-r.LongestMS))
		after = append(after, r.AnsweredMS)
	}
	limit := millis(grace)
	t.bar("answers broken off before their end", fmt.Sprintf("%s, %d of them after their first words", share(whole[false], len(list)), sounded), fmt.Sprintf("≥ %.0f %%", 100*barBroken), float64(whole[false]) >= barBroken*float64(len(list)))
	if len(closed) > 0 {
		t.bar("  the voice's requests are gone, p50 (slowest)", fmt.Sprintf("%.0f (%.0f) ms", stat.Quantile(closed, 0.5), stat.Quantile(closed, 1)), "≤ 250 ms", stat.Quantile(closed, 1) <= limit)
		t.bar("  engines idle beyond the clause or window that ran, p50 (slowest)", fmt.Sprintf("%.0f (%.0f) ms", stat.Quantile(beyond, 0.5), stat.Quantile(beyond, 1)), "≤ 250 ms", stat.Quantile(beyond, 1) <= limit)
		t.note("    and with it", "%.0f (%.0f) ms", stat.Quantile(idle, 0.5), stat.Quantile(idle, 1))
	}
	t.bar("  sound after the break", fmt.Sprint(broken[ruleSound]), "0", broken[ruleSound] == 0)
	t.bar("  conversations that hold more than was heard", fmt.Sprint(broken[ruleConversation]), "0", broken[ruleConversation] == 0)
	t.bar("  next turns that went wrong", fmt.Sprint(broken[ruleNext]+broken[ruleError]), "0", broken[ruleNext]+broken[ruleError] == 0)
	if len(accepted) > 0 {
		t.note("  the next turn, sent at once: accepted after, p50 (slowest)", "%.0f (%.0f) ms", stat.Quantile(accepted, 0.5), stat.Quantile(accepted, 1))
		t.note("    its first sound after", "%.0f (%.0f) ms; sent when the engines were idle %.0f (%.0f) ms", stat.Quantile(answered, 0.5), stat.Quantile(answered, 1), stat.Quantile(after, 0.5), stat.Quantile(after, 1))
	}
}

// ends takes the table of package eval: with a judge against the bars, without as a note beside it.
func (t *table) ends(by map[bool][]eval.EndpointResult) {
	for _, judged := range []bool{true, false} {
		if len(by[judged]) == 0 {
			continue
		}
		of := eval.ScoreEndpoint(by[judged])
		how := "end of turn, with the judge: "
		if !judged {
			how = "end of turn, without: "
		}
		for _, row := range of.Rows {
			row.Metric = how + row.Metric
			if !judged {
				row.Bar, row.Held = "", nil
			}
			t.Rows = append(t.Rows, row)
		}
		if judged {
			t.Misses = append(t.Misses, of.Misses...)
		}
	}
}

func share(part, whole int) string {
	return fmt.Sprintf("%.1f %% of %d", 100*float64(part)/math.Max(float64(whole), 1), whole)
}
