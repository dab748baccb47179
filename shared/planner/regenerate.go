package planner

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/nutrition"
	"github.com/intellifit/intellifit/shared/planner/training"
)

// regenerateTries is how many draws are made before a day counts as infeasible; regenerateTop how deep a draw goes into the
// candidates of one slot.
const (
	regenerateTries = 5
	regenerateTop   = 3
)

// regenerateWorkout draws other exercises for one session by seed. Sets are balanced again within that day, against the
// volume of the days that stay; of the draws the first that leaves no more muscles below their band than before is taken,
// else the one that leaves the fewest.
func (b *builder) regenerateWorkout(ctx context.Context, plan Plan, day int, seed int64) (Plan, error) {
	at := slices.IndexFunc(plan.Workout.Days, func(d training.Day) bool { return d.Day == day })
	slots := slices.IndexFunc(b.outline.Days, func(d training.SlotDay) bool { return d.Day == day })
	if at < 0 || slots < 0 {
		return Plan{}, gym.Errorf(gym.ErrNotFound, "day_unknown", "the plan has no session %d", day)
	}
	if err := b.retrieveExercises(ctx); err != nil {
		return Plan{}, err
	}
	random := rand.New(rand.NewPCG(uint64(seed), uint64(day)))
	var best *Plan
	fewest := 0
	for range regenerateTries {
		workout, notes := training.RebuildDay(plan.Workout, b.outline.Days[slots], b.draw(plan, at, b.outline.Days[slots], random), b.profile, b.Rules)
		if len(workout.Days[at].Items) == 0 {
			continue
		}
		workout.Days[at].Weekday = plan.Workout.Days[at].Weekday
		next := plan.copied()
		next.Workout = workout
		for _, s := range b.outline.Days[slots].Slots {
			for _, e := range b.exercises[s.ID] {
				next.offer(s.ID, e.ID)
			}
		}
		for _, n := range notes {
			if w := (Warning{Code: n.Code, Text: n.Text}); !slices.Contains(next.Warnings, w) {
				next.Warnings = append(next.Warnings, w)
			}
		}
		if len(b.check(next)) > 0 {
			continue
		}
		below := len(b.lacking(workout))
		if below <= len(b.lacking(plan.Workout)) {
			return next, nil
		}
		if best == nil || below < fewest {
			best, fewest = &next, below
		}
	}
	if best == nil {
		return Plan{}, noDay("session")
	}
	return *best, nil
}

// draw picks one of the best candidates for each slot: not what the old session had, rather nothing that the week has.
func (b *builder) draw(plan Plan, at int, day training.SlotDay, random *rand.Rand) map[string]gym.Exercise {
	var old []string
	for _, it := range plan.Workout.Days[at].Items {
		old = append(old, it.ExerciseID)
	}
	week, _ := plan.Used()
	picks, taken := map[string]gym.Exercise{}, map[string]bool{}
	for _, s := range day.Slots {
		list := slices.DeleteFunc(slices.Clone(b.exercises[s.ID]), func(e gym.Exercise) bool { return taken[e.ID] })
		if len(list) == 0 {
			continue
		}
		slices.SortStableFunc(list, func(x, y gym.Exercise) int { return b.turn(x.ID, week, old) - b.turn(y.ID, week, old) })
		class := b.turn(list[0].ID, week, old)
		alike := 1
		for alike < len(list) && alike < regenerateTop && b.turn(list[alike].ID, week, old) == class {
			alike++
		}
		e := list[random.IntN(alike)]
		picks[s.ID], taken[e.ID] = e, true
	}
	return picks
}

// regenerateNutrition makes one day of the menu anew; its targets are those of the plan.
func (b *builder) regenerateNutrition(ctx context.Context, plan Plan, day int, seed int64) (Plan, error) {
	if err := b.retrieveFoods(ctx); err != nil {
		return Plan{}, err
	}
	brief := b.brief()
	brief.Seed = seed
	menu, _, err := nutrition.Regenerate(brief, plan.Nutrition, day)
	if err != nil {
		return Plan{}, fmt.Errorf("regenerate the menu: %w", err)
	}
	next := plan.copied()
	next.Nutrition = menu
	for key, list := range b.foods {
		for _, f := range list {
			next.offer(key, f.ID)
		}
	}
	if broken := b.check(next); len(broken) > 0 {
		return Plan{}, fmt.Errorf("regenerate the menu: %w", &unsafeError{broken})
	}
	return next, nil
}

func noDay(what string) error {
	return &gym.Error{Kind: gym.ErrInfeasible, Code: "regenerate_infeasible", Detail: "no other " + what + " keeps every rule for this member", Hint: "swap single items instead, or make a new plan"}
}
