package voice

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/gym"
)

// Open begins a call and says hello. The voice, the fillers and the coach's model get ready behind the greeting.
func (c *Calls) Open(ctx context.Context, in In, emit func(Event) error) (Outcome, error) {
	member, err := c.consenting(ctx, in.MemberID)
	if err != nil {
		return Outcome{}, err
	}
	s, err := c.begin(ctx, in)
	if err != nil {
		return Outcome{}, err
	}
	hello, err := c.greeting(ctx, member)
	if err != nil {
		return Outcome{}, err
	}
	go c.getReady(context.WithoutCancel(ctx), s)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	t := c.newTurn(in, s, emit, cancel)
	defer t.out.close()
	t.info.Greeting = hello
	t.send(Event{Type: SessionCreated, Session: t.info})
	return t.fixed(ctx, hello, Completed, nil)
}

// readyTime bounds the work behind a greeting.
const readyTime = 30 * time.Second

func (c *Calls) getReady(ctx context.Context, s Session) {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	if err := c.Coach.Preload(ctx, s.MemberID, s.ConversationID); err != nil {
		c.Log(ctx).Warn("the model did not read ahead", "cause", err.Error())
	}
	c.warm(ctx, s.Voice, s.Rate)
}

func (c *Calls) greeting(ctx context.Context, m gym.Member) (string, error) {
	g, err := c.Gyms.Gym(ctx)
	if err != nil {
		return "", fmt.Errorf("greet: %w", err)
	}
	p, err := c.Gyms.Persona(ctx)
	if err != nil {
		return "", fmt.Errorf("greet: %w", err)
	}
	if m.Name == "" {
		return fmt.Sprintf("Hello, this is %s of %s. What can I do for you?", p.Name, g.Name), nil
	}
	return fmt.Sprintf("Hello %s, this is %s of %s. What can I do for you?", m.Name, p.Name, g.Name), nil
}

// consenting gives a member who agreed that their voice is processed.
func (c *Calls) consenting(ctx context.Context, id string) (gym.Member, error) {
	m, err := c.Members.Member(ctx, id)
	if err != nil {
		return gym.Member{}, fmt.Errorf("read the member: %w", err)
	}
	if !m.Consent.Voice {
		return gym.Member{}, &gym.Error{Kind: gym.ErrForbidden, Code: coach.CodeConsentMissing, Detail: "the member has not agreed to voice calls", Hint: "record the consent voice first"}
	}
	if !m.Consent.AIChat {
		return gym.Member{}, &gym.Error{Kind: gym.ErrForbidden, Code: coach.CodeConsentMissing, Detail: "the member has not agreed to talk with the coach", Hint: "record the consent ai_chat first"}
	}
	return m, nil
}

// begin makes a call in the store.
func (c *Calls) begin(ctx context.Context, in In) (Session, error) {
	now := c.Now().UTC()
	s := Session{
		ID: "call_" + uuid.NewString(), MemberID: in.MemberID, ConversationID: in.ConversationID, Voice: in.Voice, Rate: c.Rate, StartedAt: now, LastAt: now,
	}
	if s.ConversationID == "" {
		s.ConversationID = uuid.NewString()
	}
	if err := c.Sessions.SaveSession(ctx, s); err != nil {
		return Session{}, fmt.Errorf("begin a call: %w", err)
	}
	return s, nil
}

// session finds the call of a turn, or begins one.
func (c *Calls) session(ctx context.Context, in In) (Session, error) {
	if in.SessionID == "" {
		return c.begin(ctx, in)
	}
	s, err := c.Sessions.Session(ctx, in.MemberID, in.SessionID)
	if err != nil {
		return Session{}, fmt.Errorf("read the call: %w", err)
	}
	return s, nil
}

// State gives a call as it is.
func (c *Calls) State(ctx context.Context, memberID, sessionID string) (Session, error) {
	return c.Sessions.Session(ctx, memberID, sessionID)
}

// Cancel ends the answer that is being given in a call, if there is one.
func (c *Calls) Cancel(ctx context.Context, memberID, sessionID string) error {
	if _, err := c.Sessions.Session(ctx, memberID, sessionID); err != nil {
		return err
	}
	return c.Sessions.CancelTurn(ctx, memberID, sessionID, "")
}

// Truncate says how much of an answer's sound was played: the conversation then holds so much of it and no more. It returns the
// text that was heard. What was cut once does not grow again.
func (c *Calls) Truncate(ctx context.Context, memberID, sessionID, itemID string, audioEnd time.Duration) (string, error) {
	var cut Item
	s, err := c.Sessions.ChangeSession(ctx, memberID, sessionID, func(s *Session) error {
		item := s.item(itemID)
		if item == nil || item.Role != assistant {
			return gym.Errorf(gym.ErrNotFound, CodeItemUnknown, "no such answer in this call")
		}
		cut = Item{}
		if ms := audioEnd.Milliseconds(); ms < item.HeardMS {
			item.HeardMS, item.Text, item.Status = max(ms, 0), heard(item.Spoken, ms), Cancelled
			cut = *item
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	if cut.ID == "" {
		return s.item(itemID).Text, nil
	}
	if cut.MessageID == 0 { // a greeting or an apology, which no conversation holds
		return cut.Text, nil
	}
	_, err = c.Coach.Interrupt(ctx, coach.Interruption{
		MemberID: memberID, ConversationID: s.ConversationID, MessageID: cut.MessageID, Heard: cut.Text, Proposal: cut.Proposal,
	})
	if errors.Is(err, gym.ErrNotFound) { // the conversation was deleted, or nothing of the answer is kept
		err = nil
	}
	return cut.Text, err
}

// Ended is what a call leaves behind.
type Ended struct {
	SessionID        string `json:"session_id"`
	ConversationID   string `json:"conversation_id"`
	Turns            int    `json:"turns"`
	TranscriptStored bool   `json:"transcript_stored"`
}

// HangUp ends a call: a running answer stops, and the call is recorded; what was said is part of the record only while the member
// agrees.
func (c *Calls) HangUp(ctx context.Context, memberID, sessionID string) (Ended, error) {
	if err := c.Sessions.CancelTurn(ctx, memberID, sessionID, ""); err != nil {
		return Ended{}, fmt.Errorf("end the running answer: %w", err)
	}
	s, err := c.Sessions.Session(ctx, memberID, sessionID)
	if err != nil {
		return Ended{}, err
	}
	m, err := c.Members.Member(ctx, memberID)
	if err != nil {
		return Ended{}, fmt.Errorf("read the member: %w", err)
	}
	r := Record{ID: s.ID, MemberID: memberID, ConversationID: s.ConversationID, StartedAt: s.StartedAt, EndedAt: c.Now().UTC(), Turns: s.Turns}
	if m.Consent.Voice {
		r.Transcript = append([]Item{}, s.Items...)
	}
	if err := c.Records.StoreCall(ctx, r); err != nil {
		return Ended{}, fmt.Errorf("record the call: %w", err)
	}
	if err := c.Sessions.DropSession(ctx, memberID, sessionID); err != nil {
		c.Log(ctx).Warn("an ended call stays until it expires", "cause", err.Error())
	}
	return Ended{SessionID: s.ID, ConversationID: s.ConversationID, Turns: s.Turns, TranscriptStored: r.Transcript != nil}, nil
}
