package eval

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/intellifit/intellifit/internal/eval/chatset"
	"github.com/intellifit/intellifit/shared/coach/route"
	"github.com/intellifit/intellifit/shared/coach/safety"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/toolbox"
	"github.com/intellifit/intellifit/shared/toolbox/tool"
)

// The ways in which the router's set is run: as the coach does, without one judge or both, and the model alone.
const (
	Whole         = "whole"
	NoClassifier  = "no classifier"
	NoModel       = "no model"
	RulesOnly     = "rules only"
	Raw           = "raw model"
	maxMessageLen = 8192 // as the coach cuts
)

// RouterResult is what became of one line of the router's set: raw, so that it can be scored again.
type RouterResult struct {
	Line    chatset.Line    `json:"line"`
	Action  string          `json:"action"`
	Args    json.RawMessage `json:"args,omitempty"` // as the tool would get them; none while something is missing
	Missing []string        `json:"missing,omitempty"`
	Then    string          `json:"then,omitempty"`
	By      string          `json:"by,omitempty"`
	Sure    float64         `json:"sure,omitempty"`
	Refused string          `json:"refused,omitempty"` // why the coach would not execute the call
	Invalid string          `json:"invalid,omitempty"` // what is wrong with a call that it would execute
	Answer  string          `json:"answer,omitempty"`  // of the raw model
	WallS   float64         `json:"wall_s"`
}

// routeLine runs one line as the coach does: the earlier messages first, each with the open question of the one before.
func routeLine(ctx context.Context, router *route.Router, tools *toolbox.Registry, l chatset.Line) (RouterResult, error) {
	where, known := chatset.Contexts[l.Context]
	if !known {
		return RouterResult{}, fmt.Errorf("line %s: context %q", l.ID, l.Context)
	}
	turn := route.Turn{Now: where.Now, Coaches: where.Coaches, Upcoming: where.Upcoming, CoachID: where.CoachID}
	res := RouterResult{Line: l}
	for _, text := range append(slices.Clone(l.Before), l.Text) {
		turn.Text = safety.Clean(text, maxMessageLen)
		began := time.Now()
		d, err := router.Route(ctx, turn)
		res.WallS = time.Since(began).Seconds()
		if err != nil {
			return RouterResult{}, fmt.Errorf("line %s: %w", l.ID, err)
		}
		if turn.Previous, err = openAfter(d); err != nil {
			return RouterResult{}, fmt.Errorf("line %s: %w", l.ID, err)
		}
		if turn.Last = nil; d.Action != route.Reply {
			turn.Last = &d
		}
		if err := res.take(d, tools, where); err != nil {
			return RouterResult{}, fmt.Errorf("line %s: %w", l.ID, err)
		}
	}
	return res, nil
}

// openAfter is the question that waits after a decision, as the coach stores it: through JSON.
func openAfter(d route.Decision) (*route.Decision, error) {
	if d.Action == route.Reply || d.Action == "" || d.Question == "" && len(d.Missing) == 0 {
		return nil, nil
	}
	stored, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("store the open question: %w", err)
	}
	var open route.Decision
	if err := json.Unmarshal(stored, &open); err != nil {
		return nil, fmt.Errorf("read the open question: %w", err)
	}
	return &open, nil
}

// take writes down what a decision comes to: nothing, a question, a call that is refused, a call that is executed.
func (r *RouterResult) take(d route.Decision, tools *toolbox.Registry, where chatset.Context) error {
	r.Action, r.By, r.Sure, r.Missing, r.Then, r.Args, r.Refused, r.Invalid = d.Action, d.By, d.Sure, d.Missing, "", nil, "", ""
	if d.Then != nil {
		r.Then = d.Then.Action
	}
	if d.Action == "" {
		r.Action = route.Reply
	}
	if r.Action == route.Reply || len(d.Missing) > 0 {
		return nil
	}
	if d.Question != "" { // asked without naming a slot
		r.Missing = []string{"?"}
		return nil
	}
	args, err := json.Marshal(d.Slots)
	if err != nil {
		return fmt.Errorf("write the arguments of %s: %w", d.Action, err)
	}
	found, ok := tools.Find(d.Action)
	if !ok {
		r.Refused = "there is no such tool"
		return nil
	}
	if r.Args, err = found.Narrow(args); err != nil {
		r.Refused = err.Error()
		return nil
	}
	r.Invalid = audit(found, r.Args, where)
	return nil
}

// audit says what is wrong with the arguments of a call; "" when nothing is. It reads the published schema anew, apart from
// the tool's own check, and looks at what no schema can say: that ids exist, that times are readable and in order.
func audit(t tool.Tool, raw json.RawMessage, where chatset.Context) string {
	var schema jsonschema.Schema
	if err := json.Unmarshal(t.Schema(), &schema); err != nil {
		return "the schema: " + err.Error()
	}
	resolved, err := schema.Resolve(nil)
	if err != nil {
		return "the schema: " + err.Error()
	}
	var args map[string]any
	if err := json.Unmarshal(raw, &args); err != nil || args == nil {
		return "no JSON object"
	}
	if err := resolved.Validate(args); err != nil {
		return err.Error()
	}
	times := map[string]time.Time{}
	for _, name := range []string{"from", "to", "starts_at"} {
		text, there := args[name].(string)
		if !there {
			continue
		}
		if times[name], err = time.Parse(time.RFC3339, text); err != nil {
			return name + " is no time"
		}
	}
	coach, withCoach := args["coach"].(string)
	appointment, withAppointment := args["appointment"].(string)
	from, to := times["from"], times["to"]
	starts, begins := times["starts_at"]
	switch {
	case withCoach && !slices.ContainsFunc(where.Coaches, func(c gym.Coach) bool { return c.ID == coach }):
		return "nobody is " + coach
	case withAppointment && !slices.ContainsFunc(where.Upcoming, func(a gym.Appointment) bool { return a.ID == appointment }):
		return "no appointment is " + appointment
	case !from.IsZero() && !to.IsZero() && !from.Before(to):
		return "from is not before to"
	case begins && starts.Before(where.Now):
		return "starts_at has passed"
	}
	if date, ok := args["date"].(string); ok {
		if _, err := time.Parse(time.DateOnly, date); err != nil {
			return "date is no day"
		}
	}
	return ""
}
