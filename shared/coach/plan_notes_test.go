package coach_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/ollama/ollama/api"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/llm/llmtest"
	"github.com/intellifit/intellifit/shared/planner"
	"github.com/intellifit/intellifit/shared/planner/nutrition"
	"github.com/intellifit/intellifit/shared/planner/training"
)

// plan stores a small plan for mara and returns its id.
func (b *bundle) plan(t *testing.T, hidden bool) string {
	t.Helper()
	p := planner.Plan{ID: uuid.NewString(), MemberID: "mara", Version: 1, Goal: gym.Strength, Weeks: 8, Source: planner.SourceRules, NumbersHidden: hidden, Explanation: "You eat about 2320 kcal a day.",
		Workout: training.Workout{Split: "full_body", Days: []training.Day{
			{Day: 1, Weekday: "monday", Focus: "full_body", Minutes: 45, Items: []training.Item{{Slot: "d1s1", ExerciseID: "goblet", Name: "Goblet squat", Sets: 3, Reps: training.Range{Min: 6, Max: 10}, Unit: "reps"}}},
			{Day: 2, Weekday: "friday", Focus: "full_body", Minutes: 40, Items: []training.Item{{Slot: "d2s1", ExerciseID: "row", Name: "Cable row", Sets: 2, Reps: training.Range{Min: 8, Max: 8}, Unit: "reps"}}},
		}},
		Nutrition: nutrition.Nutrition{Days: []nutrition.Day{{Day: 1, Meals: []nutrition.Meal{{Name: "breakfast", Items: []nutrition.Item{{Slot: "n1m1f1", FoodID: "oats", Name: "Rolled oats", Grams: 80, Kcal: 300}}}}}}},
	}
	stored, _, err := b.db.CreatePlan(as(t.Context(), "mara"), p, "")
	if err != nil {
		t.Fatal(err)
	}
	return stored.ID
}

// TestPlanAnswers: a question about the own plan is answered from its rows, with the plan cited; nobody else's plan is.
func TestPlanAnswers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.ollama.Size = "134.52M" // words nothing: what is said is what the rows say
	id := b.plan(t, false)
	if got := b.must(t, "mara", coach.In{Message: "tell me about the goblet squat"}); len(got.Citations) != 1 || got.Citations[0].ID != "goblet" {
		t.Errorf("cites %+v", got.Citations)
	}
	for question, want := range map[string]string{
		"what is in my plan for friday?":            "This is what your plan says. Workout on Friday, full body, 40 minutes: Cable row 2 × 8 reps.",
		"what do i eat for breakfast in this menu":  "This is what your plan says. Menu, day 1, breakfast: 80 g Rolled oats.",
		"how do I do a goblet squat":                fallback,
		"does my plan say how much I eat every day": "This is what your plan says. Your plan: You eat about 2320 kcal a day.",
	} {
		got := b.must(t, "mara", coach.In{Message: question})
		if got.Reply != want || len(got.Citations) != 1 || got.Citations[0].ID != id && want != fallback {
			t.Errorf("%q: says %q, cites %+v, want %q", question, got.Reply, got.Citations, want)
		}
		if other := b.must(t, "omar", coach.In{Message: question}); strings.Contains(other.Reply, "your plan") || strings.Contains(fmt.Sprint(other.Citations), id) {
			t.Errorf("omar reads mara's plan: %q", other.Reply)
		}
	}
}

// TestPlanNumbersStayHidden: where counting would harm, no way of asking gives the numbers.
func TestPlanNumbersStayHidden(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.ollama.Size = "134.52M"
	b.plan(t, true)
	for _, question := range []string{"does my plan say how much I eat every day", "what do i eat for breakfast in my plan"} {
		if got := b.must(t, "mara", coach.In{Message: question}); strings.Contains(got.Reply, "kcal") || strings.Contains(got.Reply, "2320") {
			t.Errorf("%q: says %q", question, got.Reply)
		}
	}
}

// TestSummaryAfterTheTurn: a long conversation is summed up behind the turns, by the model or by the member's own first words, and the
// next prompt begins with it.
func TestSummaryAfterTheTurn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer llmtest.Answer
		want   string
	}{
		"by the model":      {llmtest.Answer{Content: `{"summary":"Mara asks about squats."}`}, "Mara asks about squats."},
		"without the model": {llmtest.Answer{Status: 500}, "The member said: question 0 about my back and knees."},
		"not as asked":      {llmtest.Answer{Content: `no json`}, "The member said: question 0 about my back and knees."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.Background = b.Model.(coach.Writer)
			jobs := 0
			b.After = func(ctx context.Context, job func(context.Context)) { jobs++; job(context.WithoutCancel(ctx)) }
			var last api.ChatRequest
			b.ollama.Chat = func(r api.ChatRequest) llmtest.Answer {
				if len(r.Format) > 0 {
					return c.answer
				}
				last = r
				return llmtest.Answer{Content: "Keep your chest up."}
			}
			conversation := ""
			for i := range 10 {
				reply := b.must(t, "mara", coach.In{Message: fmt.Sprintf("question %d about my back and knees", i), ConversationID: conversation})
				conversation = reply.ConversationID
			}
			prompt, err := json.Marshal(last.Messages)
			if err != nil || !strings.Contains(string(prompt), c.want) || jobs == 0 || jobs > 7 {
				t.Errorf("%d jobs, the last prompt is %s, %v", jobs, prompt, err)
			}
		})
	}
}
