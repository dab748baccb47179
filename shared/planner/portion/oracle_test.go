package portion

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp"
)

// The oracle is gonum's simplex method on the relaxed problem (no steps, no repairs). It is dense and slow, so it serves
// tests alone.

// coefficients returns the four day terms per gram, divided by the targets.
func coefficients(p Problem) [][4]float64 {
	out := make([][4]float64, len(p.Places))
	for i := range p.Places {
		r := p.rowOf(0, &p.Places[i].Option)
		copy(out[i][:], r.coef[:4])
	}
	return out
}

// leastL1 minimises Σ|error| over the bounds: no whole-step solution can be below it.
func leastL1(t *testing.T, p Problem) float64 {
	t.Helper()
	n := len(p.Places)
	cols := 2*n + 8 // grams above the minimum, their slack, and both signs of four errors
	a := mat.NewDense(n+4, cols, nil)
	b, c := make([]float64, n+4), make([]float64, cols)
	for i, pl := range p.Places {
		a.Set(i, i, 1)
		a.Set(i, n+i, 1)
		b[i] = float64(pl.Bounds.Max - pl.Bounds.Min)
	}
	equations(p, a, b, n)
	for k := range 4 {
		a.Set(n+k, 2*n+2*k, -1)
		a.Set(n+k, 2*n+2*k+1, 1)
		c[2*n+2*k], c[2*n+2*k+1] = 1, 1
	}
	least, _, err := lp.Simplex(c, a, b, 1e-9, nil)
	if err != nil {
		t.Fatalf("lp.Simplex: %v", err)
	}
	return least
}

// leastWorst minimises the worst error, each divided by its tolerance: at most 1 means that the relaxed day is within
// them.
func leastWorst(t *testing.T, p Problem) float64 {
	t.Helper()
	n := len(p.Places)
	cols := 2*n + 1 + 8 // grams, slack, the worst, and a slack for each side of four errors
	a := mat.NewDense(n+8, cols, nil)
	b, c := make([]float64, n+8), make([]float64, cols)
	for i, pl := range p.Places {
		a.Set(i, i, 1)
		a.Set(i, n+i, 1)
		b[i] = float64(pl.Bounds.Max - pl.Bounds.Min)
	}
	equations(p, a, b, n)
	for k, tolerance := range [4]float64{p.Rules.KcalAccept, p.Rules.MacroAccept, p.Rules.MacroAccept, p.Rules.MacroAccept} {
		for i := range n { // the same sums, bounded from the other side
			a.Set(n+4+k, i, a.At(n+k, i))
		}
		b[n+4+k] = b[n+k]
		a.Set(n+k, 2*n, -tolerance) // sum − worst·tolerance + slack = 1
		a.Set(n+k, 2*n+1+k, 1)
		a.Set(n+4+k, 2*n, tolerance) // sum + worst·tolerance − slack = 1
		a.Set(n+4+k, 2*n+5+k, -1)
	}
	c[2*n] = 1
	least, _, err := lp.Simplex(c, a, b, 1e-9, nil)
	if err != nil {
		t.Fatalf("lp.Simplex: %v", err)
	}
	return least
}

// equations writes Σ coef·(grams − min) = 1 − Σ coef·min into rows n to n+3.
func equations(p Problem, a *mat.Dense, b []float64, n int) {
	for k := range 4 {
		b[n+k] = 1
	}
	for i, coef := range coefficients(p) {
		for k, v := range coef {
			a.Set(n+k, i, v)
			b[n+k] -= v * float64(p.Places[i].Bounds.Min)
		}
	}
}

// bare leaves only the four targets, so that solver and oracle solve the same problem.
func bare(p Problem) Problem {
	p.FloorKcal, p.Target.FibreG, p.Target.SodiumMG = 0, 0, 0
	p.Meals, p.Adjusters = nil, nil
	p.Rules.TypicalWeight, p.Rules.MaxRepairs, p.Rules.Widen = 0, 0, 1
	for i := range p.Places {
		p.Places[i].Swaps, p.Places[i].Optional = nil, false
	}
	return p
}

func l1(p Problem, a Amount) float64 {
	t := p.Target
	return off(a.Kcal, t.Kcal) + off(a.ProteinG, t.ProteinG) + off(a.FatG, t.FatG) + off(a.CarbsG, t.CarbsG)
}

// TestSolveAgainstLP: no solution is better than the relaxed optimum, none is much worse, and every day that the oracle
// calls comfortably feasible is solved without a repair.
func TestSolveAgainstLP(t *testing.T) {
	t.Parallel()
	const (
		days     = 150
		rounding = 0.002 // what rounding to 0.1 of each food may win
		margin   = 0.10  // least squares spreads an error that the L1 optimum concentrates, and steps cost a little
		slack    = 0.6   // of the tolerance: leaves room for whole steps
	)
	r := rand.New(rand.NewPCG(3, 8))
	feasible := 0
	for i := range days {
		p := bare(randomDay(r, randomTarget(r)))
		s, err := Solve(p)
		least := leastL1(t, p)
		if got := l1(p, s.Totals); got < least-rounding || got > least*1.5+margin {
			t.Errorf("day %d: Σ|error| %.4f, oracle %.4f", i, got, least)
		}
		if leastWorst(t, p) > slack {
			continue
		}
		feasible++
		if err != nil {
			t.Errorf("day %d: the oracle finds amounts, Solve = %v", i, err)
		}
	}
	if feasible < days/3 {
		t.Errorf("only %d of %d days are feasible: the test says little", feasible, days)
	}
}
