package eval

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
	"github.com/intellifit/intellifit/shared/planner/rules"
	"github.com/intellifit/intellifit/shared/postgres"
)

// Session measures the planner on the database and the models of a running installation. The members of the cases are
// stored for its time only.
type Session struct {
	DB       *postgres.DB
	Model    planner.Model // nil: the rules choose
	Embedder planner.Embedder
	Out      string // file of raw results, appended to; cases that it has already are not made again
	Changes  bool
	Progress models.Progress
}

// Plans makes the plans of all cases that Out lacks and returns every result of this mode. ctx acts as the gym's service.
func (s *Session) Plans(ctx context.Context, cases []Case) (results []Result, err error) {
	done, err := s.read()
	if err != nil {
		return nil, err
	}
	for _, c := range cases {
		if r, ok := done[s.key(c.ID)]; ok {
			results = append(results, r)
		}
	}
	if len(results) == len(cases) {
		return results, nil
	}
	leave, err := s.admit(ctx, cases)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, leave()) }()
	out, err := os.OpenFile(s.Out, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the results: %w", err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	run := Runner{Changes: s.Changes, Planner: &planner.Planner{
		Members: s.DB, Library: s.DB, Plans: s.DB, Model: s.Model, Embedder: s.Embedder, Rules: rules.Default(), Now: time.Now}}
	name := map[bool]string{true: "plans with the model", false: "plans by the rules"}[s.Model != nil]
	meter := s.Progress.Begin(models.Job{Verb: "eval", Name: name, Total: int64(len(cases)), Unit: "cases"})
	defer func() { meter.End(err) }()
	meter.Set(int64(len(results)), int64(len(cases)))
	for _, c := range cases {
		if _, ok := done[s.key(c.ID)]; ok {
			continue
		}
		r, err := run.Run(ctx, c)
		if err != nil {
			return nil, err
		}
		if err := WriteResult(out, r); err != nil {
			return nil, err
		}
		results = append(results, r)
		meter.Set(int64(len(results)), int64(len(cases)))
	}
	return results, nil
}

func (s *Session) key(id string) string { return fmt.Sprintf("%t %s", s.Model != nil, id) }

func (s *Session) read() (map[string]Result, error) {
	done := map[string]Result{}
	f, err := os.Open(s.Out)
	if errors.Is(err, os.ErrNotExist) {
		return done, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open the results: %w", err)
	}
	defer f.Close()
	results, err := ReadResults(f)
	if err != nil {
		return nil, fmt.Errorf("%w; remove %s to start anew", err, s.Out)
	}
	for _, r := range results {
		done[fmt.Sprintf("%t %s", r.Model, r.Case.ID)] = r
	}
	return done, nil
}

// admit stores the members of the cases; the returned function removes them with their plans, also after ctx has ended.
func (s *Session) admit(ctx context.Context, cases []Case) (leave func() error, err error) {
	members, ids := make([]gym.Member, len(cases)), make([]string, len(cases))
	for i, c := range cases {
		members[i], ids[i] = c.Member, c.Member.ID
	}
	leave = func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		return s.DB.DeleteMembers(ctx, ids)
	}
	if err := leave(); err != nil { // of a run that was killed
		return nil, err
	}
	if _, err := s.DB.UpsertMembers(ctx, members); err != nil {
		return nil, fmt.Errorf("store the members of the cases: %w", err)
	}
	return leave, nil
}

// Judge reads the rows that the results speak of and scores them.
func (s *Session) Judge(ctx context.Context, results []Result) (Score, error) {
	var exercises, foods []string
	for _, r := range results {
		if r.Plan != nil {
			e, f := r.Plan.Used()
			exercises, foods = append(exercises, e...), append(foods, f...)
		}
	}
	rows := Rows{Exercises: map[string]gym.Exercise{}, Foods: map[string]gym.Food{}}
	es, err := s.DB.Exercises(ctx, exercises)
	if err != nil {
		return Score{}, err
	}
	for _, e := range es {
		rows.Exercises[e.ID] = e
	}
	fs, err := s.DB.Foods(ctx, foods)
	if err != nil {
		return Score{}, err
	}
	for _, f := range fs {
		rows.Foods[f.ID] = f
	}
	kit, err := s.DB.GymEquipment(ctx)
	if err != nil {
		return Score{}, err
	}
	return Judge(results, rows, kit), nil
}

// LoadCases reads profiles, or makes the standard ones with a fixed seed and writes them where no file is.
func LoadCases(path string, normal int, seed uint64, say func(string)) ([]Case, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return makeCases(path, normal, seed, say)
	}
	if err != nil {
		return nil, fmt.Errorf("open the profiles: %w", err)
	}
	defer f.Close()
	return ReadCases(f)
}

func makeCases(path string, normal int, seed uint64, say func(string)) ([]Case, error) {
	cases := append(Normal(seed, normal), Adversarial()...)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("write the profiles: %w", err)
	}
	if err := errors.Join(WriteCases(f, cases), f.Close()); err != nil {
		return nil, err
	}
	say(fmt.Sprintf("made %d profiles with seed %d: %s", len(cases), seed, path))
	return cases, nil
}
