// Package tool makes typed tools: a Go function with its JSON Schema, whether it writes, who may use it, the sentence that
// asks before a write, and the sentence that tells what happened. Arguments come from models and strangers; nothing runs
// that Check has not passed.
package tool

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
)

// Call is for whom and when a tool runs: from the token and the clock, never from arguments.
type Call struct {
	GymID    string
	MemberID string
	Role     gym.Role
	Zone     *time.Location // the gym's
	Key      string         // of the write: the same key again does nothing twice
	Now      time.Time      // in Zone
}

// Result is what a tool did.
type Result struct {
	JSON json.RawMessage // for programs
	Said string          // for people: facts of JSON, worded by a template
}

// Tool is one thing that can be done. Its zero value is not usable; New makes one.
type Tool struct {
	name, description string
	writes            bool
	roles             []gym.Role
	schema            *jsonschema.Schema
	resolved          *jsonschema.Resolved
	encoded           json.RawMessage
	decode            func(json.RawMessage) (any, error)
	confirm           func(context.Context, Call, any) (string, error)
	run               func(context.Context, Call, any) (any, error)
	say               func(Call, any) string
}

// Option changes how a tool is made.
type Option func(*Tool)

// Write marks a tool that changes something: it runs only after a yes to its summary. confirm words what would happen and
// fails, with the same errors as the tool, when it could not.
func Write[In any](confirm func(context.Context, Call, In) (string, error)) Option {
	return func(t *Tool) {
		t.writes = true
		t.confirm = func(ctx context.Context, c Call, in any) (string, error) { return confirm(ctx, c, in.(In)) }
	}
}

// Roles says who may use the tool; without it, members.
func Roles(roles ...gym.Role) Option { return func(t *Tool) { t.roles = roles } }

// Property changes the schema of one argument: bounds, an enum, a pattern.
func Property(name string, change func(*jsonschema.Schema)) Option {
	return func(t *Tool) { change(t.schema.Properties[name]) }
}

// New makes a tool of run. The schema follows from In: fields without omitempty are required, a tag jsonschema describes
// one. say words a result with its facts only. A type that has no schema, or a bad option, is a mistake in the program: it
// panics, as regexp.MustCompile does.
func New[In, Out any](name, description string, run func(context.Context, Call, In) (Out, error), say func(Call, Out) string, options ...Option) Tool {
	schema, err := jsonschema.For[In](&jsonschema.ForOptions{TypeSchemas: map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[time.Time](): {Type: "string", Format: "date-time", Description: "RFC 3339, with the offset"},
	}})
	if err != nil {
		panic(fmt.Sprintf("tool %s: %v", name, err))
	}
	t := Tool{name: name, description: description, schema: schema, roles: []gym.Role{gym.RoleMember}}
	t.decode = func(raw json.RawMessage) (any, error) {
		var in In
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		err := d.Decode(&in)
		return in, err
	}
	t.run = func(ctx context.Context, c Call, in any) (any, error) { return run(ctx, c, in.(In)) }
	t.say = func(c Call, out any) string { return say(c, out.(Out)) }
	for _, change := range options {
		change(&t)
	}
	if t.resolved, err = schema.Resolve(nil); err != nil {
		panic(fmt.Sprintf("tool %s: %v", name, err))
	}
	if t.encoded, err = json.Marshal(schema); err != nil {
		panic(fmt.Sprintf("tool %s: %v", name, err))
	}
	return t
}

// Name is what models and programs call it by.
func (t Tool) Name() string { return t.name }

// Description says what it is for.
func (t Tool) Description() string { return t.description }

// Writes reports whether it changes something.
func (t Tool) Writes() bool { return t.writes }

// Allows reports whether a role may use it.
func (t Tool) Allows(role gym.Role) bool { return slices.Contains(t.roles, role) }

// Schema is the JSON Schema of its arguments: the same bytes each time.
func (t Tool) Schema() json.RawMessage { return t.encoded }

// maxArgs is the longest text of arguments in bytes.
const maxArgs = 16 << 10

// Check refuses arguments that are not exactly of the schema: unknown fields, other types, values out of their range, one field
// twice, text that nobody can read.
func (t Tool) Check(raw json.RawMessage) error {
	_, err := t.read(raw)
	return err
}

func (t Tool) read(raw json.RawMessage) (any, error) {
	if err := t.sound(raw); err != nil {
		return nil, err
	}
	var loose map[string]any
	if err := json.Unmarshal(raw, &loose); err != nil || loose == nil {
		return nil, t.invalid(errors.New("they are no JSON object"))
	}
	if !legible(loose) {
		return nil, t.invalid(errors.New("they hold text that nobody can read"))
	}
	if err := t.resolved.Validate(loose); err != nil {
		return nil, t.invalid(err)
	}
	in, err := t.decode(raw)
	if err != nil {
		return nil, t.invalid(err)
	}
	return in, nil
}

// sound refuses what is no JSON, or JSON that two readers could read in two ways.
func (t Tool) sound(raw json.RawMessage) error {
	if len(raw) > maxArgs {
		return t.invalid(fmt.Errorf("they are longer than %d bytes", maxArgs))
	}
	checked, err := faas.CheckJSON(raw)
	if err == nil && len(checked) != len(raw) { // a byte-order mark, which no stored proposal could hold
		err = errors.New("they begin with a byte-order mark")
	}
	if err != nil {
		return t.invalid(err)
	}
	return nil
}

// invalid says that arguments are wrong without repeating them: they may hold health data.
func (t Tool) invalid(cause error) error {
	return &gym.Error{Kind: gym.ErrInvalid, Code: "arguments_invalid", Detail: "the arguments of " + t.name + " are not of its schema",
		Hint: "GET /function/tools lists the schemas", Err: cause}
}

// legible reports whether every text in a value shows something and holds nothing that changes how other text is shown.
func legible(v any) bool {
	switch v := v.(type) {
	case string:
		return legibleText(v)
	case []any:
		return !slices.ContainsFunc(v, func(each any) bool { return !legible(each) })
	case map[string]any:
		return legible(slices.Collect(maps.Values(v)))
	}
	return true
}

func legibleText(s string) bool {
	shows := s == ""
	for _, r := range s {
		switch {
		case strings.ContainsRune("\n\r\t", r):
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return false
		case !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r):
			shows = true
		}
	}
	return shows
}

// Narrow keeps of an object what the tool takes: a router fills one set of slots for all tools.
func (t Tool) Narrow(raw json.RawMessage) (json.RawMessage, error) {
	if err := t.sound(raw); err != nil {
		return nil, err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, t.invalid(err)
	}
	for name := range all {
		if t.schema.Properties[name] == nil {
			delete(all, name)
		}
	}
	narrowed, err := json.Marshal(all)
	if err != nil {
		return nil, fmt.Errorf("narrow the arguments of %s: %w", t.name, err)
	}
	return narrowed, t.Check(narrowed)
}

// Summary words what a write would do, for a yes or no. It fails when the write could not be done.
func (t Tool) Summary(ctx context.Context, c Call, raw json.RawMessage) (string, error) {
	if !t.Allows(c.Role) {
		return "", t.forbidden(c.Role)
	}
	in, err := t.read(raw)
	if err != nil {
		return "", err
	}
	if t.confirm == nil {
		return "", fmt.Errorf("tool %s changes nothing", t.name)
	}
	return t.confirm(ctx, c, in)
}

// Run does it. Whoever calls has the member's yes to a tool that writes.
func (t Tool) Run(ctx context.Context, c Call, raw json.RawMessage) (Result, error) {
	if !t.Allows(c.Role) {
		return Result{}, t.forbidden(c.Role)
	}
	in, err := t.read(raw)
	if err != nil {
		return Result{}, err
	}
	out, err := t.run(ctx, c, in)
	if err != nil {
		return Result{}, err
	}
	encoded, err := json.Marshal(out)
	if err != nil {
		return Result{}, fmt.Errorf("write the result of %s: %w", t.name, err)
	}
	return Result{JSON: encoded, Said: t.say(c, out)}, nil
}

func (t Tool) forbidden(role gym.Role) error {
	return gym.Errorf(gym.ErrForbidden, "tool_not_allowed", "the role %s may not use %s", role, t.name)
}
