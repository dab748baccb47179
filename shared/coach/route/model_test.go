package route

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/ollama/ollama/api"
)

// answers is a model that gives its answers in turn.
type answers struct {
	list []string
	asks []*api.ChatRequest
}

func (a *answers) Chat(_ context.Context, req *api.ChatRequest) (*api.ChatResponse, error) {
	copied := *req
	copied.Messages = append([]api.Message(nil), req.Messages...)
	a.asks = append(a.asks, &copied)
	if len(a.list) == 0 {
		return nil, errors.New("no answer left")
	}
	next := a.list[0]
	a.list = a.list[1:]
	return &api.ChatResponse{Message: api.Message{Role: "assistant", Content: next}}, nil
}

// odd is what small models are known to answer instead of what they were asked for.
var odd = []string{
	``, `{}`, `[]`, `null`, `"schedule_appointment"`, `Sure! {"action":"cancel_appointment"}`, `<|python_tag|>{"action":"cancel_appointment"}`,
	`{"name":"cancel_appointment","parameters":{"appointment":"a1"}}`, `{"name":"cancel_appointment","parameters":"{\"appointment\":\"a1\"}"}`, `{"name":"cancel_appointment","parameters":{}}`,
	`{"action":"cancel_appointment"}; {"action":"reply"}`, "{\"action\":\"cancel_appointment\"}\n{\"action\":\"reply\"}", `[{"action":"cancel_appointment"}]`, `{"action":"drop_database"}`,
	`{"action":"drop_database","args":{"tool":"cancel_appointment"}}`, `{"answer":"you can use cancel_appointment"}`, `{"name":"cancel_appointment"}`, `{"name":"cancel_appointment","parameters":null}`,
	`{"action":{"type":"string","value":"cancel_appointment"}}`, `{"action":"cancel_appointment","args":{"appointment":"a1"}}`, `{"action":["cancel_appointment"]}`, `{"action":null}`, `{"action":"cancel_`, strings.Repeat("{", 10000),
}

// TestOddAnswersDoNothing: whatever a model answers, nothing acts that was not validated.
func TestOddAnswersDoNothing(t *testing.T) {
	t.Parallel()
	for _, first := range odd {
		for _, second := range []string{first, `{"action":"nothing"}`} {
			m := &answers{list: []string{first, second}}
			d, err := (&Router{Model: m}).Route(t.Context(), turn("the blue one over there"))
			if err != nil || d.Action != Reply || d.By != ByNone {
				t.Errorf("%q then %q: %+v, %v", first, second, d, err)
			}
			if len(m.asks) != 2 {
				t.Errorf("%q: %d calls, want 2", first, len(m.asks))
			}
		}
	}
}

func TestModelIsAskedOnceMoreWithTheError(t *testing.T) {
	t.Parallel()
	m := &answers{list: []string{`{"action":"fly"}`, `{"action":"list_appointments"}`}}
	d, err := (&Router{Model: m}).Route(t.Context(), turn("the blue one over there"))
	if err != nil || d.Action != List || d.By != ByModel {
		t.Fatalf("%+v, %v", d, err)
	}
	last := m.asks[1].Messages[len(m.asks[1].Messages)-1].Content
	if !strings.Contains(last, "none of the names") {
		t.Errorf("the retry says %q", last)
	}
	req := m.asks[0]
	if req.Options["temperature"] != 0.0 || req.Options["num_predict"].(int) > 128 || string(req.Format) != string(chooseSchema) {
		t.Errorf("sent %v %s", req.Options, req.Format)
	}
	replies := 0
	for _, e := range chooseExamples {
		if e.Action == Reply {
			replies++
		}
	}
	if replies*2 < len(chooseExamples) {
		t.Errorf("%d of %d examples need no tool", replies, len(chooseExamples))
	}
}

func TestModelThatFailsIsTalk(t *testing.T) {
	t.Parallel()
	d, err := (&Router{Model: &answers{}}).Route(t.Context(), turn("the blue one over there"))
	if err != nil || d.Action != Reply || d.By != ByNone {
		t.Errorf("%+v, %v", d, err)
	}
}
