package demo_test

import (
	"slices"
	"testing"
	"time"

	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
	"github.com/intellifit/intellifit/shared/planner/gate"
	"github.com/intellifit/intellifit/shared/planner/nutrition"
	"github.com/intellifit/intellifit/shared/planner/rules"
	"github.com/intellifit/intellifit/shared/planner/training"
)

// TestPlanOfEveryMember drafts, on a real database and without any model, the plan of every member whom the gate lets
// through, and holds it to the member's profile from the files alone.
func TestPlanOfEveryMember(t *testing.T) {
	db := open(t)
	if err := demo.Seed(as(t.Context(), "test", gym.RoleService), db, models.Silent()); err != nil {
		t.Fatal(err)
	}
	catalogue := catalogueByID(t)
	p := &planner.Planner{Members: db, Library: db, Plans: db, Rules: rules.Default(), Now: func() time.Time { return now }}
	for _, m := range allMembers(t) {
		verdict := gate.Assess(m, gate.Input{}, p.Rules, now)
		if verdict.Blocked {
			continue
		}
		t.Run(m.ID, func(t *testing.T) {
			for seed := range int64(5) {
				plan, err := p.Draft(as(t.Context(), m.ID, gym.RoleMember), m.ID, planner.Request{Seed: &seed}, "")
				if err != nil {
					t.Fatalf("seed %d: no plan: %v", seed, err)
				}
				if len(plan.Workout.Days) != m.DaysPerWeek || len(plan.Nutrition.Days) != 7 {
					t.Errorf("%d sessions and %d days of food, want %d and 7", len(plan.Workout.Days), len(plan.Nutrition.Days), m.DaysPerWeek)
				}
				catalogue.holdsWorkout(t, plan, m, verdict)
				catalogue.holdsMenu(t, plan, m, p.Rules)
			}
		})
	}
}

type byID struct {
	exercises map[string]gym.Exercise
	foods     map[string]gym.Food
	kinds     []string // equipment of the gym
}

func catalogueByID(t *testing.T) byID {
	t.Helper()
	exercises, foods, err := demo.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	c := byID{exercises: map[string]gym.Exercise{}, foods: map[string]gym.Food{}, kinds: []string{gym.BodyOnly}}
	for _, e := range exercises {
		c.exercises[e.ID] = e
	}
	for _, f := range foods {
		c.foods[f.ID] = f
	}
	for _, e := range equipment(t) {
		c.kinds = append(c.kinds, e.Kind)
	}
	return c
}

// holdsWorkout looks for exercises that the member must not do and for muscles that the week leaves out of their band.
func (c byID) holdsWorkout(t *testing.T, plan planner.Plan, m gym.Member, verdict gate.Assessment) {
	t.Helper()
	kit := m.Equipment
	if len(kit) == 0 {
		kit = c.kinds
	}
	for _, d := range plan.Workout.Days {
		if len(d.Items) < 3 {
			t.Errorf("day %d has only %d exercises", d.Day, len(d.Items))
		}
		if float64(d.Minutes) > 1.1*float64(m.SessionMinutes) {
			t.Errorf("day %d takes %d of %d minutes", d.Day, d.Minutes, m.SessionMinutes)
		}
		for _, it := range d.Items {
			e, known := c.exercises[it.ExerciseID]
			switch {
			case !known:
				t.Errorf("%s is no exercise of the demo gym", it.ExerciseID)
			case !verdict.Allows(e):
				t.Errorf("%s is not for this member: %v", e.ID, e.Tags)
			case e.Equipment != gym.BodyOnly && !slices.Contains(kit, e.Equipment):
				t.Errorf("%s needs %s", e.ID, e.Equipment)
			}
		}
	}
	for _, v := range plan.Workout.Volume {
		if v.Status != training.StatusInBand && v.Status != training.StatusTimeLimited {
			t.Errorf("%s: %s, %.1f sets of %.0f to %.0f", v.Muscle, v.Status, v.Sets, v.Low, v.High)
		}
	}
}

// holdsMenu looks for foods that the member must not eat, for days off their targets, and for monotony.
func (c byID) holdsMenu(t *testing.T, plan planner.Plan, m gym.Member, r *rules.Rules) {
	t.Helper()
	for _, v := range nutrition.Check(plan.Nutrition, plan.Targets, m, c.foods, r) {
		t.Errorf("day %d, %s: %s", v.Day, v.Code, v.Text)
	}
	distinct := map[string]bool{}
	for _, d := range plan.Nutrition.Days {
		for _, it := range d.Items() {
			distinct[it.FoodID] = true
			f := c.foods[it.FoodID]
			if m.Diet != gym.NoDiet && !slices.Contains(f.Diets, m.Diet) {
				t.Errorf("%s does not fit the diet %s", f.ID, m.Diet)
			}
			for _, a := range m.Allergies {
				if slices.Contains(f.Allergens, a) {
					t.Errorf("%s contains %s", f.ID, a)
				}
			}
		}
	}
	if len(distinct) < 20 {
		t.Errorf("only %d different foods a week", len(distinct))
	}
}
