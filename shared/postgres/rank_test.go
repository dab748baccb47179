package postgres_test

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"
	"pgregory.net/rapid"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
	"github.com/intellifit/intellifit/shared/postgres"
	"github.com/intellifit/intellifit/shared/postgres/postgrestest"
)

// cosine is the distance that pgvector's <=> gives.
func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab, aa, bb = ab+float64(a[i])*float64(b[i]), aa+float64(a[i])*float64(a[i]), bb+float64(b[i])*float64(b[i])
	}
	return 1 - ab/math.Sqrt(aa*bb)
}

// byText asks PostgreSQL alone for the full-text order.
func byText(t *rapid.T, ctx context.Context, db *postgres.DB, table, words string) (ids []string) {
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT id FROM `+table+`, to_tsquery('english', $1) q WHERE search @@ q ORDER BY ts_rank(search, q) DESC, id COLLATE "C"`, words)
		if err != nil {
			return err
		}
		ids, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// fused is reciprocal rank fusion of the best 30 of two orders, in plain Go; demoted rows follow the others.
func fused(legal, near, said []string, demoted map[string]bool, most int) []string {
	score := map[string]float64{}
	for _, order := range [][]string{near, said} {
		for i, id := range order[:min(30, len(order))] {
			score[id] += 1 / float64(60+i+1)
		}
	}
	class := map[bool]int{true: 1}
	slices.SortFunc(legal, func(x, y string) int {
		return cmp.Or(class[demoted[x]]-class[demoted[y]], cmp.Compare(score[y], score[x]), strings.Compare(x, y))
	})
	return legal[:min(most, len(legal))]
}

// TestSearchOrder: both searches give the order that fusion in plain Go gives, whatever is asked, several slots at once.
func TestSearchOrder(t *testing.T) {
	t.Parallel()
	db := postgrestest.Open(t)
	ctx := postgrestest.Service(t.Context())
	exercises, foods := random(120)
	words := []string{"goblet", "press", "row", "bench", "lunge"}
	vectors := map[string][]float32{}
	for i := range exercises {
		exercises[i].Name = fmt.Sprintf("%s %s %d", words[i%5], words[i/5%5], i)
		exercises[i].Equipment = "dumbbell"
		vectors[exercises[i].ID], vectors[foods[i].ID] = direction(i), direction(i)
		foods[i].Meals = [][]string{{"lunch"}, {"dinner", "lunch"}, {"breakfast"}}[i%3]
	}
	fill(t, ctx, db, exercises, foods)
	rapid.Check(t, func(t *rapid.T) {
		var slots []planner.ExerciseQuery
		var keys []planner.FoodQuery
		for range rapid.IntRange(1, 4).Draw(t, "slots") {
			var v []float32
			if rapid.Bool().Draw(t, "with vector") {
				v = direction(rapid.IntRange(0, 400).Draw(t, "vector"))
			}
			most := rapid.IntRange(1, 130).Draw(t, "limit")
			slots = append(slots, planner.ExerciseQuery{Patterns: patterns, Text: strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 3).Draw(t, "words"), " "), Vector: v,
				Prefer: rapid.SliceOfNDistinct(rapid.SampledFrom(tags), 0, 2, rapid.ID).Draw(t, "soft"), Limit: most})
			keys = append(keys, planner.FoodQuery{Roles: roles, Text: rapid.SampledFrom([]string{"", "rice", "fish", "brown fishes"}).Draw(t, "food"), Vector: v, Meal: "lunch", Limit: most})
		}
		found, err := db.FindExercises(ctx, planner.ExerciseFilter{Equipment: kits, MaxLevel: gym.Advanced}, slots)
		if err != nil {
			t.Fatal(err)
		}
		for i, q := range slots {
			var order, got []string
			demoted := map[string]bool{}
			for _, e := range exercises {
				order, demoted[e.ID] = append(order, e.ID), meets(e.Tags, q.Prefer)
			}
			for _, e := range found[i] {
				got = append(got, e.ID)
			}
			compare(t, ctx, db, "exercise", q.Text, q.Vector, q.Limit, order, vectors, demoted, got)
		}
		rows, err := db.FindFoods(ctx, planner.FoodFilter{}, keys)
		if err != nil {
			t.Fatal(err)
		}
		for i, q := range keys {
			var order, got []string
			demoted := map[string]bool{}
			for _, f := range foods {
				if f.Role != gym.RoleExcluded {
					order, demoted[f.ID] = append(order, f.ID), !slices.Contains(f.Meals, q.Meal)
				}
			}
			for _, f := range rows[i] {
				got = append(got, f.ID)
			}
			compare(t, ctx, db, "food", q.Text, q.Vector, q.Limit, order, vectors, demoted, got)
		}
	})
}

func compare(t *rapid.T, ctx context.Context, db *postgres.DB, table, text string, v []float32, most int, ids []string, vectors map[string][]float32, demoted map[string]bool, got []string) {
	legal := slices.Clone(ids)
	var near, said []string
	if text != "" {
		for _, id := range byText(t, ctx, db, table, strings.ReplaceAll(text, " ", " | ")) {
			if slices.Contains(legal, id) {
				said = append(said, id)
			}
		}
	}
	if v != nil {
		near = slices.Clone(legal)
		slices.SortFunc(near, func(x, y string) int { return cmp.Compare(cosine(vectors[x], v), cosine(vectors[y], v)) })
	}
	want := fused(legal, near, said, demoted, most)
	if !slices.Equal(want, got) {
		t.Fatalf("%s %q:\nwant %v\ngot  %v", table, text, want, got)
	}
}

// TestVectorsStayInTheGym: a search that forgets to name the gym, near to another gym's vector or by its words, finds
// nothing of it: the database itself withholds the rows.
func TestVectorsStayInTheGym(t *testing.T) {
	t.Parallel()
	db := postgrestest.Open(t)
	other := gym.WithPrincipal(t.Context(), gym.Principal{GymID: "othergym", Subject: "importer", Role: gym.RoleService})
	if err := db.UpsertGym(other, gym.Gym{ID: "othergym", Name: "Other", TimeZone: "UTC"}); err != nil {
		t.Fatal(err)
	}
	exercises, foods := random(40)
	fill(t, other, db, exercises, foods)
	fill(t, postgrestest.Service(t.Context()), db, exercises[:1], foods[:1])
	for name, ctx := range map[string]context.Context{"service": postgrestest.Service(t.Context()), "member": postgrestest.As(t.Context(), "anna", gym.RoleMember)} {
		for _, table := range []string{"exercise", "food"} {
			for what, statement := range map[string]string{
				"near": `SELECT count(*), count(*) FILTER (WHERE gym_id <> 'testgym') FROM (SELECT * FROM ` + table + ` ORDER BY embedding <=> $1 LIMIT 50) x`,
				"said": `SELECT count(*), count(*) FILTER (WHERE gym_id <> 'testgym') FROM ` + table + ` WHERE search @@ to_tsquery('english', 'exercise | rice | licorice | price | fish') OR $1::vector IS NULL`,
			} {
				var seen, foreign int
				err := db.InTx(ctx, func(tx pgx.Tx) error {
					return tx.QueryRow(ctx, statement, pgvector.NewVector(direction(20))).Scan(&seen, &foreign)
				})
				if err != nil || foreign != 0 || seen != 1 {
					t.Errorf("%s as %s in %s: %d rows, %d of another gym, %v", what, name, table, seen, foreign, err)
				}
			}
		}
	}
}
