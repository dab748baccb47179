package training

import (
	"time"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/gate"
	"github.com/intellifit/intellifit/shared/planner/rules"
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

// Violation is one broken rule of a finished workout.
type Violation struct {
	Code string // equipment, tag, level, region, time, duplicate, order, muscle_cap, session_cap, slot, superset, unknown_exercise
	Slot string // "" when it concerns a day or the week
	Text string
}

// Slots lays out the week: split, weekdays, and per day the slots in the order in which they are trained.
func Slots(p Profile, r *rules.Rules) Outline { return Outline{} }

// Prescribe gives the prescription of e in slot s with the lowest number of sets; Build decides the sets.
func Prescribe(p Profile, s Slot, e gym.Exercise, r *rules.Rules) Item { return Item{} }

// Build turns an outline and the exercise chosen for each slot (by slot id) into the finished workout: prescription,
// balanced sets, supersets where time is short, warm-up, minutes, weekly sets, progression. Slots without a pick are left out.
func Build(o Outline, picks map[string]gym.Exercise, p Profile, r *rules.Rules) (Workout, []gate.Warning) {
	return Workout{}, nil
}

// RebuildDay is Build for one day of an existing workout: every other day stays exactly as it is.
func RebuildDay(w Workout, d SlotDay, picks map[string]gym.Exercise, p Profile, r *rules.Rules) (Workout, []gate.Warning) {
	return w, nil
}

// Swap puts e into one slot: sets, repetitions and place stay, load and cue are those of e. The rest is untouched.
func Swap(w Workout, slot string, e gym.Exercise, p Profile, r *rules.Rules) (Workout, error) {
	return w, nil
}

// SwapOK reports whether candidate may stand in for old: the same pattern and a shared primary muscle.
func SwapOK(old, candidate gym.Exercise) bool { return false }

// Check lists every rule that w breaks for p; nil means none.
func Check(w Workout, p Profile, exercises map[string]gym.Exercise, r *rules.Rules) []Violation {
	return nil
}
