package portion

import "math"

// The terms of the objective: energy, three macronutrients, fibre, sodium, then one per meal's protein.
const (
	termKcal = iota
	termProtein
	termFat
	termCarbs
	termFibre
	termSodium
	fixedTerms
)

const (
	maxTerms = fixedTerms + 6 // meals
	maxFoods = 24             // of one day; Solve refuses more
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

func (t term) cost(residual float64) float64 {
	if t.side == atLeast && residual > 0 || t.side == atMost && residual < 0 {
		return 0
	}
	return t.weight * residual * residual
}

// system is one menu in numbers. The arrays are fixed so that trying hundreds of variants allocates nothing.
type system struct {
	n, terms  int
	term      [maxTerms]term
	coef      [maxFoods][maxTerms]float64
	bounds    [maxFoods]Bounds
	pull      [maxFoods]float64 // weight of staying near the typical amount, per gram²
	x         [maxFoods]float64
	residual  [maxTerms]float64
	floor     float64 // least energy as a share of the target energy
	floorable float64 // how much rounding may take from the energy, as a share
}

// set puts an option into column i.
func (s *system) set(p *Problem, i, meal int, o Option) {
	row := &s.coef[i]
	*row = [maxTerms]float64{}
	t := p.Target
	per := func(per100, want float64) float64 { return per100 / 100 / max(want, 1) }
	row[termKcal] = per(o.Food.Kcal, t.Kcal)
	row[termProtein] = per(o.Food.ProteinG, t.ProteinG)
	row[termFat] = per(o.Food.FatG, t.FatG)
	row[termCarbs] = per(o.Food.CarbsG, t.CarbsG)
	if o.Food.FibreG != nil && t.FibreG > 0 {
		row[termFibre] = per(*o.Food.FibreG, t.FibreG)
	}
	if o.Food.SodiumMG != nil && t.SodiumMG > 0 {
		row[termSodium] = per(*o.Food.SodiumMG, t.SodiumMG)
	}
	if k := fixedTerms + meal; k < s.terms && p.MealProteinG[meal] > 0 {
		row[k] = per(o.Food.ProteinG, p.MealProteinG[meal])
	}
	s.bounds[i] = o.Bounds
	span := float64(max(o.Bounds.Max-o.Bounds.Min, 1))
	s.pull[i] = p.Rules.TypicalWeight / (span * span)
	s.x[i] = float64(o.Bounds.Typical)
}

func newSystem(p *Problem) *system {
	s := &system{terms: fixedTerms + min(len(p.MealProteinG), maxTerms-fixedTerms)}
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
	for m := fixedTerms; m < s.terms; m++ {
		if p.MealProteinG[m-fixedTerms] > 0 {
			s.term[m] = term{weight: r.MealWeight, side: atLeast}
		}
	}
	kcal := max(p.Target.Kcal, 1)
	s.floor, s.floorable = p.FloorKcal/kcal, 0.05/kcal
	return s
}

func (s *system) refresh() {
	for k := range s.terms {
		s.residual[k] = -1
	}
	for i := range s.n {
		for k := range s.terms {
			s.residual[k] += s.coef[i][k] * s.x[i]
		}
	}
}

// move changes column i by d grams.
func (s *system) move(i int, d float64) {
	s.x[i] += d
	for k := range s.terms {
		s.residual[k] += s.coef[i][k] * d
	}
}

// descend minimises the relaxed objective by cyclic coordinate descent: each step is the exact minimum along one
// coordinate for the terms that count at the moment.
func (s *system) descend(sweeps int) {
	const still = 0.25 // grams: far below any step
	for range sweeps {
		largest := 0.0
		for i := range s.n {
			b := s.bounds[i]
			gradient, curve := s.pull[i]*(s.x[i]-float64(b.Typical)), s.pull[i]
			for k := range s.terms {
				t, c, r := s.term[k], s.coef[i][k], s.residual[k]
				if t.side == atLeast && r > 0 || t.side == atMost && r < 0 {
					continue
				}
				gradient += t.weight * c * r
				curve += t.weight * c * c
			}
			if curve == 0 {
				continue
			}
			to := min(max(s.x[i]-gradient/curve, float64(b.Min)), float64(b.Max))
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
		d := s.x[i] - float64(s.bounds[i].Typical)
		c += s.pull[i] * d * d
	}
	return c
}

func (s *system) floorCost(residual float64) float64 {
	if short := s.floor + s.floorable*float64(s.n) - (residual + 1); short > 0 {
		return 1 + 100*short
	}
	return 0
}

// round moves every amount to its nearest step.
func (s *system) round() {
	for i := range s.n {
		b := s.bounds[i]
		if b.Step <= 0 {
			continue
		}
		g := int(math.Round(s.x[i]/float64(b.Step))) * b.Step
		s.x[i] = float64(min(max(g, b.Min), b.Max))
	}
	s.refresh()
}

// polish is the local search after rounding: it takes the best change of one step, or of one step in each of two foods,
// until none helps.
func (s *system) polish() {
	const most = 60
	cost := s.cost()
	for range most {
		bi, bj, di, dj, best := -1, -1, 0.0, 0.0, cost-1e-12
		for i := range s.n {
			for _, d := range s.steps(i) {
				s.move(i, d)
				if c := s.cost(); c < best {
					bi, bj, di, dj, best = i, -1, d, 0, c
				}
				for j := i + 1; j < s.n; j++ {
					for _, e := range s.steps(j) {
						if c := s.costAfter(j, e); c < best {
							bi, bj, di, dj, best = i, j, d, e, c
						}
					}
				}
				s.move(i, -d)
			}
		}
		if bi < 0 {
			return
		}
		s.move(bi, di)
		if bj >= 0 {
			s.move(bj, dj)
		}
		s.refresh() // no drift from repeated additions
		cost = s.cost()
	}
}

// steps lists the one-step changes of column i that stay within its bounds.
func (s *system) steps(i int) []float64 {
	b := s.bounds[i]
	g := int(s.x[i])
	switch down, up := g-b.Step >= b.Min, g+b.Step <= b.Max; {
	case b.Step <= 0:
		return nil
	case down && up:
		return []float64{-float64(b.Step), float64(b.Step)}
	case down:
		return []float64{-float64(b.Step)}
	case up:
		return []float64{float64(b.Step)}
	}
	return nil
}

// costAfter is cost after moving column j by d, without moving it.
func (s *system) costAfter(j int, d float64) float64 {
	c := s.floorCost(s.residual[termKcal] + s.coef[j][termKcal]*d)
	for k := range s.terms {
		c += s.term[k].cost(s.residual[k] + s.coef[j][k]*d)
	}
	for i := range s.n {
		e := s.x[i] - float64(s.bounds[i].Typical)
		if i == j {
			e += d
		}
		c += s.pull[i] * e * e
	}
	return c
}
