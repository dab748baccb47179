// Package sheet shows a plan to a person: as text for a terminal and as an HTML page that prints on A4. It computes
// nothing; every number it shows stands in the plan.
package sheet

import (
	"fmt"
	"io"
	"sort"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
	"github.com/intellifit/intellifit/shared/planner/nutrition"
	"github.com/intellifit/intellifit/shared/planner/training"
)

// TextOptions shapes the terminal output.
type TextOptions struct {
	Width int  // columns; 0 = 100
	Color bool // ANSI bold and dim for headings
	Days  int  // nutrition days shown; 0 = all
	Brief bool // one screen instead of everything
}

// Text writes the plan for a terminal. Control characters in names, which come from imported files, are dropped.
func Text(w io.Writer, p planner.Plan, o TextOptions) error {
	if o.Width <= 0 {
		o.Width = 100
	}
	t := &textSheet{o: o}
	t.head(p)
	if o.Brief {
		t.brief(p)
		_, err := io.WriteString(w, t.b.String())
		return err
	}
	t.workout(p.Workout)
	t.nutrition(p)
	t.notes(p)
	_, err := io.WriteString(w, t.b.String())
	return err
}

type textSheet struct {
	b strings.Builder
	o TextOptions
}

func (t *textSheet) bold(s string) string {
	if !t.o.Color {
		return s
	}
	return "\x1b[1m" + s + "\x1b[0m"
}

func (t *textSheet) section(s string) {
	rule := max(0, t.o.Width-utf8.RuneCountInString(s)-4)
	fmt.Fprintf(&t.b, "\n%s\n", t.bold("── "+s+" "+strings.Repeat("─", rule)))
}

func (t *textSheet) head(p planner.Plan) {
	fmt.Fprintf(&t.b, "%s\n", t.bold(fmt.Sprintf("Plan %s · member %s · %s · %d weeks · version %d", p.ID, plain(p.MemberID), words(string(p.Goal)), p.Weeks, p.Version)))
	fmt.Fprintf(&t.b, "%s\n", origin(p))
	if p.Draft {
		fmt.Fprintf(&t.b, "%s\n", t.bold("DRAFT: "+draftText))
	}
	if p.Explanation != "" {
		t.b.WriteByte('\n')
		t.wrap(plain(p.Explanation), "", "")
	}
}

func (t *textSheet) workout(w training.Workout) {
	if len(w.Days) == 0 {
		return
	}
	t.section("Workout: " + words(w.Split))
	for _, d := range w.Days {
		fmt.Fprintf(&t.b, "\n%s\n", t.bold(fmt.Sprintf("Day %d %s · %s · %d min", d.Day, title(d.Weekday), words(d.Focus), d.Minutes)))
		tw := tabwriter.NewWriter(&t.b, 0, 4, 2, ' ', 0)
		for _, it := range d.Items {
			fmt.Fprintf(tw, "  %s\t%s\t%s\trest %d s\tRIR %s\t%s\n", it.Slot, clip(plain(it.Name), 38), Volume(it), it.RestS, span(it.RIR), load(it.Load))
		}
		tw.Flush()
	}
	t.progression(w)
}

func (t *textSheet) progression(w training.Workout) {
	if len(w.WeeklySets) > 0 {
		fmt.Fprintf(&t.b, "\n%s\n", t.bold("Sets a week per muscle"))
		top := 0.0
		for _, s := range w.WeeklySets {
			top = max(top, s)
		}
		tw := tabwriter.NewWriter(&t.b, 0, 4, 2, ' ', 0)
		for _, m := range Muscles(w.WeeklySets) {
			sets := w.WeeklySets[m]
			fmt.Fprintf(tw, "  %s\t%4.1f\t%s\n", m, sets, strings.Repeat("▪", int(sets/top*30+0.5)))
		}
		tw.Flush()
	}
	if len(w.Progression) > 0 {
		fmt.Fprintf(&t.b, "\n%s\n", t.bold("Progression"))
		for _, wk := range w.Progression {
			t.wrap(fmt.Sprintf("Week %d: %s", wk.Week, plain(wk.Note)), "  ", "  ")
		}
	}
}

func (t *textSheet) nutrition(p planner.Plan) {
	n := p.Nutrition
	if len(n.Days) == 0 {
		return
	}
	t.section("Nutrition" + hiddenOr(n, fmt.Sprintf(": %.0f kcal · protein %.0f g · fat %.0f g · carbs %.0f g a day", p.Targets.Kcal, p.Targets.ProteinG, p.Targets.FatG, p.Targets.CarbsG)))
	shown := n.Days
	if t.o.Days > 0 && len(shown) > t.o.Days {
		shown = shown[:t.o.Days]
	}
	for _, d := range shown {
		fmt.Fprintf(&t.b, "\n%s\n", t.bold(fmt.Sprintf("Day %d", d.Day)+hiddenOr(n, " · "+macros(d.Totals))))
		tw := tabwriter.NewWriter(&t.b, 0, 4, 2, ' ', 0)
		for _, m := range d.Meals {
			name := title(m.Name)
			for _, it := range m.Items {
				fmt.Fprintf(tw, "  %s\t%4d g\t%s\t%s\n", name, it.Grams, clip(foodName(it), 52), hiddenOr(n, fmt.Sprintf("%.0f kcal", it.Kcal)))
				name = ""
			}
		}
		tw.Flush()
	}
	if len(shown) < len(n.Days) {
		fmt.Fprintf(&t.b, "\n  … and %d more days\n", len(n.Days)-len(shown))
	}
	t.shopping(n.ShoppingList)
}

func (t *textSheet) shopping(list []nutrition.ShoppingItem) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(&t.b, "\n%s\n", t.bold("Shopping list"))
	for _, a := range byAisle(list) {
		items := make([]string, len(a.Items))
		for i, it := range a.Items {
			items[i] = fmt.Sprintf("%s %d g", clip(plain(it.Name), 48), it.Grams)
		}
		t.wrap(title(a.Name)+": "+strings.Join(items, ", "), "  ", "  ")
	}
}

func (t *textSheet) notes(p planner.Plan) {
	if len(p.Wishes) > 0 {
		t.section("Wishes")
		for _, w := range p.Wishes {
			mark := "✓"
			if !w.Honored {
				mark = "✗"
			}
			line := mark + " " + plain(w.Wish)
			if w.Reason != "" {
				line += ": " + plain(w.Reason)
			}
			t.wrap(line, "  ", "  ")
		}
	}
	if len(p.Warnings) > 0 {
		t.section("Please note")
		for _, w := range p.Warnings {
			t.wrap("! "+plain(w.Text), "  ", "  ")
		}
	}
	if a := p.Approval; a != nil {
		fmt.Fprintf(&t.b, "\nApproved by %s on %s (version %d)\n", plain(a.CoachID), a.At.UTC().Format("2006-01-02 15:04 MST"), a.Version)
	}
}

// wrap writes s in lines of the sheet's width: the first after the indent, the others after indent and hang.
func (t *textSheet) wrap(s, indent, hang string) {
	col := 0
	for i, word := range strings.Fields(s) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
			t.b.WriteString(indent)
			col = utf8.RuneCountInString(indent)
		case col+1+n > t.o.Width:
			t.b.WriteString("\n" + indent + hang)
			col = utf8.RuneCountInString(indent + hang)
		default:
			t.b.WriteByte(' ')
			col++
		}
		t.b.WriteString(word)
		col += n
	}
	t.b.WriteByte('\n')
}

const draftText = "to be confirmed by a coach or health professional before it is used."

func origin(p planner.Plan) string {
	from := "choices by " + plain(p.Model.Name)
	if p.Source == planner.SourceRules {
		from = "choices by the rules alone"
	}
	if p.Degraded {
		from += " (degraded: the model did not answer)"
	}
	return fmt.Sprintf("%s · rules %s · seed %d", from, p.RulesVersion, p.Seed)
}

// Volume is the prescription of an item in a few characters: "3 × 8–12", "3 × 30–45 s".
func Volume(it training.Item) string {
	unit := map[string]string{"seconds": " s", "minutes": " min"}[it.Unit]
	return fmt.Sprintf("%d × %s%s", it.Sets, span(it.Reps), unit)
}

func span(r training.Range) string {
	if r.Min == r.Max {
		return fmt.Sprint(r.Min)
	}
	return fmt.Sprintf("%d–%d", r.Min, r.Max)
}

func load(l training.Load) string {
	if l.PctMax > 0 {
		return fmt.Sprintf("%d–%d %% 1RM", l.PctMin, l.PctMax)
	}
	if l.Bodyweight {
		return "bodyweight"
	}
	return ""
}

func macros(m nutrition.Macros) string {
	return fmt.Sprintf("%.0f kcal · P %.0f g · F %.0f g · C %.0f g", m.Kcal, m.ProteinG, m.FatG, m.CarbsG)
}

func foodName(it nutrition.Item) string {
	if it.Measure == "" {
		return plain(it.Name)
	}
	return plain(it.Name) + " (" + plain(it.Measure) + ")"
}

// Muscles lists the muscles of a weekly volume, most sets first.
func Muscles(sets map[gym.Muscle]float64) []gym.Muscle {
	out := make([]gym.Muscle, 0, len(sets))
	for m := range sets {
		out = append(out, m)
	}
	sort.Slice(out, func(i, j int) bool {
		if sets[out[i]] != sets[out[j]] {
			return sets[out[i]] > sets[out[j]]
		}
		return out[i] < out[j]
	})
	return out
}

func words(s string) string { return strings.ReplaceAll(plain(s), "_", " ") }

func title(s string) string {
	s = words(s)
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}

// plain drops control characters, which could move a terminal's cursor.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return -1
		}
		return r
	}, s)
}
