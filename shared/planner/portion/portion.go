// Package portion finds how many grams of each food of a day meet the day's targets. It is a bounded weighted
// least-squares problem with integer steps: cyclic coordinate descent, rounding, local search over one and two steps,
// then repairs. Hard are the bounds and the energy floor; everything else is a soft target, since a menu of legal foods
// rarely meets four numbers exactly. Solve is deterministic and does no I/O.
package portion

import (
	"math"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

// Amount is energy in kcal and macronutrients in grams, to one decimal.
type Amount struct {
	Kcal     float64
	ProteinG float64
	FatG     float64
	CarbsG   float64
}

// Target is what a day aims at. Fibre is a least and sodium a most; 0 leaves them out.
type Target struct {
	Kcal     float64
	ProteinG float64
	FatG     float64
	CarbsG   float64
	FibreG   float64
	SodiumMG float64
}

// Bounds are the realistic amounts of one food in grams. Min, Typical and Max are multiples of Step.
type Bounds struct {
	Min, Typical, Max, Step int
}

// Option is a food that may be eaten in a place, with its amounts.
type Option struct {
	Food   gym.Food
	Bounds Bounds
}

// Place is one place of the day with the food that was chosen for it.
type Place struct {
	Option
	Meal     int      // index of the meal
	Optional bool     // may be left empty when the day has too much
	Swaps    []Option // legal foods of the same role, best first
}

// Adjuster is a legal food that may be added to a meal.
type Adjuster struct {
	Option
	Meal int
}

// Problem is one day to solve.
type Problem struct {
	Target    Target
	FloorKcal float64 // hard: the day never has less
	Meals     []Meal
	Places    []Place
	Adjusters []Adjuster
	MaxFoods  int // no repair adds beyond this many; 0 = no limit
	Rules     rules.Solver
}

// Meal is what one meal aims at, softly; 0 leaves it out.
type Meal struct {
	ProteinG float64 // at least
	Kcal     float64
}

// Portion is one food of the solved day.
type Portion struct {
	Place int // index into Problem.Places, -1 for an added food
	Meal  int
	Food  gym.Food
	Grams int
	Amount
}

// Repair kinds.
const (
	Add   = "add"
	Swap  = "swap"
	Drop  = "drop"
	Widen = "widen"
)

// Repair is one change that the solver made to the menu.
type Repair struct {
	Kind string // add, swap, drop, widen
	Old  string // food id that left
	New  string // food id that came
}

// Solution is a solved day.
type Solution struct {
	Portions []Portion // in the order of the places, added foods last
	Totals   Amount    // sum of the rounded portions
	KcalErr  float64   // share of the target, unsigned
	MacroErr float64   // of the worst macronutrient
	Repairs  []Repair
}

// Of is what grams of f contain, each number rounded once to one decimal.
func Of(f gym.Food, grams int) Amount {
	tenth := func(per100 float64) float64 { return math.Round(per100*float64(grams)/10) / 10 }
	return Amount{Kcal: tenth(f.Kcal), ProteinG: tenth(f.ProteinG), FatG: tenth(f.FatG), CarbsG: tenth(f.CarbsG)}
}

// Sum adds amounts exactly: in tenths, so that the total equals the sum that a person does by hand.
func Sum(amounts ...Amount) Amount {
	var kcal, protein, fat, carbs int64
	for _, a := range amounts {
		kcal += tenths(a.Kcal)
		protein += tenths(a.ProteinG)
		fat += tenths(a.FatG)
		carbs += tenths(a.CarbsG)
	}
	return Amount{Kcal: float64(kcal) / 10, ProteinG: float64(protein) / 10, FatG: float64(fat) / 10, CarbsG: float64(carbs) / 10}
}

func tenths(v float64) int64 { return int64(math.Round(v * 10)) }

// Errors returns how far a is from t as unsigned shares: energy, and the worst of protein, fat and carbohydrate.
func (t Target) Errors(a Amount) (kcal, macro float64) {
	return off(a.Kcal, t.Kcal), max(off(a.ProteinG, t.ProteinG), off(a.FatG, t.FatG), off(a.CarbsG, t.CarbsG))
}

func off(have, want float64) float64 { return math.Abs(have-want) / max(want, 1) }
