package sheet

import (
	"fmt"
	"strings"

	"github.com/intellifit/intellifit/shared/planner"
	"github.com/intellifit/intellifit/shared/planner/nutrition"
)

// brief shows what fits one screen: every session on a line or two, the first day of the menu, what to note.
func (t *textSheet) brief(p planner.Plan) {
	t.section("Workout: " + words(p.Workout.Split))
	for _, d := range p.Workout.Days {
		var items []string
		for _, it := range d.Items {
			items = append(items, clip(plain(it.Name), 32)+" "+strings.ReplaceAll(Volume(it), " × ", "×"))
		}
		t.wrap(fmt.Sprintf("%s %d min: %s", title(d.Weekday), d.Minutes, strings.Join(items, ", ")), "", "  ")
	}
	if len(p.Nutrition.Days) > 0 {
		day := p.Nutrition.Days[0]
		t.section(fmt.Sprintf("Menu, day 1 of %d", len(p.Nutrition.Days)) + hiddenOr(p.Nutrition, ": "+macros(day.Totals)))
		for _, m := range day.Meals {
			var items []string
			for _, it := range m.Items {
				items = append(items, fmt.Sprintf("%d g %s", it.Grams, clip(plain(it.Name), 40)))
			}
			t.wrap(title(m.Name)+": "+strings.Join(items, ", "), "", "  ")
		}
	}
	for _, w := range p.Warnings {
		t.wrap("! "+plain(w.Text), "", "  ")
	}
	fmt.Fprintf(&t.b, "All of it: intellifit plan show %s\n", p.ID)
}

func hiddenOr(n nutrition.Nutrition, numbers string) string {
	if n.NumbersHidden {
		return ""
	}
	return numbers
}
