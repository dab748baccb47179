package coach

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/intellifit/intellifit/shared/coach/memory"
	"github.com/intellifit/intellifit/shared/coach/persona"
	"github.com/intellifit/intellifit/shared/coach/safety"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/gate"
)

// Turn answers one message. emit hears of each step as it happens; its error ends the turn. The same turn id again gives
// the first one's reply in one Done event, whatever it says now.
//
// While the desk is away nothing can be proposed or confirmed, but a member in danger still hears what to do: the turn is led
// without it, and fails only where it needs it.
func (c *Coach) Turn(ctx context.Context, in In, emit func(Event) error) (Reply, error) {
	if err := in.check(); err != nil {
		return Reply{}, err
	}
	led := false
	stored, first, err := c.Desk.Once(ctx, in.MemberID, in.ID, func(ctx context.Context) ([]byte, error) {
		led = true
		reply, err := c.turn(ctx, in, emit, nil)
		if err != nil {
			return nil, err
		}
		return json.Marshal(reply)
	})
	if err != nil && !led && errors.Is(err, gym.ErrUnavailable) {
		return c.turn(ctx, in, emit, err)
	}
	if err != nil {
		return Reply{}, err
	}
	var reply Reply
	if err := json.Unmarshal(stored, &reply); err != nil {
		return Reply{}, fmt.Errorf("read the stored reply: %w", err)
	}
	if !first {
		return reply, replay(reply, emit)
	}
	return reply, nil
}

func (in In) check() error {
	switch {
	case len(in.Message) > MaxMessage:
		return gym.Errorf(gym.ErrTooLarge, CodeMessageTooLarge, "a message has at most %d bytes", MaxMessage)
	case in.Confirm != "" && in.Decline != "":
		return gym.Errorf(gym.ErrInvalid, "confirm_and_decline", "a turn confirms or declines, not both")
	case in.Confirm != "" || in.Decline != "":
		return nil
	case !utf8.ValidString(in.Message) || strings.TrimSpace(safety.Clean(in.Message, MaxMessage)) == "":
		return gym.Errorf(gym.ErrInvalid, CodeMessageEmpty, "the message has no words")
	}
	return nil
}

// turn is the state of one turn.
type turn struct {
	*Coach
	in       In
	text     string // the message, cleaned
	emit     func(Event) error
	started  time.Time
	now      time.Time // in the gym's zone
	gym      gym.Gym
	persona  persona.Persona
	member   gym.Member
	profile  safety.Profile
	gate     gate.Assessment
	state    memory.State
	open     open
	coaches  []gym.Coach
	verdict  safety.Verdict
	reply    Reply
	degraded error // why the model did not answer
	away     error // why there is no desk; nil when there is one
	written  bool  // a yes was carried out: whatever fails now, the member must hear of it
}

func (c *Coach) turn(ctx context.Context, in In, emit func(Event) error, away error) (Reply, error) {
	t := &turn{Coach: c, in: in, emit: emit, away: away, started: time.Now(), reply: Reply{Action: Action{Name: "reply", Status: StatusNone}, TimingsMS: map[string]int64{}}}
	if err := t.load(ctx); err != nil {
		return Reply{}, err
	}
	if err := t.event(Event{Kind: Started, ConversationID: t.reply.ConversationID}); err != nil {
		return Reply{}, err
	}
	if err := t.answer(ctx); err != nil {
		return Reply{}, err
	}
	if err := t.remember(ctx); err != nil {
		return Reply{}, err
	}
	t.reply.Degraded = t.degraded != nil
	t.lap("total", t.started)
	reply := t.reply
	return reply, t.event(Event{Kind: Done, Reply: &reply})
}

// load reads who asks, what is known, and what is open.
func (t *turn) load(ctx context.Context) (err error) {
	if t.member, err = t.Members.Member(ctx, t.in.MemberID); err != nil {
		return fmt.Errorf("read the member: %w", err)
	}
	if !t.member.Consent.AIChat {
		return &gym.Error{Kind: gym.ErrForbidden, Code: CodeConsentMissing, Detail: "the member has not agreed to talk with the coach", Hint: "record the consent ai_chat first"}
	}
	if t.gym, err = t.Gyms.Gym(ctx); err != nil {
		return fmt.Errorf("read the gym: %w", err)
	}
	zone, err := time.LoadLocation(t.gym.TimeZone)
	if err != nil {
		return fmt.Errorf("read the gym's time zone: %w", err)
	}
	t.now = t.Now().In(zone)
	if t.persona, err = t.Gyms.Persona(ctx); err != nil {
		return fmt.Errorf("read the persona: %w", err)
	}
	if t.state, err = t.Memory.Load(ctx, t.in.MemberID, t.in.ConversationID); err != nil {
		return fmt.Errorf("read the conversation: %w", err)
	}
	t.reply.ConversationID = t.state.ConversationID
	if t.open, err = t.readOpen(ctx); err != nil {
		return err
	}
	t.text = safety.Clean(t.in.Message, MaxMessage)
	t.gate = gate.Assess(t.member, gate.Input{}, t.Rules, t.now)
	t.profile = safety.Profile{
		Age: t.member.Age(t.now), BMI: t.member.BMI(), Conditions: t.member.Conditions, Injuries: t.member.Injuries, Goal: t.member.Goal,
		Screening: t.member.Screening, Language: t.persona.Language, Emergency: t.Emergency,
	}
	return nil
}

// answer takes the first way that applies: a rule of safety, the answer to a proposal, a tool, talk.
func (t *turn) answer(ctx context.Context) error {
	if t.text != "" {
		t.verdict = safety.Sense(ctx, t.Embedder, t.text, t.profile)
	}
	if t.verdict.Code != "" {
		t.reply.Safety = &Safety{Code: t.verdict.Code}
		if err := t.event(Event{Kind: Screened, Safety: t.reply.Safety}); err != nil {
			return err
		}
		if t.verdict.Escalate {
			if err := t.Escalations.Escalate(ctx, t.in.MemberID, t.reply.ConversationID, t.verdict.Code, t.in.ID); err != nil {
				return fmt.Errorf("tell the staff: %w", err)
			}
		}
	}
	if t.verdict.Stop {
		t.open = open{} // nobody wants to book while in pain
		return t.say(t.verdict.Text)
	}
	settled, err := t.settle(ctx)
	if !settled && err == nil {
		err = t.act(ctx)
	}
	if err != nil || !t.verdict.Care {
		return err
	}
	return t.say(safety.Care(t.profile))
}

// remember stores what was said and what is open.
func (t *turn) remember(ctx context.Context) error {
	// The member has the answer by now: that the client went away must not lose it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	said := t.text
	if said == "" {
		said = map[bool]string{true: "Yes.", false: "No."}[t.in.Confirm != ""]
	}
	at := t.Now().UTC()
	stored, err := t.Memory.Append(ctx, t.in.MemberID, t.reply.ConversationID,
		memory.Message{Role: memory.User, Text: said, At: at, SafetyCode: t.verdict.Code},
		memory.Message{Role: memory.Assistant, Text: t.reply.Reply, At: at, Action: t.reply.Action.Name})
	if err != nil && !t.written {
		return fmt.Errorf("store the turn: %w", err)
	}
	if err != nil {
		t.Log(ctx).Error("a turn that wrote is not in its conversation", "cause", err.Error())
	}
	if n := len(stored); n > 0 {
		t.reply.MessageID = stored[n-1].ID
	}
	if err := t.writeOpen(ctx); err != nil {
		return err
	}
	t.summarize(ctx)
	return nil
}

// say adds fixed words to the reply.
func (t *turn) say(text string) error {
	if text == "" {
		return nil
	}
	if t.reply.Reply != "" {
		text = " " + text
	}
	t.reply.Reply += text
	return t.event(Event{Kind: Delta, Text: text})
}

func (t *turn) event(e Event) error {
	if err := t.emit(e); err != nil && !t.written {
		return fmt.Errorf("send the event %s: %w", e.Kind, err)
	}
	return nil
}

func (t *turn) lap(stage string, since time.Time) {
	t.reply.TimingsMS[stage] += time.Since(since).Milliseconds()
}

// replay gives a repeated turn what the first one answered.
func replay(r Reply, emit func(Event) error) error {
	for _, e := range []Event{{Kind: Started, ConversationID: r.ConversationID}, {Kind: Delta, Text: r.Reply}, {Kind: Done, Reply: &r}} {
		if err := emit(e); err != nil {
			return fmt.Errorf("send the event %s: %w", e.Kind, err)
		}
	}
	return nil
}

// refusal is what a tool's error says to the member, when it is one that may be said.
func refusal(err error) (code, text string, ok bool) {
	var known *gym.Error
	if !errors.As(err, &known) || errors.Is(err, gym.ErrUnavailable) {
		return "", "", false
	}
	return known.Code, known.Detail, true
}
