// Package chat is the function that talks with a member: as JSON, as typed events, in OpenAI's dialect and in that of Vercel's
// AI SDK. It also lists, reads and deletes conversations, and sets the persona of a gym. The work is done by shared/coach; here
// are transport and wiring.
package chat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/coach/memory"
	"github.com/intellifit/intellifit/shared/coach/persona"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
)

func (f *Function) register() {
	member, manager := faas.Roles(gym.RoleMember), faas.Roles(gym.RoleManager)
	limited := huma.Middlewares{f.limit}
	huma.Register(f, huma.Operation{OperationID: "chat", Method: http.MethodPost, Path: "/", Security: member, Middlewares: limited, Responses: f.replies(),
		Summary: "Say something to the coach", Description: "With Accept: text/event-stream the answer comes as typed events. A repeated Idempotency-Key or X-Call-Id gives the first answer again."}, f.chat)
	huma.Register(f, huma.Operation{OperationID: "chat-completions", Method: http.MethodPost, Path: "/v1/chat/completions", Security: member, Middlewares: limited,
		Summary: "The same in OpenAI's dialect", Description: "Any OpenAI client works with the base URL /function/chat/v1."}, f.complete)
	huma.Register(f, huma.Operation{OperationID: "chat-ui", Method: http.MethodPost, Path: "/ui", Security: member, Middlewares: limited,
		Summary: "The same as a UI message stream of Vercel's AI SDK", Description: "A proposal is a tool-approval-request."}, f.ui)
	huma.Register(f, huma.Operation{OperationID: "conversations", Method: http.MethodGet, Path: "/conversations", Security: member,
		Summary: "List the member's conversations, newest first"}, f.conversations)
	huma.Register(f, huma.Operation{OperationID: "conversation-read", Method: http.MethodGet, Path: "/conversations/{id}", Security: member,
		Summary: "Read a conversation"}, f.conversation)
	huma.Register(f, huma.Operation{OperationID: "conversation-delete", Method: http.MethodDelete, Path: "/conversations/{id}", Security: member, DefaultStatus: http.StatusNoContent,
		Summary: "Delete a conversation for good"}, f.forget)
	huma.Register(f, huma.Operation{OperationID: "persona-read", Method: http.MethodGet, Path: "/persona", Security: faas.Roles(gym.RoleMember, gym.RoleCoach, gym.RoleManager),
		Summary: "Read how the coach presents itself"}, f.readPersona)
	huma.Register(f, huma.Operation{OperationID: "persona-set", Method: http.MethodPut, Path: "/persona", Security: manager,
		Summary: "Set name, tone and language of the gym's coach"}, f.setPersona)
}

type message struct {
	Message        string `json:"message,omitempty" doc:"what the member says, at most 8,192 bytes"`
	ConversationID string `json:"conversation_id,omitempty" maxLength:"64" pattern:"^[A-Za-z0-9._-]*$" doc:"left out: a new conversation begins"`
	Confirm        string `json:"confirm,omitempty" maxLength:"64" doc:"id of the proposal that the member says yes to"`
	Decline        string `json:"decline,omitempty" maxLength:"64" doc:"id of the proposal that the member says no to"`
}

type chatInput struct {
	Accept string `header:"Accept"`
	Body   message
}

func (f *Function) chat(ctx context.Context, in *chatInput) (*huma.StreamResponse, error) {
	p, ok := gym.PrincipalFrom(ctx)
	if !ok {
		return nil, errors.New("the call has no principal")
	}
	turn := coach.In{
		ID: faas.WriteKey(ctx), MemberID: p.Subject, ConversationID: in.Body.ConversationID,
		Message: in.Body.Message, Confirm: in.Body.Confirm, Decline: in.Body.Decline,
	}
	if strings.HasPrefix(in.Accept, faas.EventStreamType) {
		return f.stream(turn, func(s *faas.EventStream) encoder { return typed{s} }, nil), nil
	}
	reply, err := f.desk.Coach.Turn(ctx, turn, func(coach.Event) error { return nil })
	if err != nil {
		return nil, err
	}
	return jsonResponse(reply), nil
}

// replies documents the two media types of an answer.
func (f *Function) replies() map[string]*huma.Response {
	schemas := f.OpenAPI().Components.Schemas
	return map[string]*huma.Response{"200": {Description: "the reply, or its events as they happen", Content: map[string]*huma.MediaType{
		"application/json":   {Schema: schemas.Schema(replyType, true, "")},
		faas.EventStreamType: {Schema: schemas.Schema(eventType, true, "")},
	}}}
}

type listInput struct {
	Before string `query:"before" maxLength:"64" doc:"id of the last conversation of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

type listAnswer struct {
	Body struct {
		Conversations []memory.Conversation `json:"conversations"`
	}
}

func (f *Function) conversations(ctx context.Context, in *listInput) (*listAnswer, error) {
	p, _ := gym.PrincipalFrom(ctx)
	list, err := f.desk.Memory.List(ctx, p.Subject, in.Before, in.Limit)
	if err != nil {
		return nil, fmt.Errorf("list conversations: %w", err)
	}
	out := &listAnswer{}
	out.Body.Conversations = append([]memory.Conversation{}, list...)
	return out, nil
}

// byID names one conversation.
type byID struct {
	ID string `path:"id" minLength:"1" maxLength:"64"`
}

type conversationAnswer struct {
	Body struct {
		memory.Conversation
		Messages []memory.Message `json:"messages"`
	}
}

func (f *Function) conversation(ctx context.Context, in *byID) (*conversationAnswer, error) {
	p, _ := gym.PrincipalFrom(ctx)
	conversation, messages, err := f.desk.Memory.Read(ctx, p.Subject, in.ID)
	if err != nil {
		return nil, fmt.Errorf("read a conversation: %w", err)
	}
	out := &conversationAnswer{}
	out.Body.Conversation, out.Body.Messages = conversation, append([]memory.Message{}, messages...)
	return out, nil
}

func (f *Function) forget(ctx context.Context, in *byID) (*struct{}, error) {
	p, _ := gym.PrincipalFrom(ctx)
	if err := f.desk.Memory.Delete(ctx, p.Subject, in.ID); err != nil {
		return nil, fmt.Errorf("delete a conversation: %w", err)
	}
	return nil, nil
}

type personaAnswer struct{ Body persona.Persona }

func (f *Function) readPersona(ctx context.Context, _ *struct{}) (*personaAnswer, error) {
	p, err := f.desk.DB.Persona(ctx)
	if err != nil {
		return nil, err
	}
	return &personaAnswer{Body: p}, nil
}

type personaInput struct{ Body persona.Persona }

func (f *Function) setPersona(ctx context.Context, in *personaInput) (*personaAnswer, error) {
	if err := in.Body.Validate(); err != nil {
		return nil, err
	}
	if err := f.desk.DB.SetPersona(ctx, in.Body); err != nil {
		return nil, err
	}
	return &personaAnswer{Body: in.Body}, nil
}
