// Package route finds what an utterance asks for: a tool with its slots, or talk that needs none. Three judges are asked in
// order and each may abstain: rules over normalised words, a classifier over sentence vectors, one schema-constrained call to
// the model. They only name the action. Slots are read by code from the member's words, so no judge can make up a time, a
// coach or an id; what is not there is asked for.
package route

import (
	"context"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
)

// The actions. Reply is talk without a tool; the others are names of tools.
const (
	Reply      = "reply"
	Check      = "check_availability"
	Schedule   = "schedule_appointment"
	Reschedule = "reschedule_appointment"
	Cancel     = "cancel_appointment"
	List       = "list_appointments"
	Workout    = "get_todays_workout"
	Nutrition  = "get_nutrition_targets"
	Plan       = "generate_plan"
	Log        = "log_workout"
	Profile    = "update_profile"
	Escalate   = "escalate_to_coach"
)

// Actions lists every action, Reply first.
func Actions() []string {
	return []string{Reply, Check, Schedule, Reschedule, Cancel, List, Workout, Nutrition, Plan, Log, Profile, Escalate}
}

// The judges, as Decision.By names them.
const (
	ByRule       = "rule"
	ByClassifier = "classifier"
	ByModel      = "model"
	ByNone       = "none"
)

// Message is one earlier message of the conversation.
type Message struct {
	Role string `json:"role"` // user, assistant
	Text string `json:"text"`
}

// Turn is one utterance with what is needed to understand it.
type Turn struct {
	Text     string
	Now      time.Time // in the gym's zone
	Coaches  []gym.Coach
	Upcoming []gym.Appointment // of the member
	CoachID  string            // the member's own coach, empty when there is none
	Previous *Decision         // the open question of the last turn
	Last     *Decision         // what the last turn asked for, when it was no talk
	History  []Message
}

// Slots are the arguments of all tools; the JSON names are theirs.
type Slots struct {
	Coach          string         `json:"coach,omitempty"` // an id
	From           *time.Time     `json:"from,omitempty"`
	To             *time.Time     `json:"to,omitempty"`
	StartsAt       *time.Time     `json:"starts_at,omitempty"`
	Minutes        int            `json:"minutes,omitempty"`
	Appointment    string         `json:"appointment,omitempty"` // an id
	Exercise       string         `json:"exercise,omitempty"`
	Sets           int            `json:"sets,omitempty"`
	Reps           int            `json:"reps,omitempty"`
	WeightKG       *float64       `json:"weight_kg,omitempty"`
	RIR            *int           `json:"rir,omitempty"`
	Date           string         `json:"date,omitempty"` // 2006-01-02
	DaysPerWeek    int            `json:"days_per_week,omitempty"`
	SessionMinutes int            `json:"session_minutes,omitempty"`
	Goal           gym.Goal       `json:"goal,omitempty"`
	Wishes         string         `json:"wishes,omitempty"`
	Injury         *gym.Injury    `json:"injury,omitempty"`
	Likes          []string       `json:"likes,omitempty"`
	Dislikes       []string       `json:"dislikes,omitempty"`
	Allergies      []gym.Allergen `json:"allergies,omitempty"`
	Reason         string         `json:"reason,omitempty"`
}

// Decision is what an utterance asks for. Nothing may run while Missing or Question is not empty.
type Decision struct {
	Action   string    `json:"action"`
	Slots    Slots     `json:"slots"`
	Missing  []string  `json:"missing,omitempty"`  // JSON names of slots
	Question string    `json:"question,omitempty"` // one question, when something is missing or ambiguous
	By       string    `json:"by"`                 // the judge
	Sure     float64   `json:"sure"`               // 0 to 1
	Then     *Decision `json:"then,omitempty"`     // a second request: told, not executed
	Open     *Open     `json:"open,omitempty"`     // what the answer to the question is read against
}

// Open is what is known so far of a slot that is still asked for.
type Open struct {
	Slot    string      `json:"slot"`              // that Question asks for
	Choices []Choice    `json:"choices,omitempty"` // when it asks which one
	Times   []time.Time `json:"times,omitempty"`   // readings of an ambiguous time
	Day     *time.Time  `json:"day,omitempty"`     // the day that was named without a time, or the start of the part of it
	Until   *time.Time  `json:"until,omitempty"`   // the end of what Day is the start of
}

// Choice is one of the things that a question offers.
type Choice struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Embedder turns texts into vectors of the embedding model.
type Embedder interface {
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}
