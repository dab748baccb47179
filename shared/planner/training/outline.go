package training

import (
	"time"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/gate"
)

// Profile is what training needs to know of a member and a request. Gate is obeyed throughout: its goal, its tags, its
// limits on effort.
type Profile struct {
	Goal       gym.Goal
	Experience gym.Experience
	Days       int // sessions a week, 1–7
	Minutes    int // of one session
	Weeks      int // 0 = the rules' default
	Age        int
	Equipment  []string // kinds that may be used
	Gate       gate.Assessment
	Fixed      []time.Weekday // train on these
	Avoid      []time.Weekday // never on these
}

// Outline is a week before exercises are chosen: which days, and which slots each day has.
type Outline struct {
	Split    string
	Days     []SlotDay
	Warnings []gate.Warning // wishes for weekdays that could not be kept, days reduced, …
}

// SlotDay is one session of an outline.
type SlotDay struct {
	Day     int
	Focus   string
	Weekday time.Weekday
	Slots   []Slot
}

func (d SlotDay) weekday() string { return weekdayName(d.Weekday) }
