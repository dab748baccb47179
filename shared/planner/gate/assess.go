package gate

import (
	"cmp"
	"slices"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

// assessor collects findings; each only ever tightens the assessment.
type assessor struct {
	m    gym.Member
	in   Input
	r    *rules.Rules
	now  time.Time
	a    Assessment
	seen map[string]bool
	// surgery is what the wishes told about a recent operation.
	surgery *surgery
}

func newAssessor(m gym.Member, in Input, r *rules.Rules, now time.Time) *assessor {
	return &assessor{
		m: m, in: in, r: r, now: now,
		a:    Assessment{Goal: cmp.Or(in.Goal, m.Goal, gym.Health), MaxLevel: cmp.Or(m.Experience, gym.Beginner)},
		seen: map[string]bool{},
	}
}

// find applies one finding of the rules file. A code that the file does not know is a programming error that the
// package's tests catch; at run time it blocks, because an unknown danger is not a safe one.
func (s *assessor) find(code string) {
	if s.seen[code] {
		return
	}
	s.seen[code] = true
	f, ok := s.r.Gate.Findings[code]
	if !ok {
		f = rules.Finding{Text: "A safety rule is missing. We make no plan without it.", Stop: true}
	}
	a := &s.a
	if f.Note {
		a.Warnings = append(a.Warnings, Warning{Code: code, Text: f.Text})
	} else {
		a.Reasons = append(a.Reasons, Reason{Code: code, Text: f.Text, Relax: f.Relax, Stop: f.Stop})
	}
	a.Blocked = a.Blocked || f.Stop
	a.NoDeficit = a.NoDeficit || f.NoDeficit
	a.NoCalorieNumbers = a.NoCalorieNumbers || f.NoCalorieNumbers
	a.NoSupplements = a.NoSupplements || f.NoSupplements
	a.NutritionDraft = a.NutritionDraft || f.NutritionDraft
	a.LowModerateOnly = a.LowModerateOnly || f.LowModerateOnly
	a.Guardian = a.Guardian || f.Guardian
	a.CoachApproval = a.CoachApproval || f.CoachApproval
	a.NotifyCoach = a.NotifyCoach || f.NotifyCoach
	a.BalanceWork = a.BalanceWork || f.BalanceWork
	a.MinReps = max(a.MinReps, f.MinReps)
	a.MinRIR = max(a.MinRIR, f.MinRIR)
	if f.MaxLevel != "" && Level(f.MaxLevel) < Level(a.MaxLevel) {
		a.MaxLevel = f.MaxLevel
	}
	a.AvoidTags = append(a.AvoidTags, f.Avoid...)
	a.SoftTags = append(a.SoftTags, f.Caution...)
}

func (s *assessor) age() {
	g, age := s.r.Gate, float64(s.m.Age(s.now))
	switch {
	case age < g.MinimumAge.Value:
		s.find("child")
		s.find("minor")
	case age < g.AdultAge.Value:
		s.find("minor")
	case age >= g.OlderAge.Value:
		s.find("older_adult")
	}
}

// screening reads the answers of the questionnaire. Complaints that depend on a region wait for injuries.
func (s *assessor) screening() {
	q := s.m.Screening
	symptoms := q.ChestPain || q.Fainting || q.BreathlessAtRest
	for _, answer := range []struct {
		yes  bool
		code string
	}{
		{q.ChestPain, "chest_pain"},
		{q.Fainting, "fainting"},
		{q.BreathlessAtRest, "breathless_at_rest"},
		{symptoms && (q.HeartCondition || s.m.Has(gym.HeartDisease)), "heart_symptoms"},
		{q.HeartCondition, "heart_disease"},
		{q.Pregnant, "pregnancy"},
		{q.EatingDisorder, "eating_disorder"},
		{q.LossOfBladderControl, "loss_of_bladder_control"},
	} {
		if answer.yes {
			s.find(answer.code)
		}
	}
}

func (s *assessor) conditions() {
	for _, c := range s.m.Conditions {
		s.find(string(c))
	}
	metabolic := s.m.Has(gym.DiabetesInsulin) || s.m.Has(gym.DiabetesType2) || s.m.Has(gym.KidneyDisease)
	inactive := s.m.Activity == gym.Sedentary || s.m.Activity == ""
	if metabolic && inactive {
		s.find("clearance")
	}
}

// weight looks at the body-mass index now and at the wanted weight.
func (s *assessor) weight() {
	g, bmi := s.r.Gate, s.m.BMI()
	if s.m.HeightCM <= 0 || s.m.WeightKG <= 0 {
		return
	}
	switch {
	case bmi < g.VeryLowBMI.Value && float64(s.m.Age(s.now)) >= g.AdultAge.Value:
		s.find("very_low_weight")
	case bmi < g.MinimumBMI.Value && s.a.Goal == gym.FatLoss:
		s.find("underweight")
	case bmi < g.MinimumBMI.Value:
		s.find("low_weight")
	}
	if s.in.TargetWeightKG != nil {
		s.target(*s.in.TargetWeightKG)
	}
}

func (s *assessor) target(kg float64) {
	wanted := gym.Member{HeightCM: s.m.HeightCM, WeightKG: kg}
	if s.m.HeightCM > 0 && wanted.BMI() < s.r.Gate.MinimumBMI.Value && kg < s.m.WeightKG {
		s.find("target_underweight")
	}
}

// wishes screens the free text. It runs before injuries because it can report surgery or night pain.
func (s *assessor) wishes() {
	if s.in.Wishes == "" {
		return
	}
	text := screen(s.in.Wishes, s.m.WeightKG, s.r)
	for _, code := range text.codes {
		s.find(code)
	}
	s.surgery = text.surgery
	if text.targetKG > 0 {
		s.target(text.targetKG)
	}
	if text.found("heart_disease") && text.symptoms() {
		s.find("heart_symptoms")
	}
}

// finish lowers the goal where it may not be pursued and puts the lists in order.
func (s *assessor) finish() Assessment {
	a := s.a
	if a.NoDeficit && a.Goal == gym.FatLoss || a.LowModerateOnly || a.Guardian {
		a.Goal = gym.Health
	}
	a.AvoidTags = unique(a.AvoidTags)
	a.SoftTags = slices.DeleteFunc(unique(a.SoftTags), func(t gym.InjuryTag) bool { return slices.Contains(a.AvoidTags, t) })
	a.ExcludedRegions = unique(a.ExcludedRegions)
	a.ExcludedMuscles = unique(a.ExcludedMuscles)
	a.ExcludedPattern = unique(a.ExcludedPattern)
	slices.SortStableFunc(a.Reasons, func(x, y Reason) int {
		switch {
		case x.Stop == y.Stop:
			return 0
		case x.Stop:
			return -1
		}
		return 1
	})
	return a
}

func unique[T cmp.Ordered](list []T) []T {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}
