// Package demo carries a small gym of our own: exercises and foods in our own words with facts from common knowledge,
// machines, coaches, and members who differ in what matters to a plan. It is what a newcomer sees first and what tests and
// evaluations work on.
//
// Foods are per 100 g as eaten; carbohydrate includes fibre, and energy follows from the macronutrients by the factors of
// Regulation (EU) 1169/2011 (4 kcal a gram of protein and available carbohydrate, 9 of fat, 2 of fibre). Every exercise gives
// its injury tags and every food its allergens: an empty list means that a person looked and found none.
package demo

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/catalogue"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/postgres"
)

// Who the demo is about.
const (
	GymID    = "demo"
	MemberID = "mara"
	CoachID  = "coach-jonas"
	TimeZone = "Europe/Berlin"
)

var (
	//go:embed exercises.json
	exercisesFile []byte
	//go:embed foods.csv
	foodsFile []byte
	//go:embed equipment.csv
	equipmentFile []byte
	//go:embed members.json
	membersFile []byte
)

// Two of the coaches share a first name, as people do.
var coaches = []gym.Coach{{ID: CoachID, Name: "Jonas Weber"}, {ID: "coach-lea", Name: "Lea Brandt"}, {ID: "coach-lea-sommer", Name: "Lea Sommer"}}

// hours is the week of the coaches: Jonas early, one Lea late, the other with a group at noon and on Saturdays.
func hours() []gym.WorkingHours {
	var out []gym.WorkingHours
	for day := time.Monday; day <= time.Friday; day++ {
		out = append(out,
			gym.WorkingHours{CoachID: CoachID, Weekday: day, From: 8 * 60, To: 18 * 60, Capacity: 1},
			gym.WorkingHours{CoachID: "coach-lea", Weekday: day, From: 14 * 60, To: 21 * 60, Capacity: 2},
			gym.WorkingHours{CoachID: "coach-lea-sommer", Weekday: day, From: 11 * 60, To: 14 * 60, Capacity: 10})
	}
	return append(out, gym.WorkingHours{CoachID: "coach-lea-sommer", Weekday: time.Saturday, From: 9 * 60, To: 13 * 60, Capacity: 10})
}

// away is when a coach is not there.
var away = []gym.TimeOff{{CoachID: "coach-lea", StartsAt: time.Date(2026, 12, 23, 23, 0, 0, 0, time.UTC), EndsAt: time.Date(2027, 1, 3, 23, 0, 0, 0, time.UTC)}}

// Seed fills the demo gym for the service principal in ctx. A second run changes nothing.
func Seed(ctx context.Context, db *postgres.DB, p models.Progress) error {
	exercises, foods, err := Catalogue()
	if err != nil {
		return err
	}
	members, err := Members()
	if err != nil {
		return err
	}
	equipment, err := catalogue.EquipmentCSV(bytes.NewReader(equipmentFile))
	if err := sound("equipment.csv", equipment, err); err != nil {
		return err
	}
	if err := db.UpsertGym(ctx, gym.Gym{ID: GymID, Name: "Studio Nordlicht", TimeZone: TimeZone}); err != nil {
		return fmt.Errorf("seed the gym: %w", err)
	}
	meter := p.Begin(models.Job{Verb: "seed", Name: "demo gym", Total: int64(len(exercises) + len(foods) + len(equipment.Rows) + len(members)), Unit: "rows"})
	done := 0
	for _, step := range []struct {
		rows  int
		store func() (postgres.Changes, error)
	}{
		{len(exercises), func() (postgres.Changes, error) { return db.UpsertExercises(ctx, exercises) }},
		{len(foods), func() (postgres.Changes, error) { return db.UpsertFoods(ctx, foods) }},
		{len(equipment.Rows), func() (postgres.Changes, error) { return db.UpsertEquipment(ctx, equipment.Rows) }},
		{0, func() (postgres.Changes, error) { return db.UpsertCoaches(ctx, coaches) }},
		{0, func() (postgres.Changes, error) { return postgres.Changes{}, db.SetWorkingHours(ctx, hours()) }},
		{0, func() (postgres.Changes, error) { return postgres.Changes{}, db.SetTimeOff(ctx, away) }},
		{len(members), func() (postgres.Changes, error) { return db.UpsertMembers(ctx, members) }},
	} {
		if _, err := step.store(); err != nil {
			meter.End(err)
			return fmt.Errorf("seed: %w", err)
		}
		done += step.rows
		meter.Set(int64(done), int64(done))
	}
	meter.End(nil)
	return nil
}

// Catalogue reads the exercises and foods of the demo gym.
func Catalogue() ([]gym.Exercise, []gym.Food, error) {
	exercises, err := catalogue.Exercises(bytes.NewReader(exercisesFile))
	if err := sound("exercises.json", exercises, err); err != nil {
		return nil, nil, err
	}
	foods, err := catalogue.FoodsCSV(bytes.NewReader(foodsFile))
	if err := sound("foods.csv", foods, err); err != nil {
		return nil, nil, err
	}
	return exercises.Rows, foods.Rows, nil
}

// Members reads the members of the demo gym.
func Members() ([]gym.Member, error) {
	members, err := catalogue.Members(bytes.NewReader(membersFile), nil, time.Now())
	if err := sound("members.json", members, err); err != nil {
		return nil, err
	}
	return members.Rows, nil
}

// sound refuses a file with any problem: it is ours.
func sound[T any](file string, r catalogue.Result[T], err error) error {
	if err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	var problems []error
	for _, p := range r.Problems {
		problems = append(problems, errors.New(p.String()))
	}
	if len(problems) > 0 {
		return fmt.Errorf("read %s: %w", file, errors.Join(problems...))
	}
	return nil
}
