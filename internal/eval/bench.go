package eval

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/intellifit/intellifit/internal/eval/stat"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
	"github.com/intellifit/intellifit/shared/planner/rules"
	"github.com/intellifit/intellifit/shared/postgres"
)

// Bench measures speed on the catalogue of the principal's gym: the searches of a plan, the plan by the rules from request
// to stored row, and, with a model, how much time a plan takes beyond what Ollama itself reports.
type Bench struct {
	DB       *postgres.DB
	Model    planner.Model // nil: only the rules
	Embedder planner.Embedder
	Profiles int // plans by the rules
	WithLLM  int // plans with the model
	Progress models.Progress
}

// timedLibrary notes how long the searches of each plan take.
type timedLibrary struct {
	planner.Library
	mu    sync.Mutex
	begin time.Time
	took  time.Duration // from the first search of a plan to the end of its last
	times []float64     // s, per plan
	slots []func(context.Context) error
}

// slotsKept is how many searches are repeated one by one.
const slotsKept = 500

func keep[Q any](l *timedLibrary, queries []Q, again func(context.Context, []Q) error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range queries {
		if len(l.slots) < slotsKept {
			l.slots = append(l.slots, func(ctx context.Context) error { return again(ctx, queries[i:i+1]) })
		}
	}
}

// alone times each kept search by itself.
func (l *timedLibrary) alone(ctx context.Context) (times []float64, err error) {
	for _, search := range l.slots {
		began := time.Now()
		if err := search(ctx); err != nil {
			return nil, err
		}
		times = append(times, time.Since(began).Seconds())
	}
	return times, nil
}

func (l *timedLibrary) next() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.took > 0 {
		l.times = append(l.times, l.took.Seconds())
	}
	l.begin, l.took = time.Time{}, 0
}

func (l *timedLibrary) note() func() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.begin.IsZero() {
		l.begin = time.Now()
	}
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.took = time.Since(l.begin)
	}
}

func (l *timedLibrary) FindExercises(ctx context.Context, f planner.ExerciseFilter, q []planner.ExerciseQuery) ([][]gym.Exercise, error) {
	defer l.note()()
	keep(l, q, func(ctx context.Context, q []planner.ExerciseQuery) error {
		_, err := l.Library.FindExercises(ctx, f, q)
		return err
	})
	return l.Library.FindExercises(ctx, f, q)
}

func (l *timedLibrary) FindFoods(ctx context.Context, f planner.FoodFilter, q []planner.FoodQuery) ([][]gym.Food, error) {
	defer l.note()()
	keep(l, q, func(ctx context.Context, q []planner.FoodQuery) error {
		_, err := l.Library.FindFoods(ctx, f, q)
		return err
	})
	return l.Library.FindFoods(ctx, f, q)
}

// Run measures, warm: the first plans of each kind only fill caches and do not count. ctx acts as the gym's service.
func (b *Bench) Run(ctx context.Context) (score Score, err error) {
	exercises, err := b.DB.Exercises(ctx, nil)
	if err != nil {
		return Score{}, err
	}
	foods, err := b.DB.Foods(ctx, nil)
	if err != nil {
		return Score{}, err
	}
	cases := Normal(99, b.Profiles)
	session := Session{DB: b.DB}
	leave, err := session.admit(ctx, cases)
	if err != nil {
		return Score{}, err
	}
	defer func() {
		if left := leave(); err == nil {
			err = left
		}
	}()
	library := &timedLibrary{Library: b.DB}
	p := &planner.Planner{Members: b.DB, Library: library, Plans: b.DB, Embedder: b.Embedder, Rules: rules.Default(), Now: time.Now}
	walls, err := b.rules(ctx, p, library, cases)
	if err != nil {
		return Score{}, err
	}
	t := &tally{}
	row := func(metric, value, bar string, held bool) {
		t.score.Rows = append(t.score.Rows, Row{metric, value, bar, &held})
	}
	slots, err := library.alone(ctx)
	if err != nil {
		return Score{}, fmt.Errorf("bench the searches: %w", err)
	}
	row(fmt.Sprintf("retrieval for one slot, p50 / p95, %d exercises and %d foods", len(exercises), len(foods)),
		millis(slots), "p95 ≤ 15 ms", stat.Quantile(slots, 0.95) <= 0.015)
	t.score.Rows = append(t.score.Rows, Row{"all retrievals of a plan, p50 / p95", millis(library.times), "", nil})
	row("plan by the rules, request to stored row, p50 / p95", millis(walls), "p95 ≤ 150 ms", stat.Quantile(walls, 0.95) <= 0.150)
	if b.Model == nil {
		return t.score, nil
	}
	p.Model = b.Model
	wall, reported, err := b.model(ctx, p, cases)
	if err != nil {
		return Score{}, err
	}
	row(fmt.Sprintf("plan with the model: wall ÷ sum of Ollama's durations, over %d plans", b.WithLLM), fmt.Sprintf("%.2f (%.1f s a plan)", wall/reported, wall/float64(b.WithLLM)),
		"≤ 1.25", wall/reported <= 1.25)
	return t.score, nil
}

func (b *Bench) rules(ctx context.Context, p *planner.Planner, library *timedLibrary, cases []Case) (walls []float64, err error) {
	meter := b.Progress.Begin(models.Job{Verb: "bench", Name: "plans by the rules", Total: int64(2 * len(cases)), Unit: "plans"})
	defer func() { meter.End(err) }()
	for round := range 2 { // the first one warms up: it also embeds the slots' texts
		for i, c := range cases {
			began := time.Now()
			_, err := p.Generate(ctx, c.Member.ID, c.Req, fmt.Sprintf("bench-%d-%d", round, i))
			if err != nil && !errors.Is(err, gym.ErrInfeasible) {
				return nil, fmt.Errorf("bench case %s: %w", c.ID, err)
			}
			if round == 1 && err == nil { // a refusal is no plan, and quick
				walls = append(walls, time.Since(began).Seconds())
				library.next()
			} else {
				library.begin, library.took = time.Time{}, 0
			}
			meter.Set(int64(round*len(cases)+i+1), int64(2*len(cases)))
		}
	}
	return walls, nil
}

func (b *Bench) model(ctx context.Context, p *planner.Planner, cases []Case) (wall, reported float64, err error) {
	meter := b.Progress.Begin(models.Job{Verb: "bench", Name: "plans with the model", Total: int64(b.WithLLM), Unit: "plans"})
	defer func() { meter.End(err) }()
	for i := -1; i < b.WithLLM; i++ { // the first one warms up
		c := cases[max(i, 0)%len(cases)]
		began := time.Now()
		plan, err := p.Generate(ctx, c.Member.ID, c.Req, fmt.Sprintf("bench-llm-%d", i))
		if err != nil {
			return 0, 0, fmt.Errorf("bench case %s: %w", c.ID, err)
		}
		if plan.Source != planner.SourceModel {
			return 0, 0, fmt.Errorf("bench case %s: the model did not answer", c.ID)
		}
		if i < 0 {
			continue
		}
		wall += time.Since(began).Seconds()
		for _, s := range plan.ModelSeconds {
			reported += s
		}
		meter.Set(int64(i+1), int64(b.WithLLM))
	}
	return wall, reported, nil
}

func millis(seconds []float64) string {
	return fmt.Sprintf("%.1f / %.1f ms", 1000*stat.Quantile(seconds, 0.5), 1000*stat.Quantile(seconds, 0.95))
}
