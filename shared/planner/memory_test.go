package planner_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
)

var now = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// memory is a gym in memory. Its searches filter as the database does and rank by id.
type memory struct {
	mu        sync.Mutex
	member    gym.Member
	kit       []string
	exercises []gym.Exercise
	foods     []gym.Food
	plans     map[string]planner.Plan
	calls     map[string]string // call id → plan id
	revisions map[string]planner.Plan
	err       error // of every search
}

func (m *memory) Member(_ context.Context, id string) (gym.Member, error) {
	if id != m.member.ID {
		return gym.Member{}, gym.Errorf(gym.ErrNotFound, "not_found", "no such row")
	}
	return m.member, nil
}

func (m *memory) GymEquipment(context.Context) ([]string, error) { return m.kit, m.err }

var levels = map[gym.Experience]int{gym.Beginner: 1, "": 2, gym.Intermediate: 2, gym.Advanced: 3}

func (m *memory) FindExercises(_ context.Context, f planner.ExerciseFilter, slots []planner.ExerciseQuery) ([][]gym.Exercise, error) {
	out := make([][]gym.Exercise, len(slots))
	for i, q := range slots {
		for _, e := range m.exercises {
			hit := len(q.Muscles) == 0 || slices.ContainsFunc(q.Muscles, func(x gym.Muscle) bool { return slices.Contains(e.Primary, x) })
			avoid := slices.ContainsFunc(f.AvoidTags, func(t gym.InjuryTag) bool { return slices.Contains(e.Tags, t) }) ||
				len(f.AvoidTags) > 0 && slices.Contains(e.Tags, gym.Unclassified)
			if hit && !avoid && slices.Contains(f.Equipment, e.Equipment) && slices.Contains(q.Patterns, e.Pattern) && levels[e.Level] <= levels[f.MaxLevel] &&
				!slices.Contains(f.ExcludeIDs, e.ID) && !named(e.Name, f.ExcludeWords) && len(out[i]) < q.Limit {
				out[i] = append(out[i], e)
			}
		}
	}
	return out, m.err
}

func (m *memory) FindFoods(_ context.Context, f planner.FoodFilter, slots []planner.FoodQuery) ([][]gym.Food, error) {
	out := make([][]gym.Food, len(slots))
	for i, q := range slots {
		for _, x := range m.foods {
			bad := slices.ContainsFunc(f.Allergens, func(a gym.Allergen) bool { return slices.Contains(x.Allergens, a) }) || len(f.Allergens) > 0 && !x.AllergensKnown
			fits := f.Diet == "" || f.Diet == gym.NoDiet || slices.Contains(x.Diets, f.Diet)
			if slices.Contains(q.Roles, x.Role) && fits && !bad && !slices.Contains(f.ExcludeIDs, x.ID) && !named(x.Name, f.ExcludeWords) && len(out[i]) < q.Limit {
				out[i] = append(out[i], x)
			}
		}
	}
	return out, m.err
}

// named reports whether a name holds one of the words, singular or plural.
func named(name string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool {
		return strings.Contains(strings.ToLower(name), strings.TrimSuffix(strings.ToLower(w), "s"))
	})
}

func (m *memory) Exercises(_ context.Context, ids []string) (out []gym.Exercise, err error) {
	for _, e := range m.exercises {
		if slices.Contains(ids, e.ID) {
			out = append(out, e)
		}
	}
	return out, nil
}

func (m *memory) Foods(_ context.Context, ids []string) (out []gym.Food, err error) {
	for _, f := range m.foods {
		if slices.Contains(ids, f.ID) {
			out = append(out, f)
		}
	}
	return out, nil
}

var errNoPlan = gym.Errorf(gym.ErrNotFound, "not_found", "no such row")

func (m *memory) CreatePlan(_ context.Context, p planner.Plan, callID string) (planner.Plan, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if id, ok := m.calls[callID]; ok && callID != "" {
		return m.plans[id], false, nil
	}
	if m.plans == nil {
		m.plans, m.calls, m.revisions = map[string]planner.Plan{}, map[string]string{}, map[string]planner.Plan{}
	}
	m.plans[p.ID], m.calls[callID] = p, p.ID
	return p, true, nil
}

func (m *memory) Plan(_ context.Context, id string) (planner.Plan, error) {
	p, ok := m.plans[id]
	if !ok {
		return p, errNoPlan
	}
	return p, nil
}

func (m *memory) PlanByCall(ctx context.Context, _, callID string) (planner.Plan, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.Plan(ctx, m.calls[callID])
}

func (m *memory) RevisePlan(_ context.Context, p planner.Plan, callID string) (planner.Plan, error) {
	if m.plans[p.ID].Version != p.Version-1 {
		return p, gym.Errorf(gym.ErrConflict, "plan_changed", "changed")
	}
	m.plans[p.ID], m.revisions[p.ID+callID] = p, p
	return p, nil
}

func (m *memory) RevisionByCall(_ context.Context, planID, callID string) (planner.Plan, error) {
	p, ok := m.revisions[planID+callID]
	if !ok || callID == "" {
		return p, errNoPlan
	}
	return p, nil
}

func (m *memory) ApprovePlan(_ context.Context, id, coachID string, at time.Time) (planner.Plan, error) {
	p, ok := m.plans[id]
	if !ok {
		return p, errNoPlan
	}
	p.Approval = &planner.Approval{CoachID: coachID, At: at, Version: p.Version}
	m.plans[id] = p
	return p, nil
}

func (m *memory) RecentItems(context.Context, string, time.Time) (exercises, foods []string, err error) {
	return nil, nil, nil
}

// illegal is a little judge of its own: what a plan may never hold, from the rows alone.
func (m *memory) illegal(p planner.Plan, avoid []gym.InjuryTag) error {
	kit := m.member.Equipment
	if len(kit) == 0 {
		kit = m.kit
	}
	for _, d := range p.Workout.Days {
		for _, it := range d.Items {
			i := slices.IndexFunc(m.exercises, func(e gym.Exercise) bool { return e.ID == it.ExerciseID })
			if i < 0 {
				return fmt.Errorf("invented exercise %s", it.ExerciseID)
			}
			e := m.exercises[i]
			if e.Equipment != gym.BodyOnly && !slices.Contains(kit, e.Equipment) {
				return fmt.Errorf("%s needs %s", e.ID, e.Equipment)
			}
			if slices.ContainsFunc(avoid, func(t gym.InjuryTag) bool { return slices.Contains(e.Tags, t) }) || len(avoid) > 0 && slices.Contains(e.Tags, gym.Unclassified) {
				return fmt.Errorf("%s is tagged %v", e.ID, e.Tags)
			}
			if levels[e.Level] > levels[m.member.Experience] {
				return fmt.Errorf("%s is %s", e.ID, e.Level)
			}
		}
		if d.Minutes > 11*m.member.SessionMinutes/10 {
			return fmt.Errorf("session of %d minutes", d.Minutes)
		}
	}
	for _, d := range p.Nutrition.Days {
		kcal := 0.0
		for _, it := range d.Items() {
			i := slices.IndexFunc(m.foods, func(f gym.Food) bool { return f.ID == it.FoodID })
			if i < 0 {
				return fmt.Errorf("invented food %s", it.FoodID)
			}
			f := m.foods[i]
			kcal += f.Kcal * float64(it.Grams) / 100
			if len(m.member.Allergies) > 0 && !f.AllergensKnown {
				return fmt.Errorf("what is in %s is unknown", f.ID)
			}
			for _, a := range m.member.Allergies {
				if slices.Contains(f.Allergens, a) || a == gym.Gluten && slices.Contains(f.Allergens, gym.Wheat) {
					return fmt.Errorf("%s holds %s", f.ID, a)
				}
			}
			if m.member.Diet != gym.NoDiet && !slices.Contains(f.Diets, m.member.Diet) {
				return fmt.Errorf("%s is not %s", f.ID, m.member.Diet)
			}
			if it.Grams <= 0 {
				return fmt.Errorf("%d g of %s", it.Grams, f.ID)
			}
		}
		if floor := map[gym.Sex]float64{gym.Male: 1500, gym.Female: 1200, gym.OtherSex: 1350}[m.member.Sex]; kcal < floor-1 {
			return fmt.Errorf("%.0f kcal", kcal)
		}
	}
	return nil
}

// refused is an answer that a member can act on.
func refused(err error) bool {
	var known *gym.Error
	return errors.Is(err, gym.ErrInfeasible) && errors.As(err, &known) && known.Code != "" && known.Detail != ""
}
