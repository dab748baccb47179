package sheet

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"github.com/intellifit/intellifit/shared/planner"
	"github.com/intellifit/intellifit/shared/planner/nutrition"
)

//go:embed page.gohtml
var pageText string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"words":   words,
	"title":   title,
	"volume":  Volume,
	"span":    span,
	"load":    load,
	"muscles": Muscles,
	"origin":  origin,
	"round":   func(f float64) string { return fmt.Sprintf("%.0f", f) },
	"tenth":   func(f float64) string { return fmt.Sprintf("%.1f", f) },
	"share":   func(f, top float64) string { return fmt.Sprintf("%.0f", 100*f/max(top, 1)) },
	"top":     topSets,
	"draft":   func() string { return draftText },
	"byAisle": byAisle,
}).Parse(pageText))

// HTML writes the plan as one self-contained page: no script, no address outside the page, A4 when printed. Every text
// is escaped by html/template, so that imported names cannot become markup.
func HTML(w io.Writer, p planner.Plan) error {
	if err := page.Execute(w, p); err != nil {
		return fmt.Errorf("render plan page: %w", err)
	}
	return nil
}

func topSets(p planner.Plan) float64 {
	top := 0.0
	for _, s := range p.Workout.WeeklySets {
		top = max(top, s)
	}
	return top
}

type aisle struct {
	Name  string
	Items []nutrition.ShoppingItem
}

// byAisle groups the shopping list by category, in the order in which the list has them.
func byAisle(list []nutrition.ShoppingItem) []aisle {
	var out []aisle
	at := map[string]int{}
	for _, it := range list {
		i, seen := at[it.Category]
		if !seen {
			i = len(out)
			at[it.Category] = i
			out = append(out, aisle{Name: it.Category})
		}
		out[i].Items = append(out[i].Items, it)
	}
	return out
}
