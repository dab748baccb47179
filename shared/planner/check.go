package planner

import (
	"errors"
	"fmt"
	"slices"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/nutrition"
	"github.com/intellifit/intellifit/shared/planner/training"
)

// Violation is one rule that a finished plan breaks. It names ids and rules, never a complaint of the member.
type Violation struct {
	Code string `json:"code"`
	Slot string `json:"slot,omitempty"`
	Text string `json:"text,omitempty"`
}

// unsafeError is a finished plan that the validator refused.
type unsafeError struct{ violations []Violation }

func (e *unsafeError) Error() string {
	return fmt.Sprintf("plan breaks %d rules, first %s in slot %q", len(e.violations), e.violations[0].Code, e.violations[0].Slot)
}

// Unwrap makes it, for a client, a plan that cannot be made.
func (e *unsafeError) Unwrap() error {
	return &gym.Error{Kind: gym.ErrInfeasible, Code: "plan_infeasible", Detail: "no plan keeps every rule for this member",
		Hint: "relax days, minutes, equipment or the diet's exclusions, or ask a coach"}
}

// isUnsafe reports whether err is a refusal of the validator.
func isUnsafe(err error) bool {
	var refused *unsafeError
	return errors.As(err, &refused)
}

// check judges a finished plan from the catalogue's rows, as a stranger's work: every id known and in its candidate list,
// every hard rule kept, every number as the rows give it.
func (b *builder) check(p Plan) []Violation {
	exercises, foods := map[string]gym.Exercise{}, map[string]gym.Food{}
	for _, e := range b.kept.exercises {
		exercises[e.ID] = e
	}
	for _, f := range b.kept.foods {
		foods[f.ID] = f
	}
	for _, list := range b.exercises {
		for _, e := range list {
			exercises[e.ID] = e
		}
	}
	for _, list := range b.foods {
		for _, f := range list {
			foods[f.ID] = f
		}
	}
	var out []Violation
	for _, v := range training.Check(p.Workout, b.profile, exercises, b.Rules) {
		out = append(out, Violation{v.Code, v.Slot, v.Text})
	}
	for _, d := range p.Workout.Days {
		for _, it := range d.Items {
			if !slices.Contains(p.Candidates[it.Slot], it.ExerciseID) {
				out = append(out, Violation{Code: "not_a_candidate", Slot: it.Slot})
			}
		}
	}
	for _, v := range nutrition.Check(p.Nutrition, p.Targets, b.member, foods, b.Rules) {
		if v.Hard {
			out = append(out, Violation{v.Code, v.Slot, v.Text})
		}
	}
	return out
}
