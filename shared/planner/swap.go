package planner

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/nutrition"
	"github.com/intellifit/intellifit/shared/planner/training"
)

// exerciseAt finds the place of an exercise's slot.
func exerciseAt(p Plan, slot string) (day, item int, ok bool) {
	for i, d := range p.Workout.Days {
		for j, it := range d.Items {
			if it.Slot == slot {
				return i, j, true
			}
		}
	}
	return 0, 0, false
}

// swapExercise takes the best legal candidate of the same pattern and muscles with which the whole plan still holds.
func (b *builder) swapExercise(ctx context.Context, plan Plan, day, item int, s Swap) (Plan, error) {
	now := plan.Workout.Days[day].Items[item]
	at := slices.IndexFunc(b.kept.exercises, func(e gym.Exercise) bool { return e.ID == now.ExerciseID })
	if at < 0 {
		return Plan{}, outdated()
	}
	old := b.kept.exercises[at]
	candidates, err := b.standIns(ctx, plan, day, old, s)
	if err != nil {
		return Plan{}, err
	}
	for _, e := range candidates {
		if !training.SwapOK(old, e) || !b.verdict.Allows(e) {
			continue
		}
		workout, err := training.Swap(plan.Workout, s.Slot, e, b.profile, b.Rules)
		if errors.Is(err, gym.ErrInfeasible) {
			continue
		}
		if err != nil {
			return Plan{}, fmt.Errorf("swap exercise: %w", err)
		}
		next := plan.copied()
		next.Workout = workout
		next.offer(s.Slot, e.ID)
		next.Replaced[s.Slot] = append(slices.Clone(next.Replaced[s.Slot]), old.ID)
		b.kept.exercises = append(b.kept.exercises, e)
		if len(b.check(next)) == 0 {
			return next, nil
		}
	}
	return Plan{}, noSwap(s, "exercise of the same pattern and muscles")
}

// standIns lists what may take the place of old: the one that was asked for, or what a search finds, first what the week
// does not have yet, last what was swapped out here before.
func (b *builder) standIns(ctx context.Context, plan Plan, day int, old gym.Exercise, s Swap) ([]gym.Exercise, error) {
	if s.With != "" {
		found, err := b.Library.Exercises(ctx, []string{s.With})
		if err != nil {
			return nil, fmt.Errorf("read exercise: %w", err)
		}
		return found, nil
	}
	filter := b.exerciseFilter()
	for _, it := range plan.Workout.Days[day].Items {
		filter.ExcludeIDs = append(filter.ExcludeIDs, it.ExerciseID)
	}
	vectors, _ := b.vectors(ctx, []string{old.Name})
	lists, err := b.Library.FindExercises(ctx, filter, []ExerciseQuery{{Patterns: []gym.Pattern{old.Pattern}, Muscles: old.Primary,
		Text: b.lexical(old.Name), Vector: vectors[old.Name], Prefer: b.verdict.SoftTags, Limit: retrieved}})
	if err != nil {
		return nil, fmt.Errorf("find exercises: %w", err)
	}
	week, _ := plan.Used()
	found := lists[0]
	slices.SortStableFunc(found, func(x, y gym.Exercise) int {
		return b.turn(x.ID, week, plan.Replaced[s.Slot]) - b.turn(y.ID, week, plan.Replaced[s.Slot])
	})
	return found, nil
}

// turn orders what may come in: new things, then those that the plan has elsewhere, then those turned away here.
func (b *builder) turn(id string, week, replaced []string) int {
	switch {
	case slices.Contains(replaced, id):
		return 2
	case slices.Contains(week, id):
		return 1
	}
	return 0
}

// swapFood takes the best legal food of the same kind with which the day still meets its targets.
func (b *builder) swapFood(ctx context.Context, plan Plan, s Swap) (Plan, error) {
	key, ok := nutrition.KeyOf(plan.Nutrition, b.targets, b.member.Diet, s.Slot, b.Rules)
	if !ok {
		return Plan{}, gym.Errorf(gym.ErrNotFound, "slot_unknown", "the plan has no slot %s", s.Slot)
	}
	candidates, err := b.otherFoods(ctx, plan, key, s)
	if err != nil {
		return Plan{}, err
	}
	for _, f := range candidates {
		menu, _, err := nutrition.SwapFood(b.brief(), plan.Nutrition, s.Slot, []gym.Food{f})
		if errors.Is(err, gym.ErrInfeasible) {
			continue
		}
		if err != nil {
			return Plan{}, fmt.Errorf("swap food: %w", err)
		}
		next := plan.copied()
		next.Nutrition = menu
		next.offer(key.Name, f.ID)
		next.Replaced[s.Slot] = append(slices.Clone(next.Replaced[s.Slot]), foodAt(plan, s.Slot))
		b.kept.foods = append(b.kept.foods, f)
		if len(b.check(next)) == 0 {
			return next, nil
		}
	}
	return Plan{}, noSwap(s, "food of the same kind that keeps the day on its targets")
}

func (b *builder) otherFoods(ctx context.Context, plan Plan, key nutrition.Key, s Swap) ([]gym.Food, error) {
	if s.With != "" {
		found, err := b.Library.Foods(ctx, []string{s.With})
		if err != nil {
			return nil, fmt.Errorf("read food: %w", err)
		}
		return found, nil
	}
	vectors, _ := b.vectors(ctx, []string{key.Query})
	lists, err := b.Library.FindFoods(ctx, b.foodFilter(), []FoodQuery{{Roles: key.Roles, Meal: key.Meal, Text: b.lexical(key.Query), Vector: vectors[key.Query], Limit: retrieved}})
	if err != nil {
		return nil, fmt.Errorf("find foods: %w", err)
	}
	_, week := plan.Used()
	found := lists[0]
	slices.SortStableFunc(found, func(x, y gym.Food) int {
		return b.turn(x.ID, week, plan.Replaced[s.Slot]) - b.turn(y.ID, week, plan.Replaced[s.Slot])
	})
	return found, nil
}

func foodAt(p Plan, slot string) string {
	for _, d := range p.Nutrition.Days {
		for _, it := range d.Items() {
			if it.Slot == slot {
				return it.FoodID
			}
		}
	}
	return ""
}

func noSwap(s Swap, what string) error {
	e := &gym.Error{Kind: gym.ErrInfeasible, Code: "swap_infeasible", Detail: "the catalogue has no other " + what + " that is allowed here", Hint: "regenerate the whole day instead"}
	if s.With != "" {
		e.Detail = "what was asked for is not an allowed " + what
		e.Hint = "leave out with, and the best allowed one is taken"
	}
	return e
}
