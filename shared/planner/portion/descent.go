package portion

import "math"

// The terms of the objective: energy, three macronutrients, fibre, sodium, then protein and energy of each meal.
const (
	termKcal = iota
	termProtein
	termFat
	termCarbs
	termFibre
	termSodium
	dayTerms
)

const (
	maxMeals = 6
	maxTerms = dayTerms + 2*maxMeals
	maxFoods = 24           // of one day; Solve refuses more
	width    = dayTerms + 2 // terms that one food touches: those of the day and the two of its meal
)

type side int8

const (
	exact side = iota
	atLeast
	atMost
)

// term is one weighted goal: weight · (Σ coef·grams − 1)², counted on one side only where side says so. Coefficients are
// per gram and divided by the target.
type term struct {
	weight float64
	side   side
}

func (t term) idle(residual float64) bool {
	return t.side == atLeast && residual > 0 || t.side == atMost && residual < 0
}

func (t term) cost(residual float64) float64 {
	if t.idle(residual) {
		return 0
	}
	return t.weight * residual * residual
}

// row is one food in numbers: its coefficients and which terms they belong to.
type row struct {
	coef   [width]float64
	at     [width]uint8
	bounds Bounds
	pull   float64 // weight of staying near the typical amount, per gram²
}

// system is one menu in numbers. The arrays are fixed so that trying hundreds of variants allocates nothing.
type system struct {
	n, terms int
	term     [maxTerms]term
	row      [maxFoods]row
	x        [maxFoods]float64
	residual [maxTerms]float64
	floor    float64 // least energy as a share of the target energy
	rounding float64 // what rounding one food may take from the energy, as a share
}

// rowOf states one option of a meal.
func (p *Problem) rowOf(meal int, o *Option) row {
	t := p.Target
	per := func(per100, want float64) float64 { return per100 / 100 / max(want, 1) }
	r := row{bounds: o.Bounds}
	for k := range dayTerms {
		r.at[k] = uint8(k)
	}
	r.coef[termKcal] = per(o.Food.Kcal, t.Kcal)
	r.coef[termProtein] = per(o.Food.ProteinG, t.ProteinG)
	r.coef[termFat] = per(o.Food.FatG, t.FatG)
	r.coef[termCarbs] = per(o.Food.CarbsG, t.CarbsG)
	if o.Food.FibreG != nil && t.FibreG > 0 {
		r.coef[termFibre] = per(*o.Food.FibreG, t.FibreG)
	}
	if o.Food.SodiumMG != nil && t.SodiumMG > 0 {
		r.coef[termSodium] = per(*o.Food.SodiumMG, t.SodiumMG)
	}
	if meal < len(p.Meals) {
		m := p.Meals[meal]
		r.at[dayTerms], r.at[dayTerms+1] = uint8(dayTerms+2*meal), uint8(dayTerms+2*meal+1)
		if m.ProteinG > 0 {
			r.coef[dayTerms] = per(o.Food.ProteinG, m.ProteinG)
		}
		if m.Kcal > 0 {
			r.coef[dayTerms+1] = per(o.Food.Kcal, m.Kcal)
		}
	}
	typical := float64(max(o.Bounds.Typical, 1))
	r.pull = p.Rules.TypicalWeight / (typical * typical)
	return r
}

func newSystem(p *Problem) *system {
	s := &system{terms: dayTerms + 2*len(p.Meals)}
	r := p.Rules
	s.term[termKcal] = term{weight: r.KcalWeight}
	for _, k := range []int{termProtein, termFat, termCarbs} {
		s.term[k] = term{weight: r.MacroWeight}
	}
	if p.Target.FibreG > 0 {
		s.term[termFibre] = term{weight: r.FibreWeight, side: atLeast}
	}
	if p.Target.SodiumMG > 0 {
		s.term[termSodium] = term{weight: r.SodiumWeight, side: atMost}
	}
	for i, m := range p.Meals {
		if m.ProteinG > 0 {
			s.term[dayTerms+2*i] = term{weight: r.MealProteinWeight, side: atLeast}
		}
		if m.Kcal > 0 {
			s.term[dayTerms+2*i+1] = term{weight: r.MealKcalWeight}
		}
	}
	kcal := max(p.Target.Kcal, 1)
	s.floor, s.rounding = p.FloorKcal/kcal, 0.05/kcal
	return s
}

func (s *system) scalePull(by float64) {
	for i := range s.n {
		s.row[i].pull *= by
	}
}

// refresh computes the residuals anew.
func (s *system) refresh() {
	for k := range s.terms {
		s.residual[k] = -1
	}
	for i := range s.n {
		s.shift(i, s.x[i])
	}
}

// move changes column i by d grams.
func (s *system) move(i int, d float64) {
	s.x[i] += d
	s.shift(i, d)
}

func (s *system) shift(i int, d float64) {
	r := &s.row[i]
	for k, c := range r.coef {
		s.residual[r.at[k]] += c * d
	}
}

// descend minimises the relaxed objective by cyclic coordinate descent: each step is the exact minimum along one
// coordinate for the terms that count at the moment.
func (s *system) descend(sweeps int) {
	const still = 0.25 // grams: far below any step
	for range sweeps {
		largest := 0.0
		for i := range s.n {
			r := &s.row[i]
			gradient, curve := r.pull*(s.x[i]-float64(r.bounds.Typical)), r.pull
			for k, c := range r.coef {
				t, residual := &s.term[r.at[k]], s.residual[r.at[k]]
				if c == 0 || t.idle(residual) {
					continue
				}
				gradient += t.weight * c * residual
				curve += t.weight * c * c
			}
			if curve == 0 {
				continue
			}
			to := min(max(s.x[i]-gradient/curve, float64(r.bounds.Min)), float64(r.bounds.Max))
			if d := to - s.x[i]; d != 0 {
				s.move(i, d)
				largest = max(largest, math.Abs(d))
			}
		}
		if largest < still {
			return
		}
	}
}

// cost is the objective at the present amounts; energy below the floor outweighs everything.
func (s *system) cost() float64 {
	c := s.floorCost(s.residual[termKcal])
	for k := range s.terms {
		c += s.term[k].cost(s.residual[k])
	}
	for i := range s.n {
		c += s.pullCost(i, 0)
	}
	return c
}

// change is what moving column i by d does to the cost, without moving it.
func (s *system) change(i int, d float64) float64 {
	r := &s.row[i]
	before := s.residual[termKcal]
	delta := s.floorCost(before+r.coef[termKcal]*d) - s.floorCost(before)
	delta += s.pullCost(i, d) - s.pullCost(i, 0)
	for k, c := range r.coef {
		if c == 0 {
			continue
		}
		t, residual := s.term[r.at[k]], s.residual[r.at[k]]
		delta += t.cost(residual+c*d) - t.cost(residual)
	}
	return delta
}

// pullCost is the price of column i's distance from its typical amount, after moving it by d.
func (s *system) pullCost(i int, d float64) float64 {
	e := s.x[i] + d - float64(s.row[i].bounds.Typical)
	return s.row[i].pull * e * e
}

func (s *system) floorCost(residual float64) float64 {
	if short := s.floor + s.rounding*float64(s.n) - (residual + 1); s.floor > 0 && short > 0 {
		return 1 + 100*short
	}
	return 0
}

// round moves every amount to its nearest step.
func (s *system) round() {
	for i := range s.n {
		b := s.row[i].bounds
		if b.Step <= 0 {
			s.x[i] = float64(b.Min)
			continue
		}
		g := int(math.Round(s.x[i]/float64(b.Step))) * b.Step
		s.x[i] = float64(min(max(g, b.Min), b.Max))
	}
	s.refresh()
}

// polish is the local search after rounding: the best change of one step while one helps, then the best of one step in
// each of two foods, until none helps.
func (s *system) polish() {
	const most = 60
	for range most {
		if !s.single() && !s.pair() {
			return
		}
		s.refresh() // no drift from repeated additions
	}
}

const gain = -1e-12 // less is rounding

func (s *system) single() bool {
	at, step, best := -1, 0.0, gain
	for i := range s.n {
		for _, d := range s.steps(i) {
			if d == 0 {
				continue
			}
			if c := s.change(i, d); c < best {
				at, step, best = i, d, c
			}
		}
	}
	if at < 0 {
		return false
	}
	s.move(at, step)
	return true
}

func (s *system) pair() bool {
	bi, bj, di, dj, best := -1, -1, 0.0, 0.0, gain
	for i := range s.n {
		for _, d := range s.steps(i) {
			if d == 0 {
				continue
			}
			first := s.change(i, d)
			s.move(i, d)
			for j := i + 1; j < s.n; j++ {
				for _, e := range s.steps(j) {
					if e == 0 {
						continue
					}
					if c := first + s.change(j, e); c < best {
						bi, bj, di, dj, best = i, j, d, e, c
					}
				}
			}
			s.move(i, -d)
		}
	}
	if bi < 0 {
		return false
	}
	s.move(bi, di)
	s.move(bj, dj)
	return true
}

// steps are the one-step changes of column i that stay within its bounds; 0 stands for none.
func (s *system) steps(i int) (d [2]float64) {
	b := s.row[i].bounds
	g := int(math.Round(s.x[i]))
	if g-b.Step >= b.Min {
		d[0] = -float64(b.Step)
	}
	if g+b.Step <= b.Max {
		d[1] = float64(b.Step)
	}
	return d
}
