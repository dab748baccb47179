package postgres

import (
	"context"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"
	"golang.org/x/sync/errgroup"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
)

// ranking is the second half of both searches. The filters have made the rows "legal", each with its exact distance from the
// query vector and its full-text score, null where there is none; reciprocal rank fusion (Σ 1/(60 + rank), Cormack, Clarke
// and Büttcher 2009) joins the best 30 of both orders, and rows in neither follow by id, so that a narrow slot still gets
// all of its rows: among the first 60 + limit by id there are enough of them whatever the lists hold. "demoted" rows (soft
// contraindications) come after all others. The lists are joined by a sum over their union: a join would be a nested loop
// over every legal row wherever the tables have no statistics yet. Ids compare by bytes, so that a plan does not depend
// on the server's locale.
const ranking = `,
	fused AS (
	  SELECT id, demoted, sum(share) AS score
	  FROM (
	    SELECT id, demoted, 1 / (60 + row_number() OVER (ORDER BY distance, id COLLATE "C"))::float8 AS share
	    FROM (SELECT id, demoted, distance FROM legal WHERE distance IS NOT NULL ORDER BY distance, id COLLATE "C" LIMIT 30) near
	    UNION ALL
	    SELECT id, demoted, 1 / (60 + row_number() OVER (ORDER BY score DESC, id COLLATE "C"))::float8
	    FROM (SELECT id, demoted, score FROM legal WHERE score IS NOT NULL ORDER BY score DESC, id COLLATE "C" LIMIT 30) worded
	    UNION ALL
	    (SELECT id, demoted, 0 FROM legal ORDER BY demoted, id COLLATE "C" LIMIT 60 + $3::int)) lists
	  GROUP BY id, demoted
	  ORDER BY demoted, score DESC, id COLLATE "C" LIMIT $3::int)`

const exerciseSearch = `
	WITH legal AS (
	  SELECT id, embedding <=> $1::vector AS distance, CASE WHEN search @@ q THEN ts_rank(search, q) END AS score,
	    injury_tags && $4::text[] AS demoted
	  FROM exercise, to_tsquery('english', NULLIF($2, '')) q
	  WHERE gym_id = acting_gym()
	    AND equipment = ANY($5) AND equipment <> ''
	    AND pattern = ANY($6)
	    AND (cardinality($7::text[]) = 0 OR primary_muscles && $7)
	    AND NOT injury_tags && $8::text[]
	    AND (cardinality($8::text[]) = 0 OR NOT 'unclassified' = ANY(injury_tags))
	    AND CASE level WHEN 'beginner' THEN 1 WHEN 'advanced' THEN 3 ELSE 2 END <= $9
	    AND NOT id = ANY($10)
	    AND ($11 = '' OR name !~* $11))` + ranking + `
	SELECT ` + exerciseColumns + ` FROM fused JOIN exercise e ON e.gym_id = acting_gym() AND e.id = fused.id
	ORDER BY fused.demoted, fused.score DESC, e.id COLLATE "C"`

const foodSearch = `
	WITH legal AS (
	  SELECT id, embedding <=> $1::vector AS distance, CASE WHEN search @@ q THEN ts_rank(search, q) END AS score,
	    NOT $4 = ANY(meals) AS demoted
	  FROM food, to_tsquery('english', NULLIF($2, '')) q
	  WHERE gym_id = acting_gym()
	    AND role = ANY($5) AND role <> 'excluded'
	    AND ($6 = 'none' OR $6 = ANY(diets))
	    AND NOT allergens && $7::text[]
	    AND (cardinality($7::text[]) = 0 OR allergens_known)
	    AND NOT id = ANY($8)
	    AND ($9 = '' OR name !~* $9))` + ranking + `
	SELECT ` + foodColumns + ` FROM fused JOIN food e ON e.gym_id = acting_gym() AND e.id = fused.id
	ORDER BY fused.demoted, fused.score DESC, e.id COLLATE "C"`

// FindExercises ranks the legal exercises of every slot in one round trip. An exercise whose equipment is unknown is
// never legal; one whose injury tags the rules could not tell is illegal for whoever must avoid any tag.
func (db *DB) FindExercises(ctx context.Context, filter planner.ExerciseFilter, slots []planner.ExerciseQuery) ([][]gym.Exercise, error) {
	disliked := wordPattern(filter.ExcludeWords)
	return search(ctx, db, "find exercises", exerciseSearch, slots, scanExercise, func(q planner.ExerciseQuery) []any {
		return []any{vector(q.Vector), anyWord(q.Text), q.Limit, list(q.Prefer), list(filter.Equipment), list(q.Patterns), list(q.Muscles),
			list(filter.AvoidTags), level(filter.MaxLevel), list(filter.ExcludeIDs), disliked}
	})
}

// FindFoods ranks the legal foods of every slot in one round trip. For whoever has an allergy a food whose allergens are
// not known is illegal. Foods that are unusual for the meal come last.
func (db *DB) FindFoods(ctx context.Context, filter planner.FoodFilter, slots []planner.FoodQuery) ([][]gym.Food, error) {
	diet := filter.Diet
	if diet == "" {
		diet = gym.NoDiet
	}
	disliked := wordPattern(filter.ExcludeWords)
	return search(ctx, db, "find foods", foodSearch, slots, scanFood, func(q planner.FoodQuery) []any {
		return []any{vector(q.Vector), anyWord(q.Text), q.Limit, q.Meal, list(q.Roles), string(diet), list(filter.Allergens), list(filter.ExcludeIDs), disliked}
	})
}

// sideBySide is from how many slots on a search is worth a second connection.
const sideBySide = 6

func search[Q, Row any](ctx context.Context, db *DB, attempt, statement string, slots []Q, scan pgx.RowToFunc[Row], args func(Q) []any) ([][]Row, error) {
	found := make([][]Row, len(slots))
	part := func(ctx context.Context, from, to int) error {
		return db.read(ctx, func(tx pgx.Tx) error {
			batch := &pgx.Batch{}
			batch.Queue(`SET LOCAL plan_cache_mode = force_generic_plan`) // there is but one good plan: planning each slot costs as much as a narrow search
			for i := from; i < to; i++ {
				batch.Queue(statement, args(slots[i])...).Query(func(rows pgx.Rows) (err error) {
					found[i], err = pgx.CollectRows(rows, scan)
					return err
				})
			}
			return tx.SendBatch(ctx, batch).Close()
		})
	}
	half := len(slots)
	if half >= sideBySide {
		half /= 2
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return part(ctx, 0, half) })
	if half < len(slots) {
		g.Go(func() error { return part(ctx, half, len(slots)) })
	}
	if err := g.Wait(); err != nil {
		return nil, translate(attempt, err)
	}
	return found, nil
}

// level orders experience as the search does; a filter without one allows beginners' exercises only.
func level(e gym.Experience) int {
	switch e {
	case gym.Advanced:
		return 3
	case gym.Intermediate:
		return 2
	}
	return 1
}

// vector is what pgx sends in binary: behind a pointer it would go as text.
func vector(v []float32) any {
	if v == nil {
		return nil
	}
	return pgvector.NewVector(v)
}

var notWord = regexp.MustCompile(`[^\p{L}\p{N}]+`)

// anyWord makes a tsquery that matches any of the words. Only letters and digits reach it, so no text is an operator.
func anyWord(text string) string {
	words := strings.Fields(notWord.ReplaceAllString(text, " "))
	if len(words) > 40 {
		words = words[:40]
	}
	return strings.ToLower(strings.Join(words, " | "))
}

// wordPattern makes a regular expression that matches any of the words as a whole, singular or plural. Only letters and
// digits reach it, so no text is an operator.
func wordPattern(words []string) string {
	var out []string
	for _, w := range words {
		w = strings.TrimSpace(notWord.ReplaceAllString(w, " "))
		if w == "" {
			continue
		}
		singular := strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(w), "es"), "s")
		if len(singular) < 3 {
			singular = strings.ToLower(w)
		}
		out = append(out, strings.ReplaceAll(singular, " ", `\s+`))
	}
	if len(out) == 0 {
		return ""
	}
	return `\m(` + strings.Join(out, "|") + `)(s|es)?\M`
}
