package chat

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
)

// uiRequest is what the chat transport of Vercel's AI SDK sends: the whole conversation as UI messages.
type uiRequest struct {
	_        struct{}    `additionalProperties:"true"`
	ID       string      `json:"id" maxLength:"64" doc:"of the chat; it names the conversation"`
	Messages []uiMessage `json:"messages" minItems:"1" maxItems:"200"`
	Trigger  string      `json:"trigger,omitempty" maxLength:"64"`
}

type uiMessage struct {
	_     struct{} `additionalProperties:"true"`
	ID    string   `json:"id,omitempty" maxLength:"128"`
	Role  string   `json:"role" maxLength:"32"`
	Parts []uiPart `json:"parts,omitempty" maxItems:"200"`
}

type uiPart struct {
	_          struct{}    `additionalProperties:"true"`
	Type       string      `json:"type" maxLength:"128"`
	Text       string      `json:"text,omitempty"`
	ToolCallID string      `json:"toolCallId,omitempty" maxLength:"160"`
	State      string      `json:"state,omitempty" maxLength:"64"`
	Approval   *uiApproval `json:"approval,omitempty"`
}

// uiApproval is the member's answer to a tool-approval-request; its id is the proposal's.
type uiApproval struct {
	_        struct{} `additionalProperties:"true"`
	ID       string   `json:"id" maxLength:"64"`
	Approved *bool    `json:"approved,omitempty"`
}

type uiInput struct{ Body uiRequest }

func (f *Function) ui(ctx context.Context, in *uiInput) (*huma.StreamResponse, error) {
	out := &uiStream{messageID: faas.CallID(ctx), callID: "call-" + faas.CallID(ctx)}
	turn, err := in.Body.turn(ctx, out)
	if err != nil {
		return nil, err
	}
	header := map[string]string{"X-Vercel-Ai-Ui-Message-Stream": "v1"}
	return f.stream(turn, func(s *faas.EventStream) encoder { out.EventStream = s; return out }, header), nil
}

// turn answers the last message: the member's words, or the approval that the last answer asked for. The answer to an
// approval goes on with the message and the tool call that asked for it.
func (r uiRequest) turn(ctx context.Context, out *uiStream) (coach.In, error) {
	p, _ := gym.PrincipalFrom(ctx)
	in := coach.In{ID: faas.WriteKey(ctx), MemberID: p.Subject, ConversationID: r.ID}
	last := r.Messages[len(r.Messages)-1]
	if last.Role == "user" {
		var b strings.Builder
		for _, part := range last.Parts {
			if part.Type == "text" {
				b.WriteString(part.Text)
			}
		}
		in.Message = b.String()
		return in, nil
	}
	for _, part := range last.Parts {
		if part.State != "approval-responded" || part.Approval == nil || part.Approval.Approved == nil {
			continue
		}
		if *part.Approval.Approved {
			in.Confirm = part.Approval.ID
		} else {
			in.Decline = part.Approval.ID
		}
		out.messageID, out.callID, out.goesOn = last.ID, part.ToolCallID, true
		return in, nil
	}
	return coach.In{}, invalid("messages", "the last message must be the user's, or hold the answer to an approval")
}

// uiStream is the dialect of the AI SDK's UI message stream, version 1.
type uiStream struct {
	*faas.EventStream
	messageID, callID string
	goesOn            bool // the tool call is known to the client already
	acts              int
	talking           bool
}

const uiText = "text"

func (u *uiStream) event(e coach.Event) error {
	switch e.Kind {
	case coach.Started:
		return errors.Join(u.part(map[string]any{"type": "start", "messageId": u.messageID, "messageMetadata": map[string]string{"conversation_id": e.ConversationID}}),
			u.part(map[string]any{"type": "start-step"}))
	case coach.Screened:
		return u.part(map[string]any{"type": "data-safety", "data": e.Safety})
	case coach.Acted:
		return u.acted(*e.Action)
	case coach.Proposed:
		return u.part(map[string]any{"type": "tool-approval-request", "approvalId": e.Proposal.ID, "toolCallId": u.callID})
	case coach.Delta:
		if !u.talking {
			u.talking = true
			if err := u.part(map[string]any{"type": "text-start", "id": uiText}); err != nil {
				return err
			}
		}
		return u.part(map[string]any{"type": "text-delta", "id": uiText, "delta": e.Text})
	case coach.Done:
		return u.done()
	}
	return nil
}

func (u *uiStream) acted(a coach.Action) error {
	if a.Name == "reply" || len(a.Args) == 0 {
		return nil
	}
	if u.acts++; u.acts > 1 { // the second request of a message is a call of its own
		u.callID, u.goesOn = uuid.NewString(), false
	}
	if !u.goesOn {
		if err := u.part(map[string]any{"type": "tool-input-available", "toolCallId": u.callID, "toolName": a.Name, "input": a.Args}); err != nil {
			return err
		}
	}
	switch a.Status {
	case coach.StatusProposed:
		return nil
	case coach.StatusDeclined:
		return u.part(map[string]any{"type": "tool-output-denied", "toolCallId": u.callID})
	case coach.StatusRefused:
		return u.part(map[string]any{"type": "tool-output-error", "toolCallId": u.callID, "errorText": a.Code})
	}
	result := a.Result
	if len(result) == 0 {
		result = json.RawMessage(`{}`)
	}
	return u.part(map[string]any{"type": "tool-output-available", "toolCallId": u.callID, "output": result})
}

func (u *uiStream) done() error {
	if u.talking {
		if err := u.part(map[string]any{"type": "text-end", "id": uiText}); err != nil {
			return err
		}
	}
	return errors.Join(u.part(map[string]any{"type": "finish-step"}), u.part(map[string]any{"type": "finish"}), u.Raw("", "", "[DONE]"))
}

func (u *uiStream) fail(p *faas.Problem) error {
	return errors.Join(u.part(map[string]any{"type": "error", "errorText": p.Code + ": " + p.Detail}), u.Raw("", "", "[DONE]"))
}

func (u *uiStream) part(p map[string]any) error { return u.Send("", "", p) }
