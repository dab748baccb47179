package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"github.com/intellifit/intellifit/shared/gym"
)

// PendingExercises reads up to limit exercises that have no vector of model, description included, and says how many
// there are in all.
func (db *DB) PendingExercises(ctx context.Context, model string, limit int) (pending []gym.Exercise, total int, err error) {
	err = db.read(ctx, func(tx pgx.Tx) error {
		const where = ` FROM exercise e WHERE e.gym_id = acting_gym() AND (e.embedding IS NULL OR e.embedding_model IS DISTINCT FROM $1)`
		if err := tx.QueryRow(ctx, `SELECT count(*)`+where, model).Scan(&total); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT `+exerciseColumns+`, e.description`+where+` ORDER BY e.id LIMIT $2`, model, limit)
		if err != nil {
			return err
		}
		pending, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (e gym.Exercise, err error) {
			return e, row.Scan(append(exerciseFields(&e), &e.Description)...)
		})
		return err
	})
	return pending, total, translate("list exercises without a vector", err)
}

// PendingFoods reads up to limit foods that have no vector of model, and says how many there are in all.
func (db *DB) PendingFoods(ctx context.Context, model string, limit int) (pending []gym.Food, total int, err error) {
	err = db.read(ctx, func(tx pgx.Tx) error {
		const where = ` FROM food e WHERE e.gym_id = acting_gym() AND (e.embedding IS NULL OR e.embedding_model IS DISTINCT FROM $1)`
		if err := tx.QueryRow(ctx, `SELECT count(*)`+where, model).Scan(&total); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT `+foodColumns+where+` ORDER BY e.id LIMIT $2`, model, limit)
		if err != nil {
			return err
		}
		pending, err = pgx.CollectRows(rows, scanFood)
		return err
	})
	return pending, total, translate("list foods without a vector", err)
}

// StoreExerciseVectors stores the vectors that model made for the exercises with these ids, in their order.
func (db *DB) StoreExerciseVectors(ctx context.Context, model string, ids []string, vectors [][]float32) error {
	return db.storeVectors(ctx, "exercise", model, ids, vectors)
}

// StoreFoodVectors stores the vectors that model made for the foods with these ids, in their order.
func (db *DB) StoreFoodVectors(ctx context.Context, model string, ids []string, vectors [][]float32) error {
	return db.storeVectors(ctx, "food", model, ids, vectors)
}

func (db *DB) storeVectors(ctx context.Context, table, model string, ids []string, vectors [][]float32) error {
	if len(ids) != len(vectors) {
		return gym.Errorf(gym.ErrInvalid, "vectors_mismatch", "%d ids with %d vectors", len(ids), len(vectors))
	}
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		for i, id := range ids {
			batch.Queue(`UPDATE `+table+` SET embedding = $2, embedding_model = $3 WHERE gym_id = acting_gym() AND id = $1`, id, pgvector.NewVector(vectors[i]), model)
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	return translate("store vectors", err)
}
