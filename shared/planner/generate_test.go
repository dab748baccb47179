package planner_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ollama/ollama/api"
	"pgregory.net/rapid"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/llm/llmtest"
	"github.com/intellifit/intellifit/shared/planner"
)

// TestCallOnce: a call that is delivered twice gives one plan and asks the model once; its id for anything else is refused.
func TestCallOnce(t *testing.T) {
	t.Parallel()
	m := store(t, ann())
	p := make1(m)
	s := withModel(t, p, llmtest.Pick("a"))
	req := planner.Request{NutritionDays: 1}
	first, err := p.Generate(t.Context(), "ann", req, "c1")
	if err != nil {
		t.Fatal(err)
	}
	asked := len(s.Chats())
	again, err := p.Generate(t.Context(), "ann", req, "c1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again); diff != "" || len(s.Chats()) != asked {
		t.Errorf("the second delivery asked the model %d times and gave another plan:\n%s", len(s.Chats())-asked, diff)
	}
	var known *gym.Error
	if _, err := p.Generate(t.Context(), "ann", planner.Request{NutritionDays: 2}, "c1"); !errors.As(err, &known) || known.Code != "call_id_reused" {
		t.Errorf("another request under the id: %v", err)
	}
	other, err := p.Generate(t.Context(), "ann", req, "c2")
	if err != nil || other.ID == first.ID {
		t.Errorf("another call got plan %s, %v", other.ID, err)
	}
}

// TestSwapOnce: so it is with a change; each of them is one more version, whatever is delivered twice.
func TestSwapOnce(t *testing.T) {
	t.Parallel()
	p := make1(store(t, ann()))
	plan, err := p.Generate(t.Context(), "ann", planner.Request{NutritionDays: 1}, "c1")
	if err != nil {
		t.Fatal(err)
	}
	swap := planner.Swap{Slot: plan.Workout.Days[0].Items[0].Slot}
	first, err := p.Swap(t.Context(), plan.ID, swap, "s1")
	if err != nil || first.Version != 2 || first.Workout.Days[0].Items[0].ExerciseID == plan.Workout.Days[0].Items[0].ExerciseID {
		t.Fatalf("version %d, %v", first.Version, err)
	}
	again, err := p.Swap(t.Context(), plan.ID, swap, "s1")
	if diff := cmp.Diff(first, again); err != nil || diff != "" {
		t.Errorf("the second delivery: %v\n%s", err, diff)
	}
	var known *gym.Error
	if _, err := p.Swap(t.Context(), plan.ID, planner.Swap{Slot: "d1s2"}, "s1"); !errors.As(err, &known) || known.Code != "call_id_reused" {
		t.Errorf("another swap under the id: %v", err)
	}
	if _, err := p.Swap(t.Context(), plan.ID, planner.Swap{Slot: swap.Slot, Version: 1}, "s2"); !errors.As(err, &known) || known.Code != "plan_changed" {
		t.Errorf("a swap on an old version: %v", err)
	}
	if _, err := p.Swap(t.Context(), plan.ID, planner.Swap{Slot: "d9s9"}, "s3"); !errors.Is(err, gym.ErrNotFound) {
		t.Errorf("a slot that is not there: %v", err)
	}
}

// TestModelIsAskedAgain: one answer that does not hold is asked for again with another seed; after two the rules choose, and
// nothing more is asked of such a model.
func TestModelIsAskedAgain(t *testing.T) {
	t.Parallel()
	m := store(t, ann())
	for name, c := range map[string]struct {
		bad    int // answers before the first good one
		source string
		calls  int
	}{"once": {1, planner.SourceModel, 4}, "twice": {2, planner.SourceRules, 2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := make1(m)
			var seeds []any
			s := withModel(t, p, func(r api.ChatRequest) llmtest.Answer {
				seeds = append(seeds, r.Options["seed"]) // the calls of one plan come one after the other
				if len(seeds) <= c.bad {
					return llmtest.Answer{Content: `{"a_reason":"x","b_picks":["q"]}`}
				}
				return llmtest.Pick("a")(r)
			})
			plan, err := p.Draft(t.Context(), "ann", planner.Request{Seed: new(int64(5)), NutritionDays: 1}, "")
			if err != nil {
				t.Fatal(err)
			}
			if plan.Source != c.source || plan.Degraded != (c.source == planner.SourceRules) || len(s.Chats()) != c.calls {
				t.Errorf("source %s, degraded %t, %d calls", plan.Source, plan.Degraded, len(s.Chats()))
			}
			if seeds[0] == seeds[1] {
				t.Errorf("asked twice with seed %v", seeds[0])
			}
		})
	}
}

// TestStrayNumbers: what the explanation says stands in the plan, and a number that does not is found.
func TestStrayNumbers(t *testing.T) {
	t.Parallel()
	m := store(t, ann())
	for _, goal := range []gym.Goal{gym.FatLoss, gym.MuscleGain, gym.Strength, gym.Endurance, gym.Health} {
		plan, err := make1(m).Draft(t.Context(), "ann", planner.Request{Goal: goal, Seed: new(int64(1))}, "")
		if err != nil {
			t.Fatal(err)
		}
		if stray := planner.StrayNumbers(plan); len(stray) > 0 || !strings.Contains(plan.Explanation, " kcal") {
			t.Errorf("%s: stray %v in %q", goal, stray, plan.Explanation)
		}
		plan.Explanation += " Eat 98765 kcal and 77.25 g of salt."
		if diff := cmp.Diff([]string{"98765", "77.25"}, planner.StrayNumbers(plan)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", goal, diff)
		}
	}
}

// TestContradictoryTargets: a goal that would harm is not followed, whether the profile or the wish says so, and the plan
// tells why.
func TestContradictoryTargets(t *testing.T) {
	t.Parallel()
	thin := ann()
	thin.WeightKG, thin.HeightCM, thin.Goal = 49, 170, gym.FatLoss
	for name, c := range map[string]struct {
		member gym.Member
		wishes string
	}{
		"underweight and fat loss": {thin, ""},
		"500 kcal a day":           {ann(), "I want to eat only 500 kcal a day"},
		"ten kilos in two weeks":   {ann(), "lose 10 kg in two weeks"},
	} {
		plan, err := make1(store(t, c.member)).Draft(t.Context(), "ann", planner.Request{Goal: gym.FatLoss, Wishes: c.wishes, Seed: new(int64(1)), NutritionDays: 2}, "")
		if refused(err) {
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if plan.Targets.Kcal < 0.99*plan.Targets.TDEE || !plan.Draft || len(plan.Warnings) == 0 {
			t.Errorf("%s: %.0f kcal of %.0f, draft %t, warnings %v", name, plan.Targets.Kcal, plan.Targets.TDEE, plan.Draft, plan.Warnings)
		}
	}
}

// TestWishesInThePlan: likes come, dislikes stay away, days are kept, and the plan says what became of each.
func TestWishesInThePlan(t *testing.T) {
	t.Parallel()
	const others = "No chicken, no lunges. Only Monday, Wednesday and Saturday. More unicorn steak"
	m := store(t, ann())
	plain, err := make1(m).Draft(t.Context(), "ann", planner.Request{Seed: new(int64(1)), Wishes: others}, "")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := make1(m).Draft(t.Context(), "ann", planner.Request{Seed: new(int64(1)), Wishes: "I love asparagus. " + others}, "")
	if err != nil {
		t.Fatal(err)
	}
	honored := map[string]bool{}
	for _, w := range plan.Wishes {
		honored[w.Wish] = w.Honored
		if !w.Honored && w.Reason == "" {
			t.Errorf("%q was not honoured, without a reason", w.Wish)
		}
	}
	want := map[string]bool{"more asparagus": true, "no chicken": true, "no lunges": true, "train on Monday": true, "train on Wednesday": true, "train on Saturday": true, "more unicorn steak": false}
	if diff := cmp.Diff(want, honored); diff != "" {
		t.Errorf("wishes (-want +got):\n%s", diff)
	}
	var days []string
	for _, d := range plan.Workout.Days {
		days = append(days, d.Weekday)
	}
	if all := things(plan); strings.Contains(all, "chicken") || strings.Contains(all, "lunge") || !strings.Contains(all, "asparagus") || strings.Contains(things(plain), "asparagus") {
		t.Errorf("the plan holds %s\nand without the like %s", all, things(plain))
	}
	if diff := cmp.Diff([]string{"monday", "wednesday", "saturday"}, days); diff != "" {
		t.Errorf("days (-want +got):\n%s", diff)
	}
}

// things are the names of all exercises and foods of a plan.
func things(p planner.Plan) string {
	var out strings.Builder
	for _, d := range p.Workout.Days {
		for _, it := range d.Items {
			out.WriteString(strings.ToLower(it.Name) + "; ")
		}
	}
	for _, d := range p.Nutrition.Days {
		for _, it := range d.Items() {
			out.WriteString(strings.ToLower(it.Name) + "; ")
		}
	}
	return out.String()
}

// filters notes what the hard filters of a plan were.
type filters struct {
	*memory
	exercise planner.ExerciseFilter
	food     planner.FoodFilter
}

func (f *filters) FindExercises(ctx context.Context, filter planner.ExerciseFilter, q []planner.ExerciseQuery) ([][]gym.Exercise, error) {
	f.exercise = filter
	return f.memory.FindExercises(ctx, filter, q)
}

func (f *filters) FindFoods(ctx context.Context, filter planner.FoodFilter, q []planner.FoodQuery) ([][]gym.Food, error) {
	f.food = filter
	return f.memory.FindFoods(ctx, filter, q)
}

// TestNoTextLiftsAFilter: whatever is wished, the filters are those of the profile or stricter.
func TestNoTextLiftsAFilter(t *testing.T) {
	member := ann()
	member.Diet, member.Allergies, member.Equipment = gym.Vegetarian, []gym.Allergen{gym.Peanut, gym.Gluten}, []string{"dumbbell"}
	member.Injuries = []gym.Injury{{Site: gym.Knee, Status: gym.Pain}}
	m := store(t, member)
	look := func(wishes string) (*filters, error) {
		f := &filters{memory: m}
		p := make1(m)
		p.Library = f
		_, err := p.Draft(t.Context(), "ann", planner.Request{Seed: new(int64(1)), NutritionDays: 1, Wishes: wishes}, "")
		return f, err
	}
	plain, err := look("")
	if err != nil {
		t.Fatal(err)
	}
	if plain.food.Diet != gym.Vegetarian || !covers(plain.food.Allergens, []gym.Allergen{gym.Peanut, gym.Gluten, gym.Wheat}) || !covers(plain.exercise.AvoidTags, hardTags[gym.Knee]) ||
		!covers([]string{gym.BodyOnly, "dumbbell"}, plain.exercise.Equipment) || plain.exercise.MaxLevel != gym.Intermediate {
		t.Fatalf("the profile alone gives %+v %+v", plain.exercise, plain.food)
	}
	phrases := []string{"ignore", "my allergy", "allergies: none", "I am not allergic to peanuts", "diet: none", "add beef", "use the barbell", "my knee is healed", "I love jumping",
		"as an advanced athlete", "SYSTEM:", "equipment=all", "\u202e", "'; DROP TABLE food; --", "<|im_start|>", "{\"allergies\":[]}", "vergiss die Allergie", "ich bin gesund", "and", "but", ".", ","}
	looked := 0
	rapid.Check(t, func(t *rapid.T) {
		wishes := strings.Join(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(phrases), rapid.StringN(0, 12, -1)), 1, 8).Draw(t, "wishes"), " ")
		got, err := look(wishes)
		if err != nil && !refused(err) {
			t.Fatalf("%q: %v", wishes, err)
		}
		if got.food.Diet == "" { // the gate stopped it before any search
			return
		}
		looked++
		if got.food.Diet != plain.food.Diet || !covers(got.food.Allergens, plain.food.Allergens) || !covers(plain.exercise.Equipment, got.exercise.Equipment) ||
			!covers(got.exercise.AvoidTags, plain.exercise.AvoidTags) || levels[got.exercise.MaxLevel] > levels[plain.exercise.MaxLevel] {
			t.Fatalf("%q lifted a filter: %+v %+v", wishes, got.exercise, got.food)
		}
	})
	if looked == 0 {
		t.Error("the gate stopped every wish: the property says nothing")
	}
}

func covers[T comparable](all, some []T) bool {
	return !slices.ContainsFunc(some, func(v T) bool { return !slices.Contains(all, v) })
}
