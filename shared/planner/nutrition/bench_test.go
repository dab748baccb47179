package nutrition

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

// BenchmarkGrid makes a week for every diet × allergy set × energy × protein share and reports how many are feasible,
// their precision and the time a day takes; the reasons of refusals go to the log:
//
//	go test -run '^$' -bench Grid -benchtime 1x -v ./shared/planner/nutrition
func BenchmarkGrid(b *testing.B) {
	foods, r := pantry(b), rules.Default()
	allergies := [][]gym.Allergen{
		nil, {gym.Dairy}, {gym.Egg}, {gym.Gluten}, {gym.Wheat}, {gym.TreeNut, gym.Peanut}, {gym.Soy}, {gym.Fish, gym.Shellfish},
		{gym.Sesame, gym.Celery, gym.Mustard}, {gym.Dairy, gym.Egg, gym.Gluten}, {gym.Soy, gym.Gluten, gym.TreeNut},
	}
	for range b.N {
		var kcal, macro, micros []float64
		weeks, feasible, repairs := 0, 0, 0
		for _, diet := range diets {
			for seed, allergy := range allergies {
				for _, energy := range []float64{1300, 1600, 2000, 2500, 3000, 4000} {
					for _, protein := range []float64{0.16, 0.20, 0.25, 0.30} {
						m := member(func(m *gym.Member) { m.Diet, m.Allergies = diet, allergy })
						br := Brief{Member: m, Targets: split(energy, protein, diet), Seed: int64(seed), Rules: r}
						br.Slots = MenuSlots(br.Targets, diet, 7, r)
						br.Candidates = search(m, foods, Keys(br.Slots), 12)
						weeks++
						start := time.Now()
						_, report, err := arrangeAndBuild(br)
						micros = append(micros, float64(time.Since(start).Microseconds())/7)
						if err != nil {
							b.Logf("%s %v %.0f kcal, %.0f %% protein: %v", diet, allergy, energy, protein*100, err)
							continue
						}
						feasible++
						for _, d := range report.Days {
							kcal, macro = append(kcal, d.KcalErr*100), append(macro, d.MacroErr*100)
							repairs += len(d.Repairs)
						}
					}
				}
			}
		}
		b.ReportMetric(100*float64(feasible)/float64(weeks), "%feasible")
		b.ReportMetric(quantile(kcal, .5), "kcal%p50")
		b.ReportMetric(quantile(kcal, .95), "kcal%p95")
		b.ReportMetric(quantile(macro, .5), "macro%p50")
		b.ReportMetric(quantile(macro, .95), "macro%p95")
		b.ReportMetric(quantile(micros, .5), "µs/day_p50")
		b.ReportMetric(quantile(micros, .95), "µs/day_p95")
		b.ReportMetric(float64(repairs)/float64(len(kcal)), "repairs/day")
	}
}

func quantile(v []float64, q float64) float64 {
	slices.Sort(v)
	return v[int(q*float64(len(v)-1))]
}

// split divides energy by a share of protein, 29 % fat and the rest, or as low carb asks.
func split(kcal, protein float64, diet gym.Diet) Targets {
	t := Targets{Kcal: kcal, FloorKcal: kcal * 0.95, ProteinG: kcal * protein / 4, FatG: kcal * 0.29 / 9, FibreG: kcal * 0.014, SodiumMG: 2000}
	if diet == gym.LowCarb {
		carbs := min(100, kcal*0.2/4)
		t.FatG = min((kcal-t.ProteinG*4-carbs*4)/9, kcal*0.6/9)
	}
	t.CarbsG = (kcal - 4*t.ProteinG - 9*t.FatG) / 4
	return t
}

func arrangeAndBuild(b Brief) (Nutrition, Report, error) {
	menu, err := Arrange(b)
	if err != nil {
		return Nutrition{}, Report{}, err
	}
	return Build(b, menu)
}

// TestEveryDietIsFeasible: with an ordinary catalogue every diet with one common allergy gets its three days, from a
// small woman's deficit to a large man's surplus.
func TestEveryDietIsFeasible(t *testing.T) {
	t.Parallel()
	foods, r := pantry(t), rules.Default()
	known := byIDs(foods)
	for _, diet := range diets {
		for i, allergy := range []gym.Allergen{gym.Dairy, gym.Egg, gym.Gluten, gym.Soy, gym.TreeNut, gym.Fish} {
			t.Run(fmt.Sprintf("%s_%s", diet, allergy), func(t *testing.T) {
				t.Parallel()
				for j, m := range []gym.Member{
					member(func(m *gym.Member) { m.HeightCM, m.WeightKG, m.Activity = 155, 58, gym.Sedentary }),
					member(func(m *gym.Member) { m.Sex, m.HeightCM, m.WeightKG, m.Activity = gym.Male, 192, 98, gym.VeryActive }),
				} {
					m.Diet, m.Allergies = diet, []gym.Allergen{allergy}
					goal := []gym.Goal{gym.FatLoss, gym.MuscleGain}[j]
					targets, _, err := TargetsFor(m, goal, Limits{}, r, now)
					if err != nil {
						t.Fatalf("TargetsFor: %v", err)
					}
					b := Brief{Member: m, Targets: targets, Slots: MenuSlots(targets, diet, 3, r), Seed: int64(i), Rules: r}
					b.Candidates = search(m, foods, Keys(b.Slots), 12)
					n, _, err := arrangeAndBuild(b)
					if err != nil {
						t.Errorf("%v kcal, %v g protein: %v", math.Round(targets.Kcal), targets.ProteinG, err)
						continue
					}
					if vs := Check(n, targets, m, known, r); len(vs) > 0 {
						t.Errorf("violations: %v", vs)
					}
				}
			})
		}
	}
}

// TestSmallCatalogueIsRefused: the reasons name the places or the shortfall, never a panic.
func TestSmallCatalogueIsRefused(t *testing.T) {
	t.Parallel()
	foods := pantry(t)
	for n := range 12 {
		b := brief(t, member(nil), gym.Health, 3, 1)
		b.Candidates = search(b.Member, foods[:n], Keys(b.Slots), 12)
		if _, _, err := arrangeAndBuild(b); !errors.Is(err, gym.ErrInfeasible) {
			t.Errorf("%d foods: %v, want infeasible", n, err)
		}
	}
}
