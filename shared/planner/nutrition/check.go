package nutrition

import (
	"fmt"
	"math"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/portion"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

// Violation is one rule that a finished menu breaks. Hard ones forbid the menu; the others are misses of soft targets.
type Violation struct {
	Code string
	Day  int
	Slot string // empty for a whole day
	Hard bool
	Text string // ids and shares only
}

// The codes of Check, besides those of one food.
const (
	CodeUnknownFood = "unknown_food"
	CodeWrongNumber = "wrong_number"
	CodeWrongTotal  = "wrong_total"
	CodeWrongList   = "wrong_shopping_list"
	CodeGrams       = "grams"
	CodeTwice       = "slot_twice"
	CodeFloor       = "kcal_floor"
	CodeKcal        = "kcal_error"
	CodeMacro       = "macro_error"
	CodeEmptyDay    = "empty_day"
)

// Check judges a finished menu from the catalogue alone: it trusts no number in it. foods holds the catalogue's rows of
// the ids in the menu.
func Check(n Nutrition, t Targets, m gym.Member, foods map[string]gym.Food, r *rules.Rules) []Violation {
	c := &checker{t: t, m: m, foods: foods, r: r, hidden: n.NumbersHidden, slots: map[string]bool{}, grams: map[string]int{}}
	for _, d := range n.Days {
		c.day(d)
	}
	c.list(n.ShoppingList)
	return c.out
}

type checker struct {
	t      Targets
	m      gym.Member
	foods  map[string]gym.Food
	r      *rules.Rules
	hidden bool
	slots  map[string]bool
	grams  map[string]int
	out    []Violation
}

func (c *checker) add(hard bool, code string, day int, slot, format string, args ...any) {
	c.out = append(c.out, Violation{Code: code, Day: day, Slot: slot, Hard: hard, Text: fmt.Sprintf(format, args...)})
}

func (c *checker) day(d Day) {
	items := d.Items()
	if len(items) == 0 {
		c.add(true, CodeEmptyDay, d.Day, "", "day %d has no food", d.Day)
		return
	}
	amounts := make([]portion.Amount, 0, len(items))
	for _, it := range items {
		if a, ok := c.item(d.Day, it); ok {
			amounts = append(amounts, a)
		}
	}
	if len(amounts) < len(items) {
		return // totals of unknown foods mean nothing
	}
	total := portion.Sum(amounts...)
	if !c.hidden && !same(total, portion.Amount(d.Totals)) {
		c.add(true, CodeWrongTotal, d.Day, "", "the totals of day %d are not the sum of its items", d.Day)
	}
	if total.Kcal < c.t.FloorKcal {
		c.add(true, CodeFloor, d.Day, "", "day %d is %.0f kcal below the floor", d.Day, c.t.FloorKcal-total.Kcal)
	}
	target := portion.Target{Kcal: c.t.Kcal, ProteinG: c.t.ProteinG, FatG: c.t.FatG, CarbsG: c.t.CarbsG}
	kcal, macro := target.Errors(total)
	if kcal > c.r.Nutrition.Solver.KcalAccept {
		c.add(false, CodeKcal, d.Day, "", "energy of day %d is %.1f %% off", d.Day, kcal*100)
	}
	if macro > c.r.Nutrition.Solver.MacroAccept {
		c.add(false, CodeMacro, d.Day, "", "a macronutrient of day %d is %.1f %% off", d.Day, macro*100)
	}
}

// item checks one food and recomputes what it contains.
func (c *checker) item(day int, it Item) (portion.Amount, bool) {
	if c.slots[it.Slot] {
		c.add(true, CodeTwice, day, it.Slot, "slot %s occurs twice", it.Slot)
	}
	c.slots[it.Slot] = true
	c.grams[it.FoodID] += it.Grams
	f, ok := c.foods[it.FoodID]
	if !ok {
		c.add(true, CodeUnknownFood, day, it.Slot, "food %s is not in the catalogue", it.FoodID)
		return portion.Amount{}, false
	}
	if code := illegal(c.m, f, c.r); code != "" {
		c.add(true, code, day, it.Slot, "food %s is not allowed for this member", it.FoodID)
	}
	if it.Name != f.Name || it.Role != f.Role {
		c.add(true, CodeUnknownFood, day, it.Slot, "food %s has another name or role in the catalogue", it.FoodID)
	}
	if it.Grams <= 0 || it.Grams > mostGrams {
		c.add(true, CodeGrams, day, it.Slot, "food %s has an impossible weight", it.FoodID)
	}
	a := portion.Of(f, it.Grams)
	if !c.hidden && !same(a, it.Amount()) {
		c.add(true, CodeWrongNumber, day, it.Slot, "the numbers of food %s do not follow from its weight", it.FoodID)
	}
	return a, true
}

// mostGrams is more of one food than any portion class allows, widened.
const mostGrams = 1000

func (c *checker) list(list []ShoppingItem) {
	left := len(c.grams)
	for _, s := range list {
		if g, ok := c.grams[s.FoodID]; !ok || g != s.Grams {
			c.add(true, CodeWrongList, 0, "", "the shopping list's weight of food %s is not what the days need", s.FoodID)
			continue
		}
		left--
	}
	if left != 0 {
		c.add(true, CodeWrongList, 0, "", "the shopping list does not hold all foods of the days")
	}
}

// same compares amounts of one decimal.
func same(a, b portion.Amount) bool {
	near := func(x, y float64) bool { return math.Abs(x-y) < 0.05 }
	return near(a.Kcal, b.Kcal) && near(a.ProteinG, b.ProteinG) && near(a.FatG, b.FatG) && near(a.CarbsG, b.CarbsG)
}

// Hard reports whether any violation forbids the menu.
func Hard(vs []Violation) bool {
	for _, v := range vs {
		if v.Hard {
			return true
		}
	}
	return false
}
