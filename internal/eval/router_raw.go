package eval

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ollama/ollama/api"

	"github.com/intellifit/intellifit/internal/eval/chatset"
	"github.com/intellifit/intellifit/shared/coach/route"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/llm"
	"github.com/intellifit/intellifit/shared/toolbox"
	"github.com/intellifit/intellifit/shared/toolbox/tool"
)

// rawTokens bounds an answer of the model alone: the longest call takes half of it.
const rawTokens = 200

// rawModel asks the model alone: one call for action and arguments, held to a schema, with examples, of which half need no
// tool. No rule, no classifier and no code reads slots or times.
type rawModel struct {
	model  route.Chooser
	tools  *toolbox.Registry
	format json.RawMessage
	prompt []api.Message
}

func newRawModel(model route.Chooser, tools *toolbox.Registry) (*rawModel, error) {
	list := tools.For(gym.RoleMember)
	branches := []any{rawBranch(route.Reply, map[string]any{"type": "object", "properties": map[string]any{}})}
	system := []string{`You route what a member of a gym says. Answer {"action": …, "args": {…}} with one of the actions below and its arguments, and nothing else.`,
		"Choose a tool if and only if the member asks for what it does, now and for themselves; everything else is reply with no arguments.",
		"Leave out arguments that the member did not say. Times are RFC 3339 with the offset of now. Use ids of coaches and appointments.", "reply: talk, no tool"}
	for _, t := range list {
		var schema map[string]any
		if err := json.Unmarshal(t.Schema(), &schema); err != nil {
			return nil, fmt.Errorf("read the schema of %s: %w", t.Name(), err)
		}
		loosen(schema)
		branches = append(branches, rawBranch(t.Name(), schema))
		system = append(system, t.Name()+": "+t.Description()+argsOf(t))
	}
	format, err := json.Marshal(map[string]any{"anyOf": branches})
	if err != nil {
		return nil, fmt.Errorf("write the schema of a raw answer: %w", err)
	}
	prompt := []api.Message{{Role: "system", Content: strings.Join(system, "\n")}}
	for i, e := range rawExamples {
		said := "says: " + e[0]
		if i == 0 { // the others are said in the same context: it need not be read eight times
			said = rawTurn(chatset.Contexts["plain"], nil, e[0])
		}
		prompt = append(prompt, api.Message{Role: "user", Content: said}, api.Message{Role: "assistant", Content: e[1]})
	}
	return &rawModel{model: model, tools: tools, format: format, prompt: prompt}, nil
}

func rawBranch(action string, args any) any {
	return map[string]any{"type": "object", "required": []string{"action", "args"}, "additionalProperties": false,
		"properties": map[string]any{"action": map[string]any{"enum": []string{action}}, "args": args}}
}

// loosen takes out of a schema what the grammar of the model server does not take; types, enums and forms of times stay.
func loosen(schema map[string]any) {
	for _, key := range []string{"minLength", "maxLength", "maxItems", "minimum", "maximum", "description", "pattern"} {
		delete(schema, key)
	}
	if types, ok := schema["type"].([]any); ok { // null or something: something
		schema["type"] = types[len(types)-1]
	}
	if items, ok := schema["items"].(map[string]any); ok {
		loosen(items)
	}
	properties, _ := schema["properties"].(map[string]any)
	for _, p := range properties {
		loosen(p.(map[string]any))
	}
}

func argsOf(t tool.Tool) string {
	keys := chatset.Labelled[t.Name()]
	if len(keys) == 0 {
		return " No args."
	}
	return " Args: " + strings.Join(keys, ", ") + "."
}

// rawExamples are said in the context "plain".
var rawExamples = [][2]string{
	{"how do I do a squat?", `{"action":"reply","args":{}}`},
	{"put me down for friday at 5 pm with my coach", `{"action":"schedule_appointment","args":{"coach":"coach-jonas","starts_at":"2026-11-27T17:00:00+01:00"}}`},
	{"I booked a flight for monday", `{"action":"reply","args":{}}`},
	{"what happens if I cancel too late", `{"action":"reply","args":{}}`},
	{"has priya time tomorrow", `{"action":"check_availability","args":{"coach":"coach-priya","from":"2026-11-25T00:00:00+01:00","to":"2026-11-26T00:00:00+01:00"}}`},
	{"thanks, see you", `{"action":"reply","args":{}}`},
	{"cancel my session with Anna", `{"action":"cancel_appointment","args":{"appointment":"appt-2"}}`},
	{"3 sets of 8 rows with 50 kg", `{"action":"log_workout","args":{"exercise":"row","sets":3,"reps":8,"weight_kg":50}}`},
}

// rawTurn is a message with all that the router would know.
func rawTurn(c chatset.Context, before []string, text string) string {
	lines := []string{"now: " + c.Now.Format("Monday "+time.RFC3339)}
	var coaches, upcoming []string
	for _, each := range c.Coaches {
		coaches = append(coaches, each.ID+" "+each.Name)
	}
	for _, a := range c.Upcoming {
		upcoming = append(upcoming, a.ID+" "+a.StartsAt.In(c.Now.Location()).Format("Mon "+time.RFC3339)+" with "+a.CoachName)
	}
	lines = append(lines, "coaches: "+strings.Join(coaches, ", "))
	if c.CoachID != "" {
		lines = append(lines, "my coach: "+c.CoachID)
	}
	lines = append(lines, "my appointments: "+orNone(strings.Join(upcoming, ", ")))
	for _, earlier := range before {
		lines = append(lines, "said before: "+earlier)
	}
	return strings.Join(append(lines, "says: "+text), "\n")
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// route runs one line. What the model answers is taken as it is; that its call holds is judged by the scorer.
func (m *rawModel) route(ctx context.Context, l chatset.Line) (RouterResult, error) {
	where := chatset.Contexts[l.Context]
	res := RouterResult{Line: l, By: route.ByModel}
	began := time.Now()
	answer, err := m.model.Chat(ctx, &api.ChatRequest{
		Messages: append(slices.Clone(m.prompt), api.Message{Role: "user", Content: rawTurn(where, l.Before, l.Text)}),
		Format:   m.format, Options: map[string]any{"temperature": 0.0, "num_predict": rawTokens, "seed": Seed},
	})
	res.WallS = time.Since(began).Seconds()
	switch {
	case errors.Is(err, llm.ErrCut): // it rambled: no call
		return res, nil
	case err != nil:
		return RouterResult{}, fmt.Errorf("line %s: %w", l.ID, err)
	}
	res.Answer = answer.Message.Content
	var got struct {
		Action string          `json:"action"`
		Args   json.RawMessage `json:"args"`
	}
	if err := json.Unmarshal([]byte(res.Answer), &got); err != nil {
		return res, nil
	}
	res.Action = got.Action
	found, ok := m.tools.Find(got.Action)
	switch {
	case got.Action == route.Reply:
		return res, nil
	case !ok:
		res.Refused = "there is no such tool"
		return res, nil
	}
	res.Args = got.Args
	if err := found.Check(got.Args); err != nil {
		res.Invalid = "schema: " + errText(err)
	} else {
		res.Invalid = audit(found, got.Args, where)
	}
	return res, nil
}

func errText(err error) string {
	if inner := errors.Unwrap(err); inner != nil {
		return inner.Error()
	}
	return err.Error()
}
