package coach

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ollama/ollama/api"

	"github.com/intellifit/intellifit/shared/coach/memory"
	"github.com/intellifit/intellifit/shared/coach/safety"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/llm"
)

// Interruption is an answer that a listener cut short.
type Interruption struct {
	MemberID       string
	ConversationID string
	MessageID      int64     // of the answer; 0 when the turn was broken off before it was stored
	Message        string    // what the member had said, for a turn that was not stored
	Heard          string    // the part of the answer that was heard
	Proposal       *Proposal // what the answer offered
}

// Interrupt makes the conversation hold what was heard and no more. An offer whose words were not heard to their end is
// withdrawn: a "yes" that comes then is not to it. It returns the id of the answer as it is kept, 0 when nothing of it is.
func (c *Coach) Interrupt(ctx context.Context, i Interruption) (messageID int64, err error) {
	var errs error
	if i.Proposal != nil && !strings.Contains(i.Heard, i.Proposal.Summary) {
		p, _ := gym.PrincipalFrom(ctx)
		_, err := c.Desk.Take(ctx, p.GymID, i.MemberID, i.ConversationID, i.Proposal.ID)
		if err != nil && !errors.Is(err, gym.ErrNotFound) && !errors.Is(err, gym.ErrConflict) { // gone or answered: nothing to withdraw
			errs = fmt.Errorf("withdraw an offer that was not heard: %w", err)
		}
	}
	if i.MessageID != 0 {
		if i.Heard != "" {
			messageID = i.MessageID
		}
		return messageID, errors.Join(errs, c.Memory.Amend(ctx, i.MemberID, i.ConversationID, i.MessageID, i.Heard))
	}
	at := c.Now().UTC()
	said := []memory.Message{{Role: memory.User, Text: safety.Clean(i.Message, MaxMessage), At: at}}
	if i.Heard != "" {
		said = append(said, memory.Message{Role: memory.Assistant, Text: i.Heard, At: at, Action: "reply"})
	}
	stored, err := c.Memory.Append(ctx, i.MemberID, i.ConversationID, said...)
	if len(stored) > 1 {
		messageID = stored[1].ID
	}
	return messageID, errors.Join(errs, err)
}

// errAhead stands for the desk, which is not asked: nothing is open before a conversation.
var errAhead = errors.New("the turn has not begun")

// preloadTime bounds the work before a conversation.
const preloadTime = 20 * time.Second

// Preload lets the model read what stands before a member's first words, so that its first answer begins sooner. A model that
// words no answers has nothing to read.
func (c *Coach) Preload(ctx context.Context, memberID, conversationID string) error {
	if c.Model == nil || !c.Model.Talks(ctx) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, preloadTime)
	defer cancel()
	t := &turn{Coach: c, in: In{MemberID: memberID, ConversationID: conversationID}, away: errAhead}
	if err := t.load(ctx); err != nil {
		return err
	}
	system, err := t.persona.System(t.gym.Name)
	if err != nil {
		return err
	}
	req := &api.ChatRequest{Messages: t.before(system, t.about()), Options: map[string]any{"num_predict": 1, "temperature": 0.3}}
	if _, err := c.Model.Stream(ctx, req, func(string) error { return nil }); err != nil && !errors.Is(err, llm.ErrCut) {
		return fmt.Errorf("let the model read ahead: %w", err)
	}
	return nil
}
