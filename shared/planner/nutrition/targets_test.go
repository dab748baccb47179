package nutrition

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

func TestTargetsFor(t *testing.T) {
	t.Parallel()
	// 36 years on the test's day. Mifflin–St Jeor by hand: 10·80 + 6.25·180 − 5·36 + 5 = 1750.
	man := member(func(m *gym.Member) {
		m.Sex, m.WeightKG, m.HeightCM, m.Activity = gym.Male, 80, 180, gym.Moderate
	})
	with := func(change func(*gym.Member)) gym.Member {
		m := man
		change(&m)
		return m
	}
	tests := []struct {
		name   string
		member gym.Member
		goal   gym.Goal
		limits Limits
		check  func(Targets) bool
		warn   string
	}{
		{"Mifflin–St Jeor, man", man, gym.Health, Limits{}, func(g Targets) bool { return g.RMR == 1750 && g.TDEE == 2713 && g.Kcal == 2710 }, ""},
		{"Mifflin–St Jeor, woman", with(func(m *gym.Member) { m.Sex = gym.Female }), gym.Health, Limits{}, func(g Targets) bool { return g.RMR == 1584 }, ""},
		{"Mifflin–St Jeor, other sex", with(func(m *gym.Member) { m.Sex = gym.OtherSex }), gym.Health, Limits{}, func(g Targets) bool {
			return g.RMR == 1667 && strings.Contains(strings.Join(g.Notes, " "), "mean")
		}, ""},
		{"Katch–McArdle when body fat is known", with(func(m *gym.Member) { m.BodyFatPct = new(20.0) }), gym.Health, Limits{}, func(g Targets) bool { return g.RMR == 1752 && g.Method == KatchMcArdle }, ""},
		{"deficit by band", man, gym.FatLoss, Limits{}, func(g Targets) bool { return g.Kcal == 2310 && g.ProteinG == 144 }, ""},
		{"surplus by experience", man, gym.MuscleGain, Limits{}, func(g Targets) bool { return g.Kcal == 2980 }, ""},
		{"no deficit when the gate says so", man, gym.FatLoss, Limits{NoDeficit: true}, func(g Targets) bool { return g.Kcal == 2710 }, "no_deficit"},
		{"no deficit for a minor", with(func(m *gym.Member) { m.BirthDate = gym.NewDate(2010, 3, 4) }), gym.FatLoss, Limits{}, func(g Targets) bool { return g.Kcal >= g.TDEE-5 }, "no_deficit"},
		{"no surplus for a minor", with(func(m *gym.Member) { m.BirthDate = gym.NewDate(2010, 3, 4) }), gym.MuscleGain, Limits{}, func(g Targets) bool { return g.Kcal <= g.TDEE+5 }, ""},
		{"no deficit when underweight", with(func(m *gym.Member) { m.WeightKG = 55 }), gym.FatLoss, Limits{}, func(g Targets) bool { return g.Kcal >= g.TDEE-5 }, "no_deficit"},
		{"no deficit in pregnancy", with(func(m *gym.Member) { m.Sex, m.Conditions = gym.Female, []gym.Condition{gym.Pregnancy} }), gym.FatLoss, Limits{}, func(g Targets) bool { return g.Kcal >= g.TDEE-5 }, "pregnancy_energy"},
		{"not below resting energy", with(func(m *gym.Member) { m.Activity, m.WeightKG, m.DaysPerWeek = gym.Sedentary, 120, 0 }), gym.FatLoss, Limits{}, func(g Targets) bool { return g.Kcal >= g.RMR && g.FloorKcal >= g.RMR }, ""},
		{"energy availability holds the floor", with(func(m *gym.Member) { m.BodyFatPct, m.DaysPerWeek, m.SessionMinutes = new(8.0), 6, 120 }), gym.FatLoss, Limits{}, func(g Targets) bool {
			return g.FloorKcal >= 30*80*0.92+4*80*12.0/7-10
		}, ""},
		{"kidney disease: protein not raised", with(func(m *gym.Member) { m.Conditions = []gym.Condition{gym.KidneyDisease} }), gym.MuscleGain, Limits{Draft: true}, func(g Targets) bool { return g.ProteinG == 64 }, "nutrition_draft"},
		{"heavy: protein by the weight at BMI 25", with(func(m *gym.Member) { m.WeightKG = 130 }), gym.FatLoss, Limits{}, func(g Targets) bool { return g.ProteinG == math.Round(1.8*81) }, ""},
		{"lean and in a deficit: protein by lean mass", with(func(m *gym.Member) { m.BodyFatPct = new(12.0) }), gym.FatLoss, Limits{}, func(g Targets) bool { return g.ProteinG == 176 }, ""},
		{"low carb", with(func(m *gym.Member) { m.Diet = gym.LowCarb }), gym.Health, Limits{}, func(g Targets) bool {
			return g.CarbsG <= 0.26*g.Kcal/4+1 && g.FatG <= 0.6*g.Kcal/9+1
		}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, warnings, err := TargetsFor(tt.member, tt.goal, tt.limits, rules.Default(), now)
			if err != nil {
				t.Fatalf("TargetsFor: %v", err)
			}
			if !tt.check(got) {
				t.Errorf("TargetsFor = %+v", got)
			}
			var codes []string
			for _, w := range warnings {
				codes = append(codes, w.Code)
			}
			if !strings.Contains(strings.Join(codes, " "), tt.warn) {
				t.Errorf("warnings %v, want %s", codes, tt.warn)
			}
		})
	}
}

func TestTargetsForRefusesMeasures(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*gym.Member){
		"no weight":     func(m *gym.Member) { m.WeightKG = 0 },
		"weight in lb?": func(m *gym.Member) { m.WeightKG = 1500 },
		"not a number":  func(m *gym.Member) { m.WeightKG = math.NaN() },
		"height in m":   func(m *gym.Member) { m.HeightCM = 1.7 },
		"no birth date": func(m *gym.Member) { m.BirthDate = gym.Date{} },
		"no activity":   func(m *gym.Member) { m.Activity = "" },
		"body fat":      func(m *gym.Member) { m.BodyFatPct = new(99.0) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := TargetsFor(member(change), gym.Health, Limits{}, rules.Default(), now); !errors.Is(err, gym.ErrInvalid) {
				t.Errorf("TargetsFor = %v, want invalid", err)
			}
		})
	}
}

// TestContradictoryTargets tightens the rules until protein, fat and carbohydrate no longer fit together.
func TestContradictoryTargets(t *testing.T) {
	t.Parallel()
	r := *rules.Default()
	r.Nutrition.Carbs.Min = 300
	_, _, err := TargetsFor(member(nil), gym.FatLoss, Limits{}, &r, now)
	var e *gym.Error
	if !errors.As(err, &e) || e.Code != "targets_infeasible" || e.Hint == "" || !errors.Is(err, gym.ErrInfeasible) {
		t.Errorf("TargetsFor = %v, want targets_infeasible with a hint", err)
	}
}

// TestTargetsHoldEveryLimit checks the numbers of any adult against the limits of planning.md §4.
func TestTargetsHoldEveryLimit(t *testing.T) {
	t.Parallel()
	r := rules.Default()
	rapid.Check(t, func(t *rapid.T) {
		m := drawMember(t)
		goal := rapid.SampledFrom([]gym.Goal{gym.FatLoss, gym.MuscleGain, gym.Strength, gym.Endurance, gym.Health}).Draw(t, "goal")
		noDeficit := rapid.Bool().Draw(t, "no deficit")
		g, warnings, err := TargetsFor(m, goal, Limits{NoDeficit: noDeficit}, r, now)
		if err != nil { // the rules leave every adult an answer
			t.Fatalf("TargetsFor: %v", err)
		}
		must := func(ok bool, what string) {
			if !ok {
				t.Fatalf("%s: %+v", what, g)
			}
		}
		must(math.Abs(4*g.ProteinG+4*g.CarbsG+9*g.FatG-g.Kcal) <= 2, "the macronutrients are not the energy")
		must(g.Kcal >= g.FloorKcal && g.FloorKcal >= g.RMR, "below the floor")
		must(g.FloorKcal >= map[gym.Sex]float64{gym.Female: 1200, gym.Male: 1500, gym.OtherSex: 1350}[m.Sex], "floor of the sex")
		must(!noDeficit || g.Kcal >= g.TDEE-5, "a deficit where none is allowed")
		must(g.TDEE-g.Kcal <= 755 && g.Kcal >= g.TDEE*0.75-10, "deficit too large")
		must((g.TDEE-g.Kcal)*7/7700 <= 0.01*m.WeightKG+0.01, "faster than 1 % of body weight a week")
		must(g.ProteinG <= 2.5*m.WeightKG+1, "protein above 2.5 g/kg")
		must(!m.Has(gym.KidneyDisease) || g.ProteinG <= 0.8*m.WeightKG+1, "protein raised with kidney disease")
		must(g.FibreG >= 14*g.Kcal/1000-1, "fibre")
		if m.Diet == gym.LowCarb {
			must(g.FatG <= 0.6*g.Kcal/9+2, "fat above 60 %")
			relaxed := slices.ContainsFunc(warnings, func(w Warning) bool { return w.Code == "low_carb_relaxed" })
			must(relaxed || g.CarbsG <= 0.26*g.Kcal/4+2, "not low in carbohydrate")
		} else {
			must(g.CarbsG >= 129, "carbohydrate below 130 g")
			must(g.FatG >= 0.2*g.Kcal/9-1 && g.FatG <= 0.35*g.Kcal/9+1, "fat outside 20–35 %")
		}
	})
}

func TestRelax(t *testing.T) {
	t.Parallel()
	for _, diet := range []gym.Diet{gym.NoDiet, gym.Kosher, gym.LowCarb} { // vegan menus are at their limit already
		m := member(func(m *gym.Member) { m.Diet = diet })
		g, _, err := TargetsFor(m, gym.FatLoss, Limits{}, rules.Default(), now)
		if err != nil {
			t.Fatalf("TargetsFor: %v", err)
		}
		got, w, ok := Relax(g, diet, rules.Default())
		if !ok || got.ProteinG >= g.ProteinG || got.ProteinG < 1.6*m.WeightKG-1 || got.Kcal != g.Kcal || w.Code == "" {
			t.Errorf("%s: Relax = %+v, %v", diet, got, ok)
		}
		if off := 4*got.ProteinG + 4*got.CarbsG + 9*got.FatG - got.Kcal; math.Abs(off) > 2 {
			t.Errorf("%s: the relaxed macronutrients are %v kcal off", diet, off)
		}
		if _, _, again := Relax(got, diet, rules.Default()); again {
			t.Errorf("%s: relaxed twice", diet)
		}
	}
}

func drawMember(t *rapid.T) gym.Member {
	return member(func(m *gym.Member) {
		m.Sex = rapid.SampledFrom([]gym.Sex{gym.Male, gym.Female, gym.OtherSex}).Draw(t, "sex")
		m.HeightCM = rapid.Float64Range(145, 205).Draw(t, "height")
		m.WeightKG = rapid.Float64Range(17, 45).Draw(t, "bmi") * m.HeightCM * m.HeightCM / 10000
		m.BirthDate = gym.NewDate(2026-rapid.IntRange(18, 85).Draw(t, "age"), 1, 2)
		m.Activity = rapid.SampledFrom([]gym.Activity{gym.Sedentary, gym.Light, gym.Moderate, gym.Active, gym.VeryActive}).Draw(t, "activity")
		m.Experience = rapid.SampledFrom([]gym.Experience{gym.Beginner, gym.Intermediate, gym.Advanced}).Draw(t, "experience")
		m.Diet = rapid.SampledFrom(diets).Draw(t, "diet")
		m.Allergies = rapid.SliceOfNDistinct(rapid.SampledFrom(allergens), 0, 3, rapid.ID[gym.Allergen]).Draw(t, "allergies")
		m.DaysPerWeek = rapid.IntRange(1, 6).Draw(t, "days")
		m.SessionMinutes = rapid.IntRange(30, 120).Draw(t, "minutes")
		if rapid.Bool().Draw(t, "body fat known") {
			m.BodyFatPct = new(rapid.Float64Range(6, 50).Draw(t, "body fat"))
		}
		if rapid.IntRange(0, 9).Draw(t, "kidney") == 0 {
			m.Conditions = []gym.Condition{gym.KidneyDisease}
		}
	})
}

var diets = []gym.Diet{gym.NoDiet, gym.Vegetarian, gym.Vegan, gym.Pescatarian, gym.Halal, gym.Kosher, gym.LowCarb}

var allergens = []gym.Allergen{
	gym.Dairy, gym.Egg, gym.Peanut, gym.TreeNut, gym.Soy, gym.Fish, gym.Shellfish, gym.Mollusc, gym.Wheat, gym.Gluten, gym.Sesame, gym.Celery, gym.Mustard, gym.Lupin, gym.Sulphite,
}
