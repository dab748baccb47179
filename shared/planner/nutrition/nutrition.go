// Package nutrition makes the eating half of a plan: daily targets, the frame of the menu, which food goes where, how
// much of it, and the checks that a finished menu must pass. It does no I/O and every answer follows from its input and
// seed.
package nutrition

import (
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/portion"
)

// Nutrition is the eating half of a plan.
type Nutrition struct {
	Days         []Day          `json:"days"`
	ShoppingList []ShoppingItem `json:"shopping_list"`
	// NumbersHidden is true when energy and macronutrients were removed on purpose: they then read 0.
	NumbersHidden bool `json:"numbers_hidden,omitempty" doc:"true when energy and macros are withheld from the member"`
}

// Day is one day of meals.
type Day struct {
	Day    int    `json:"day" doc:"1-based"`
	Meals  []Meal `json:"meals"`
	Totals Macros `json:"totals" doc:"sum of the rounded items"`
}

// Meal is one meal of a day.
type Meal struct {
	Name  string `json:"name" doc:"breakfast, lunch, dinner, snack, …"`
	Items []Item `json:"items"`
}

// Item is one food with its weight; kcal and macros are for that weight, each rounded once.
type Item struct {
	Slot     string       `json:"slot" doc:"stable within the plan, e.g. n2m1f3: names the slot for swap"`
	FoodID   string       `json:"food_id"`
	Name     string       `json:"name"`
	Role     gym.FoodRole `json:"role"`
	Grams    int          `json:"grams"`
	Measure  string       `json:"measure,omitempty" doc:"household measure, e.g. 2 × 1 large egg"`
	Kcal     float64      `json:"kcal"`
	ProteinG float64      `json:"protein_g"`
	FatG     float64      `json:"fat_g"`
	CarbsG   float64      `json:"carbs_g"`
}

// Macros is energy in kcal and macronutrients in grams.
type Macros struct {
	Kcal     float64 `json:"kcal"`
	ProteinG float64 `json:"protein_g"`
	FatG     float64 `json:"fat_g"`
	CarbsG   float64 `json:"carbs_g"`
}

// ShoppingItem is what to buy for all days of the plan.
type ShoppingItem struct {
	FoodID   string `json:"food_id"`
	Name     string `json:"name"`
	Category string `json:"category"`
	Grams    int    `json:"grams"`
}

// Amount is what the item contains.
func (it Item) Amount() portion.Amount {
	return portion.Amount{Kcal: it.Kcal, ProteinG: it.ProteinG, FatG: it.FatG, CarbsG: it.CarbsG}
}

// Items lists the items of all meals in order.
func (d Day) Items() []Item {
	var out []Item
	for _, m := range d.Meals {
		out = append(out, m.Items...)
	}
	return out
}

// sum adds the rounded items of a day.
func (d Day) sum() Macros {
	var amounts []portion.Amount
	for _, it := range d.Items() {
		amounts = append(amounts, it.Amount())
	}
	return Macros(portion.Sum(amounts...))
}

// WithoutNumbers removes energy and macronutrients and keeps foods, weights and household measures, for members whom
// counting would harm.
func WithoutNumbers(n Nutrition) Nutrition {
	out := n.clone()
	out.NumbersHidden = true
	for d := range out.Days {
		out.Days[d].Totals = Macros{}
		for _, m := range out.Days[d].Meals {
			for i := range m.Items {
				it := &m.Items[i]
				it.Kcal, it.ProteinG, it.FatG, it.CarbsG = 0, 0, 0, 0
			}
		}
	}
	return out
}

// clone copies the days, so that a change to one menu never shows in another.
func (n Nutrition) clone() Nutrition {
	out := n
	out.Days = make([]Day, len(n.Days))
	for d, day := range n.Days {
		out.Days[d] = day
		out.Days[d].Meals = make([]Meal, len(day.Meals))
		for m, meal := range day.Meals {
			out.Days[d].Meals[m] = Meal{Name: meal.Name, Items: append([]Item(nil), meal.Items...)}
		}
	}
	out.ShoppingList = append([]ShoppingItem(nil), n.ShoppingList...)
	return out
}
