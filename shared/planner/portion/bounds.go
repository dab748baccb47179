package portion

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

// BoundsFor returns the realistic amounts of f on a day of dayKcal. Amounts grow with the day's energy, and one food
// never brings more than the rules' share of it. ok is false for a food that no class of the rules covers.
func BoundsFor(f gym.Food, dayKcal float64, r *rules.Nutrition) (b Bounds, ok bool) {
	for _, c := range r.Portions.Classes {
		if fits(c, f) {
			return bounds(c, f, dayKcal, r), true
		}
	}
	return Bounds{}, false
}

func fits(c rules.PortionClass, f gym.Food) bool {
	if !slices.Contains(c.Roles, f.Role) || f.Kcal < c.KcalFrom {
		return false
	}
	return len(c.Words) == 0 || slices.ContainsFunc(words(f.Name), func(w string) bool { return slices.Contains(c.Words, w) })
}

func bounds(c rules.PortionClass, f gym.Food, dayKcal float64, r *rules.Nutrition) Bounds {
	scale := min(max(dayKcal/r.Portions.ScaleKcal, 0.75), 1.5)
	b := Bounds{Min: c.Min, Typical: int(float64(c.Typical) * scale), Max: int(float64(c.Max) * max(scale, 1)), Step: c.Step}
	if f.Kcal > 0 {
		b.Max = min(b.Max, int(r.Portions.MaxEnergyPct/100*dayKcal/f.Kcal*100))
	}
	if piece, ok := Piece(f, r); ok {
		b.Step = piece
	}
	return b.aligned()
}

// aligned moves the bounds to whole steps, with at least one step.
func (b Bounds) aligned() Bounds {
	up := func(g int) int { return (g + b.Step - 1) / b.Step * b.Step }
	b.Min = max(up(b.Min), b.Step)
	b.Max = max(b.Max/b.Step*b.Step, b.Min)
	b.Typical = min(max((b.Typical+b.Step/2)/b.Step*b.Step, b.Min), b.Max)
	return b
}

// widened stretches the bounds by factor in both directions.
func (b Bounds) widened(factor float64) Bounds {
	if b.Min == b.Max && b.Step == 0 {
		return b
	}
	b.Min = int(math.Floor(float64(b.Min)/factor/float64(b.Step))) * b.Step
	b.Max = max(int(float64(b.Max)*factor), b.Max+b.Step)
	return b.aligned()
}

// Piece returns the weight in grams of one household piece when the food is eaten in whole pieces: an egg, a slice of
// bread, a tortilla.
func Piece(f gym.Food, r *rules.Nutrition) (grams int, ok bool) {
	c := r.Countable
	if f.PortionG == nil || *f.PortionG < c.MinG || *f.PortionG > c.MaxG {
		return 0, false
	}
	n, unit := measure(f.Portion)
	if n != 1 {
		return 0, false
	}
	counted := false
	for _, w := range unit {
		if slices.Contains(c.Not, w) {
			return 0, false
		}
		counted = counted || slices.Contains(c.Words, w) || slices.Contains(c.Words, strings.TrimSuffix(w, "s"))
	}
	if !counted {
		return 0, false
	}
	return int(math.Round(*f.PortionG)), true
}

// measure splits a household measure ("2 large eggs") into its count and words; a measure without a number counts one.
func measure(s string) (count int, unit []string) {
	unit = words(s)
	count = 1
	if len(unit) > 0 {
		if n, ok := number(unit[0]); ok {
			count, unit = n, unit[1:]
		}
	}
	return count, unit
}

func number(w string) (int, bool) {
	n := 0
	for _, r := range w {
		if r < '0' || r > '9' || n > 1000 {
			return 0, false
		}
		n = n*10 + int(r-'0')
	}
	return n, w != ""
}

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
