package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
)

// factValue is what tells one fact from another: the fields of its kind.
type factValue struct {
	Injury  *gym.Injury  `json:"injury,omitempty"`
	Allergy gym.Allergen `json:"allergy,omitempty"`
	Word    string       `json:"word,omitempty"`
	Goal    gym.Goal     `json:"goal,omitempty"`
}

func scanFact(row pgx.CollectableRow) (f gym.Fact, err error) {
	var value []byte
	if err := row.Scan(&f.ID, &f.Kind, &value, &f.Source, &f.SaidAt, &f.RetiredAt); err != nil {
		return f, err
	}
	var v factValue
	if err := json.Unmarshal(value, &v); err != nil {
		return f, fmt.Errorf("read a fact: %w", err)
	}
	f.Injury, f.Allergy, f.Word, f.Goal, f.SaidAt = v.Injury, v.Allergy, v.Word, v.Goal, f.SaidAt.UTC()
	return f, nil
}

// Facts lists a member's facts, oldest first, retired ones included.
func (db *DB) Facts(ctx context.Context, memberID string) ([]gym.Fact, error) {
	return many(ctx, db, "list facts", factsOf, scanFact, memberID)
}

const factsOf = `SELECT id, kind, value, source, said_at, retired_at FROM fact WHERE gym_id = acting_gym() AND member_id = $1 ORDER BY said_at, id`

// AddFacts adds what is not known yet. Saying the same twice is one fact, so the write may be repeated.
func (db *DB) AddFacts(ctx context.Context, memberID string, facts []gym.Fact) error {
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		for _, f := range facts {
			value, err := json.Marshal(factValue{f.Injury, f.Allergy, f.Word, f.Goal})
			if err != nil {
				return fmt.Errorf("write a fact: %w", err)
			}
			id, err := uuid.NewV7() // grows: facts of one message stay in their order
			if err != nil {
				return fmt.Errorf("name a fact: %w", err)
			}
			if f.Kind == gym.GoalFact { // one goal at a time: the one before is retired
				if _, err := tx.Exec(ctx, `UPDATE fact SET retired_at = $2 WHERE gym_id = acting_gym() AND member_id = $1 AND kind = 'goal' AND retired_at IS NULL AND value <> $3`, memberID, f.SaidAt, value); err != nil {
					return err
				}
			}
			_, err = tx.Exec(ctx, `
				INSERT INTO fact (gym_id, member_id, id, kind, value, source, said_at) VALUES (acting_gym(), $1, $2, $3, $4, $5, $6)
				ON CONFLICT (gym_id, member_id, kind, value) WHERE retired_at IS NULL DO NOTHING`, memberID, id.String(), string(f.Kind), value, f.Source, f.SaidAt)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return translate("add facts", err)
}

// RetireFact ends a fact; it stays readable.
func (db *DB) RetireFact(ctx context.Context, id string, at time.Time) error {
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE fact SET retired_at = coalesce(retired_at, $2) WHERE gym_id = acting_gym() AND id = $1`, id, at)
		if err == nil && tag.RowsAffected() == 0 {
			return pgx.ErrNoRows
		}
		return err
	})
	return translate("retire a fact", err)
}

// LogTraining stores one entry. The same key again is the same entry, whatever it says then.
func (db *DB) LogTraining(ctx context.Context, memberID, key string, e gym.TrainingEntry) (stored gym.TrainingEntry, err error) {
	err = db.InTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO training_log (gym_id, member_id, id, key, done_on, exercise_id, exercise, sets, reps, weight_kg, rir)
			VALUES (acting_gym(), $1, $2, NULLIF($3, ''), $4, (SELECT e.id FROM exercise e WHERE e.gym_id = acting_gym() AND lower(e.name) = lower($5) ORDER BY e.id LIMIT 1), $5, $6, $7, $8, $9)
			ON CONFLICT (gym_id, member_id, key) DO NOTHING`, memberID, e.ID, key, e.Date.Time, e.Exercise, e.Sets, e.Reps, e.WeightKG, e.RIR)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, trainingOf+` AND (key = NULLIF($2, '') OR id = $3)`, memberID, key, e.ID)
		if err != nil {
			return err
		}
		stored, err = pgx.CollectExactlyOneRow(rows, scanTraining)
		return err
	})
	return stored, translate("log training", err)
}

const trainingOf = `SELECT id, done_on, coalesce(exercise_id, ''), exercise, sets, reps, weight_kg, rir FROM training_log WHERE gym_id = acting_gym() AND member_id = $1`

func scanTraining(row pgx.CollectableRow) (e gym.TrainingEntry, err error) {
	return e, row.Scan(&e.ID, &e.Date.Time, &e.ExerciseID, &e.Exercise, &e.Sets, &e.Reps, &e.WeightKG, &e.RIR)
}

// Training lists what a member did in [from, to), newest first.
func (db *DB) Training(ctx context.Context, memberID string, from, to gym.Date) ([]gym.TrainingEntry, error) {
	return many(ctx, db, "list training", trainingOf+` AND done_on >= $2 AND done_on < $3 ORDER BY done_on DESC, created_at DESC, id`, scanTraining, memberID, from.Time, to.Time)
}

// Escalate calls a person for a member: a code and ids, nothing of what was said. The same key again is the same call.
func (db *DB) Escalate(ctx context.Context, memberID, conversationID, code, key string) error {
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO escalation (gym_id, member_id, id, key, code, conversation_id) VALUES (acting_gym(), $1, $2, NULLIF($3, ''), $4, $5)
			ON CONFLICT (gym_id, member_id, key) DO NOTHING`, memberID, uuid.NewString(), key, code, conversationID)
		return err
	})
	return translate("call a person", err)
}

// NewestPlan reads the plan that was made for a member last; gym.ErrNotFound when there is none.
func (db *DB) NewestPlan(ctx context.Context, memberID string) (p planner.Plan, err error) {
	err = db.read(ctx, func(tx pgx.Tx) (err error) {
		p, err = onePlan(ctx, tx, `p.member_id = $1 ORDER BY p.created_at DESC, p.id LIMIT 1`, memberID)
		return err
	})
	return p, translate("read the newest plan", err)
}
