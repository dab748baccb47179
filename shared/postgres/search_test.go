package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
	"github.com/intellifit/intellifit/shared/postgres"
	"github.com/intellifit/intellifit/shared/postgres/postgrestest"
)

// direction is a unit vector of the model's size that depends on seed alone.
func direction(seed int) []float32 {
	r := rand.New(rand.NewPCG(uint64(seed), 1))
	v := make([]float32, 384)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return v
}

func fill(t testing.TB, ctx context.Context, db *postgres.DB, exercises []gym.Exercise, foods []gym.Food) {
	t.Helper()
	if _, err := db.UpsertExercises(ctx, exercises); err != nil {
		t.Fatal(err)
	}
	if _, err := db.UpsertFoods(ctx, foods); err != nil {
		t.Fatal(err)
	}
	var ids []string
	var vectors [][]float32
	for i, e := range exercises {
		ids, vectors = append(ids, e.ID), append(vectors, direction(i))
	}
	if err := db.StoreExerciseVectors(ctx, "embed", ids, vectors); err != nil {
		t.Fatal(err)
	}
	ids, vectors = nil, nil
	for i, f := range foods {
		ids, vectors = append(ids, f.ID), append(vectors, direction(i))
	}
	if err := db.StoreFoodVectors(ctx, "embed", ids, vectors); err != nil {
		t.Fatal(err)
	}
}

var (
	kits      = []string{"body only", "dumbbell", "barbell", "machine", ""}
	tags      = []gym.InjuryTag{gym.Jump, gym.Overhead, gym.LoadedHinge, gym.Unclassified}
	patterns  = []gym.Pattern{gym.Squat, gym.Hinge, gym.HorizontalPush}
	muscles   = []gym.Muscle{gym.Quadriceps, gym.Hamstrings, gym.Chest}
	someDiets = []gym.Diet{gym.Vegan, gym.Vegetarian, gym.Halal}
	allergens = []gym.Allergen{gym.Dairy, gym.Egg, gym.Soy, gym.Wheat}
	roles     = []gym.FoodRole{gym.RoleProtein, gym.RoleStarch, gym.RoleExcluded}
	names     = []string{"Rice", "Brown rice", "Licorice", "Prices", "Fish cakes", "Fishes"}
)

func some[T any](r *rand.Rand, from []T) []T {
	out := []T{}
	for _, v := range from {
		if r.IntN(3) == 0 {
			out = append(out, v)
		}
	}
	return out
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func random(n int) (exercises []gym.Exercise, foods []gym.Food) {
	r := rand.New(rand.NewPCG(5, 5))
	for i := range n {
		exercises = append(exercises, gym.Exercise{ID: fmt.Sprintf("e%04d", i), Name: fmt.Sprintf("Exercise %d", i), Equipment: pick(r, kits), Pattern: pick(r, patterns),
			Primary: []gym.Muscle{pick(r, muscles)}, Level: pick(r, []gym.Experience{"", gym.Beginner, gym.Intermediate, gym.Advanced}), Tags: some(r, tags)})
		foods = append(foods, gym.Food{ID: fmt.Sprintf("f%04d", i), Name: pick(r, names), Category: "any", Kcal: 100, ProteinG: 5, CarbsG: 10, FatG: 4, Role: pick(r, roles),
			Diets: some(r, someDiets), Allergens: some(r, allergens), AllergensKnown: r.IntN(4) > 0, Meals: []string{"lunch"}})
	}
	return exercises, foods
}

func meets[T comparable](a, b []T) bool {
	return slices.ContainsFunc(a, func(v T) bool { return slices.Contains(b, v) })
}

// TestSearchFilters: for random filters the search returns exactly the rows that plain Go code finds legal, in whatever order.
func TestSearchFilters(t *testing.T) {
	t.Parallel()
	db := postgrestest.Open(t)
	ctx := postgrestest.Service(t.Context())
	exercises, foods := random(300)
	fill(t, ctx, db, exercises, foods)
	level := map[gym.Experience]int{gym.Beginner: 1, "": 2, gym.Intermediate: 2, gym.Advanced: 3}
	rapid.Check(t, func(t *rapid.T) {
		f := planner.ExerciseFilter{
			Equipment: rapid.SliceOfDistinct(rapid.SampledFrom(kits), rapid.ID).Draw(t, "kit"),
			AvoidTags: rapid.SliceOfDistinct(rapid.SampledFrom(tags[:3]), rapid.ID).Draw(t, "avoid"),
			MaxLevel:  rapid.SampledFrom([]gym.Experience{gym.Beginner, gym.Intermediate, gym.Advanced}).Draw(t, "level"),
		}
		q := planner.ExerciseQuery{Patterns: rapid.SliceOfNDistinct(rapid.SampledFrom(patterns), 1, 3, rapid.ID).Draw(t, "patterns"),
			Muscles: rapid.SliceOfDistinct(rapid.SampledFrom(muscles), rapid.ID).Draw(t, "muscles"), Text: "exercise", Vector: direction(7), Limit: 1000}
		found, err := db.FindExercises(ctx, f, []planner.ExerciseQuery{q})
		if err != nil {
			t.Fatal(err)
		}
		var got, want []string
		for _, e := range found[0] {
			got = append(got, e.ID)
		}
		for _, e := range exercises {
			avoided := meets(e.Tags, f.AvoidTags) || len(f.AvoidTags) > 0 && slices.Contains(e.Tags, gym.Unclassified)
			if e.Equipment != "" && slices.Contains(f.Equipment, e.Equipment) && !avoided && level[e.Level] <= level[f.MaxLevel] &&
				slices.Contains(q.Patterns, e.Pattern) && (len(q.Muscles) == 0 || meets(e.Primary, q.Muscles)) {
				want = append(want, e.ID)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("exercises: got %d rows, want %d", len(got), len(want))
		}

		ff := planner.FoodFilter{Diet: rapid.SampledFrom(append(slices.Clone(someDiets), gym.NoDiet, "")).Draw(t, "diet"),
			Allergens:    rapid.SliceOfDistinct(rapid.SampledFrom(allergens), rapid.ID).Draw(t, "allergens"),
			ExcludeWords: rapid.SampledFrom([][]string{nil, {"rice"}, {"fish"}, {"fishes"}, {".*"}, {"'; DROP TABLE food; --"}}).Draw(t, "dislikes")}
		fq := planner.FoodQuery{Roles: rapid.SliceOfNDistinct(rapid.SampledFrom(roles), 1, 3, rapid.ID).Draw(t, "roles"), Meal: "lunch", Text: "rice", Vector: direction(3), Limit: 1000}
		rows, err := db.FindFoods(ctx, ff, []planner.FoodQuery{fq})
		if err != nil {
			t.Fatal(err)
		}
		got, want = nil, nil
		for _, x := range rows[0] {
			got = append(got, x.ID)
		}
		for _, x := range foods {
			disliked := false
			for _, w := range ff.ExcludeWords {
				for _, word := range strings.Fields(strings.ToLower(x.Name)) {
					disliked = disliked || strings.HasPrefix(w, "rice") && word == "rice" || strings.HasPrefix(w, "fish") && (word == "fish" || word == "fishes")
				}
			}
			if slices.Contains(fq.Roles, x.Role) && x.Role != gym.RoleExcluded && !disliked && !meets(x.Allergens, ff.Allergens) &&
				(len(ff.Allergens) == 0 || x.AllergensKnown) && (ff.Diet == "" || ff.Diet == gym.NoDiet || slices.Contains(x.Diets, ff.Diet)) {
				want = append(want, x.ID)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("foods: got %d rows, want %d", len(got), len(want))
		}
	})
}

// TestSearchRanks: the nearest vector and the matching words come first, what both find before what one finds; soft
// contraindications come last.
func TestSearchRanks(t *testing.T) {
	t.Parallel()
	db := postgrestest.Open(t)
	ctx := postgrestest.Service(t.Context())
	row := func(id, name string, tags ...gym.InjuryTag) gym.Exercise {
		return gym.Exercise{ID: id, Name: name, Equipment: "body only", Pattern: gym.Squat, Primary: []gym.Muscle{gym.Quadriceps}, Level: gym.Beginner, Tags: tags}
	}
	exercises := []gym.Exercise{row("a", "Alpha"), row("b", "Goblet lift"), row("c", "Gamma"), row("d", "Goblet", gym.Overhead), row("e", "Epsilon")}
	fill(t, ctx, db, exercises, nil)
	find := func(q planner.ExerciseQuery) string {
		t.Helper()
		q.Patterns, q.Limit = []gym.Pattern{gym.Squat}, 10
		found, err := db.FindExercises(ctx, planner.ExerciseFilter{Equipment: []string{"body only"}, MaxLevel: gym.Beginner}, []planner.ExerciseQuery{q})
		if err != nil {
			t.Fatal(err)
		}
		var ids string
		for _, e := range found[0] {
			ids += e.ID
		}
		return ids
	}
	if got := find(planner.ExerciseQuery{Vector: direction(2)}); got[0] != 'c' || len(got) != 5 {
		t.Errorf("by vector: %s", got)
	}
	if got := find(planner.ExerciseQuery{Text: "goblet"}); got[:2] != "db" && got[:2] != "bd" {
		t.Errorf("by words: %s", got)
	}
	if got := find(planner.ExerciseQuery{Text: "goblet", Vector: direction(1)}); got[0] != 'b' {
		t.Errorf("by both: %s", got)
	}
	if got := find(planner.ExerciseQuery{Text: "goblet", Vector: direction(3), Prefer: []gym.InjuryTag{gym.Overhead}}); got[4] != 'd' {
		t.Errorf("soft tag: %s", got)
	}
}

// TestSearchStaysInTheGym: neither half of the search sees another gym's rows.
func TestSearchStaysInTheGym(t *testing.T) {
	t.Parallel()
	db := postgrestest.Open(t)
	other := gym.WithPrincipal(t.Context(), gym.Principal{GymID: "othergym", Subject: "importer", Role: gym.RoleService})
	if err := db.UpsertGym(other, gym.Gym{ID: "othergym", Name: "Other", TimeZone: "UTC"}); err != nil {
		t.Fatal(err)
	}
	exercises, foods := random(40)
	fill(t, other, db, exercises, foods)
	ctx := postgrestest.Service(t.Context())
	found, err := db.FindExercises(ctx, planner.ExerciseFilter{Equipment: kits, MaxLevel: gym.Advanced}, []planner.ExerciseQuery{{Patterns: patterns, Text: "exercise", Vector: direction(1), Limit: 10}})
	if err != nil || len(found[0]) != 0 {
		t.Errorf("%d exercises of another gym, %v", len(found[0]), err)
	}
	rows, err := db.FindFoods(ctx, planner.FoodFilter{}, []planner.FoodQuery{{Roles: roles, Text: "rice", Vector: direction(1), Limit: 10}})
	if err != nil || len(rows[0]) != 0 {
		t.Errorf("%d foods of another gym, %v", len(rows[0]), err)
	}
}
