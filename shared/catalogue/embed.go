package catalogue

import (
	"context"
	"fmt"
	"strings"

	"github.com/intellifit/intellifit/shared/gym"
)

// Store keeps the vectors of the catalogue.
type Store interface {
	PendingExercises(ctx context.Context, model string, limit int) (pending []gym.Exercise, total int, err error)
	PendingFoods(ctx context.Context, model string, limit int) (pending []gym.Food, total int, err error)
	StoreExerciseVectors(ctx context.Context, model string, ids []string, vectors [][]float32) error
	StoreFoodVectors(ctx context.Context, model string, ids []string, vectors [][]float32) error
}

// Embedder turns texts into vectors.
type Embedder interface {
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// embedBatch is how many rows are embedded and stored at a time: what a cut run has stored stays.
const embedBatch = 64

// Embed gives every row of the gym's catalogue that lacks one a vector of the named model. progress hears how many rows
// are done of how many; it may be nil.
func Embed(ctx context.Context, s Store, e Embedder, model string, progress func(done, total int)) (int, error) {
	_, exercises, err := s.PendingExercises(ctx, model, 1)
	if err != nil {
		return 0, err
	}
	_, foods, err := s.PendingFoods(ctx, model, 1)
	if err != nil {
		return 0, err
	}
	w := &embedding{e: e, total: exercises + foods, progress: progress}
	if err := drain(ctx, w, func() ([]gym.Exercise, int, error) { return s.PendingExercises(ctx, model, embedBatch) }, ExerciseText,
		func(x gym.Exercise) string { return x.ID }, func(ids []string, v [][]float32) error { return s.StoreExerciseVectors(ctx, model, ids, v) }); err != nil {
		return w.done, fmt.Errorf("embed exercises: %w", err)
	}
	if err := drain(ctx, w, func() ([]gym.Food, int, error) { return s.PendingFoods(ctx, model, embedBatch) }, FoodText,
		func(f gym.Food) string { return f.ID }, func(ids []string, v [][]float32) error { return s.StoreFoodVectors(ctx, model, ids, v) }); err != nil {
		return w.done, fmt.Errorf("embed foods: %w", err)
	}
	return w.done, nil
}

type embedding struct {
	e           Embedder
	done, total int
	progress    func(done, total int)
}

func drain[T any](ctx context.Context, w *embedding, next func() ([]T, int, error), text, id func(T) string, store func([]string, [][]float32) error) error {
	for {
		rows, _, err := next()
		if err != nil || len(rows) == 0 {
			return err
		}
		ids, texts := make([]string, len(rows)), make([]string, len(rows))
		for i, row := range rows {
			ids[i], texts[i] = id(row), text(row)
		}
		vectors, err := w.e.Embed(ctx, texts)
		if err != nil {
			return err
		}
		if err := store(ids, vectors); err != nil {
			return err
		}
		w.done += len(rows)
		if w.progress != nil {
			w.progress(w.done, w.total)
		}
	}
}

// ExerciseText is what is embedded of an exercise: name, muscles, pattern and the start of its cue. Never injury tags: a
// filter is no matter of likeness.
func ExerciseText(e gym.Exercise) string {
	var b strings.Builder
	b.WriteString(e.Name)
	b.WriteString(". ")
	b.WriteString(strings.ReplaceAll(string(e.Pattern), "_", " "))
	for _, m := range e.Primary {
		b.WriteString(", " + string(m))
	}
	if e.Equipment != "" {
		b.WriteString(", " + e.Equipment)
	}
	if e.Description != "" {
		b.WriteString(". " + cut(e.Description, 300))
	}
	return b.String()
}

// FoodText is what is embedded of a food: name and category. Never macronutrients or allergens.
func FoodText(f gym.Food) string { return f.Name + ". " + f.Category }
