package load

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// CallReport is what a run of calls found. Times are milliseconds.
type CallReport struct {
	Calls            int              `json:"calls"`
	Seconds          float64          `json:"seconds"`
	Answered         int              `json:"answered"`
	FirstSound       Times            `json:"first_sound_ms"` // last byte of the request -> first sound
	Overhead         Times            `json:"overhead_ms"`    // of it not the stand-ins
	OverheadBy       map[string]Times `json:"overhead_ms_by_kind"`
	Lost             []string         `json:"lost"`
	Foreign          []string         `json:"foreign_words"`
	Samples          []Sample         `json:"samples,omitempty"`
	GoroutinesBefore int              `json:"goroutines_before"`
	GoroutinesAfter  int              `json:"goroutines_after"`
}

func (r *recorder) calls() CallReport {
	s := r.sums()
	return CallReport{Answered: s.answered, FirstSound: s.wall, Overhead: s.overhead, OverheadBy: s.overheadBy, Lost: s.lost, Foreign: s.foreign, Samples: r.samples}
}

// Sound reports whether nothing was lost, mixed up or left running. It says nothing of time.
func (r CallReport) Sound() bool {
	return len(r.Lost) == 0 && len(r.Foreign) == 0 && r.Answered > 0 && r.GoroutinesAfter <= r.GoroutinesBefore
}

// The growth that a soak may show from its second to its last quarter: the first warms up. What expires after ten minutes is there from then on.
const (
	flatShare = 1.10
	flatMore  = 12 // for counts, which are small
)

// Growth is how something grew in a soak: its median in the second and in the last quarter.
type Growth struct {
	Name        string
	Early, Late float64
}

// Flat reports whether it did not grow.
func (g Growth) Flat() bool { return g.Late <= max(g.Early*flatShare, g.Early+flatMore) }

// Growths compares the quarters; nil without enough samples.
func (r CallReport) Growths() []Growth {
	n := len(r.Samples)
	if n < 8 {
		return nil
	}
	var out []Growth
	for _, c := range []struct {
		name string
		of   func(Sample) float64
	}{
		{"memory in MB (RSS)", func(s Sample) float64 { return s.RSSMB }},
		{"heap in MB", func(s Sample) float64 { return s.HeapMB }},
		{"goroutines", func(s Sample) float64 { return float64(s.Goroutines) }},
		{"descriptors", func(s Sample) float64 { return float64(s.Descriptors) }},
		{"keys in Redis", func(s Sample) float64 { return float64(s.RedisKeys) }},
	} {
		median := func(samples []Sample) float64 {
			var values []float64
			for _, s := range samples {
				values = append(values, c.of(s))
			}
			slices.Sort(values)
			return values[len(values)/2]
		}
		out = append(out, Growth{c.name, median(r.Samples[n/4 : n/2]), median(r.Samples[n*3/4:])})
	}
	return out
}

// Held reports whether the run is sound, quick enough, and flat when it was a soak.
func (r CallReport) Held() bool {
	return r.Sound() && r.Overhead.P95 <= float64(Bar.Milliseconds()) && !slices.ContainsFunc(r.Growths(), func(g Growth) bool { return !g.Flat() })
}

// Write prints the report as a table.
func (r CallReport) Write(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	row := func(metric, value, bar string, held bool) {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", metric, value, bar, map[bool]string{true: "✓", false: "✗"}[held])
	}
	note := func(metric, value string) { fmt.Fprintf(tw, "%s\t%s\t\t\n", metric, value) }
	row(fmt.Sprintf("%d calls at once, turns answered", r.Calls), fmt.Sprintf("%d in %.0f s, %d lost", r.Answered, r.Seconds, len(r.Lost)), "none lost", len(r.Lost) == 0)
	row("  words of another member", fmt.Sprint(len(r.Foreign)), "0", len(r.Foreign) == 0)
	note("  first sound, p50 / p95 / p99", r.FirstSound.String())
	row("  of it overhead", r.Overhead.String(), fmt.Sprintf("p95 ≤ %d ms", Bar.Milliseconds()), r.Overhead.P95 <= float64(Bar.Milliseconds()))
	for _, g := range r.Growths() {
		row("  "+g.Name+", second and last quarter", fmt.Sprintf("%.1f / %.1f", g.Early, g.Late), "flat", g.Flat())
	}
	row("  goroutines before / after", fmt.Sprintf("%d / %d", r.GoroutinesBefore, r.GoroutinesAfter), "not more", r.GoroutinesAfter <= r.GoroutinesBefore)
	for _, list := range []struct {
		name  string
		items []string
	}{{"lost", r.Lost}, {"foreign", r.Foreign}} {
		for _, each := range list.items[:min(len(list.items), listed)] {
			note(list.name, each)
		}
	}
	return tw.Flush()
}
