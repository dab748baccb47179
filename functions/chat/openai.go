package chat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
)

// completionRequest is what we take of OpenAI's chat completions. Sampling and tools are ours to decide: their fields are
// taken, since every client sends some, and have no effect.
type completionRequest struct {
	_        struct{}            `additionalProperties:"true"`
	Model    string              `json:"model,omitempty" maxLength:"128" doc:"any; the coach answers"`
	Messages []completionMessage `json:"messages" minItems:"1" maxItems:"200" doc:"the last user message is answered; the ones before belong to the conversation already"`
	Stream   bool                `json:"stream,omitempty"`
	Metadata map[string]string   `json:"metadata,omitempty" doc:"conversation_id names the conversation; without it the first user message does"`
}

type completionMessage struct {
	_       struct{}        `additionalProperties:"true"`
	Role    string          `json:"role" maxLength:"32"`
	Content json.RawMessage `json:"content,omitempty" doc:"a text, or a list of parts of which the texts are taken"`
}

// text is a message's words in either form.
func (m completionMessage) text() (string, error) {
	var plain string
	if err := json.Unmarshal(m.Content, &plain); err == nil {
		return plain, nil
	}
	var parts []struct{ Type, Text string }
	if err := json.Unmarshal(m.Content, &parts); err != nil {
		return "", invalid("messages.content", "must be a text or a list of text parts")
	}
	var b strings.Builder
	for _, p := range parts {
		if p.Type != "text" && p.Type != "input_text" {
			return "", invalid("messages.content", "only text parts are understood")
		}
		b.WriteString(p.Text)
	}
	return b.String(), nil
}

func invalid(field, message string) error {
	return &gym.Error{Kind: gym.ErrInvalid, Code: faas.CodeInvalidRequest, Detail: "the request is wrong", Fields: []gym.Field{{Name: "body." + field, Message: message}}}
}

type completionInput struct{ Body completionRequest }

func (f *Function) complete(ctx context.Context, in *completionInput) (*huma.StreamResponse, error) {
	turn, err := in.Body.turn(ctx)
	if err != nil {
		return nil, err
	}
	if in.Body.Stream {
		return f.stream(turn, func(s *faas.EventStream) encoder {
			return &chunks{EventStream: s, id: "chatcmpl-" + faas.CallID(ctx), at: f.Host().Now().Unix()}
		}, nil), nil
	}
	reply, err := f.desk.Coach.Turn(ctx, turn, func(coach.Event) error { return nil })
	if err != nil {
		return nil, err
	}
	return jsonResponse(completion{
		ID: "chatcmpl-" + faas.CallID(ctx), Object: "chat.completion", Created: f.Host().Now().Unix(), Model: completionModel,
		Choices: []completionChoice{{Message: &completionAnswer{Role: "assistant", Content: reply.Reply}, FinishReason: new("stop")}},
		Usage:   &completionUsage{}, Coach: &reply,
	}), nil
}

func (r completionRequest) turn(ctx context.Context) (coach.In, error) {
	p, _ := gym.PrincipalFrom(ctx)
	in := coach.In{ID: faas.WriteKey(ctx), MemberID: p.Subject, ConversationID: r.Metadata["conversation_id"]}
	first := ""
	for _, m := range r.Messages {
		if m.Role != "user" {
			continue
		}
		text, err := m.text()
		if err != nil {
			return coach.In{}, err
		}
		if first == "" {
			first = text
		}
		in.Message = text
	}
	if last := r.Messages[len(r.Messages)-1]; last.Role != "user" {
		return coach.In{}, invalid("messages", "the last message must be the user's")
	}
	if in.ConversationID == "" {
		in.ConversationID = conversationOf(p, first)
	}
	return in, nil
}

// conversationOf names the conversation of a client that sends its whole history each time and knows no ids: such a history
// begins with the same words each time.
func conversationOf(p gym.Principal, first string) string {
	sum := sha256.Sum256([]byte(p.GymID + "\x00" + p.Subject + "\x00" + first))
	return "oai-" + hex.EncodeToString(sum[:12])
}

// completionModel is the name under which the coach answers.
const completionModel = "coach"

type completion struct {
	ID      string             `json:"id"`
	Object  string             `json:"object"`
	Created int64              `json:"created"`
	Model   string             `json:"model"`
	Choices []completionChoice `json:"choices"`
	Usage   *completionUsage   `json:"usage,omitempty"`
	Coach   *coach.Reply       `json:"intellifit,omitempty" doc:"the whole reply: proposal, action, safety"`
}

type completionChoice struct {
	Index        int               `json:"index"`
	Message      *completionAnswer `json:"message,omitempty"`
	Delta        *completionAnswer `json:"delta,omitempty"`
	FinishReason *string           `json:"finish_reason"`
}

type completionAnswer struct {
	Role    string `json:"role,omitempty"`
	Content string `json:"content"`
}

// completionUsage is zero: what a local model counts is nobody's bill.
type completionUsage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
	TotalTokens      int `json:"total_tokens"`
}

// chunks is the dialect of OpenAI's streams.
type chunks struct {
	*faas.EventStream
	id string
	at int64
}

func (c *chunks) event(e coach.Event) error {
	switch e.Kind {
	case coach.Started:
		return c.chunk(completionChoice{Delta: &completionAnswer{Role: "assistant"}}, nil)
	case coach.Delta:
		return c.chunk(completionChoice{Delta: &completionAnswer{Content: e.Text}}, nil)
	case coach.Done:
		return errors.Join(c.chunk(completionChoice{Delta: &completionAnswer{}, FinishReason: new("stop")}, e.Reply), c.Raw("", "", "[DONE]"))
	}
	return nil
}

func (c *chunks) chunk(choice completionChoice, reply *coach.Reply) error {
	return c.Send("", "", completion{ID: c.id, Object: "chat.completion.chunk", Created: c.at, Model: completionModel, Choices: []completionChoice{choice}, Coach: reply})
}

func (c *chunks) fail(p *faas.Problem) error {
	return c.Send("", "", map[string]any{"error": map[string]any{"message": p.Detail, "type": p.Title, "code": p.Code}})
}

// jsonResponse answers a whole document from an operation that can also stream.
func jsonResponse(body any) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		_, w := humago.Unwrap(hctx)
		encoded, err := json.Marshal(body)
		if err != nil {
			faas.WriteProblem(hctx.Context(), w, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusOK)
		if _, err := w.Write(append(encoded, '\n')); err != nil {
			faas.Logger(hctx.Context()).Info("the client went away", "cause", err.Error())
		}
	}}
}
