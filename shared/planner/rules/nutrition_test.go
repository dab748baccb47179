package rules

import (
	"reflect"
	"slices"
	"testing"

	"github.com/intellifit/intellifit/shared/gym"
)

func TestEveryNutritionRuleHasASource(t *testing.T) {
	t.Parallel()
	n := reflect.ValueOf(Default().Nutrition)
	for i := range n.NumField() {
		name := n.Type().Field(i).Tag.Get("json")
		source := n.Field(i).FieldByName("Source")
		if !source.IsValid() || len(source.String()) < 10 {
			t.Errorf("nutrition.%s has no source", name)
		}
		if n.Field(i).IsZero() {
			t.Errorf("nutrition.%s is empty", name)
		}
	}
}

func TestNutritionTablesAreComplete(t *testing.T) {
	t.Parallel()
	n := Default().Nutrition
	for _, a := range []gym.Activity{gym.Sedentary, gym.Light, gym.Moderate, gym.Active, gym.VeryActive} {
		if f := n.Activity.Factor[a]; f < 1.1 || f > 2.5 {
			t.Errorf("activity factor of %s is %v", a, f)
		}
	}
	for _, g := range []gym.Goal{gym.FatLoss, gym.MuscleGain, gym.Strength, gym.Endurance, gym.Health} {
		if p := n.Protein.PerKG[g]; p.Min <= 0 || p.Aim < p.Min || p.Aim > n.Protein.Max {
			t.Errorf("protein of %s is %+v", g, p)
		}
	}
	for _, e := range []gym.Experience{gym.Beginner, gym.Intermediate, gym.Advanced} {
		if s := n.Gain.SurplusPct[e]; s < 5 || s > 15 {
			t.Errorf("surplus of %s is %v %%, want 5–15", e, s)
		}
	}
	if !slices.IsSortedFunc(n.Loss.Bands, func(a, b LossBand) int { return int(b.MinBMI - a.MinBMI) }) || n.Loss.Bands[len(n.Loss.Bands)-1].MinBMI != 0 {
		t.Error("loss bands are not from heavy to lean, down to 0")
	}
	for _, b := range n.Loss.Bands {
		if b.DeficitPct < 10 || b.DeficitPct > 25 || b.MaxKcal < 500 || b.MaxKcal > 750 {
			t.Errorf("loss band %+v leaves 10–25 %% and 500–750 kcal", b)
		}
	}
}

func TestMealFramesNameKnownPlaces(t *testing.T) {
	t.Parallel()
	n := Default().Nutrition
	for _, frames := range [][]Frame{n.Meals.Frames, n.Meals.LowCarb} {
		for _, f := range frames {
			foods, share := 0, 0.0
			for _, m := range f.Meals {
				share += m.Share
				for _, key := range m.Places {
					foods++
					if p, ok := n.Variety.Places[key]; !ok || len(p.Roles) == 0 || p.Query == "" || p.Meal == "" {
						t.Errorf("meal %s names the unknown or empty place %s", m.Name, key)
					}
				}
			}
			if len(f.Meals) < 3 || len(f.Meals) > 5 || foods < 11 || foods > n.Meals.MaxFood {
				t.Errorf("frame up to %v kcal has %d meals and %d foods", f.MaxKcal, len(f.Meals), foods)
			}
			if share < 0.99 || share > 1.01 {
				t.Errorf("frame up to %v kcal: the meals hold %v of the energy", f.MaxKcal, share)
			}
		}
	}
}

func TestEveryRoleHasAPortion(t *testing.T) {
	t.Parallel()
	for _, role := range Default().Nutrition.ShelfOrder.Roles {
		if !slices.ContainsFunc(Default().Nutrition.Portions.Classes, func(c PortionClass) bool {
			return c.KcalFrom == 0 && len(c.Words) == 0 && slices.Contains(c.Roles, role)
		}) {
			t.Errorf("no portion class takes every %s", role)
		}
	}
}
