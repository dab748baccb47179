package phone

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/coach/memory"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/toolbox"
)

// client has no connections kept over from an answer that was broken off: each request shows its own way.
var client = &http.Client{}

// refusal is an answer other than 2xx.
type refusal struct {
	status int
	faas.Problem
}

func (r *refusal) Error() string { return fmt.Sprintf("status %d, %s: %s", r.status, r.Code, r.Detail) }

// ask calls a function of the installation as a member.
func (s *Session) ask(ctx context.Context, member, method, path string, in, out any) error {
	body := []byte{}
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, s.Gateway+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	token, err := s.Token(member)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer res.Body.Close()
	answer := io.LimitReader(res.Body, 8<<20)
	if res.StatusCode >= 300 {
		r := &refusal{status: res.StatusCode}
		if err := json.NewDecoder(answer).Decode(&r.Problem); err != nil {
			return fmt.Errorf("%s %s: status %d", method, path, res.StatusCode)
		}
		return fmt.Errorf("%s %s: %w", method, path, r)
	}
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(answer).Decode(out); err != nil {
		return fmt.Errorf("read the answer of %s %s: %w", method, path, err)
	}
	return nil
}

// tool runs a tool that reads.
func (s *Session) tool(ctx context.Context, member, name string, args, result any) error {
	var out struct{ Result json.RawMessage }
	if err := s.ask(ctx, member, http.MethodPost, "/function/tools/"+name, args, &out); err != nil {
		return err
	}
	return json.Unmarshal(out.Result, result)
}

// write proposes what a tool would write, and agrees.
func (s *Session) write(ctx context.Context, member, name string, args any) error {
	var out struct{ Proposal struct{ ID string } }
	if err := s.ask(ctx, member, http.MethodPost, "/function/tools/"+name, args, &out); err != nil {
		return err
	}
	return s.ask(ctx, member, http.MethodPost, "/function/tools/proposals/"+url.PathEscape(out.Proposal.ID), nil, nil)
}

// appointments are those that a member has.
func (s *Session) appointments(ctx context.Context, member string) ([]gym.Appointment, error) {
	var out toolbox.Appointments
	err := s.tool(ctx, member, "list_appointments", toolbox.ListAppointments{}, &out)
	return out.Appointments, err
}

func (s *Session) book(ctx context.Context, member string, slot gym.Slot) error {
	return s.write(ctx, member, "schedule_appointment", toolbox.ScheduleAppointment{Coach: slot.CoachID, StartsAt: slot.StartsAt, Minutes: slot.Minutes})
}

// clear cancels every appointment of a member who had none before.
func (s *Session) clear(ctx context.Context, member string) error {
	list, err := s.appointments(ctx, member)
	for _, a := range list {
		if err == nil {
			err = s.write(ctx, member, "cancel_appointment", toolbox.CancelAppointment{Appointment: a.ID})
		}
	}
	if err != nil {
		return fmt.Errorf("take back what %s has booked: %w", member, err)
	}
	return nil
}

// conversation reads what was said; nothing when there is no such conversation.
func (s *Session) conversation(ctx context.Context, member, id string) ([]memory.Message, error) {
	var out struct{ Messages []memory.Message }
	err := s.ask(ctx, member, http.MethodGet, "/function/chat/conversations/"+url.PathEscape(id), nil, &out)
	if missing(err) {
		return nil, nil
	}
	return out.Messages, err
}

func (s *Session) forget(ctx context.Context, member, id string) error {
	err := s.ask(ctx, member, http.MethodDelete, "/function/chat/conversations/"+url.PathEscape(id), nil, nil)
	if missing(err) {
		return nil
	}
	return err
}

// chat writes in a conversation.
func (s *Session) chat(ctx context.Context, member, conversation, text string) (coach.Reply, error) {
	var out coach.Reply
	err := s.ask(ctx, member, http.MethodPost, "/function/chat/", map[string]string{"message": text, "conversation_id": conversation}, &out)
	return out, err
}

func newConversation() string { return "eval-" + uuid.NewString() }

func missing(err error) bool {
	var r *refusal
	return errors.As(err, &r) && r.status == http.StatusNotFound
}
