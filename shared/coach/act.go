package coach

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/coach/memory"
	"github.com/intellifit/intellifit/shared/coach/route"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/toolbox"
	"github.com/intellifit/intellifit/shared/toolbox/tool"
)

// open is what waits for the member's next words: a proposal for a yes, or a question for what is missing; and the second
// request of a message, which comes when the proposal is settled.
type open struct {
	Proposal *Proposal       `json:"proposal,omitempty"`
	Question *route.Decision `json:"question,omitempty"`
	Next     *route.Decision `json:"next,omitempty"`
	Last     *route.Decision `json:"last,omitempty"` // what was asked for in the last turn: "and on Friday?" goes on from it
}

func (t *turn) readOpen(ctx context.Context) (o open, err error) {
	if t.away != nil {
		return open{}, nil
	}
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

// writeOpen stores what is open. When it cannot, the answer that was given stands: a yes to it is asked for once more.
func (t *turn) writeOpen(ctx context.Context) error {
	if t.away != nil {
		return nil
	}
	var stored []byte
	if t.open != (open{}) {
		var err error
		if stored, err = json.Marshal(t.open); err != nil {
			return fmt.Errorf("store what is open: %w", err)
		}
	}
	err := t.Desk.SetOpen(ctx, t.in.MemberID, t.reply.ConversationID, stored)
	if errors.Is(err, gym.ErrUnavailable) {
		t.Log(ctx).Warn("what is open was not stored", "cause", err.Error())
		return nil
	}
	if err != nil {
		return fmt.Errorf("store what is open: %w", err)
	}
	return nil
}

// settleTime bounds a confirmed write; it is below the function's exec_timeout.
const settleTime = 20 * time.Second

// settle takes a yes or no to a proposal: the id that an app sends, or plain words while one is open.
func (t *turn) settle(ctx context.Context) (settled bool, err error) {
	if t.away != nil { // whether these words answer a proposal is not known, and a model must not answer in its place
		yes, no := route.Confirms(t.text)
		if yes || no || t.in.Confirm != "" || t.in.Decline != "" {
			return true, t.away
		}
	}
	id, yes := t.in.Confirm, t.in.Confirm != ""
	if t.in.Decline != "" {
		id = t.in.Decline
	}
	if said, no := route.Confirms(t.text); id == "" && (said || no) {
		switch {
		case t.open.Proposal != nil:
			id, yes = t.open.Proposal.ID, said
		case t.offered(): // the store of what is open was emptied
			return true, t.gone("proposal_unknown")
		}
	}
	if id == "" {
		return false, nil
	}
	p, err := t.Desk.Take(ctx, t.principal(ctx).GymID, t.in.MemberID, t.reply.ConversationID, id)
	next := t.open.Next
	t.open = open{}
	if err != nil {
		if t.in.Confirm != "" || t.in.Decline != "" { // an app gets the code, a talker the words
			return true, err
		}
		code, _, ok := refusal(err)
		if !ok {
			return true, err
		}
		return true, t.gone(code)
	}
	t.reply.Action = Action{Name: p.Tool, Args: p.Args, Status: StatusDeclined}
	if !yes {
		if err := t.acted(); err != nil {
			return true, err
		}
		if err := t.say("All right, nothing was changed."); err != nil {
			return true, err
		}
		return true, t.then(ctx, next)
	}
	if t.verdict.NoWrites {
		t.reply.Action.Status, t.reply.Action.Code = StatusRefused, t.verdict.Code
		return true, t.say(t.verdict.Text)
	}
	if err := t.carryOut(ctx, p); err != nil {
		return true, err
	}
	return true, t.then(ctx, next)
}

// shallI ends every offer.
const shallI = "Shall I?"

// offered reports whether the last thing that was said to the member is an offer.
func (t *turn) offered() bool {
	n := len(t.state.Messages)
	return n > 0 && t.state.Messages[n-1].Role == memory.Assistant && strings.Contains(t.state.Messages[n-1].Text, shallI)
}

// gone tells a talker that there is nothing to say yes or no to any more.
func (t *turn) gone(code string) error {
	t.reply.Action = Action{Name: "reply", Status: StatusRefused, Code: code}
	return t.say("That offer is no longer open. Tell me again what you would like, and I will look at it anew.")
}

// carryOut runs what was agreed to. The yes was given and cannot be given again: a client that leaves now does not take it back.
// When the host of the data is away the proposal is kept for another yes; its key holds a second write back.
func (t *turn) carryOut(ctx context.Context, p toolbox.Proposal) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	err := t.run(ctx, p.Tool, p.Args, p.Key(), StatusDone)
	if errors.Is(err, gym.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
		return errors.Join(err, t.Desk.Put(context.WithoutCancel(ctx), p))
	}
	return err
}

// act routes the message and does one step: ask, look up, propose, or talk. A second request of the same message follows.
func (t *turn) act(ctx context.Context) error {
	decision, err := t.decide(ctx)
	if err != nil {
		return err
	}
	t.open = open{}
	if decision.Action == route.Reply || decision.Action == "" {
		return t.talk(ctx)
	}
	last := decision
	last.Then = nil
	t.open.Last = &last
	if err := t.carry(ctx, decision); err != nil {
		return err
	}
	return t.then(ctx, decision.Then)
}

// carry asks for what is missing, or does the step.
func (t *turn) carry(ctx context.Context, d route.Decision) error {
	if d.Question == "" && len(d.Missing) == 0 {
		return t.step(ctx, d)
	}
	t.reply.Action = Action{Name: d.Action, Status: StatusAsked}
	t.open.Question = &d
	if err := t.acted(); err != nil {
		return err
	}
	return t.say(orDefault(d.Question, "Could you tell me a little more about that?"))
}

// then sees to the second request of a message once the first is through; while that one waits for an answer, it waits too.
func (t *turn) then(ctx context.Context, next *route.Decision) error {
	if next == nil || next.Action == route.Reply {
		return nil
	}
	first := t.reply.Action
	switch first.Status {
	case StatusAsked: // the open question holds it
		return nil
	case StatusProposed:
		t.open.Next = next
		return t.say("The other thing comes right after that.")
	}
	err := t.carry(ctx, *next)
	second := t.reply.Action
	t.reply.Action, t.reply.Then = first, &second
	return err
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
		Text: t.text, Now: t.now, Coaches: coaches, Upcoming: upcoming, CoachID: t.member.CoachID, Previous: t.open.Question, Last: t.open.Last,
	})
	if err != nil {
		return route.Decision{}, fmt.Errorf("route the message: %w", err)
	}
	if q := t.open.Question; q != nil && decision.Then == nil && decision.Action == q.Action {
		decision.Then = q.Then // what waited for the answer
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
	return t.say(summary + " " + shallI)
}

// run executes a tool and says what its template says.
func (t *turn) run(ctx context.Context, name string, args json.RawMessage, key string, status Status) error {
	defer t.lap("tool", time.Now())
	t.reply.Action = Action{Name: name, Args: args, Status: status}
	found, ok := t.Tools.Find(name)
	if !ok || !t.allowed(ctx, name) {
		return t.refuse(gym.Errorf(gym.ErrForbidden, "tool_not_allowed", "This is not yours to do."))
	}
	if err := t.event(Event{Kind: Working, Action: &Action{Name: name}}); err != nil {
		return err
	}
	result, err := found.Run(ctx, t.call(ctx, key), args)
	if err != nil {
		return t.refuse(err)
	}
	t.reply.Action.Result, t.written = result.JSON, status == StatusDone
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
