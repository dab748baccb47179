package nutrition

import (
	"fmt"
	"math"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

// Targets is the daily goal of the eating half, with where it came from.
type Targets struct {
	Kcal          float64  `json:"kcal"`
	ProteinG      float64  `json:"protein_g"`
	FatG          float64  `json:"fat_g"`
	CarbsG        float64  `json:"carbs_g"`
	FibreG        float64  `json:"fibre_g" doc:"at least"`
	SodiumMG      float64  `json:"sodium_mg,omitempty" doc:"at most, where the catalogue knows it"`
	FloorKcal     float64  `json:"floor_kcal" doc:"no planned day has less energy"`
	LeastProteinG float64  `json:"least_protein_g,omitempty" doc:"enough for the goal when the allowed foods bring no more"`
	RMR           float64  `json:"rmr_kcal" doc:"resting metabolic rate"`
	TDEE          float64  `json:"tdee_kcal" doc:"total daily energy expenditure, ±10–15 %"`
	Method        string   `json:"method" doc:"mifflin_st_jeor or katch_mcardle"`
	Notes         []string `json:"notes,omitempty" doc:"floors and limits that shaped the numbers"`
}

// The formulas of resting energy.
const (
	MifflinStJeor = "mifflin_st_jeor"
	KatchMcArdle  = "katch_mcardle"
)

// Limits is what the safety gate and the coach allow.
type Limits struct {
	NoDeficit        bool // energy at maintenance or above
	NoCalorieNumbers bool // the member sees no energy or macro numbers
	Draft            bool // the menu is a draft for a professional
	BelowRMR         bool // a coach signed off energy below resting metabolism
}

// Warning is something that the member or coach should read beside the menu.
type Warning struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// TargetsFor computes the daily energy and macronutrients of m for goal. The goal may differ from the member's own, as
// the request or the gate decided. It fails with gym.ErrInvalid for a profile without the needed measures and with
// gym.ErrInfeasible (code targets_infeasible) when the limits contradict each other.
func TargetsFor(m gym.Member, goal gym.Goal, l Limits, r *rules.Rules, now time.Time) (Targets, []Warning, error) {
	if err := measured(m); err != nil {
		return Targets{}, nil, err
	}
	t := &targeter{m: m, goal: goal, limits: l, r: r.Nutrition, age: m.Age(now)}
	t.resting()
	if err := t.expenditure(); err != nil {
		return Targets{}, nil, err
	}
	t.floor()
	t.energy()
	if err := t.macros(); err != nil {
		return Targets{}, nil, err
	}
	t.hints()
	return t.out, t.warnings, nil
}

func measured(m gym.Member) error {
	var bad []gym.Field
	need := func(ok bool, name, message string) {
		if !ok {
			bad = append(bad, gym.Field{Name: name, Message: message})
		}
	}
	need(m.WeightKG >= 25 && m.WeightKG <= 400, "weight_kg", "must be from 25 to 400 kg")
	need(m.HeightCM >= 100 && m.HeightCM <= 250, "height_cm", "must be from 100 to 250 cm")
	need(!m.BirthDate.IsZero(), "birth_date", "is needed for a plan")
	need(m.BodyFatPct == nil || *m.BodyFatPct >= 3 && *m.BodyFatPct <= 70, "body_fat_pct", "must be from 3 to 70 %")
	if len(bad) == 0 {
		return nil
	}
	return &gym.Error{Kind: gym.ErrInvalid, Code: "profile_invalid", Detail: "the profile has measures outside their range", Hint: "correct the profile, then ask again", Fields: bad}
}

// targeter carries the steps of TargetsFor; each reads what the earlier ones wrote to out.
type targeter struct {
	m        gym.Member
	goal     gym.Goal
	limits   Limits
	r        rules.Nutrition
	age      int
	out      Targets
	warnings []Warning
}

func (t *targeter) note(format string, args ...any) {
	t.out.Notes = append(t.out.Notes, fmt.Sprintf(format, args...))
}

func (t *targeter) warn(code, text string) {
	t.warnings = append(t.warnings, Warning{Code: code, Text: text})
}

// resting computes RMR: Katch–McArdle when body fat is known, else Mifflin–St Jeor (Mifflin et al. 1990, Am J Clin
// Nutr 51:241).
func (t *targeter) resting() {
	if t.m.BodyFatPct != nil {
		t.out.Method = KatchMcArdle
		t.out.RMR = math.Round(t.r.Katch.Base + t.r.Katch.PerKG*t.leanMass())
		return
	}
	f := t.r.Mifflin
	constant := f.Other
	switch t.m.Sex {
	case gym.Male:
		constant = f.Male
	case gym.Female:
		constant = f.Female
	default:
		t.note("resting energy uses the mean of the formulas for women and men")
	}
	t.out.Method = MifflinStJeor
	t.out.RMR = math.Round(f.Weight*t.m.WeightKG + f.Height*t.m.HeightCM + f.Age*float64(t.age) + constant)
}

// leanMass is fat-free mass in kg, from the measured or the estimated body-fat share (Deurenberg et al. 1991, Br J Nutr
// 65:105).
func (t *targeter) leanMass() float64 {
	pct := 0.0
	if t.m.BodyFatPct != nil {
		pct = *t.m.BodyFatPct
	} else {
		b := t.r.BodyFat
		male := b.Male
		switch t.m.Sex {
		case gym.Female:
			male = 0
		case gym.Male:
		default:
			male /= 2
		}
		pct = min(max(b.BMI*t.m.BMI()+b.Age*float64(t.age)+male+b.Base, b.Min), b.Max)
	}
	return t.m.WeightKG * (1 - pct/100)
}

func (t *targeter) expenditure() error {
	factor, ok := t.r.Activity.Factor[t.m.Activity]
	if !ok {
		return &gym.Error{
			Kind: gym.ErrInvalid, Code: "profile_invalid", Detail: "the profile has no known activity level",
			Fields: []gym.Field{{Name: "activity", Message: "must be one of sedentary, light, moderate, active, very_active"}},
		}
	}
	t.out.TDEE = math.Round(t.out.RMR * factor)
	t.note("daily expenditure is an estimate (±10–%d %%); adjust it to the weight trend after 2–3 weeks", t.r.Activity.UncertainPct)
	return nil
}

// TrainingKcal is the energy of the planned sessions, spread over the week: net MET × kg × hours a day (Compendium of
// Physical Activities 2011).
func TrainingKcal(m gym.Member, r *rules.Rules) float64 {
	hours := float64(m.DaysPerWeek) * float64(m.SessionMinutes) / 60 / 7
	return r.Nutrition.Floors.TrainingNetMET * m.WeightKG * hours
}

func (t *targeter) floor() {
	f := t.r.Floors
	floor, why := f.Other, "the usual minimum"
	switch t.m.Sex {
	case gym.Male:
		floor = f.Male
	case gym.Female:
		floor = f.Female
	}
	if f.RMRUnlessSignOff && !t.limits.BelowRMR && t.out.RMR > floor {
		floor, why = t.out.RMR, "resting energy"
	}
	training := TrainingKcal(t.m, &rules.Rules{Nutrition: t.r})
	if available := f.Availability*t.leanMass() + training; available > floor {
		floor, why = available, "the energy that the body needs beside training"
	}
	t.out.FloorKcal = math.Ceil(floor/10) * 10
	t.note("no day has less than %.0f kcal: %s", t.out.FloorKcal, why)
}

// mayNotLose says why a deficit is out of the question; empty = it may. The gate decides this too: here it is the
// second lock.
func (t *targeter) mayNotLose() string {
	switch {
	case t.limits.NoDeficit:
		return "the safety check rules out an energy deficit"
	case t.age < t.r.Loss.MinorAge:
		return "no energy deficit under 18"
	case t.m.BMI() < t.r.Loss.NoDeficitBelowBMI:
		return "no energy deficit at this body-mass index"
	case t.m.Has(gym.Pregnancy) || t.m.Has(gym.Postpartum) || t.m.Screening.Pregnant:
		return "no energy deficit in pregnancy and the weeks after birth"
	case t.m.Has(gym.EatingDisorder) || t.m.Screening.EatingDisorder:
		return "no energy deficit with this history"
	}
	return ""
}

func (t *targeter) energy() {
	kcal := t.out.TDEE
	switch t.goal {
	case gym.FatLoss:
		if why := t.mayNotLose(); why != "" {
			t.note("%s: energy is at maintenance", why)
			t.warn("no_deficit", "This plan keeps your energy at maintenance: "+why+".")
		} else {
			kcal -= t.deficit()
		}
	case gym.MuscleGain:
		if t.age >= t.r.Loss.MinorAge {
			kcal += t.surplus()
		}
	}
	if kcal < t.out.FloorKcal {
		t.raise(kcal)
		kcal = t.out.FloorKcal
	}
	t.out.Kcal = math.Round(kcal/10) * 10
	t.out.Kcal = max(t.out.Kcal, t.out.FloorKcal)
}

// raise says what the floor does to the wished energy.
func (t *targeter) raise(wished float64) {
	t.note("energy raised from %.0f kcal to the floor", math.Round(wished/10)*10)
	switch small := 1 - t.r.Floors.SmallDeficitPct/100; {
	case t.out.FloorKcal > t.out.TDEE:
		t.warn("floor_above_expenditure", "The minimum for health is above your estimated expenditure. Check the activity level in the profile: weight may rise slowly.")
	case t.goal == gym.FatLoss && t.out.FloorKcal > t.out.TDEE*small:
		t.warn("deficit_small", "The minimum for health leaves almost no deficit: fat loss will be slow. More daily movement helps more than less food.")
	}
}

func (t *targeter) deficit() float64 {
	l, bmi := t.r.Loss, t.m.BMI()
	weekly := l.MaxWeightPctWeek / 100 * t.m.WeightKG * l.KcalPerKG / 7 // kcal a day at the fastest loss allowed
	for _, b := range l.Bands {
		if bmi >= b.MinBMI {
			d := min(t.out.TDEE*b.DeficitPct/100, b.MaxKcal, weekly)
			t.note("deficit %.0f kcal a day, about %.1f kg a week", d, d*7/l.KcalPerKG)
			return d
		}
	}
	return 0
}

func (t *targeter) surplus() float64 {
	g := t.r.Gain
	pct := g.SurplusPct[t.m.Experience]
	if t.m.BMI() >= g.HeavyBMI {
		pct = g.HeavyPct
	}
	s := min(t.out.TDEE*pct/100, g.MaxWeightPctWeek/100*t.m.WeightKG*t.r.Loss.KcalPerKG/7)
	if s > 0 {
		t.note("surplus %.0f kcal a day", s)
	}
	return s
}

func (t *targeter) hints() {
	if t.limits.Draft {
		t.warn("nutrition_draft", "The menu is a draft: a doctor or dietitian has to confirm it before it is followed.")
	}
	if t.m.Has(gym.Pregnancy) || t.m.Screening.Pregnant {
		t.warn("pregnancy_energy", "Energy needs rise during pregnancy: ask your midwife or doctor to confirm the amounts.")
	}
	if t.limits.NoCalorieNumbers {
		t.out.Notes = nil
	}
}
