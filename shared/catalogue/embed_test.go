package catalogue_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/catalogue"
	"github.com/intellifit/intellifit/shared/gym"
)

// shelf keeps what has no vector yet.
type shelf struct {
	exercises []gym.Exercise
	foods     []gym.Food
	stored    []string
}

func (s *shelf) PendingExercises(_ context.Context, _ string, limit int) ([]gym.Exercise, int, error) {
	return s.exercises[:min(limit, len(s.exercises))], len(s.exercises), nil
}

func (s *shelf) PendingFoods(_ context.Context, _ string, limit int) ([]gym.Food, int, error) {
	return s.foods[:min(limit, len(s.foods))], len(s.foods), nil
}

func (s *shelf) StoreExerciseVectors(_ context.Context, _ string, ids []string, _ [][]float32) error {
	s.stored, s.exercises = append(s.stored, ids...), s.exercises[len(ids):]
	return nil
}

func (s *shelf) StoreFoodVectors(_ context.Context, _ string, ids []string, _ [][]float32) error {
	s.stored, s.foods = append(s.stored, ids...), s.foods[len(ids):]
	return nil
}

// embedder gives one number per text and fails after some calls.
type embedder struct {
	calls, failAt int
	texts         []string
}

var errDown = errors.New("the model is down")

func (e *embedder) Embed(_ context.Context, texts []string) ([][]float32, error) {
	if e.calls++; e.calls == e.failAt {
		return nil, errDown
	}
	e.texts = append(e.texts, texts...)
	return make([][]float32, len(texts)), nil
}

func filled(exercises, foods int) *shelf {
	s := &shelf{}
	for i := range exercises {
		s.exercises = append(s.exercises, gym.Exercise{ID: fmt.Sprint("e", i), Name: "Goblet squat", Primary: []gym.Muscle{gym.Quadriceps}, Pattern: gym.Squat, Tags: []gym.InjuryTag{gym.DeepKneeFlexion}})
	}
	for i := range foods {
		s.foods = append(s.foods, gym.Food{ID: fmt.Sprint("f", i), Name: "Rolled oats", Category: "Grains", Kcal: 389, Allergens: []gym.Allergen{gym.Gluten}})
	}
	return s
}

func TestEmbed(t *testing.T) {
	t.Parallel()
	s, e := filled(70, 3), &embedder{}
	var steps [][2]int
	n, err := catalogue.Embed(t.Context(), s, e, "embed", func(done, total int) { steps = append(steps, [2]int{done, total}) })
	if err != nil || n != 73 || len(s.stored) != 73 {
		t.Fatalf("%d embedded, %d stored, %v", n, len(s.stored), err)
	}
	if diff := cmp.Diff([][2]int{{64, 73}, {70, 73}, {73, 73}}, steps); diff != "" {
		t.Errorf("progress differs (-want +got):\n%s", diff)
	}
	for _, text := range e.texts {
		if strings.Contains(text, "knee") || strings.Contains(text, "389") || strings.Contains(text, "gluten") {
			t.Errorf("a filter became a matter of likeness: %q", text)
		}
	}
	if n, err := catalogue.Embed(t.Context(), s, e, "embed", nil); n != 0 || err != nil {
		t.Errorf("again: %d, %v", n, err)
	}
}

// What was embedded before a failure stays, and a second run goes on from there.
func TestEmbedGoesOn(t *testing.T) {
	t.Parallel()
	s, e := filled(70, 3), &embedder{failAt: 2}
	if n, err := catalogue.Embed(t.Context(), s, e, "embed", nil); n != 64 || !errors.Is(err, errDown) {
		t.Fatalf("%d, %v", n, err)
	}
	if n, err := catalogue.Embed(t.Context(), s, e, "embed", nil); n != 9 || err != nil || len(s.stored) != 73 {
		t.Errorf("after the failure: %d, %v, %d stored", n, err, len(s.stored))
	}
}
