package portion

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/intellifit/intellifit/shared/gym"
)

// column is one food of the menu as it stands during repairs.
type column struct {
	Option
	place    int // index into Problem.Places, -1 = added
	meal     int
	optional bool
}

// day is one candidate menu with its solved amounts.
type day struct {
	columns []column
	grams   []int
	totals  Amount
	kcal    float64 // error share
	macro   float64 // error share of the worst macronutrient
	cost    float64
	floorOK bool
}

// badness is how many times the wished precision the day is off; below 1 it is as good as wished.
func (d *day) badness(p *Problem) float64 {
	b := max(d.kcal/p.Rules.KcalAim, d.macro/p.Rules.MacroAim)
	if !d.floorOK {
		b += 1000
	}
	return b
}

func (d *day) acceptable(p *Problem) bool {
	return d.floorOK && d.kcal <= p.Rules.KcalAccept && d.macro <= p.Rules.MacroAccept
}

// Solve finds the grams of every place. When the chosen foods cannot meet the targets it repairs the menu, in this
// order of preference: add a legal adjuster, swap within a role (or empty an optional place), widen the bounds. When
// that is not enough it returns the best day together with gym.ErrInfeasible (code portions_infeasible) that names what
// conflicts.
func Solve(p Problem) (Solution, error) {
	if err := p.check(); err != nil {
		return Solution{}, err
	}
	columns := make([]column, len(p.Places))
	for i, pl := range p.Places {
		columns[i] = column{Option: pl.Option, place: i, meal: pl.Meal, optional: pl.Optional}
	}
	w := &workbench{p: &p, s: newSystem(&p)}
	best := w.solve(columns)
	best, repairs := w.repair(best, nil)
	if !best.acceptable(&p) && p.Rules.Widen > 1 {
		w.widen()
		wide := slices.Clone(best.columns)
		for i := range wide {
			wide[i].Bounds = wide[i].Bounds.widened(p.Rules.Widen)
		}
		if d := w.solve(wide); d.badness(&p) < best.badness(&p) {
			best, repairs = d, append(repairs, Repair{Kind: Widen})
			best, repairs = w.repair(best, repairs)
		}
	}
	out := best.solution(repairs)
	if !best.acceptable(&p) {
		return out, p.conflict(best)
	}
	return out, nil
}

func (p *Problem) check() error {
	switch {
	case len(p.Places) == 0:
		return gym.Errorf(gym.ErrInfeasible, "portions_infeasible", "the day has no foods")
	case len(p.Places) > maxFoods-2:
		return gym.Errorf(gym.ErrInvalid, "portions_invalid", "a day has at most %d foods", maxFoods-2)
	case len(p.MealProteinG) > maxTerms-fixedTerms:
		return gym.Errorf(gym.ErrInvalid, "portions_invalid", "a day has at most %d meals", maxTerms-fixedTerms)
	case !(p.Target.Kcal > 0) || math.IsInf(p.Target.Kcal, 0):
		return gym.Errorf(gym.ErrInvalid, "portions_invalid", "the energy target must be positive")
	}
	for _, pl := range p.Places {
		if b := pl.Bounds; b.Min < 0 || b.Max < b.Min || b.Step <= 0 && b.Max != b.Min {
			return gym.Errorf(gym.ErrInvalid, "portions_invalid", "food %s has impossible bounds", pl.Food.ID)
		}
	}
	return nil
}

// workbench solves variants of one problem with one system.
type workbench struct {
	p *Problem
	s *system
}

func (w *workbench) load(columns []column) {
	w.s.n = len(columns)
	for i, c := range columns {
		w.s.set(w.p, i, c.meal, c.Option)
	}
	w.s.refresh()
}

// solve runs the whole method on one menu.
func (w *workbench) solve(columns []column) *day {
	w.load(columns)
	w.s.descend(80)
	return w.finish(columns)
}

// finish turns the relaxed amounts in the system into whole steps.
func (w *workbench) finish(columns []column) *day {
	w.s.round()
	w.s.polish()
	d := &day{columns: columns, grams: make([]int, len(columns)), cost: w.s.cost()}
	amounts := make([]Amount, len(columns))
	for i, c := range columns {
		d.grams[i] = int(w.s.x[i])
		amounts[i] = Of(c.Food, d.grams[i])
	}
	d.totals = Sum(amounts...)
	d.kcal, d.macro = w.p.Target.Errors(d.totals)
	d.floorOK = d.totals.Kcal >= w.p.FloorKcal
	return d
}

// variant is one possible repair with the relaxed cost that it promises.
type variant struct {
	repair  Repair
	columns []column
	start   []float64
	cost    float64
}

// repair improves the menu until it is as precise as wished, nothing helps any more, or the repairs are used up.
func (w *workbench) repair(d *day, done []Repair) (*day, []Repair) {
	for used := 0; used < w.p.Rules.MaxRepairs && d.badness(w.p) > 1; used++ {
		next, r := w.better(d, w.adds(d))
		if next == nil || !next.acceptable(w.p) {
			if other, s := w.better(d, w.swaps(d)); other != nil && (next == nil || other.badness(w.p) < next.badness(w.p)) {
				next, r = other, s
			}
		}
		if next == nil {
			break
		}
		d, done = next, append(done, r)
	}
	return d, done
}

// better solves the most promising variants fully and returns the best that improves on d.
func (w *workbench) better(d *day, variants []variant) (*day, Repair) {
	const tried = 5
	slices.SortStableFunc(variants, func(a, b variant) int { return cmp.Compare(a.cost, b.cost) })
	var best *day
	var repair Repair
	least := d.badness(w.p) * 0.98
	for _, v := range variants[:min(tried, len(variants))] {
		w.load(v.columns)
		copy(w.s.x[:], v.start)
		w.s.refresh()
		w.s.descend(40)
		if n := w.finish(v.columns); n.badness(w.p) < least {
			best, repair, least = n, v.repair, n.badness(w.p)
		}
		if least <= 1 {
			break
		}
	}
	return best, repair
}

// adds lists the menus with one more food.
func (w *workbench) adds(d *day) []variant {
	if len(d.columns) >= maxFoods-1 || w.p.MaxFoods > 0 && len(d.columns) >= w.p.MaxFoods {
		return nil
	}
	var out []variant
	for _, a := range w.p.Adjusters {
		if d.has(a.Food.ID) {
			continue
		}
		columns := append(slices.Clone(d.columns), column{Option: a.Option, place: -1, meal: a.Meal, optional: true})
		out = append(out, w.promise(d, columns, len(d.columns), Repair{Kind: Add, New: a.Food.ID}))
	}
	return out
}

// swaps lists the menus with one food exchanged within its role, and those with an optional place left empty.
func (w *workbench) swaps(d *day) []variant {
	var out []variant
	for i, c := range d.columns {
		if c.place >= 0 {
			for _, o := range w.p.Places[c.place].Swaps {
				if d.has(o.Food.ID) {
					continue
				}
				columns := slices.Clone(d.columns)
				columns[i].Option = o
				out = append(out, w.promise(d, columns, i, Repair{Kind: Swap, Old: c.Food.ID, New: o.Food.ID}))
			}
		}
		if c.optional && len(d.columns) > 4 {
			columns := slices.Delete(slices.Clone(d.columns), i, i+1)
			v := variant{repair: Repair{Kind: Drop, Old: c.Food.ID}, columns: columns}
			for j := range d.grams {
				if j != i {
					v.start = append(v.start, float64(d.grams[j]))
				}
			}
			out = append(out, w.estimate(v))
		}
	}
	return out
}

// promise makes the variant of d that has a new food in column i.
func (w *workbench) promise(d *day, columns []column, i int, r Repair) variant {
	v := variant{repair: r, columns: columns, start: make([]float64, len(columns))}
	for j := range columns {
		if j == i {
			v.start[j] = float64(columns[j].Bounds.Typical)
		} else {
			v.start[j] = float64(d.grams[j])
		}
	}
	return w.estimate(v)
}

// estimate runs a few sweeps: enough to rank the variants.
func (w *workbench) estimate(v variant) variant {
	w.load(v.columns)
	copy(w.s.x[:], v.start)
	w.s.refresh()
	w.s.descend(8)
	v.cost = w.s.cost()
	return v
}

// widen stretches the bounds of everything that may still come into the menu.
func (w *workbench) widen() {
	p := *w.p
	p.Places, p.Adjusters = slices.Clone(p.Places), slices.Clone(p.Adjusters)
	for i := range p.Places {
		p.Places[i].Swaps = slices.Clone(p.Places[i].Swaps)
		for j := range p.Places[i].Swaps {
			o := &p.Places[i].Swaps[j]
			o.Bounds = o.Bounds.widened(p.Rules.Widen)
		}
	}
	for i := range p.Adjusters {
		p.Adjusters[i].Bounds = p.Adjusters[i].Bounds.widened(p.Rules.Widen)
	}
	w.p = &p
}

func (d *day) has(id string) bool {
	return slices.ContainsFunc(d.columns, func(c column) bool { return c.Food.ID == id })
}

func (d *day) solution(repairs []Repair) Solution {
	s := Solution{Totals: d.totals, KcalErr: d.kcal, MacroErr: d.macro, Repairs: repairs}
	for i, c := range d.columns {
		s.Portions = append(s.Portions, Portion{Place: c.place, Meal: c.meal, Food: c.Food, Grams: d.grams[i], Amount: Of(c.Food, d.grams[i])})
	}
	return s
}

// conflict names what stays out of reach on the best day.
func (p *Problem) conflict(d *day) error {
	e := &gym.Error{
		Kind: gym.ErrInfeasible, Code: "portions_infeasible",
		Hint: "allow more foods (diet, dislikes), or ask for a goal with less protein or more energy",
	}
	var parts []string
	add := func(name, word string, have, want, tolerance float64) {
		if off(have, want) <= tolerance {
			return
		}
		way := "above"
		if have < want {
			way = "below"
		}
		e.Fields = append(e.Fields, gym.Field{Name: "targets." + name, Message: fmt.Sprintf("stays %.0f %% %s the target", off(have, want)*100, way)})
		parts = append(parts, fmt.Sprintf("%s stays %.0f %% %s its target", word, off(have, want)*100, way))
	}
	add("kcal", "energy", d.totals.Kcal, p.Target.Kcal, p.Rules.KcalAccept)
	add("protein_g", "protein", d.totals.ProteinG, p.Target.ProteinG, p.Rules.MacroAccept)
	add("fat_g", "fat", d.totals.FatG, p.Target.FatG, p.Rules.MacroAccept)
	add("carbs_g", "carbohydrate", d.totals.CarbsG, p.Target.CarbsG, p.Rules.MacroAccept)
	if !d.floorOK {
		parts = append(parts, "energy stays below the floor")
		e.Fields = append(e.Fields, gym.Field{Name: "targets.floor_kcal", Message: "is not reached"})
	}
	e.Detail = "with the foods that are allowed, " + strings.Join(parts, ", ")
	return e
}
