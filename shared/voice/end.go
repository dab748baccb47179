package voice

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/gym"
)

// endTime bounds what must be stored although the client has gone.
const endTime = 5 * time.Second

// fixed answers with fixed words, which no conversation holds.
func (t *turn) fixed(ctx context.Context, text, status string, details *Details) (Outcome, error) {
	t.send(Event{Type: ResponseCreated, Response: &Response{ID: t.response.ID, Status: "in_progress"}})
	return t.add(ctx, text, status, details)
}

// add says fixed words behind what was said and ends the turn.
func (t *turn) add(ctx context.Context, text, status string, details *Details) (Outcome, error) {
	t.queue = newQueue()
	var cut clauses
	t.enqueue(true, append(cut.write(text), cut.end()...))
	t.queue.close()
	t.speakAll(ctx)
	t.out.drain(ctx)
	if ctx.Err() != nil {
		return t.interrupted(ctx, coach.Reply{}, false)
	}
	return t.finish(ctx, status, details, 0)
}

// sorry tells the member that an engine did not do its part.
func (t *turn) sorry(ctx context.Context, err error) (Outcome, error) {
	t.Log(ctx).Warn("a turn of a call failed", "code", codeOf(err), "cause", err.Error())
	e := failure(err)
	t.send(e)
	text := sorryFailed
	switch {
	case t.heard == "":
		text = sorryDeaf
	case errors.Is(err, gym.ErrBusy):
		text = sorryBusy
	}
	details := &Details{Code: e.Error.Code, Reason: e.Error.Message}
	if t.heard == "" {
		return t.fixed(ctx, text, Failed, details)
	}
	return t.add(ctx, text, Failed, details)
}

// failure is the event of an error: what a client may be told of it.
func failure(err error) Event {
	detail := ErrorDetail{Type: "server_error", Code: codeOf(err), Message: "something went wrong on our side"}
	var known *gym.Error
	if errors.As(err, &known) {
		detail.Message = known.Detail
		if !errors.Is(err, gym.ErrUnavailable) && !errors.Is(err, gym.ErrBusy) {
			detail.Type = "invalid_request_error"
		}
	}
	return Event{Type: ErrorEvent, Error: &detail}
}

func codeOf(err error) string {
	var known *gym.Error
	switch {
	case errors.As(err, &known):
		return known.Code
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	}
	return "internal"
}

// interrupted ends a turn that was talked over or left. stored says that the coach's answer is in the conversation already.
func (t *turn) interrupted(ctx context.Context, reply coach.Reply, stored bool) (Outcome, error) {
	cause := context.Cause(ctx)
	t.out.drop()
	t.stopFiller()
	played := int64(0)
	if first := t.out.first(); !first.IsZero() {
		played = min(t.sentMS, time.Since(first).Milliseconds())
	}
	left := errors.Is(cause, errGone) || errors.Is(cause, context.Canceled)
	if left && played == 0 && !stored {
		return Outcome{}, fmt.Errorf("answer a turn: %w", context.Canceled) // nothing happened: it may be sent again
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	status, details := Cancelled, &Details{Code: CodeTurnDetected, Reason: cause.Error()}
	if errors.Is(cause, errLimit) {
		e := failure(gym.Errorf(gym.ErrUnavailable, CodeTurnTimeout, "the answer took too long"))
		t.send(e)
		status, details = Failed, &Details{Code: e.Error.Code, Reason: e.Error.Message}
	}
	t.mu.Lock()
	offer := t.offer
	t.mu.Unlock()
	text := heard(t.spoken, played)
	i := coach.Interruption{MemberID: t.in.MemberID, ConversationID: t.session.ConversationID, Message: t.heard, Heard: text, Proposal: offer}
	if stored {
		i.MessageID, i.Proposal = reply.MessageID, reply.Proposal
		t.response.Reply = &reply
	}
	messageID := int64(0)
	if t.heard != "" && (i.MessageID != 0 || !stored) {
		var err error
		if messageID, err = t.Coach.Interrupt(ctx, i); err != nil {
			return Outcome{}, fmt.Errorf("keep what was heard: %w", err)
		}
	}
	t.said, t.offer = nil, nil
	if text != "" {
		t.said = []string{text}
	}
	return t.close(ctx, status, details, messageID, played)
}

// finish ends a turn whose answer was sent whole.
func (t *turn) finish(ctx context.Context, status string, details *Details, messageID int64) (Outcome, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	return t.close(ctx, status, details, messageID, t.sentMS)
}

// close stores the turn in its call, tells its end, and says what became of it.
func (t *turn) close(ctx context.Context, status string, details *Details, messageID, heardMS int64) (Outcome, error) {
	now := t.Now().UTC()
	text := strings.Join(t.said, " ")
	answer := Item{ID: t.itemID, Role: assistant, Text: text, At: now, Status: status, TurnID: t.in.ID, MessageID: messageID, AudioMS: t.sentMS, HeardMS: heardMS, Spoken: t.spoken, Proposal: t.offer}
	change := func(s *Session) error {
		s.LastAt = now
		if t.in.Clip != nil || t.in.Text != "" {
			s.Turns++
		}
		if t.heard != "" {
			s.add(Item{ID: t.userID, Role: user, Text: t.heard, At: now, TurnID: t.in.ID})
		}
		s.add(answer)
		return nil
	}
	if err := t.keep(ctx, change); err != nil {
		// What was said is in the conversation; the call goes on without this turn in its list.
		t.Log(ctx).Warn("a turn is not in its call", "cause", err.Error())
	}
	if first := t.out.first(); !first.IsZero() {
		t.metrics.Turn = ms(first.Sub(t.began))
	}
	t.metrics.Total, t.metrics.AudioOut = ms(time.Since(t.began)), new(t.sentMS)
	t.mu.Lock()
	metrics := t.metrics
	t.mu.Unlock()
	t.response.Status, t.response.Details, t.response.Metrics = status, details, &metrics
	if text != "" {
		t.response.Output = []OutputItem{{ID: t.itemID, Role: assistant, Transcript: text, AudioMS: t.sentMS}}
	}
	t.send(Event{Type: AudioDone, ResponseID: t.response.ID, ItemID: t.itemID})
	t.send(Event{Type: TranscriptDone, ResponseID: t.response.ID, ItemID: t.itemID, Transcript: text})
	t.send(Event{Type: ResponseDone, Response: &t.response})
	return Outcome{Session: *t.info, HeardID: t.userID, Heard: t.heard, Response: t.response, ItemID: t.itemID, Text: text, Spoken: t.spoken}, nil
}

// keep changes the call in its store. A store that was emptied in the meantime gets the call back.
func (t *turn) keep(ctx context.Context, change func(*Session) error) error {
	_, err := t.Sessions.ChangeSession(ctx, t.in.MemberID, t.session.ID, change)
	if !errors.Is(err, gym.ErrNotFound) {
		return err
	}
	s := t.session
	if err := change(&s); err != nil {
		return err
	}
	return t.Sessions.SaveSession(ctx, s)
}

// again gives a turn that was sent twice what the first one came to: its words, spoken anew, when it was answered whole.
func (c *Calls) again(ctx context.Context, in In, was Outcome, emit func(Event) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s := Session{ID: was.Session.ID, MemberID: in.MemberID, ConversationID: was.Session.ConversationID, Voice: was.Session.Voice, Rate: was.Session.Audio.Output.Format.Rate}
	t := c.newTurn(in, s, emit, cancel)
	defer t.out.close()
	t.info, t.itemID, t.userID, t.heard, t.response = &was.Session, was.ItemID, was.HeardID, was.Heard, was.Response
	t.send(Event{Type: SessionCreated, Session: t.info})
	if in.Clip != nil {
		t.send(Event{Type: InputCommitted, ItemID: t.userID})
		t.send(Event{Type: Transcribed, ItemID: t.userID, Transcript: t.heard})
	}
	t.send(Event{Type: ResponseCreated, Response: &Response{ID: was.Response.ID, Status: "in_progress"}})
	if was.Response.Status != Cancelled {
		var cut clauses
		t.say(append(cut.write(was.Text), cut.end()...)...)
		t.queue.close()
		t.speakAll(ctx)
	}
	if ctx.Err() != nil {
		return fmt.Errorf("give an answer again: %w", context.Cause(ctx))
	}
	t.send(Event{Type: AudioDone, ResponseID: t.response.ID, ItemID: t.itemID})
	t.send(Event{Type: TranscriptDone, ResponseID: t.response.ID, ItemID: t.itemID, Transcript: was.Text})
	t.send(Event{Type: ResponseDone, Response: &was.Response})
	return nil
}
