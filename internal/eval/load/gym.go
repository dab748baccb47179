package load

import (
	"errors"
	"fmt"
	"time"

	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/shared/gym"
)

// coachID is the one coach of the run's gym, who is there every day for everybody.
const coachID = "ada"

// The coach's day in hours; the members' times are spread over it.
const (
	opens  = 6
	closes = 22
)

// open makes the gym: the demo's catalogue with the stand-in's vectors, a coach, and a member for each chat.
func (s *stage) open() error {
	exercises, foods, err := demo.Catalogue()
	if err != nil {
		return err
	}
	var hours []gym.WorkingHours
	for day := time.Sunday; day <= time.Saturday; day++ {
		hours = append(hours, gym.WorkingHours{CoachID: coachID, Weekday: day, From: opens * 60, To: closes * 60, Capacity: 100})
	}
	members := make([]gym.Member, s.chats)
	for i := range members {
		members[i] = person(memberID(i))
	}
	for _, step := range []func() error{
		func() error {
			return s.db.UpsertGym(s.ctx, gym.Gym{ID: s.gymID, Name: "Bench gym", TimeZone: "UTC"})
		},
		func() error { _, err := s.db.UpsertCoaches(s.ctx, []gym.Coach{{ID: coachID, Name: "Ada"}}); return err },
		func() error { return s.db.SetWorkingHours(s.ctx, hours) },
		func() error { _, err := s.db.UpsertMembers(s.ctx, members); return err },
		func() error { _, err := s.db.UpsertExercises(s.ctx, exercises); return err },
		func() error { _, err := s.db.UpsertFoods(s.ctx, foods); return err },
		func() error { return s.index(exercises, foods) },
	} {
		if err := step(); err != nil {
			return fmt.Errorf("make the bench's gym: %w", err)
		}
	}
	return nil
}

// index gives the rows vectors, so that the searches of a turn cost what they cost in a gym.
func (s *stage) index(exercises []gym.Exercise, foods []gym.Food) error {
	var names, ids []string
	for _, e := range exercises {
		names, ids = append(names, e.Name), append(ids, e.ID)
	}
	first := s.db.StoreExerciseVectors(s.ctx, "bench", ids, vectors(names))
	names, ids = nil, nil
	for _, f := range foods {
		names, ids = append(names, f.Name), append(ids, f.ID)
	}
	return errors.Join(first, s.db.StoreFoodVectors(s.ctx, "bench", ids, vectors(names)))
}

func memberID(i int) string { return fmt.Sprintf("m%03d", i) }

func person(id string) gym.Member {
	return gym.Member{ID: id, Name: id, BirthDate: gym.NewDate(1990, 1, 1), Sex: gym.Female, HeightCM: 170, WeightKG: 65, Goal: gym.Strength, Experience: gym.Intermediate,
		Activity: gym.Moderate, DaysPerWeek: 3, SessionMinutes: 60, Consent: gym.Consent{AIChat: true, Voice: true}}
}
