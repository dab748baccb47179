package coach

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/intellifit/intellifit/shared/coach/route"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/toolbox"
	"github.com/intellifit/intellifit/shared/toolbox/tool"
)

// open is what waits for the member's next words: a proposal for a yes, or a question for what is missing.
type open struct {
	Proposal *Proposal       `json:"proposal,omitempty"`
	Question *route.Decision `json:"question,omitempty"`
}

func (t *turn) readOpen(ctx context.Context) (o open, err error) {
	stored, err := t.Desk.Open(ctx, t.in.MemberID, t.reply.ConversationID)
	if err != nil {
		return open{}, fmt.Errorf("read what is open: %w", err)
	}
	if len(stored) == 0 {
		return open{}, nil
	}
	if err := json.Unmarshal(stored, &o); err != nil {
		return open{}, fmt.Errorf("read what is open: %w", err)
	}
	return o, nil
}

func (t *turn) writeOpen(ctx context.Context) error {
	var stored []byte
	if t.open.Proposal != nil || t.open.Question != nil {
		var err error
		if stored, err = json.Marshal(t.open); err != nil {
			return fmt.Errorf("store what is open: %w", err)
		}
	}
	if err := t.Desk.SetOpen(ctx, t.in.MemberID, t.reply.ConversationID, stored); err != nil {
		return fmt.Errorf("store what is open: %w", err)
	}
	return nil
}

// settle takes a yes or no to a proposal: the id that an app sends, or plain words while one is open.
func (t *turn) settle(ctx context.Context) (settled bool, err error) {
	id, yes := t.in.Confirm, t.in.Confirm != ""
	if t.in.Decline != "" {
		id = t.in.Decline
	}
	if id == "" && t.open.Proposal != nil {
		said, no := route.Confirms(t.text)
		if !said && !no {
			return false, nil
		}
		id, yes = t.open.Proposal.ID, said
	}
	if id == "" {
		return false, nil
	}
	p, err := t.Desk.Take(ctx, t.principal(ctx).GymID, t.in.MemberID, t.reply.ConversationID, id)
	t.open = open{}
	if err != nil {
		if t.in.Confirm != "" || t.in.Decline != "" { // an app gets the code, a talker the words
			return true, err
		}
		code, _, ok := refusal(err)
		if !ok {
			return true, err
		}
		t.reply.Action = Action{Name: "reply", Status: StatusRefused, Code: code}
		return true, t.say("That offer is no longer open. Tell me again what you would like, and I will look at it anew.")
	}
	t.reply.Action = Action{Name: p.Tool, Args: p.Args, Status: StatusDeclined}
	if !yes {
		if err := t.acted(); err != nil {
			return true, err
		}
		return true, t.say("All right, nothing was changed.")
	}
	if t.verdict.NoWrites {
		t.reply.Action.Status, t.reply.Action.Code = StatusRefused, t.verdict.Code
		return true, t.say(t.verdict.Text)
	}
	return true, t.run(ctx, p.Tool, p.Args, p.Key(), StatusDone)
}

// act routes the message and does one step: ask, look up, propose, or talk.
func (t *turn) act(ctx context.Context) error {
	decision, err := t.decide(ctx)
	if err != nil {
		return err
	}
	t.open = open{}
	if decision.Action == "reply" || decision.Action == "" {
		return t.talk(ctx)
	}
	if decision.Question != "" || len(decision.Missing) > 0 {
		t.reply.Action = Action{Name: decision.Action, Status: StatusAsked}
		t.open.Question = &decision
		if err := t.acted(); err != nil {
			return err
		}
		return t.say(orDefault(decision.Question, "Could you tell me a little more about that?"))
	}
	if err := t.step(ctx, decision); err != nil {
		return err
	}
	if decision.Then != nil {
		return t.say("Let us do the other thing next; just say it again.")
	}
	return nil
}

func (t *turn) decide(ctx context.Context) (route.Decision, error) {
	defer t.lap("route", time.Now())
	coaches, err := t.Appointments.Coaches(ctx)
	if err != nil {
		return route.Decision{}, fmt.Errorf("read the coaches: %w", err)
	}
	t.coaches = coaches
	upcoming, err := t.Appointments.Upcoming(ctx, t.in.MemberID, t.now.UTC(), t.now.UTC().AddDate(0, 0, 60))
	if err != nil {
		return route.Decision{}, fmt.Errorf("read the appointments: %w", err)
	}
	decision, err := t.Router.Route(ctx, route.Turn{
		Text: t.text, Now: t.now, Coaches: coaches, Upcoming: upcoming, CoachID: t.member.CoachID, Previous: t.open.Question,
	})
	if err != nil {
		return route.Decision{}, fmt.Errorf("route the message: %w", err)
	}
	return decision, nil
}

// step validates the tool's arguments and runs a tool that reads, or proposes one that writes.
func (t *turn) step(ctx context.Context, d route.Decision) error {
	found, ok := t.Tools.Find(d.Action)
	args, err := json.Marshal(d.Slots)
	if err != nil {
		return fmt.Errorf("write the arguments of %s: %w", d.Action, err)
	}
	if ok {
		args, err = found.Narrow(args)
	}
	if !ok || err != nil || !t.allowed(ctx, d.Action) {
		t.Log(ctx).Warn("the router named what no tool takes", "tool", d.Action)
		t.reply.Action = Action{Name: d.Action, Status: StatusRefused, Code: "tool_not_allowed"}
		return t.say("I cannot do that here. Please ask the staff.")
	}
	if !found.Writes() {
		return t.run(ctx, d.Action, args, "", StatusRead)
	}
	if t.verdict.NoWrites {
		t.reply.Action = Action{Name: d.Action, Status: StatusRefused, Code: t.verdict.Code}
		return t.say(t.verdict.Text)
	}
	return t.propose(ctx, found, args)
}

func (t *turn) allowed(ctx context.Context, name string) bool {
	found, ok := t.Tools.Find(name)
	return ok && found.Allows(t.principal(ctx).Role)
}

func (t *turn) propose(ctx context.Context, found tool.Tool, args json.RawMessage) error {
	defer t.lap("tool", time.Now())
	t.reply.Action = Action{Name: found.Name(), Args: args, Status: StatusProposed}
	summary, err := found.Summary(ctx, t.call(ctx, ""), args)
	if err != nil {
		return t.refuse(err)
	}
	p := toolbox.NewProposal(t.call(ctx, ""), t.reply.ConversationID, found.Name(), args, summary)
	if err := t.Desk.Put(ctx, p); err != nil {
		return fmt.Errorf("keep the proposal: %w", err)
	}
	t.reply.Proposal = &Proposal{ID: p.ID, Tool: p.Tool, Summary: p.Summary, ExpiresAt: p.ExpiresAt}
	t.open.Proposal = t.reply.Proposal
	if err := t.acted(); err != nil {
		return err
	}
	if err := t.event(Event{Kind: Proposed, Proposal: t.reply.Proposal}); err != nil {
		return err
	}
	return t.say(summary + " Shall I?")
}

// run executes a tool and says what its template says.
func (t *turn) run(ctx context.Context, name string, args json.RawMessage, key string, status Status) error {
	defer t.lap("tool", time.Now())
	t.reply.Action = Action{Name: name, Args: args, Status: status}
	found, ok := t.Tools.Find(name)
	if !ok || !t.allowed(ctx, name) {
		return t.refuse(gym.Errorf(gym.ErrForbidden, "tool_not_allowed", "This is not yours to do."))
	}
	result, err := found.Run(ctx, t.call(ctx, key), args)
	if err != nil {
		return t.refuse(err)
	}
	t.reply.Action.Result = result.JSON
	if err := t.acted(); err != nil {
		return err
	}
	return t.say(result.Said)
}

// refuse tells why a tool could not do it, when that may be told.
func (t *turn) refuse(err error) error {
	code, text, ok := refusal(err)
	if !ok || errors.Is(err, context.Canceled) {
		return fmt.Errorf("run the tool %s: %w", t.reply.Action.Name, err)
	}
	t.reply.Action.Status, t.reply.Action.Code = StatusRefused, code
	if err := t.acted(); err != nil {
		return err
	}
	return t.say(sentence(text))
}

func (t *turn) acted() error {
	action := t.reply.Action
	return t.event(Event{Kind: Acted, Action: &action})
}

func (t *turn) call(ctx context.Context, key string) tool.Call {
	p := t.principal(ctx)
	return tool.Call{GymID: p.GymID, MemberID: t.in.MemberID, Role: p.Role, Zone: t.now.Location(), Key: key, Now: t.now}
}

func (t *turn) principal(ctx context.Context) gym.Principal {
	p, _ := gym.PrincipalFrom(ctx)
	return p
}
