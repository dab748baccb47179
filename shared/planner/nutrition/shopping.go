package nutrition

import (
	"cmp"
	"slices"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

// shopping sums the foods of all days and orders them as a shop does: by group, then category, then name. Categories
// come from foods, or from the list that the menu had before.
func shopping(days []Day, foods map[string]gym.Food, before []ShoppingItem, r *rules.Rules) []ShoppingItem {
	type line struct {
		ShoppingItem
		group int
	}
	category := map[string]string{}
	for _, s := range before {
		category[s.FoodID] = s.Category
	}
	at := map[string]int{}
	var lines []line
	for _, d := range days {
		for _, it := range d.Items() {
			i, ok := at[it.FoodID]
			if !ok {
				i = len(lines)
				at[it.FoodID] = i
				c := category[it.FoodID]
				if f, known := foods[it.FoodID]; known {
					c = f.Category
				}
				group := slices.Index(r.Nutrition.ShelfOrder.Roles, it.Role)
				lines = append(lines, line{ShoppingItem{FoodID: it.FoodID, Name: it.Name, Category: c}, group})
			}
			lines[i].Grams += it.Grams
		}
	}
	slices.SortFunc(lines, func(a, b line) int {
		return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.Category, b.Category), cmp.Compare(a.Name, b.Name), cmp.Compare(a.FoodID, b.FoodID))
	})
	out := make([]ShoppingItem, len(lines))
	for i, l := range lines {
		out[i] = l.ShoppingItem
	}
	return out
}
