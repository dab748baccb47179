package eval

import (
	"fmt"
	"math"
	"slices"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
)

// Violation is a hard rule that a plan breaks, found from the catalogue's rows and the tables below alone.
type Violation struct {
	Case string `json:"case"`
	Rule string `json:"rule"`
	Item string `json:"item,omitempty"`
}

// Rows are those of the catalogue, by id, as they are stored and not as a plan tells.
type Rows struct {
	Exercises map[string]gym.Exercise
	Foods     map[string]gym.Food
}

// forbidden is the scorer's own copy of the injury table of the planning rules (hard avoid): it is written by hand and not
// read from the rules file, so that a mistake there is seen here.
var forbidden = map[gym.InjurySite][]gym.InjuryTag{
	gym.Neck:      {gym.BehindNeck, gym.NeckLoad},
	gym.Shoulder:  {gym.BehindNeck, gym.UprightRow, gym.DeepDip, gym.Overhead},
	gym.Elbow:     {gym.GripHeavy},
	gym.Wrist:     {gym.WristExtension, gym.GripHeavy},
	gym.UpperBack: {gym.BehindNeck, gym.UprightRow},
	gym.LowerBack: {gym.LoadedHinge, gym.SpinalFlexion, gym.SpinalRotationLoaded},
	gym.Hip:       {gym.DeepKneeFlexion},
	gym.Knee:      {gym.Jump, gym.DeepKneeFlexion, gym.RunImpact},
	gym.Ankle:     {gym.Jump, gym.RunImpact},
}

var forbiddenByCondition = map[gym.Condition][]gym.InjuryTag{
	gym.Hypertension: {gym.ValsalvaHeavy, gym.LongIsometric},
	gym.Pregnancy:    {gym.Supine, gym.FallRisk, gym.ValsalvaHeavy},
	gym.Osteoporosis: {gym.SpinalFlexion},
	gym.HeartDisease: {gym.ValsalvaHeavy},
}

// floors in kcal a day (NHLBI's usual minima; the mean for the third sex word).
var floors = map[gym.Sex]float64{gym.Male: 1500, gym.Female: 1200, gym.OtherSex: 1350}

// also lists what an allergy covers beside its own word.
var also = map[gym.Allergen][]gym.Allergen{gym.Gluten: {gym.Wheat}}

// hard lists every hard rule that the plan breaks.
func hard(r Result, rows Rows, gymKit []string) []Violation {
	s := scorer{r: r, rows: rows, kit: gymKit}
	s.workout()
	s.menu()
	s.people()
	return s.found
}

type scorer struct {
	r     Result
	rows  Rows
	kit   []string
	found []Violation
}

func (s *scorer) add(rule, item string) {
	s.found = append(s.found, Violation{s.r.Case.ID, rule, item})
}

func (s *scorer) avoid() []gym.InjuryTag {
	var tags []gym.InjuryTag
	m := s.r.Case.Member
	for _, i := range m.Injuries {
		if i.Status != gym.PastInjury {
			tags = append(tags, forbidden[i.Site]...)
			tags = append(tags, gym.Unclassified)
		}
	}
	for _, c := range m.Conditions {
		tags = append(tags, forbiddenByCondition[c]...)
	}
	if m.Screening.Pregnant {
		tags = append(tags, forbiddenByCondition[gym.Pregnancy]...)
	}
	return tags
}

var ranks = map[gym.Experience]int{gym.Beginner: 1, "": 2, gym.Intermediate: 2, gym.Advanced: 3}

func (s *scorer) workout() {
	m, avoid := s.r.Case.Member, s.avoid()
	kit := m.Equipment
	if len(kit) == 0 {
		kit = s.kit
	}
	most := ranks[m.Experience]
	for _, d := range s.r.Plan.Workout.Days {
		for _, it := range d.Items {
			e, ok := s.rows.Exercises[it.ExerciseID]
			if !ok {
				s.add("exercise_not_in_catalogue", it.ExerciseID)
				continue
			}
			if !slices.Contains(s.r.Plan.Candidates[it.Slot], e.ID) {
				s.add("exercise_not_a_candidate", e.ID)
			}
			if e.Equipment != gym.BodyOnly && !slices.Contains(kit, e.Equipment) {
				s.add("equipment", e.ID)
			}
			for _, tag := range e.Tags {
				if slices.Contains(avoid, tag) {
					s.add("injury_tag "+string(tag), e.ID)
				}
			}
			if ranks[e.Level] > most {
				s.add("level", e.ID)
			}
			if e.Pattern == gym.Unsorted {
				s.add("unsorted_exercise", e.ID)
			}
		}
		if float64(d.Minutes) > 1.1*float64(s.minutes()) {
			s.add("session_minutes", fmt.Sprintf("%d of %d", d.Minutes, s.minutes()))
		}
	}
}

func (s *scorer) minutes() int {
	if n := s.r.Case.Req.SessionMinutes; n > 0 {
		return n
	}
	return s.r.Case.Member.SessionMinutes
}

func (s *scorer) menu() {
	m := s.r.Case.Member
	var bad []gym.Allergen
	for _, a := range m.Allergies {
		bad = append(append(bad, a), also[a]...)
	}
	offered := map[string]bool{}
	for _, list := range s.r.Plan.Candidates {
		for _, id := range list {
			offered[id] = true
		}
	}
	for _, d := range s.r.Plan.Nutrition.Days {
		var total [4]float64
		for _, it := range d.Items() {
			f, ok := s.rows.Foods[it.FoodID]
			if !ok {
				s.add("food_not_in_catalogue", it.FoodID)
				continue
			}
			if !offered[f.ID] {
				s.add("food_not_a_candidate", f.ID)
			}
			if !f.AllergensKnown && len(bad) > 0 {
				s.add("allergens_unknown", f.ID)
			}
			for _, a := range f.Allergens {
				if slices.Contains(bad, a) {
					s.add("allergen "+string(a), f.ID)
				}
			}
			if m.Diet != "" && m.Diet != gym.NoDiet && m.Diet != gym.LowCarb && !slices.Contains(f.Diets, m.Diet) {
				s.add("diet "+string(m.Diet), f.ID)
			}
			if f.Role == gym.RoleExcluded {
				s.add("excluded_food", f.ID)
			}
			for i, v := range amounts(f, it.Grams) {
				total[i] += v
				if told := [4]float64{it.Kcal, it.ProteinG, it.FatG, it.CarbsG}[i]; math.Abs(told-v) > 0.06+0.005*v {
					s.add("sum_of_item", f.ID)
				}
			}
		}
		if total[0] < floors[m.Sex]-1 {
			s.add("kcal_floor", fmt.Sprintf("day %d: %.0f kcal", d.Day, total[0]))
		}
		if told := d.Totals.Kcal; math.Abs(told-total[0]) > 1 {
			s.add("sum_of_day", fmt.Sprintf("day %d", d.Day))
		}
	}
}

// amounts are kcal, protein, fat and carbohydrate of so many grams of f.
func amounts(f gym.Food, grams int) [4]float64 {
	share := float64(grams) / 100
	return [4]float64{f.Kcal * share, f.ProteinG * share, f.FatG * share, f.CarbsG * share}
}

// people holds the plan to what the member's age and state allow.
func (s *scorer) people() {
	m, p := s.r.Case.Member, s.r.Plan
	age := m.Age(p.CreatedAt)
	guarded := age < 18 || m.Has(gym.Pregnancy) || m.Screening.Pregnant || m.Has(gym.EatingDisorder) || m.Screening.EatingDisorder || m.Has(gym.Postpartum)
	if guarded && deficit(*p) {
		s.add("deficit_where_it_harms", fmt.Sprintf("%.0f of %.0f kcal", p.Targets.Kcal, p.Targets.TDEE))
	}
	if age < 18 && !p.Draft {
		s.add("minor_without_approval", "")
	}
	if age < 13 {
		s.add("child", "")
	}
	if rmr := mifflin(m, age); p.Targets.Method == "mifflin_st_jeor" && math.Abs(rmr-p.Targets.RMR) > 1 {
		s.add("resting_energy", fmt.Sprintf("%.0f, by the formula %.0f", p.Targets.RMR, rmr))
	}
}

// deficit is energy below expenditure by more than the solver's tolerance.
func deficit(p planner.Plan) bool { return p.Targets.Kcal < 0.97*p.Targets.TDEE }

// mifflin is resting energy in kcal a day (Mifflin & St Jeor 1990); the third sex word takes the mean of the constants.
func mifflin(m gym.Member, age int) float64 {
	constant := map[gym.Sex]float64{gym.Male: 5, gym.Female: -161, gym.OtherSex: -78}[m.Sex]
	return 10*m.WeightKG + 6.25*m.HeightCM - 5*float64(age) + constant
}
