package planner

import (
	"context"
	"time"

	"github.com/intellifit/intellifit/shared/planner/nutrition"
)

// Shown is the plan as people may see it: without energy and macronutrients where counting would harm the member.
func (p Plan) Shown() Plan {
	if !p.NumbersHidden {
		return p
	}
	p.Nutrition = nutrition.WithoutNumbers(p.Nutrition)
	p.Targets = nutrition.Targets{Method: p.Targets.Method}
	return p
}

// Plan reads one plan in its newest version.
func (p *Planner) Plan(ctx context.Context, id string) (Plan, error) {
	plan, err := p.stored(ctx, id)
	return plan.Shown(), err
}

func (p *Planner) stored(ctx context.Context, id string) (Plan, error) {
	plan, err := p.Plans.Plan(ctx, id)
	if err != nil {
		return Plan{}, planUnknown("read plan", err)
	}
	return plan, nil
}

func planUnknown(attempt string, err error) error {
	return unknown(attempt, "plan_unknown", "no such plan, or none that you may see", err)
}

// PlanByCall reads the plan that a call made, of whichever member the principal may see.
func (p *Planner) PlanByCall(ctx context.Context, callID string) (Plan, error) {
	plan, err := p.Plans.PlanByCall(ctx, "", callID)
	if err != nil {
		return Plan{}, planUnknown("read plan of call", err)
	}
	return plan.Shown(), nil
}

// Approve puts a coach's signature under the newest version; a later change takes it away again. Only the member's own
// coach can: for anybody else the plan is gym.ErrNotFound.
func (p *Planner) Approve(ctx context.Context, id, coachID string) (Plan, error) {
	plan, err := p.Plans.ApprovePlan(ctx, id, coachID, p.Now().UTC().Truncate(time.Microsecond))
	if err != nil {
		return Plan{}, planUnknown("approve plan", err)
	}
	return plan.Shown(), nil
}
