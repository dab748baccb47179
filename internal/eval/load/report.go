package load

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"
	"time"

	"github.com/intellifit/intellifit/internal/eval/stat"
)

// Bar is the overhead of a turn that 95 of 100 turns must stay below.
const Bar = 50 * time.Millisecond

// Times are quantiles in milliseconds.
type Times struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
}

// Report is what a run found.
type Report struct {
	Chats            int              `json:"chats"`
	TurnsEach        int              `json:"turns_each"`
	ThinkMS          int64            `json:"think_ms"`
	TokenMS          int64            `json:"token_ms"`
	Seconds          float64          `json:"seconds"`
	Answered         int              `json:"answered"`
	Total            Times            `json:"total_ms"`
	Model            Times            `json:"model_ms"`
	Overhead         Times            `json:"overhead_ms"`
	OverheadBy       map[string]Times `json:"overhead_ms_by_kind"`
	UnclaimedMS      float64          `json:"model_ms_of_no_turn"` // counted as overhead
	Lost             []string         `json:"lost"`                // turns without the right answer, and what is not kept of them
	Foreign          []string         `json:"foreign_words"`       // of another member in an answer
	GoroutinesBefore int              `json:"goroutines_before"`
	GoroutinesAfter  int              `json:"goroutines_after"`
}

// Sound reports whether nothing was lost, mixed up or left running. It says nothing of time.
func (r Report) Sound() bool {
	return len(r.Lost) == 0 && len(r.Foreign) == 0 && r.GoroutinesAfter <= r.GoroutinesBefore && r.Answered == r.Chats*r.TurnsEach
}

// Held reports whether the run is sound and quick enough.
func (r Report) Held() bool {
	return r.Sound() && r.Overhead.P95 <= float64(Bar.Milliseconds())
}

// listed is how many findings of a kind the text shows.
const listed = 20

// Write prints the report as a table.
func (r Report) Write(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	row := func(metric, value, bar string, held bool) {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", metric, value, bar, map[bool]string{true: "✓", false: "✗"}[held])
	}
	note := func(metric, value string) { fmt.Fprintf(tw, "%s\t%s\t\t\n", metric, value) }
	fmt.Fprintln(tw, "METRIC\tVALUE\tBAR\t")
	note("chats at once", fmt.Sprintf("%d of %d turns each, %d ms from an answer to the next message, %.0f s in all", r.Chats, r.TurnsEach, r.ThinkMS, r.Seconds))
	note("stand-in for the model", fmt.Sprintf("%d ms to the first token, %d ms a token, %d ms a vector", promptTime.Milliseconds(), r.TokenMS, embedTime.Milliseconds()))
	row("turns answered", fmt.Sprintf("%d, %d lost", r.Answered, len(r.Lost)), "none lost", len(r.Lost) == 0 && r.Answered == r.Chats*r.TurnsEach)
	row("words of another member in an answer", fmt.Sprint(len(r.Foreign)), "0", len(r.Foreign) == 0)
	note("turn, p50 / p95 / p99", r.Total.String())
	note("of it the model", r.Model.String())
	row("of it overhead", r.Overhead.String(), fmt.Sprintf("p95 ≤ %d ms", Bar.Milliseconds()), r.Overhead.P95 <= float64(Bar.Milliseconds()))
	for _, kind := range []string{talk, availability, proposal, answer} {
		if times, ok := r.OverheadBy[kind]; ok {
			note("  "+kind, times.String())
		}
	}
	row("goroutines before / after", fmt.Sprintf("%d / %d", r.GoroutinesBefore, r.GoroutinesAfter), "not more", r.GoroutinesAfter <= r.GoroutinesBefore)
	for name, list := range map[string][]string{"lost": r.Lost, "foreign": r.Foreign} {
		for _, each := range list[:min(len(list), listed)] {
			note(name, each)
		}
	}
	return tw.Flush()
}

// String is the three quantiles.
func (t Times) String() string { return fmt.Sprintf("%.1f / %.1f / %.1f ms", t.P50, t.P95, t.P99) }

func (r *recorder) report() Report {
	s := r.sums()
	return Report{Answered: s.answered, Total: s.wall, Model: s.engines, Overhead: s.overhead, OverheadBy: s.overheadBy, Lost: s.lost, Foreign: s.foreign}
}

func millis(d time.Duration) float64 { return math.Round(float64(d.Microseconds())/10) / 100 }

func times(values []float64) Times {
	return Times{quantile(values, 0.5), quantile(values, 0.95), quantile(values, 0.99)}
}

// quantile is stat.Quantile, with 0 of nothing: JSON has no NaN.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return stat.Quantile(values, q)
}
