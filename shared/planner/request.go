package planner

import (
	"fmt"
	"hash/fnv"
	"time"
	"unicode/utf8"

	"github.com/intellifit/intellifit/shared/gym"
)

// The limits of a request and what stands in for a field that is not given.
const (
	MaxDaysPerWeek    = 7
	MinSessionMinutes = 15
	MaxSessionMinutes = 180
	MaxWeeks          = 16
	DefaultWeeks      = 8
	MaxNutritionDays  = 14
	DefaultNutrition  = 7
	MaxWishes         = 1000 // characters
)

// resolve completes r from the profile and checks its ranges. The error lists every field that is wrong.
func (r Request) resolve(m gym.Member, callID string, now time.Time) (Request, error) {
	r.MemberID = m.ID
	if r.Goal == "" {
		r.Goal = m.Goal
	}
	if r.DaysPerWeek == 0 {
		r.DaysPerWeek = m.DaysPerWeek
	}
	if r.SessionMinutes == 0 {
		r.SessionMinutes = m.SessionMinutes
	}
	if r.Weeks == 0 {
		r.Weeks = DefaultWeeks
	}
	if r.NutritionDays == 0 {
		r.NutritionDays = DefaultNutrition
	}
	if r.Seed == nil {
		r.Seed = new(freshSeed(m.ID, callID, now))
	}
	return r, r.check()
}

func (r Request) check() error {
	var bad []gym.Field
	outside := func(name string, value, lowest, highest int, unit string) {
		if value < lowest || value > highest {
			bad = append(bad, gym.Field{Name: "body." + name, Message: fmt.Sprintf("is %d%s, must be from %d to %d%s", value, unit, lowest, highest, unit)})
		}
	}
	switch r.Goal {
	case gym.FatLoss, gym.MuscleGain, gym.Strength, gym.Endurance, gym.Health:
	default:
		bad = append(bad, gym.Field{Name: "body.goal", Message: "must be one of fat_loss, muscle_gain, strength, endurance, health"})
	}
	outside("days_per_week", r.DaysPerWeek, 1, MaxDaysPerWeek, "")
	outside("session_minutes", r.SessionMinutes, MinSessionMinutes, MaxSessionMinutes, " minutes")
	outside("weeks", r.Weeks, 1, MaxWeeks, "")
	outside("nutrition_days", r.NutritionDays, 1, MaxNutritionDays, "")
	if n := utf8.RuneCountInString(r.Wishes); n > MaxWishes {
		bad = append(bad, gym.Field{Name: "body.wishes", Message: fmt.Sprintf("has %d characters, at most %d are read", n, MaxWishes)})
	}
	if len(bad) == 0 {
		return nil
	}
	return &gym.Error{Kind: gym.ErrInvalid, Code: "invalid_request", Detail: "the request has fields outside their range", Fields: bad}
}

// complete says what a profile lacks for a plan: a member may exist without one.
func complete(m gym.Member) error {
	var missing []gym.Field
	need := func(ok bool, name string) {
		if !ok {
			missing = append(missing, gym.Field{Name: name, Message: "is needed for a plan"})
		}
	}
	need(!m.BirthDate.IsZero(), "birth_date")
	need(m.Sex != "", "sex")
	need(m.HeightCM > 0, "height_cm")
	need(m.WeightKG > 0, "weight_kg")
	need(m.Goal != "", "goal")
	need(m.Experience != "", "experience")
	need(m.Activity != "", "activity")
	if len(missing) == 0 {
		return nil
	}
	return &gym.Error{Kind: gym.ErrInfeasible, Code: "profile_incomplete", Detail: "the member's profile is not complete", Hint: "complete the profile, then ask again", Fields: missing}
}

// freshSeed draws a seed for a request that names none. A call id that is delivered twice draws the same.
func freshSeed(memberID, callID string, now time.Time) int64 {
	h := fnv.New64a()
	if callID == "" {
		callID = now.UTC().Format(time.RFC3339Nano)
	}
	h.Write([]byte(memberID + "\x00" + callID))
	return int64(h.Sum64() >> 33)
}
