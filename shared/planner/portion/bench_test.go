package portion

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// BenchmarkSolve solves 2,000 random days and reports their precision and time:
//
//	go test -run '^$' -bench Solve -benchtime 2000x ./shared/planner/portion
func BenchmarkSolve(b *testing.B) {
	r := rand.New(rand.NewPCG(7, 7))
	problems := make([]Problem, 2000)
	for i := range problems {
		problems[i] = randomDay(r, randomTarget(r))
	}
	var kcal, macro, micros, repairs []float64
	inside := 0
	b.ResetTimer()
	for i := range b.N {
		start := time.Now()
		s, err := Solve(problems[i%len(problems)])
		micros = append(micros, float64(time.Since(start).Microseconds()))
		if err == nil {
			inside++
		}
		kcal, macro = append(kcal, s.KcalErr*100), append(macro, s.MacroErr*100)
		repairs = append(repairs, float64(len(s.Repairs)))
	}
	b.StopTimer()
	q := func(v []float64, p float64) float64 {
		slices.Sort(v)
		return v[min(int(p*float64(len(v))), len(v)-1)]
	}
	b.ReportMetric(q(kcal, .5), "kcal%p50")
	b.ReportMetric(q(kcal, .95), "kcal%p95")
	b.ReportMetric(q(macro, .5), "macro%p50")
	b.ReportMetric(q(macro, .95), "macro%p95")
	b.ReportMetric(q(micros, .5), "µs_p50")
	b.ReportMetric(q(micros, .95), "µs_p95")
	b.ReportMetric(q(repairs, .5), "repairs_p50")
	b.ReportMetric(q(repairs, .95), "repairs_p95")
	b.ReportMetric(100*float64(inside)/float64(b.N), "%inside")
}
