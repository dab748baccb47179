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
	*Option
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
	for i := range p.Places {
		pl := &p.Places[i]
		columns[i] = column{Option: &pl.Option, place: i, meal: pl.Meal, optional: pl.Optional}
	}
	w := &workbench{p: &p, s: newSystem(&p)}
	best := w.solve(columns)
	best, repairs := w.repair(best, nil)
	if !best.acceptable(&p) && p.Rules.Widen > 1 {
		w.widen()
		wide := slices.Clone(best.columns)
		for i, c := range wide {
			wide[i].Option = &Option{Food: c.Food, Bounds: c.Bounds.widened(p.Rules.Widen)}
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
	case len(p.Meals) > maxMeals:
		return gym.Errorf(gym.ErrInvalid, "portions_invalid", "a day has at most %d meals", maxMeals)
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
		w.s.row[i] = w.p.rowOf(c.meal, c.Option)
		w.s.x[i] = float64(c.Bounds.Typical)
	}
	w.s.refresh()
}

// solve runs the whole method on one menu.
func (w *workbench) solve(columns []column) *day {
	w.load(columns)
	return w.descend(columns, 80)
}

// descend solves the loaded menu. When the wish for typical amounts costs the precision, it counts less the second time:
// odd amounts are better than another food.
func (w *workbench) descend(columns []column, sweeps int) *day {
	const less = 0.1
	w.s.descend(sweeps)
	d := w.finish(columns)
	if d.badness(w.p) <= 1 {
		return d
	}
	w.s.scalePull(less)
	w.s.descend(sweeps)
	if e := w.finish(columns); e.badness(w.p) < d.badness(w.p) {
		return e
	}
	return d
}

// finish turns the relaxed amounts in the system into whole steps.
func (w *workbench) finish(columns []column) *day {
	w.s.round()
	w.s.polish()
	d := &day{columns: columns, grams: make([]int, len(columns))}
	amounts := make([]Amount, len(columns))
	for i, c := range columns {
		d.grams[i] = int(math.Round(w.s.x[i]))
		amounts[i] = Of(c.Food, d.grams[i])
	}
	d.totals = Sum(amounts...)
	d.kcal, d.macro = w.p.Target.Errors(d.totals)
	d.floorOK = d.totals.Kcal >= w.p.FloorKcal
	return d
}

// variant is one possible repair with the relaxed cost that it promises. Only the few that are tried become menus.
type variant struct {
	repair Repair
	at     int // column that changes; the number of columns = a new one at the end
	column column
	cost   float64
}

// apply makes the menu of the variant and the amounts to start from.
func (d *day) apply(v variant) (columns []column, start []float64) {
	for i, c := range d.columns {
		if i != v.at {
			columns, start = append(columns, c), append(start, float64(d.grams[i]))
		} else if v.repair.Kind == Swap {
			columns, start = append(columns, v.column), append(start, float64(v.column.Bounds.Typical))
		}
	}
	if v.repair.Kind == Add {
		columns, start = append(columns, v.column), append(start, float64(v.column.Bounds.Typical))
	}
	return columns, start
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
		columns, start := d.apply(v)
		w.load(columns)
		copy(w.s.x[:], start)
		w.s.refresh()
		if n := w.descend(columns, 40); n.badness(w.p) < least {
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
	base := w.base(d)
	for i := range w.p.Adjusters {
		a := &w.p.Adjusters[i]
		if d.has(a.Food.ID) {
			continue
		}
		v := variant{repair: Repair{Kind: Add, New: a.Food.ID}, at: len(d.columns), column: column{Option: &a.Option, place: -1, meal: a.Meal, optional: true}}
		out = append(out, w.promise(base, v))
	}
	return out
}

// swaps lists the menus with one food exchanged within its role, and those with an optional place left empty.
func (w *workbench) swaps(d *day) []variant {
	const fewest = 5 // foods that stay at least
	var out []variant
	base := w.base(d)
	for i, c := range d.columns {
		if c.place >= 0 {
			swaps := w.p.Places[c.place].Swaps
			for j := range swaps {
				o := &swaps[j]
				if d.has(o.Food.ID) {
					continue
				}
				v := variant{repair: Repair{Kind: Swap, Old: c.Food.ID, New: o.Food.ID}, at: i, column: c}
				v.column.Option = o
				out = append(out, w.promise(base, v))
			}
		}
		if c.optional && len(d.columns) > fewest {
			out = append(out, w.promise(base, variant{repair: Repair{Kind: Drop, Old: c.Food.ID}, at: i}))
		}
	}
	return out
}

// base states the present menu, from which promise starts.
func (w *workbench) base(d *day) system {
	w.load(d.columns)
	for i, g := range d.grams {
		w.s.x[i] = float64(g)
	}
	w.s.refresh()
	return *w.s
}

// promise runs a few sweeps on the variant: enough to rank it.
func (w *workbench) promise(base system, v variant) variant {
	s := w.s
	*s = base
	switch v.repair.Kind {
	case Drop: // an amount that cannot leave zero
		s.move(v.at, -s.x[v.at])
		s.row[v.at].bounds, s.row[v.at].pull = Bounds{}, 0
	case Swap:
		s.move(v.at, -s.x[v.at])
		s.row[v.at] = w.p.rowOf(v.column.meal, v.column.Option)
		s.move(v.at, float64(v.column.Bounds.Typical))
	case Add:
		s.n++
		s.row[v.at] = w.p.rowOf(v.column.meal, v.column.Option)
		s.x[v.at] = 0
		s.move(v.at, float64(v.column.Bounds.Typical))
	}
	s.descend(8)
	v.cost = s.cost()
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
