package planner

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/nutrition"
)

// Swap asks for another exercise or food in one slot of a plan.
type Swap struct {
	Slot    string `json:"slot" minLength:"1" maxLength:"32" doc:"slot of an exercise (d1s3) or food (n2m1f3)"`
	With    string `json:"with,omitempty" maxLength:"128" doc:"id of the catalogue; default: the best other candidate"`
	Version int    `json:"version,omitempty" minimum:"1" doc:"of the plan that the app shows; when it is not the newest, 409"`
}

// The parts of a plan of which one day can be made anew.
const (
	PartWorkout   = "workout"
	PartNutrition = "nutrition"
)

// Regenerate asks for one day of a plan to be made anew with other exercises or foods.
type Regenerate struct {
	Part    string `json:"part" enum:"workout,nutrition"`
	Day     int    `json:"day" minimum:"1" maximum:"14" doc:"1-based, of that part"`
	Seed    *int64 `json:"seed,omitempty"`
	Version int    `json:"version,omitempty" minimum:"1" doc:"of the plan that the app shows; when it is not the newest, 409"`
}

// rows are those of the catalogue that a stored plan uses.
type rows struct {
	exercises []gym.Exercise
	foods     []gym.Food
}

// Swap changes one slot and nothing else. It is idempotent by call id. It fails with gym.ErrNotFound for a slot that the
// plan does not have and with gym.ErrInfeasible when nothing else is legal there.
func (p *Planner) Swap(ctx context.Context, planID string, s Swap, callID string) (Plan, error) {
	return p.revise(ctx, planID, s.Version, s, callID, func(b *builder, plan Plan) (Plan, error) {
		if day, item, ok := exerciseAt(plan, s.Slot); ok {
			return b.swapExercise(ctx, plan, day, item, s)
		}
		return b.swapFood(ctx, plan, s)
	})
}

// Regenerate makes one day anew and leaves every other day as it is. It is idempotent by call id.
func (p *Planner) Regenerate(ctx context.Context, planID string, r Regenerate, callID string) (Plan, error) {
	return p.revise(ctx, planID, r.Version, r, callID, func(b *builder, plan Plan) (Plan, error) {
		seed := freshSeed(plan.MemberID, callID, b.now)
		if r.Seed != nil {
			seed = *r.Seed
		}
		switch r.Part {
		case PartWorkout:
			return b.regenerateWorkout(ctx, plan, r.Day, seed)
		case PartNutrition:
			return b.regenerateNutrition(ctx, plan, r.Day, seed)
		}
		return Plan{}, &gym.Error{Kind: gym.ErrInvalid, Code: "invalid_request", Detail: "the request has fields outside their range",
			Fields: []gym.Field{{Name: "body.part", Message: "must be one of workout, nutrition"}}}
	})
}

// revise reads a plan, judges it against the profile of today, changes it, judges it again and stores it as the next
// version. A plan that the profile has outgrown, say by a new allergy, is not patched: a new one is due.
func (p *Planner) revise(ctx context.Context, planID string, version int, asked any, callID string, change func(*builder, Plan) (Plan, error)) (Plan, error) {
	hash, err := hashOf(planID, asked)
	if err != nil {
		return Plan{}, err
	}
	if callID != "" {
		stored, err := p.Plans.RevisionByCall(ctx, planID, callID)
		if err == nil {
			return revisedOnce(stored, hash)
		}
		if !errors.Is(err, gym.ErrNotFound) {
			return Plan{}, fmt.Errorf("look for the version of the call: %w", err)
		}
	}
	old, err := p.stored(ctx, planID)
	if err != nil {
		return Plan{}, err
	}
	if version != 0 && version != old.Version {
		return Plan{}, &gym.Error{Kind: gym.ErrConflict, Code: "plan_changed", Detail: fmt.Sprintf("the plan is at version %d by now", old.Version), Hint: "read it again"}
	}
	b, err := p.reopen(ctx, old)
	if err != nil {
		return Plan{}, err
	}
	plan, err := change(b, old.copied())
	if err != nil {
		return Plan{}, err
	}
	plan.Version, plan.RevisionHash, plan.Approval = old.Version+1, hash, nil
	plan.NumbersHidden = plan.NumbersHidden || b.verdict.NoCalorieNumbers
	plan.Draft = b.verdict.Draft()
	b.state(ctx, &plan)
	stored, err := p.Plans.RevisePlan(ctx, plan, callID)
	if err != nil {
		return Plan{}, fmt.Errorf("store plan: %w", err)
	}
	return revisedOnce(stored, hash)
}

func revisedOnce(stored Plan, hash string) (Plan, error) {
	if stored.RevisionHash != hash {
		return Plan{}, gym.Errorf(gym.ErrConflict, "call_id_reused", "this call id was used for another request")
	}
	return stored.Shown(), nil
}

func hashOf(planID string, asked any) (string, error) {
	document, err := json.Marshal(asked)
	if err != nil {
		return "", fmt.Errorf("encode request: %w", err)
	}
	sum := sha256.Sum256(append([]byte(fmt.Sprintf("%T %s ", asked, planID)), document...))
	return hex.EncodeToString(sum[:]), nil
}

// reopen makes the builder of a stored plan: the member and the gate are those of today, the targets those of the plan.
func (p *Planner) reopen(ctx context.Context, plan Plan) (*builder, error) {
	m, err := p.profile(ctx, plan.MemberID)
	if err != nil {
		return nil, err
	}
	b, err := p.open(ctx, m, plan.Request, p.Now())
	if err != nil {
		return nil, err
	}
	if b.verdict.NoDeficit && plan.Targets.Kcal < b.targets.Kcal*(1-b.Rules.Nutrition.Solver.KcalAccept) {
		return nil, outdated()
	}
	b.id, b.source, b.targets = plan.ID, plan.Source, plan.Targets
	b.slots = nutrition.MenuSlots(b.targets, b.member.Diet, b.req.NutritionDays, b.Rules)
	b.keys = nutrition.Keys(b.slots)
	exercises, foods := plan.Used()
	if b.kept.exercises, err = p.Library.Exercises(ctx, exercises); err != nil {
		return nil, fmt.Errorf("read the plan's exercises: %w", err)
	}
	if b.kept.foods, err = p.Library.Foods(ctx, foods); err != nil {
		return nil, fmt.Errorf("read the plan's foods: %w", err)
	}
	if len(b.check(plan)) > 0 {
		return nil, outdated()
	}
	return b, nil
}

func outdated() error {
	return &gym.Error{Kind: gym.ErrInfeasible, Code: "plan_outdated", Detail: "the profile or the catalogue has changed since this plan was made, and the plan no longer fits",
		Hint: "make a new plan"}
}

// Used lists the ids of the exercises and foods of a plan, each once, in order.
func (p Plan) Used() (exercises, foods []string) {
	exercises, foods = []string{}, []string{}
	for _, d := range p.Workout.Days {
		for _, it := range d.Items {
			exercises = append(exercises, it.ExerciseID)
		}
	}
	for _, d := range p.Nutrition.Days {
		for _, it := range d.Items() {
			foods = append(foods, it.FoodID)
		}
	}
	return unique(exercises), unique(foods)
}

func unique(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}

// copied gives maps of its own to a plan that is about to change.
func (p Plan) copied() Plan {
	p.Candidates, p.Replaced, p.Warnings = maps.Clone(p.Candidates), maps.Clone(p.Replaced), slices.Clone(p.Warnings)
	if p.Candidates == nil {
		p.Candidates = map[string][]string{}
	}
	if p.Replaced == nil {
		p.Replaced = map[string][]string{}
	}
	return p
}

// offer adds ids to the candidates of a slot or key.
func (p Plan) offer(key string, ids ...string) {
	list := slices.Clone(p.Candidates[key])
	for _, id := range ids {
		if !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	p.Candidates[key] = list
}
