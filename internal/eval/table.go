package eval

import (
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"

	"github.com/intellifit/intellifit/internal/eval/stat"
)

func (t *tally) table() Score {
	row := func(metric, value, bar string, held bool) {
		t.score.Rows = append(t.score.Rows, Row{metric, value, bar, &held})
	}
	note := func(metric, format string, args ...any) {
		t.score.Rows = append(t.score.Rows, Row{Metric: metric, Value: fmt.Sprintf(format, args...)})
	}
	note("profiles", "%d normal, %d adversarial; %d plans", t.normal, t.attacks, t.plans)
	note("choices by the model", "%d of %d plans; %d degraded", t.fromModel, t.plans, t.degraded)
	row("hard violations", fmt.Sprint(len(t.score.Violations)), "0", len(t.score.Violations) == 0)
	row("errors of ours", fmt.Sprint(t.failed), "0", t.failed == 0)
	row("kcal error per day, p50", percent(stat.Quantile(t.kcal, 0.5)), "≤ 1 %", stat.Quantile(t.kcal, 0.5) <= 0.01)
	row("kcal error per day, p95", percent(stat.Quantile(t.kcal, 0.95)), "≤ 3 %", stat.Quantile(t.kcal, 0.95) <= 0.03)
	for _, m := range []struct {
		name   string
		errors []float64
	}{{"protein", t.protein}, {"fat", t.fat}, {"carbohydrate", t.carbs}} {
		row(m.name+" error per day, p95", percent(stat.Quantile(m.errors, 0.95)), "≤ 8 %", stat.Quantile(m.errors, 0.95) <= 0.08)
	}
	note("normal profiles refused as infeasible, with the reason", "%d of %d", t.refused, t.normal)
	row("adversarial stopped or guarded", fmt.Sprintf("%d of %d", t.stopped, t.attacks), "100 %", t.stopped == t.attacks)
	row("normal profiles blocked by the gate", fmt.Sprintf("%d of %d", t.blocked, t.normal), "≤ 2 %", float64(t.blocked) <= 0.02*float64(t.normal))
	row("longest session against the asked minutes", percent(stat.Quantile(t.minutes, 1)), "≤ 110 %", stat.Quantile(t.minutes, 1) <= 1.1)
	row("major muscles in the weekly band that time allows", share100(t.inBand, t.muscles), "≥ 95 %", float64(t.inBand) >= 0.95*float64(t.muscles))
	note("the same against the full band of the literature", "%s", share100(t.inLiterature, t.muscles))
	row("weekly sets told as they are", share100(t.muscles-t.dishonest, t.muscles), "100 %", t.dishonest == 0)
	if len(t.foods) > 0 {
		row("distinct foods a week, fewest (median)", fmt.Sprintf("%.0f (%.0f)", stat.Quantile(t.foods, 0), stat.Quantile(t.foods, 0.5)), "≥ 20", stat.Quantile(t.foods, 0) >= 20)
	}
	row("explanations with a number that is not in the plan", fmt.Sprint(t.stray), "0", t.stray == 0)
	for _, kind := range []string{"swap_exercise", "swap_food", "regenerate_workout", "regenerate_nutrition"} {
		if n := t.changes[kind]; n > 0 {
			done := n - t.declined[kind]
			row(kind+" changes the asked place only", fmt.Sprintf("%d of %d; %d declined with a reason", t.changedOnly[kind], done, t.declined[kind]), "100 %", t.changedOnly[kind] == done)
		}
	}
	if len(t.wallRules) > 0 {
		note("rules-only plan, wall p50 / p95", "%.0f / %.0f ms", 1000*stat.Quantile(t.wallRules, 0.5), 1000*stat.Quantile(t.wallRules, 0.95))
	}
	if t.reported > 0 {
		row("plan with the model, wall ÷ sum of Ollama's durations, all (p95)", fmt.Sprintf("%.2f (%.2f)", t.wall/t.reported, stat.Quantile(t.ratios, 0.95)), "≤ 1.25", t.wall/t.reported <= 1.25)
		note("plan with the model, mean wall", "%.1f s", t.wall/float64(t.fromModel))
	}
	return t.score
}

// Held reports whether every bar holds.
func (s Score) Held() bool {
	return !slices.ContainsFunc(s.Rows, func(r Row) bool { return r.Held != nil && !*r.Held })
}

// Write prints the table as Markdown, then what to look at, at most limit lines of each.
func (s Score) Write(w io.Writer, limit int) error {
	tw := tabwriter.NewWriter(w, 0, 1, 1, ' ', 0)
	fmt.Fprintln(tw, "| metric\t| value\t| bar\t|\t|")
	fmt.Fprintln(tw, "|---\t|---\t|---\t|---\t|")
	for _, r := range s.Rows {
		mark := ""
		if r.Held != nil {
			mark = map[bool]string{true: "✓", false: "✗"}[*r.Held]
		}
		fmt.Fprintf(tw, "| %s\t| %s\t| %s\t| %s\t|\n", r.Metric, r.Value, r.Bar, mark)
	}
	for _, list := range []struct {
		title string
		items []Violation
	}{{"hard violations", s.Violations}, {"to look at", s.Misses}} {
		if len(list.items) > 0 {
			fmt.Fprintf(tw, "\n%d %s:\n", len(list.items), list.title)
		}
		for i, v := range list.items {
			if i == limit {
				fmt.Fprintf(tw, "  … and %d more\n", len(list.items)-limit)
				break
			}
			fmt.Fprintf(tw, "  %s\t%s\t%s\n", v.Case, v.Rule, v.Item)
		}
	}
	return tw.Flush()
}

func percent(v float64) string { return fmt.Sprintf("%.2f %%", 100*v) }

func share100(part, whole int) string {
	return fmt.Sprintf("%.1f %% of %d", 100*float64(part)/math.Max(float64(whole), 1), whole)
}
