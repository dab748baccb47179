package chatset

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/coach/route"
	"github.com/intellifit/intellifit/shared/gym"
)

// Labelled are the arguments that a label of each action may have, as README.md lists them. Decisions are compared by these
// alone: the note of an injury and the wishes of a plan are free text that no label holds.
var Labelled = map[string][]string{
	route.Reply: nil, route.Check: {"coach", "from", "to", "minutes"}, route.Schedule: {"coach", "starts_at", "minutes"},
	route.Reschedule: {"appointment", "starts_at"}, route.Cancel: {"appointment"}, route.List: {"from", "to"}, route.Workout: {"date"},
	route.Nutrition: nil, route.Plan: {"days_per_week", "session_minutes", "goal"}, route.Log: {"exercise", "sets", "reps", "weight_kg", "rir", "date"},
	route.Profile: {"injury", "allergies", "likes", "dislikes", "goal"}, route.Escalate: {"reason"},
}

// CheckRouter finds every line that breaks the conventions of README.md: labels are written by people.
func CheckRouter(lines []Line) error {
	var found []error
	ids, texts, templates := map[string]bool{}, map[string]string{}, map[string]string{}
	for _, l := range lines {
		bad := func(format string, args ...any) {
			found = append(found, fmt.Errorf("router set, %s: %w", l.ID, fmt.Errorf(format, args...)))
		}
		said := strings.ToLower(strings.Join(append(slices.Clone(l.Before), l.Text), "\n"))
		where := said + "\n" + l.Context
		switch {
		case l.ID == "" || l.Template == "" || strings.TrimSpace(l.Text) == "":
			bad("id, template and text must not be empty")
		case ids[l.ID]:
			bad("the id is there twice")
		case texts[where] != "":
			bad("the text is that of %s", texts[where])
		case texts[said] != "" && texts[said] != l.Split:
			bad("the text is in both splits")
		}
		ids[l.ID], texts[where], texts[said] = true, l.ID, l.Split
		if l.Split != Train && l.Split != Test {
			bad("split %q", l.Split)
		}
		if s, ok := templates[l.Template]; ok && s != l.Split {
			bad("the template %s is in both splits", l.Template)
		}
		templates[l.Template] = l.Split
		if err := l.check(); err != nil {
			bad("%w", err)
		}
	}
	return errors.Join(found...)
}

// check looks at one label alone.
func (l Line) check() error {
	keys, known := Labelled[l.Action]
	where, placed := Contexts[l.Context]
	_, knownThen := Labelled[l.Then]
	switch {
	case !known:
		return fmt.Errorf("action %q", l.Action)
	case !placed:
		return fmt.Errorf("context %q", l.Context)
	case l.Then != "" && (!knownThen || l.Then == route.Reply):
		return fmt.Errorf("then %q", l.Then)
	case len(l.Missing) > 0 && len(l.Args) > 0:
		return errors.New("missing and args exclude each other")
	}
	for _, slot := range l.Missing {
		if !slices.Contains(keys, slot) {
			return fmt.Errorf("missing %q of %s", slot, l.Action)
		}
	}
	if len(l.Args) == 0 {
		return nil
	}
	var args map[string]json.RawMessage
	if err := json.Unmarshal(l.Args, &args); err != nil {
		return fmt.Errorf("args: %w", err)
	}
	for name := range args {
		if !slices.Contains(keys, name) {
			return fmt.Errorf("argument %q of %s", name, l.Action)
		}
	}
	if _, from := args["from"]; from != (args["to"] != nil) {
		return errors.New("from and to stand together")
	}
	return where.check(l.Args)
}

// check looks at the values of a label: each time with the zone's offset on that day, each id one of the context.
func (c Context) check(raw json.RawMessage) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	var s route.Slots
	if err := decoder.Decode(&s); err != nil {
		return fmt.Errorf("args: %w", err)
	}
	for name, t := range map[string]*time.Time{"from": s.From, "to": s.To, "starts_at": s.StartsAt} {
		if t == nil {
			continue
		}
		_, got := t.Zone()
		if _, want := t.In(c.Now.Location()).Zone(); got != want {
			return fmt.Errorf("%s: the offset of %s is that of another zone or season", name, t.Format(time.RFC3339))
		}
	}
	if s.From != nil && s.To != nil && !s.From.Before(*s.To) {
		return errors.New("from is not before to")
	}
	if s.Coach != "" && !slices.ContainsFunc(c.Coaches, func(g gym.Coach) bool { return g.ID == s.Coach }) {
		return fmt.Errorf("the context has no %s", s.Coach)
	}
	if s.Appointment != "" && !slices.ContainsFunc(c.Upcoming, func(a gym.Appointment) bool { return a.ID == s.Appointment }) {
		return fmt.Errorf("the context has no %s", s.Appointment)
	}
	if _, err := time.Parse(time.DateOnly, s.Date); s.Date != "" && err != nil {
		return fmt.Errorf("date: %w", err)
	}
	return nil
}

// ContextNames lists the contexts in order.
func ContextNames() []string { return slices.Sorted(maps.Keys(Contexts)) }
