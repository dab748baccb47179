package tool_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/toolbox/tool"
)

type lift struct {
	Exercise string   `json:"exercise" jsonschema:"name of the exercise"`
	Sets     int      `json:"sets"`
	WeightKG *float64 `json:"weight_kg,omitempty"`
}

func pointer[T any](v T) *T { return &v }

func logLift(ran *int) tool.Tool {
	return tool.New("log_lift", "Log a lift.",
		func(_ context.Context, _ tool.Call, in lift) (lift, error) { *ran++; return in, nil },
		func(_ tool.Call, out lift) string {
			return fmt.Sprintf("Logged %d sets of %s.", out.Sets, out.Exercise)
		},
		tool.Write(func(_ context.Context, _ tool.Call, in lift) (string, error) { return "Log " + in.Exercise + ".", nil }),
		tool.Property("sets", func(s *jsonschema.Schema) { s.Minimum, s.Maximum = pointer(1.0), pointer(20.0) }),
		tool.Property("exercise", func(s *jsonschema.Schema) { s.MinLength, s.MaxLength = pointer(1), pointer(40) }))
}

// TestCheckIsStrict: what a model or Ollama's parser may come up with is refused, and nothing runs.
func TestCheckIsStrict(t *testing.T) {
	ran := 0
	log := logLift(&ran)
	for name, raw := range map[string]string{
		"nothing": "", "null": "null", "list": "[]", "text": `"squat"`, "no JSON": "{", "two objects": `{"exercise":"squat","sets":3} {}`,
		"missing": `{"exercise":"squat"}`, "unknown field": `{"exercise":"squat","sets":3,"member_id":"somebody"}`,
		"wrong type": `{"exercise":"squat","sets":"3"}`, "fraction": `{"exercise":"squat","sets":2.5}`, "out of range": `{"exercise":"squat","sets":0}`,
		"not a number": `{"exercise":"squat","sets":NaN}`, "schema echo": `{"exercise":{"type":"string","value":"squat"},"sets":{"type":"integer"}}`,
		"empty": `{"exercise":"","sets":3}`, "too long": `{"exercise":"` + strings.Repeat("x", 41) + `","sets":3}`,
		"huge": `{"exercise":"` + strings.Repeat("x", 20_000) + `","sets":3}`, "deep": strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000),
		"other case": `{"Exercise":"squat","Sets":3}`, "twice": `{"exercise":"squat","sets":3,"sets":4}`, "out of float64": `{"exercise":"squat","sets":1e400}`,
		"infinite": `{"exercise":"squat","sets":3,"weight_kg":Infinity}`, "U+0000": `{"exercise":"squat\u0000","sets":3}`, "no UTF-8": "{\"exercise\":\"squat\xff\",\"sets\":3}",
		"control": `{"exercise":"squat\u001b[2J","sets":3}`, "turned around": `{"exercise":"squat \u202e","sets":3}`,
		"byte-order mark": "\xef\xbb\xbf" + `{"exercise":"squat","sets":3}`,
		"blank":           `{"exercise":" \n ","sets":3}`, "invisible": `{"exercise":"\u200b","sets":3}`,
	} {
		t.Run(name, func(t *testing.T) {
			err := log.Check(json.RawMessage(raw))
			if !errors.Is(err, gym.ErrInvalid) {
				t.Errorf("Check = %v", err)
			}
			if err != nil && strings.Contains(err.(*gym.Error).Detail, "squat") {
				t.Error("the error repeats what was sent")
			}
			if _, err := log.Run(t.Context(), tool.Call{Role: gym.RoleMember}, json.RawMessage(raw)); err == nil {
				t.Error("it ran")
			}
			if _, err := log.Summary(t.Context(), tool.Call{Role: gym.RoleMember}, json.RawMessage(raw)); err == nil {
				t.Error("it was summed up")
			}
		})
	}
	if ran != 0 {
		t.Errorf("it ran %d times", ran)
	}
}

func TestRun(t *testing.T) {
	ran := 0
	log := logLift(&ran)
	good := json.RawMessage(`{"exercise":"squat","sets":3,"weight_kg":60}`)
	if summary, err := log.Summary(t.Context(), tool.Call{Role: gym.RoleMember}, good); err != nil || summary != "Log squat." || ran != 0 {
		t.Errorf("summary %q, %v, ran %d", summary, err, ran)
	}
	got, err := log.Run(t.Context(), tool.Call{Role: gym.RoleMember}, good)
	if err != nil || got.Said != "Logged 3 sets of squat." || string(got.JSON) != `{"exercise":"squat","sets":3,"weight_kg":60}` || ran != 1 {
		t.Errorf("got %s %q, %v", got.JSON, got.Said, err)
	}
	if _, err := log.Run(t.Context(), tool.Call{Role: gym.RoleManager}, good); !errors.Is(err, gym.ErrForbidden) || ran != 1 {
		t.Errorf("another role: %v", err)
	}
	if summary, err := log.Summary(t.Context(), tool.Call{Role: gym.RoleCoach}, good); !errors.Is(err, gym.ErrForbidden) || summary != "" {
		t.Errorf("summed up for another role: %q, %v", summary, err)
	}
	narrowed, err := log.Narrow(json.RawMessage(`{"coach":"x","exercise":"squat","sets":3}`))
	if err != nil || string(narrowed) != `{"exercise":"squat","sets":3}` {
		t.Errorf("narrowed to %s, %v", narrowed, err)
	}
	if _, err := log.Narrow(json.RawMessage(`{"coach":"x"}`)); err == nil {
		t.Error("narrowed to nothing that it takes")
	}
}

// TestSchemaIsStable: models see the same bytes each time, or nothing of a prompt's computation could be kept.
func TestSchemaIsStable(t *testing.T) {
	ran := 0
	const want = `{"type":"object","properties":{"exercise":{"type":"string","description":"name of the exercise","minLength":1,"maxLength":40},` +
		`"sets":{"type":"integer","minimum":1,"maximum":20},"weight_kg":{"type":["null","number"]}},"required":["exercise","sets"],"additionalProperties":false}`
	for range 3 {
		if got := string(logLift(&ran).Schema()); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func FuzzCheck(f *testing.F) {
	ran := 0
	log := logLift(&ran)
	f.Add(`{"exercise":"squat","sets":3}`)
	f.Add(`{"sets":1e400}`)
	f.Add(`{"exercise":"","exercise":"squat","sets":3,"weight_kg":null}`)
	f.Fuzz(func(t *testing.T, raw string) {
		if log.Check(json.RawMessage(raw)) != nil {
			return
		}
		var in lift
		if err := json.Unmarshal([]byte(raw), &in); err != nil || in.Sets < 1 || in.Sets > 20 || strings.TrimSpace(in.Exercise) == "" || strings.ContainsRune(in.Exercise, 0) {
			t.Errorf("passed %q", raw)
		}
		narrowed, err := log.Narrow(json.RawMessage(raw))
		if err != nil || log.Check(narrowed) != nil {
			t.Errorf("%q narrows to %q, %v", raw, narrowed, err)
		}
	})
}
