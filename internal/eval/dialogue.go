package eval

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/coach/route"
	"github.com/intellifit/intellifit/shared/coach/safety"
	"github.com/intellifit/intellifit/shared/gym"
)

// Dialogue is one dialogue of SGD (Rastogi et al. 2020) as ../shared/data/dialogue holds it.
type Dialogue struct {
	ID      string         `json:"dialogue_id"`
	Service string         `json:"service"`
	Turns   []DialogueTurn `json:"turns"`
}

// DialogueTurn is what one side says. A user's turn has the state after it: the intent and every form in which a value of a
// slot was said.
type DialogueTurn struct {
	Role     string              `json:"role"`
	Text     string              `json:"text"`
	Intent   string              `json:"intent,omitempty"`
	Slots    map[string][]string `json:"slots,omitempty"`
	ToolCall *struct {
		Name      string            `json:"name"`
		Arguments map[string]string `json:"arguments"`
	} `json:"tool_call,omitempty"`
	ToolResults []map[string]string `json:"tool_results,omitempty"`
}

// What is mapped. BookAppointment is schedule_appointment; the provider's name is the coach, appointment_date and
// appointment_time are starts_at. In FindProvider, a search for a provider in a city, which gyms have no tool for, nothing may be
// booked. Calendar_1, which manages the user's own calendar, and the slots city, type and features of providers are not mapped.
var (
	providers = map[string]string{"Services_1": "stylist_name", "Services_2": "dentist_name", "Services_3": "doctor_name", "Services_4": "therapist_name"}
	slotDate  = "appointment_date"
	slotTime  = "appointment_time"
)

const (
	intentBook = "BookAppointment"
	intentFind = "FindProvider"
	intentNone = "NONE"
)

// sgdNow is the day on which all dialogues of SGD take place: a Friday, which "today" in them is.
var sgdNow = time.Date(2019, 3, 1, 8, 0, 0, 0, time.FixedZone("SGD", 0))

// State is what is known of an appointment after a turn.
type State struct {
	Name string `json:"name,omitempty"` // lower case
	Date string `json:"date,omitempty"` // 2006-01-02
	Time string `json:"time,omitempty"` // 15:04
}

// DialogueResult is what became of one user turn.
type DialogueResult struct {
	Dialogue string   `json:"dialogue"`
	Turn     int      `json:"turn"`
	Text     string   `json:"text"`
	Intent   string   `json:"intent"`
	Action   string   `json:"action"`  // of this turn
	Tracked  string   `json:"tracked"` // the last one that was no talk
	Want     State    `json:"want"`
	Got      State    `json:"got"`
	Unread   []string `json:"unread,omitempty"` // slots whose form no service call of the set explains: not judged
}

// LoadDialogues reads the dialogues about appointments.
func LoadDialogues(path string) ([]Dialogue, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the dialogues: %w", err)
	}
	defer f.Close()
	var out []Dialogue
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var d Dialogue
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			return nil, fmt.Errorf("read dialogue %d: %w", n, err)
		}
		if providers[d.Service] != "" && len(d.userTurns()) > 0 {
			out = append(out, d)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the dialogues: %w", err)
	}
	return out, nil
}

// forms maps each form in which a date or time was said to its value, as the service calls of the set show it. All dialogues
// share one day, so that "next Thursday" is the same day in each.
type forms map[[2]string]string

func readForms(list []Dialogue) forms {
	out := forms{}
	for _, d := range list {
		var said map[string][]string
		for _, t := range d.Turns {
			if t.Role == "user" {
				said = t.Slots
			}
			if t.ToolCall == nil || t.ToolCall.Name != intentBook {
				continue
			}
			for _, slot := range []string{slotDate, slotTime} {
				for _, form := range said[slot] {
					out[[2]string{slot, strings.ToLower(form)}] = t.ToolCall.Arguments[slot]
				}
			}
		}
	}
	return out
}

// value is what the forms of a slot mean; false when none of them is known.
func (f forms) value(slot string, said []string) (string, bool) {
	for _, form := range said {
		if v, ok := f[[2]string{slot, strings.ToLower(form)}]; ok {
			return v, true
		}
	}
	return "", len(said) == 0
}

// want is the state that SGD gives a turn, and the slots of it that cannot be read.
func (f forms) want(name string, t DialogueTurn) (s State, unread []string) {
	if names := t.Slots[name]; len(names) > 0 {
		s.Name = strings.ToLower(names[0])
	}
	var ok bool
	if s.Date, ok = f.value(slotDate, t.Slots[slotDate]); !ok {
		unread = append(unread, slotDate)
	}
	if s.Time, ok = f.value(slotTime, t.Slots[slotTime]); !ok {
		unread = append(unread, slotTime)
	}
	return s, unread
}

// runDialogue feeds the user's turns one after the other. What a gym knows is taken from the dialogue: the providers that the
// service found and somebody has named so far are the coaches, and the one that the assistant named last is the user's own.
func runDialogue(ctx context.Context, router *route.Router, d Dialogue, f forms) ([]DialogueResult, error) {
	name := providers[d.Service]
	found := d.coaches(name)
	var out []DialogueResult
	var got State
	tracked := route.Reply
	turn := route.Turn{Now: sgdNow}
	for i, t := range d.Turns {
		for _, c := range found {
			if strings.Contains(strings.ToLower(t.Text), c.ID) && !slices.Contains(turn.Coaches, c) {
				turn.Coaches = append(slices.Clone(turn.Coaches), c)
			}
		}
		if t.Role != "user" {
			if id := lastNamed(t.Text, found); id != "" {
				turn.CoachID = id
			}
			continue
		}
		turn.Text = safety.Clean(t.Text, maxMessageLen)
		decision, err := router.Route(ctx, turn)
		if err != nil {
			return nil, fmt.Errorf("dialogue %s: %w", d.ID, err)
		}
		if turn.Previous, err = openAfter(decision); err != nil {
			return nil, fmt.Errorf("dialogue %s: %w", d.ID, err)
		}
		got.take(decision)
		if decision.Action != route.Reply {
			tracked = decision.Action
		}
		r := DialogueResult{Dialogue: d.ID, Turn: i, Text: t.Text, Intent: t.Intent, Action: decision.Action, Tracked: tracked, Got: got}
		r.Want, r.Unread = f.want(name, t)
		out = append(out, r)
	}
	return out, nil
}

// coaches are the providers that the service found in this dialogue; their ids are their names in lower case.
func (d Dialogue) coaches(name string) []gym.Coach {
	var out []gym.Coach
	for _, t := range d.Turns {
		for _, r := range t.ToolResults {
			c := gym.Coach{ID: strings.ToLower(r[name]), Name: r[name]}
			if c.ID != "" && !slices.ContainsFunc(out, func(known gym.Coach) bool { return known.ID == c.ID }) {
				out = append(out, c)
			}
		}
	}
	return out
}

// lastNamed is the coach whose name stands last in a text, "" for none.
func lastNamed(text string, coaches []gym.Coach) string {
	at, id := -1, ""
	for _, c := range coaches {
		if i := strings.LastIndex(strings.ToLower(text), c.ID); i > at {
			at, id = i, c.ID
		}
	}
	return id
}

// take adds what a decision about an appointment says; a part that it does not say stays.
func (s *State) take(d route.Decision) {
	if d.Action != route.Schedule && d.Action != route.Reschedule && d.Action != route.Check {
		return
	}
	if d.Slots.Coach != "" {
		s.Name = d.Slots.Coach
	}
	from, to := d.Slots.From, d.Slots.To
	switch {
	case d.Slots.StartsAt != nil:
		s.Date, s.Time = d.Slots.StartsAt.Format(time.DateOnly), d.Slots.StartsAt.Format("15:04")
	case d.Open != nil && d.Open.Day != nil:
		s.Date = d.Open.Day.Format(time.DateOnly)
	case from != nil && to != nil && to.Sub(*from) <= 25*time.Hour:
		s.Date = from.Format(time.DateOnly)
		if to.Sub(*from) <= time.Hour {
			s.Time = from.Format("15:04")
		}
	}
}
