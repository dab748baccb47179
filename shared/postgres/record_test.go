package postgres_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/postgres/postgrestest"
)

// TestFactsJoinTheProfile: an injury that was told in a conversation counts for whoever reads the profile next.
func TestFactsJoinTheProfile(t *testing.T) {
	t.Parallel()
	db := postgrestest.Open(t)
	people(t, db, 2)
	ctx := as(t.Context(), "m0000")
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	knee := gym.Fact{Kind: gym.InjuryFact, Injury: &gym.Injury{Site: gym.Knee, Status: gym.Pain}, Source: "member", SaidAt: now}
	soy := gym.Fact{Kind: gym.AllergyFact, Allergy: gym.Soy, Source: "member", SaidAt: now}
	strength := gym.Fact{Kind: gym.GoalFact, Goal: gym.Strength, Source: "member", SaidAt: now}
	health := gym.Fact{Kind: gym.GoalFact, Goal: gym.Health, Source: "member", SaidAt: now.Add(time.Hour)}
	for range 2 { // a repeated write
		if err := db.AddFacts(ctx, "m0000", []gym.Fact{knee, soy, strength, health}); err != nil {
			t.Fatal(err)
		}
	}
	m, err := db.Member(ctx, "m0000")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]gym.Injury{*knee.Injury}, m.Injuries); diff != "" || m.Goal != gym.Health || !cmp.Equal(m.Allergies, []gym.Allergen{gym.Soy}) {
		t.Errorf("the profile has %v, %v, goal %s", m.Injuries, m.Allergies, m.Goal)
	}
	facts, err := db.Facts(ctx, "m0000")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range facts {
		if f.Kind == gym.InjuryFact {
			if err := db.RetireFact(ctx, f.ID, now.AddDate(0, 1, 0)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if m, err := db.Member(ctx, "m0000"); err != nil || len(m.Injuries) != 0 {
		t.Errorf("after it is retired the profile has %v, %v", m.Injuries, err)
	}
	after, err := db.Facts(ctx, "m0000")
	if err != nil || len(after) != len(facts) {
		t.Errorf("a retired fact is gone: %d of %d, %v", len(after), len(facts), err)
	}
	stranger := as(t.Context(), "m0001")
	if list, err := db.Facts(stranger, "m0000"); err != nil || len(list) != 0 {
		t.Errorf("a stranger reads %v, %v", list, err)
	}
	if err := db.AddFacts(stranger, "m0000", []gym.Fact{soy, {Kind: gym.LikeFact, Word: "tofu", Source: "member", SaidAt: now}}); !errors.Is(err, gym.ErrForbidden) {
		t.Errorf("a stranger adds a fact: %v", err)
	}
	if err := db.RetireFact(stranger, facts[0].ID, now); !errors.Is(err, gym.ErrNotFound) {
		t.Errorf("a stranger retires a fact: %v", err)
	}
}

func TestTrainingLog(t *testing.T) {
	t.Parallel()
	db := postgrestest.Open(t)
	people(t, db, 2)
	if _, err := db.UpsertExercises(postgrestest.Service(t.Context()), []gym.Exercise{{ID: "e1", Name: "Goblet squat", Pattern: gym.Squat}}); err != nil {
		t.Fatal(err)
	}
	ctx := as(t.Context(), "m0000")
	kg := 24.0
	e := gym.TrainingEntry{ID: "t1", Date: gym.NewDate(2026, 11, 24), Exercise: "goblet squat", Sets: 3, Reps: 8, WeightKG: &kg}
	first, err := db.LogTraining(ctx, "m0000", "key", e)
	if err != nil || first.ExerciseID != "e1" {
		t.Fatalf("logged %+v, %v", first, err)
	}
	e.ID = "t2"
	if again, err := db.LogTraining(ctx, "m0000", "key", e); err != nil || again.ID != "t1" {
		t.Errorf("logged again as %+v, %v", again, err)
	}
	list, err := db.Training(ctx, "m0000", gym.NewDate(2026, 11, 1), gym.NewDate(2026, 12, 1))
	if err != nil || len(list) != 1 {
		t.Errorf("the log has %v, %v", list, err)
	}
	if list, err := db.Training(as(t.Context(), "m0001"), "m0000", gym.NewDate(2026, 11, 1), gym.NewDate(2026, 12, 1)); err != nil || len(list) != 0 {
		t.Errorf("a stranger reads %v, %v", list, err)
	}
	e.ID, e.Reps = "t3", 9999
	if _, err := db.LogTraining(ctx, "m0000", "other", e); !errors.Is(err, gym.ErrInvalid) {
		t.Errorf("impossible repetitions: %v", err)
	}
	for range 2 {
		if err := db.Escalate(ctx, "m0000", "c1", "chest_pain", "turn"); err != nil {
			t.Error(err)
		}
	}
	if err := db.Escalate(as(t.Context(), "m0001"), "m0000", "c1", "chest_pain", "x"); !errors.Is(err, gym.ErrForbidden) {
		t.Errorf("a stranger escalates: %v", err)
	}
}
