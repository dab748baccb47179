package eval

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/ollama/ollama/api"

	"github.com/intellifit/intellifit/internal/eval/jsonl"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/toolbox/switchboard"
)

// Toolcall is one case of BFCL with a single function: a call is right, or none.
type Toolcall struct {
	ID       string                 `json:"id"`
	Category string                 `json:"category"`
	Question [][]utterance          `json:"question"`
	Function []switchboard.Function `json:"function"`
	Truth    []map[string]allowed   `json:"ground_truth"`
}

type utterance struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// allowed are the values that each argument may have; "" says that it may be left out.
type allowed map[string][]any

// The ways in which a case is run.
const (
	Switchboard = "switchboard"
	filesSimple = "bfcl_simple_python.jsonl"
	filesNone   = "bfcl_irrelevance_a.jsonl"
)

// ToolcallResult is what became of one case. For the switchboard the evidence of each step is kept, so that a gate can be
// chosen afterwards: how alike the function is, whether the model chose it, what arguments there would be.
type ToolcallResult struct {
	Case     Toolcall        `json:"case"`
	Function string          `json:"function,omitempty"` // that the arguments are for
	Likeness float64         `json:"likeness"`
	Chosen   bool            `json:"chosen"`
	Args     json.RawMessage `json:"args,omitempty"`
	Refused  string          `json:"refused,omitempty"`
	WallS    float64         `json:"wall_s"`
}

// LoadToolcalls reads both files of a folder, at most limit cases of each (0 = all), evenly spread.
func LoadToolcalls(dir string, limit int) ([]Toolcall, error) {
	var out []Toolcall
	for _, name := range []string{filesSimple, filesNone} {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			return nil, fmt.Errorf("open the cases of tool calls: %w", err)
		}
		cases, err := readToolcalls(f)
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, spread(cases, limit)...)
	}
	return out, nil
}

func readToolcalls(r io.Reader) ([]Toolcall, error) {
	return jsonl.Read(r, "case %d", func(c Toolcall) error {
		if len(c.Question) != 1 || len(c.Question[0]) == 0 || len(c.Function) == 0 {
			return errors.New("no question or no function")
		}
		return nil
	})
}

// spread takes at most limit of a list, at even distances: files are in order of topic.
func spread[T any](list []T, limit int) []T {
	if limit <= 0 || limit >= len(list) {
		return list
	}
	out := make([]T, limit)
	for i := range out {
		out[i] = list[i*len(list)/limit]
	}
	return out
}

func (c Toolcall) text() string { return c.Question[0][len(c.Question[0])-1].Content }

// runToolcall runs every step of the switchboard, whatever the gate would say.
func runToolcall(ctx context.Context, r *switchboard.Router, c Toolcall) (ToolcallResult, error) {
	res := ToolcallResult{Case: c}
	began := time.Now()
	best, likeness, err := r.Alike(ctx, c.text(), c.Function)
	if err != nil {
		return res, fmt.Errorf("case %s: %w", c.ID, err)
	}
	chosen, err := r.Choose(ctx, c.text(), c.Function)
	if err != nil {
		return res, fmt.Errorf("case %s: %w", c.ID, err)
	}
	res.Function, res.Likeness, res.Chosen = c.Function[best].Name, likeness, chosen == c.Function[best].Name
	if res.Args, res.Refused, err = r.Fill(ctx, c.text(), c.Function[best]); err != nil {
		return res, fmt.Errorf("case %s: %w", c.ID, err)
	}
	res.WallS = time.Since(began).Seconds()
	return res, nil
}

// rawCallTokens bounds an answer of the model alone: the longest right call takes about a hundred.
const rawCallTokens = 144

const rawCallPrompt = `You call functions. Answer {"function": name, "arguments": {…}} when the function does what is asked for, or {"function": "none", "arguments": {}} when it does not, and nothing else.`

var rawCallExamples = [][2]string{
	{"get_weather: Get the weather of a city. {\"city\": string}\nsaid: what will the weather be in Oslo", `{"function":"get_weather","arguments":{"city":"Oslo"}}`},
	{"get_weather: Get the weather of a city. {\"city\": string}\nsaid: add 3 and 4", `{"function":"none","arguments":{}}`},
}

// runRawToolcall asks the model alone: function and arguments in one answer that is held to the function's schema.
func runRawToolcall(ctx context.Context, model switchboard.Chooser, c Toolcall) (ToolcallResult, error) {
	res := ToolcallResult{Case: c}
	f := c.Function[0]
	schema, err := jsonSchema(f.Parameters)
	if err != nil {
		return res, fmt.Errorf("case %s: %w", c.ID, err)
	}
	call := func(name string, args any) any {
		return map[string]any{"type": "object", "required": []string{"function", "arguments"}, "additionalProperties": false,
			"properties": map[string]any{"function": map[string]any{"enum": []string{name}}, "arguments": args}}
	}
	format, err := json.Marshal(map[string]any{"anyOf": []any{call(f.Name, schema), call(switchboard.None, map[string]any{"type": "object", "properties": map[string]any{}})}})
	if err != nil {
		return res, fmt.Errorf("case %s: %w", c.ID, err)
	}
	messages := []api.Message{{Role: "system", Content: rawCallPrompt}}
	for _, e := range rawCallExamples {
		messages = append(messages, api.Message{Role: "user", Content: e[0]}, api.Message{Role: "assistant", Content: e[1]})
	}
	messages = append(messages, api.Message{Role: "user", Content: f.Name + ": " + f.Description + " " + string(f.Parameters) + "\nsaid: " + c.text()})
	began := time.Now()
	answer, err := model.Chat(ctx, &api.ChatRequest{Messages: messages, Format: format, Options: map[string]any{"temperature": 0.0, "num_predict": rawCallTokens, "seed": Seed}})
	res.WallS = time.Since(began).Seconds()
	if err != nil {
		if ctx.Err() != nil || errors.Is(err, gym.ErrUnavailable) {
			return res, fmt.Errorf("case %s: %w", c.ID, err)
		}
		res.Refused = err.Error() // it rambled, or the server took no such schema
		return res, nil
	}
	var got struct {
		Function  string          `json:"function"`
		Arguments json.RawMessage `json:"arguments"`
	}
	if err := json.Unmarshal([]byte(answer.Message.Content), &got); err != nil {
		res.Refused = "no JSON"
		return res, nil
	}
	res.Function, res.Chosen, res.Args = got.Function, got.Function != switchboard.None, got.Arguments
	return res, nil
}

// jsonSchema maps BFCL's names of types to those of JSON Schema and leaves the rest.
func jsonSchema(raw json.RawMessage) (any, error) {
	var schema any
	if err := json.Unmarshal(raw, &schema); err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	return mapTypes(schema), nil
}

func mapTypes(node any) any {
	object, ok := node.(map[string]any)
	if !ok {
		return node
	}
	if name, ok := object["type"].(string); ok {
		switch name {
		case "dict":
			object["type"] = "object"
		case "float":
			object["type"] = "number"
		case "tuple":
			object["type"] = "array"
		case "any":
			delete(object, "type")
		}
	}
	for key := range object { // the prompt tells the rest, and not every grammar takes it
		if !slices.Contains([]string{"type", "properties", "required", "items", "enum"}, key) {
			delete(object, key)
		}
	}
	if items, ok := object["items"]; ok {
		object["items"] = mapTypes(items)
	}
	if properties, ok := object["properties"].(map[string]any); ok {
		for name, p := range properties {
			properties[name] = mapTypes(p)
		}
	}
	return object
}
