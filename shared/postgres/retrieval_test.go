package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
	"github.com/intellifit/intellifit/shared/planner/rules"
	"github.com/intellifit/intellifit/shared/postgres"
	"github.com/intellifit/intellifit/shared/postgres/postgrestest"
)

// The size of the public catalogues: USDA SR 28, free-exercise-db and wger.
const (
	publicFoods     = 8789
	publicExercises = 1745
)

// foodRoles is how many of the USDA's foods play which part, counted after an import with the rules of shared/catalogue.
var foodRoles = map[gym.FoodRole]int{gym.RoleExcluded: 3643, gym.RoleSnack: 1663, gym.RoleDish: 1335, gym.RoleProtein: 970, gym.RoleVegetable: 435,
	gym.RoleStarch: 230, gym.RoleFruit: 149, gym.RoleFat: 136, gym.RoleLegume: 123, gym.RoleDairy: 105}

// fullCatalogue varies the rows of the demo gym until there are as many as in the public catalogues, with their mix of roles.
func fullCatalogue(b *testing.B) (exercises []gym.Exercise, foods []gym.Food) {
	b.Helper()
	someExercises, someFoods, err := demo.Catalogue()
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	styles := []string{"raw", "cooked", "with skin", "frozen", "canned", "seated", "standing", "close grip", "wide stance", "single"}
	for i := range publicExercises {
		e := pick(r, someExercises)
		e.ID, e.Name = fmt.Sprintf("e%05d", i), e.Name+" "+pick(r, styles)
		exercises = append(exercises, e)
	}
	for _, role := range slices.Sorted(func(yield func(gym.FoodRole) bool) {
		for role := range foodRoles {
			if !yield(role) {
				return
			}
		}
	}) {
		alike := slices.DeleteFunc(slices.Clone(someFoods), func(f gym.Food) bool { return f.Role != role })
		if len(alike) == 0 {
			alike = someFoods
		}
		for range foodRoles[role] {
			f := pick(r, alike)
			f.ID, f.Name, f.Role = fmt.Sprintf("f%05d", len(foods)), f.Name+", "+pick(r, styles), role
			foods = append(foods, f)
		}
	}
	if len(foods) != publicFoods {
		b.Fatalf("%d foods", len(foods))
	}
	return exercises, foods
}

// directions embeds a text as a direction that depends on the text alone.
type directions struct{}

func (directions) Embed(_ context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	for i, t := range texts {
		seed := 0
		for _, c := range t {
			seed = seed*31 + int(c)
		}
		out[i] = direction(seed)
	}
	return out, nil
}

// searches is a library that notes what a plan searches for.
type searches struct {
	*postgres.DB
	exercises, foods []func(context.Context) error
	slots            []func(context.Context) error // the same one by one
}

func (s *searches) FindExercises(ctx context.Context, f planner.ExerciseFilter, q []planner.ExerciseQuery) ([][]gym.Exercise, error) {
	again := func(q []planner.ExerciseQuery) func(context.Context) error {
		return func(ctx context.Context) error { _, err := s.DB.FindExercises(ctx, f, q); return err }
	}
	s.exercises = append(s.exercises, again(q))
	for i := range q {
		s.slots = append(s.slots, again(q[i:i+1]))
	}
	return s.DB.FindExercises(ctx, f, q)
}

func (s *searches) FindFoods(ctx context.Context, f planner.FoodFilter, q []planner.FoodQuery) ([][]gym.Food, error) {
	again := func(q []planner.FoodQuery) func(context.Context) error {
		return func(ctx context.Context) error { _, err := s.DB.FindFoods(ctx, f, q); return err }
	}
	s.foods = append(s.foods, again(q))
	for i := range q {
		s.slots = append(s.slots, again(q[i:i+1]))
	}
	return s.DB.FindFoods(ctx, f, q)
}

// plan repeats every search of a plan as the planner runs them: exercises and foods side by side, each round after the other.
func (s *searches) plan(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, rounds := range [][]func(context.Context) error{s.exercises, s.foods} {
		g.Go(func() error {
			for _, round := range rounds {
				if err := round(ctx); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// BenchmarkRetrieval repeats the searches that plans for the demo gym's members make, on a catalogue of the size of the
// public ones, and reports the 95th percentile of a whole plan's searches and of a single slot's:
//
//	go test -run '^$' -bench Retrieval -benchtime 200x ./shared/postgres
func BenchmarkRetrieval(b *testing.B) {
	app, owner := postgrestest.URLs(b)
	db, err := postgres.Open(b.Context(), app)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	ctx := postgrestest.Service(b.Context())
	if err := db.UpsertGym(ctx, gym.Gym{ID: postgrestest.GymID, Name: "Test gym", TimeZone: "UTC"}); err != nil {
		b.Fatal(err)
	}
	exercises, foods := fullCatalogue(b)
	fill(b, ctx, db, exercises, foods)
	settle(b, owner)
	if _, err := db.UpsertEquipment(ctx, kit(exercises)); err != nil {
		b.Fatal(err)
	}
	members, err := demo.Members()
	if err != nil {
		b.Fatal(err)
	}
	var plans, slots []func(context.Context) error
	for _, m := range members {
		m.CoachID = ""
		if _, err := db.UpsertMembers(ctx, []gym.Member{m}); err != nil {
			b.Fatal(err)
		}
		s := &searches{DB: db}
		p := &planner.Planner{Members: db, Library: s, Plans: db, Embedder: directions{}, Rules: rules.Default(), Now: time.Now}
		if _, err := p.Draft(ctx, m.ID, planner.Request{Seed: new(int64(1))}, ""); err != nil && !errors.Is(err, gym.ErrInfeasible) {
			b.Fatal(err)
		}
		if len(s.exercises) > 0 { // the gate lets this member have a plan
			plans, slots = append(plans, s.plan), append(slots, s.slots...)
		}
	}
	if len(plans) < 8 {
		b.Fatalf("only %d members searched", len(plans))
	}
	b.Run("plan", func(b *testing.B) { repeat(b, ctx, plans) })
	b.Run("slot", func(b *testing.B) { repeat(b, ctx, slots) })
}

// settle does at once what autovacuum does within a minute of an import.
func settle(b *testing.B, owner string) {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), owner)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(b.Context()))
	if _, err := conn.Exec(b.Context(), `VACUUM ANALYZE exercise, food`); err != nil {
		b.Fatal(err)
	}
}

// kit is one piece of everything that the exercises need.
func kit(exercises []gym.Exercise) (out []gym.Equipment) {
	for _, e := range exercises {
		if e.Equipment != "" && !slices.ContainsFunc(out, func(q gym.Equipment) bool { return q.Kind == e.Equipment }) {
			out = append(out, gym.Equipment{ID: fmt.Sprintf("q%d", len(out)), Name: e.Equipment, Kind: e.Equipment, Count: 1})
		}
	}
	return out
}

// repeat runs the works in turn, once to warm up and then for the clock, and reports percentiles.
func repeat(b *testing.B, ctx context.Context, works []func(context.Context) error) {
	for _, work := range works {
		if err := work(ctx); err != nil {
			b.Fatal(err)
		}
	}
	var took []float64 // ms
	for i := 0; b.Loop(); i++ {
		began := time.Now()
		if err := works[i%len(works)](ctx); err != nil {
			b.Fatal(err)
		}
		took = append(took, float64(time.Since(began).Microseconds())/1000)
	}
	slices.Sort(took)
	for _, p := range []int{50, 95} {
		b.ReportMetric(took[max(0, int(math.Ceil(float64(len(took)*p)/100))-1)], fmt.Sprintf("p%d-ms", p))
	}
}
