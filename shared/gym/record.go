package gym

import (
	"slices"
	"time"
)

// FactKind says what a fact is about.
type FactKind string

// The kinds of facts. Each has one field of Fact.
const (
	InjuryFact  FactKind = "injury"
	AllergyFact FactKind = "allergy"
	LikeFact    FactKind = "like"
	DislikeFact FactKind = "dislike"
	GoalFact    FactKind = "goal"
)

// Fact is one thing that a member or the staff told after the profile was imported. It is added and retired, never changed.
type Fact struct {
	ID        string     `json:"id,omitempty"` // none before it is stored
	Kind      FactKind   `json:"kind"`
	Injury    *Injury    `json:"injury,omitempty"`
	Allergy   Allergen   `json:"allergy,omitempty"`
	Word      string     `json:"word,omitempty"` // of a like or dislike
	Goal      Goal       `json:"goal,omitempty"`
	Source    string     `json:"source"` // member, coach or staff
	SaidAt    time.Time  `json:"said_at"`
	RetiredAt *time.Time `json:"retired_at,omitempty"`
}

// With is the member as the facts make it, oldest first. They add to the profile; only a goal takes another's place.
func (m Member) With(facts []Fact) Member {
	for _, f := range facts {
		switch {
		case f.RetiredAt != nil:
		case f.Kind == InjuryFact && f.Injury != nil:
			m.Injuries = append(slices.Clip(m.Injuries), *f.Injury)
		case f.Kind == AllergyFact && !slices.Contains(m.Allergies, f.Allergy):
			m.Allergies = append(slices.Clip(m.Allergies), f.Allergy)
		case f.Kind == LikeFact && !slices.Contains(m.Likes, f.Word):
			m.Likes = append(slices.Clip(m.Likes), f.Word)
		case f.Kind == DislikeFact && !slices.Contains(m.Dislikes, f.Word):
			m.Dislikes = append(slices.Clip(m.Dislikes), f.Word)
		case f.Kind == GoalFact:
			m.Goal = f.Goal
		}
	}
	return m
}

// TrainingEntry is one exercise that a member did on a day.
type TrainingEntry struct {
	ID         string   `json:"id"`
	Date       Date     `json:"date"`
	ExerciseID string   `json:"exercise_id,omitempty"` // of the gym's catalogue, where it has that name
	Exercise   string   `json:"exercise"`
	Sets       int      `json:"sets"`
	Reps       int      `json:"reps"`
	WeightKG   *float64 `json:"weight_kg,omitempty"`
	RIR        *int     `json:"rir,omitempty"` // repetitions in reserve
}
