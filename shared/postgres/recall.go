package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/intellifit/intellifit/shared/gym"
)

// recall finds rows of one table: the nearest by meaning and the best by words, and of these first the ones whose whole name
// is in the question (the longest name first), then the others by distance.
func recall(table, columns, where string) string {
	return `
	WITH candidate AS (
	  (SELECT id FROM ` + table + ` WHERE gym_id = acting_gym() AND embedding IS NOT NULL AND ` + where + `
	   ORDER BY embedding <=> $1::vector, id COLLATE "C" LIMIT 20)
	  UNION
	  (SELECT id FROM ` + table + `, to_tsquery('english', NULLIF($2, '')) q WHERE gym_id = acting_gym() AND search @@ q AND ` + where + `
	   ORDER BY ts_rank_cd(search, q) DESC, id COLLATE "C" LIMIT 20)),
	judged AS (
	  SELECT id, coalesce(embedding <=> $1::vector, 2) AS distance, length(name) AS named,
	    coalesce(to_tsvector('english', $3) @@ NULLIF(plainto_tsquery('english', name), ''), false) AS worded
	  FROM candidate JOIN ` + table + ` USING (id) WHERE gym_id = acting_gym())
	SELECT ` + columns + `, judged.distance, judged.worded
	FROM judged JOIN ` + table + ` e ON e.gym_id = acting_gym() AND e.id = judged.id
	ORDER BY judged.worded DESC, CASE WHEN judged.worded THEN -judged.named ELSE 0 END, judged.distance, e.id COLLATE "C" LIMIT $4`
}

var (
	recallExercises = recall("exercise", exerciseColumns+", e.description", "pattern <> 'unsorted'")
	recallFoods     = recall("food", foodColumns, "role <> 'excluded'")
)

// Recall finds the rows of the catalogue that a question is about: up to limit exercises, then as many foods. No filter of a
// member applies: what is not for the member has to be said.
func (db *DB) Recall(ctx context.Context, text string, queryVector []float32, limit int) (found []gym.Passage, err error) {
	args := []any{vector(queryVector), anyWord(text), text, limit}
	err = db.read(ctx, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		batch.Queue(recallExercises, args...).Query(func(rows pgx.Rows) error {
			return collect(rows, &found, func(row pgx.CollectableRow) (p gym.Passage, err error) {
				p.Exercise = new(gym.Exercise)
				return p, row.Scan(append(exerciseFields(p.Exercise), &p.Exercise.Description, &p.Distance, &p.Worded)...)
			})
		})
		batch.Queue(recallFoods, args...).Query(func(rows pgx.Rows) error {
			return collect(rows, &found, func(row pgx.CollectableRow) (p gym.Passage, err error) {
				p.Food = new(gym.Food)
				return p, row.Scan(append(foodFields(p.Food), &p.Distance, &p.Worded)...)
			})
		})
		return tx.SendBatch(ctx, batch).Close()
	})
	return found, translate("recall the catalogue", err)
}

func collect[T any](rows pgx.Rows, into *[]T, scan pgx.RowToFunc[T]) error {
	list, err := pgx.CollectRows(rows, scan)
	*into = append(*into, list...)
	return err
}
