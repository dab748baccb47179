package planner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/gate"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

// Planner makes plans. Model and Embedder may be nil: the rules then choose and retrieval is lexical.
type Planner struct {
	Members  Members
	Library  Library
	Plans    Plans
	Model    Model
	Embedder Embedder
	Rules    *rules.Rules
	Now      func() time.Time
	Log      func(ctx context.Context) *slog.Logger // of one call; nil = silent
}

// recent is how far back a member's plans keep their items from coming again.
const recent = 14 * 24 * time.Hour

func (p *Planner) log(ctx context.Context) *slog.Logger {
	if p.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return p.Log(ctx)
}

// Generate makes and stores a plan. It is idempotent by call id: the same id gives the plan that is stored, and
// gym.ErrConflict when it was used for another request. A member whom the gate stops, and a request that no legal plan can
// meet, give a gym.ErrInfeasible with the reasons.
func (p *Planner) Generate(ctx context.Context, memberID string, r Request, callID string) (Plan, error) {
	hash, err := hashOf(memberID, r)
	if err != nil {
		return Plan{}, err
	}
	if callID != "" {
		stored, err := p.Plans.PlanByCall(ctx, memberID, callID)
		if err == nil {
			return shownOnce(stored, hash)
		}
		if !errors.Is(err, gym.ErrNotFound) {
			return Plan{}, fmt.Errorf("look for the plan of the call: %w", err)
		}
	}
	plan, err := p.Draft(ctx, memberID, r, callID)
	if err != nil {
		return Plan{}, err
	}
	plan.RequestHash = hash
	stored, _, err := p.Plans.CreatePlan(ctx, plan, callID)
	if err != nil {
		return Plan{}, fmt.Errorf("store plan: %w", err)
	}
	return shownOnce(stored, hash)
}

// shownOnce returns the plan of a repeated call, unless that call asked for something else.
func shownOnce(stored Plan, hash string) (Plan, error) {
	if stored.RequestHash != hash {
		return Plan{}, gym.Errorf(gym.ErrConflict, "call_id_reused", "this call id was used for another request")
	}
	return stored.Shown(), nil
}

// Draft makes a plan without storing it; numbers that must be hidden from the member are still in it.
func (p *Planner) Draft(ctx context.Context, memberID string, r Request, callID string) (Plan, error) {
	b, err := p.begin(ctx, memberID, r, callID)
	if err != nil {
		return Plan{}, err
	}
	if err := b.retrieve(ctx); err != nil {
		return Plan{}, err
	}
	b.choose(ctx)
	plan, err := b.assemble()
	if err != nil && b.source == SourceModel {
		// The choices of the model led to a plan that breaks a rule or cannot be portioned. The rules' own choice is tried
		// before giving up.
		b.fallBack(ctx, err)
		plan, err = b.assemble()
	}
	if err != nil {
		return Plan{}, err
	}
	b.explain(ctx, &plan)
	return plan, nil
}

// begin reads the member and settles what is asked for.
func (p *Planner) begin(ctx context.Context, memberID string, r Request, callID string) (*builder, error) {
	m, err := p.profile(ctx, memberID)
	if err != nil {
		return nil, err
	}
	now := p.Now()
	explicitSeed := r.Seed != nil
	if r, err = r.resolve(m, callID, now); err != nil {
		return nil, err
	}
	b, err := p.open(ctx, m, r, now)
	if err != nil {
		return nil, err
	}
	b.id = uuid.NewString()
	if !explicitSeed {
		// A plan asked for by seed must come out the same again, so only an unseeded one looks at what was eaten lately.
		if b.lately.exercises, b.lately.foods, err = p.Plans.RecentItems(ctx, m.ID, now.Add(-recent)); err != nil {
			return nil, fmt.Errorf("read recent items: %w", err)
		}
	}
	return b, nil
}

// profile reads a member whose profile is complete enough for a plan.
func (p *Planner) profile(ctx context.Context, memberID string) (gym.Member, error) {
	m, err := p.Members.Member(ctx, memberID)
	if err != nil {
		return m, unknown("read member", "member_unknown", "no such member, or none that you may see", err)
	}
	return m, complete(m)
}

// unknown gives a row that is not there a code of its own.
func unknown(attempt, code, detail string, err error) error {
	if errors.Is(err, gym.ErrNotFound) {
		err = &gym.Error{Kind: gym.ErrNotFound, Code: code, Detail: detail, Err: err}
	}
	return fmt.Errorf("%s: %w", attempt, err)
}

// open runs the gate and settles what needs no catalogue. Nothing is retrieved and no model is called before the gate has
// answered.
func (p *Planner) open(ctx context.Context, m gym.Member, r Request, now time.Time) (*builder, error) {
	verdict := gate.Assess(m, gate.Input{Goal: r.Goal, Wishes: r.Wishes}, p.Rules, now)
	if verdict.Blocked {
		return nil, blocked(verdict)
	}
	b := &builder{Planner: p, now: now, member: m, req: r, wishes: ParseWishes(r.Wishes), verdict: verdict, source: SourceRules}
	var err error
	if b.kit, err = p.usable(ctx, m); err != nil {
		return nil, err
	}
	return b, b.settle()
}

// blocked is the refusal of the gate, with its fixed texts.
func blocked(v gate.Assessment) error {
	e := &gym.Error{Kind: gym.ErrInfeasible, Code: "plan_blocked", Detail: "no plan can be made safely yet"}
	for _, r := range v.Reasons {
		if r.Stop {
			e.Fields = append(e.Fields, gym.Field{Name: r.Code, Message: r.Text, Value: r.Relax})
		}
	}
	if len(e.Fields) > 0 {
		e.Detail = e.Fields[0].Message
		e.Hint = e.Fields[0].Value
	}
	return e
}
