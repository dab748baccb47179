package eval

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/intellifit/intellifit/internal/eval/jsonl"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
)

// The outcomes of a case.
const (
	OutcomePlan    = "plan"
	OutcomeRefused = "refused" // by the gate or as infeasible, with a code
	OutcomeError   = "error"   // anything else: always a failure of ours
)

// Result is the raw output of one case: it is written as it came, so that it can be scored again.
type Result struct {
	Case    Case          `json:"case"`
	Model   bool          `json:"model"` // the model was asked
	Outcome string        `json:"outcome"`
	Code    string        `json:"code,omitempty"`
	Detail  string        `json:"detail,omitempty"`
	Hint    string        `json:"hint,omitempty"`
	Plan    *planner.Plan `json:"plan,omitempty"`
	Shown   *planner.Plan `json:"shown,omitempty"` // only where it differs: numbers are hidden
	WallS   float64       `json:"wall_s"`
	Changes []Change      `json:"changes,omitempty"`
}

// Change is one swap or regenerate that was tried on the plan.
type Change struct {
	Kind    string        `json:"kind"` // swap_exercise, swap_food, regenerate_workout, regenerate_nutrition
	Target  string        `json:"target"`
	Code    string        `json:"code,omitempty"` // of a refusal
	Plan    *planner.Plan `json:"plan,omitempty"`
	WallS   float64       `json:"wall_s"`
	Applied bool          `json:"applied"`
}

// Runner makes the plans of cases, one after the other, with the product's own planner.
type Runner struct {
	Planner *planner.Planner
	Changes bool // also try swap and regenerate
}

// Run makes and stores the plan of one case, whose member must be stored already. An error means that nothing was
// measured, e.g. because ctx ended.
func (r *Runner) Run(ctx context.Context, c Case) (Result, error) {
	res := Result{Case: c, Model: r.Planner.Model != nil}
	began := time.Now()
	plan, err := r.Planner.Draft(ctx, c.Member.ID, c.Req, "eval-"+c.ID)
	res.WallS = time.Since(began).Seconds()
	if ctx.Err() != nil {
		return res, fmt.Errorf("case %s: %w", c.ID, ctx.Err())
	}
	if err != nil {
		res.refusal(err)
		return res, nil
	}
	res.Outcome, res.Plan = OutcomePlan, &plan
	if plan.NumbersHidden {
		res.Shown = new(plan.Shown())
	}
	if !r.Changes {
		return res, nil
	}
	if _, _, err := r.Planner.Plans.CreatePlan(ctx, plan, ""); err != nil {
		return res, fmt.Errorf("case %s: store the plan: %w", c.ID, err)
	}
	return res, r.change(ctx, &res)
}

func (res *Result) refusal(err error) {
	res.Outcome, res.Code, res.Detail = OutcomeError, "internal", err.Error()
	var known *gym.Error
	if errors.As(err, &known) {
		res.Code, res.Detail, res.Hint = known.Code, known.Detail, known.Hint
	}
	if errors.Is(err, gym.ErrInfeasible) {
		res.Outcome = OutcomeRefused
	}
}

// change tries one of each kind on the stored plan, at places that depend on the case alone.
func (r *Runner) change(ctx context.Context, res *Result) error {
	plan, seed := res.Plan, *res.Case.Req.Seed
	pick := func(n int) int { return int(seed) % n }
	var tries []Change
	if n := len(plan.Workout.Days); n > 0 {
		d := plan.Workout.Days[pick(n)]
		tries = append(tries, Change{Kind: "swap_exercise", Target: d.Items[pick(len(d.Items))].Slot}, Change{Kind: "regenerate_workout", Target: fmt.Sprint(d.Day)})
	}
	if n := len(plan.Nutrition.Days); n > 0 {
		d := plan.Nutrition.Days[pick(n)]
		tries = append(tries, Change{Kind: "swap_food", Target: d.Items()[pick(len(d.Items()))].Slot}, Change{Kind: "regenerate_nutrition", Target: fmt.Sprint(d.Day)})
	}
	for _, t := range tries {
		began := time.Now()
		next, err := r.try(ctx, plan.ID, t, seed)
		t.WallS = time.Since(began).Seconds()
		switch {
		case ctx.Err() != nil:
			return fmt.Errorf("case %s: %w", res.Case.ID, ctx.Err())
		case err != nil:
			t.Code = faas.ProblemOf(err).Code
		default:
			t.Applied, t.Plan = true, &next
		}
		res.Changes = append(res.Changes, t)
	}
	return nil
}

func (r *Runner) try(ctx context.Context, planID string, t Change, seed int64) (planner.Plan, error) {
	switch t.Kind {
	case "swap_exercise", "swap_food":
		return r.Planner.Swap(ctx, planID, planner.Swap{Slot: t.Target}, "")
	}
	part := planner.PartWorkout
	if t.Kind == "regenerate_nutrition" {
		part = planner.PartNutrition
	}
	day := 0
	if _, err := fmt.Sscan(t.Target, &day); err != nil {
		return planner.Plan{}, fmt.Errorf("read the day %q: %w", t.Target, err)
	}
	return r.Planner.Regenerate(ctx, planID, planner.Regenerate{Part: part, Day: day, Seed: &seed}, "")
}

// WriteResult appends one line.
func WriteResult(w io.Writer, r Result) error {
	if err := json.NewEncoder(w).Encode(r); err != nil {
		return fmt.Errorf("write result of %s: %w", r.Case.ID, err)
	}
	return nil
}

// ReadResults reads what WriteResult wrote.
func ReadResults(r io.Reader) ([]Result, error) {
	return jsonl.Read[Result](r, "results, line %d", nil)
}
