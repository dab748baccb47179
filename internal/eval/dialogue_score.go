package eval

import (
	"fmt"
	"slices"

	"github.com/intellifit/intellifit/shared/coach/route"
)

// DialogueScore is what the user turns of dialogues came to.
type DialogueScore struct {
	Joint  part // every mapped slot of the state is right
	Booked part // the same, over turns whose intent is to book
	Name   part
	Date   part
	Time   part
	Intent map[string]*part
	Unread int
}

// scoreDialogues judges every turn by the whole state after it, as dialogue state tracking does. A turn with a slot that
// cannot be read counts for its other slots alone.
func scoreDialogues(results []DialogueResult) DialogueScore {
	s := DialogueScore{Intent: map[string]*part{}}
	for _, r := range results {
		right := true
		judge := func(p *part, slot, got, want string) {
			if slices.Contains(r.Unread, slot) {
				return
			}
			right = right && got == want
			if want != "" || got != "" {
				p.count(got == want)
			}
		}
		judge(&s.Name, "", r.Got.Name, r.Want.Name)
		judge(&s.Date, slotDate, r.Got.Date, r.Want.Date)
		judge(&s.Time, slotTime, r.Got.Time, r.Want.Time)
		entry(s.Intent, r.Intent).count(r.intentHeld())
		if len(r.Unread) > 0 {
			s.Unread++
			continue
		}
		s.Joint.count(right)
		if r.Intent == intentBook {
			s.Booked.count(right)
		}
	}
	return s
}

// intentHeld reports whether the action is that of the intent. SGD's intent lasts until another begins, also over small
// talk; so does the action here.
func (r DialogueResult) intentHeld() bool {
	switch r.Intent {
	case intentBook:
		return r.Tracked == route.Schedule || r.Tracked == route.Reschedule
	case intentFind:
		return r.Tracked != route.Schedule && r.Tracked != route.Reschedule && r.Tracked != route.Cancel
	}
	return r.Action == route.Reply
}

func (s *Score) dialogues(results []DialogueResult) {
	d := scoreDialogues(results)
	s.note("dialogue (SGD): joint slot accuracy", "%s; turns left out because a form of a slot is not known: %d", d.Joint, d.Unread)
	s.note("dialogue: joint, turns that book", "%s", d.Booked)
	s.note("dialogue: provider, date, time, where said or set", "%s, %s, %s", d.Name, d.Date, d.Time)
	for _, intent := range []string{intentBook, intentFind, intentNone} {
		s.note("dialogue: intent "+intent, "%s", *entry(d.Intent, intent))
	}
	shown := 0
	for _, r := range results {
		if r.Intent == intentBook && len(r.Unread) == 0 && r.Got != r.Want && shown < 20 {
			shown++
			s.Misses = append(s.Misses, Violation{Case: r.Dialogue, Rule: SetDialogue, Item: fmt.Sprintf("%q: %+v, want %+v", r.Text, r.Got, r.Want)})
		}
	}
}
