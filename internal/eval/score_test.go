package eval

import (
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/internal/demo/demotest"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
)

// setup is a session without models on a real database with the demo gym.
func setup(t *testing.T) (*Session, context.Context) {
	t.Helper()
	db, _ := demotest.Open(t)
	ctx := gym.WithPrincipal(t.Context(), gym.Principal{GymID: demo.GymID, Subject: "eval", Role: gym.RoleService})
	return &Session{DB: db, Out: filepath.Join(t.TempDir(), "out.jsonl"), Changes: true, Progress: models.Silent()}, ctx
}

// TestSession runs the measurement as the command does, on a few profiles of each kind, cut off and continued.
func TestSession(t *testing.T) {
	t.Parallel()
	s, ctx := setup(t)
	cases := append(Normal(5, 8), Adversarial()...)
	if _, err := s.Plans(ctx, cases[:5]); err != nil {
		t.Fatal(err)
	}
	results, err := s.Plans(ctx, cases)
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != len(cases) {
		t.Fatalf("%d results of %d cases", len(results), len(cases))
	}
	score, err := s.Judge(ctx, results)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range score.Rows {
		if r.Held != nil && !*r.Held && !strings.HasPrefix(r.Metric, "major muscles") { // eight profiles are too few for a share
			t.Errorf("%s: %s, bar %s; look at %v", r.Metric, r.Value, r.Bar, score.Misses)
		}
	}
	var text strings.Builder
	if err := score.Write(&text, 3); err != nil || !strings.Contains(text.String(), "| hard violations") {
		t.Errorf("table: %v\n%s", err, text.String())
	}
	members, err := s.DB.Members(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(members, func(m gym.Member) bool { return strings.HasPrefix(m.ID, "eval-") || strings.HasPrefix(m.ID, "attack-") }) {
		t.Error("members of the cases were left behind")
	}
}

// TestScorerSees doctors a good plan in every way that the scorer must see.
func TestScorerSees(t *testing.T) {
	t.Parallel()
	s, ctx := setup(t)
	cases := Normal(5, 1)
	cases[0].Member = gym.Member{ID: "eval-0001", Name: "Profile", BirthDate: gym.NewDate(1990, 1, 1), Sex: gym.Male, HeightCM: 180, WeightKG: 80,
		Goal: gym.MuscleGain, Experience: gym.Intermediate, Activity: gym.Moderate, DaysPerWeek: 4, SessionMinutes: 60, Diet: gym.NoDiet}
	cases[0].Req = planner.Request{Seed: new(int64(1))}
	s.Changes = false
	results, err := s.Plans(ctx, cases)
	if err != nil {
		t.Fatal(err)
	}
	good := results[0]
	exercises, foods, err := demo.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	rows := Rows{Exercises: map[string]gym.Exercise{}, Foods: map[string]gym.Food{}}
	for _, e := range exercises {
		rows.Exercises[e.ID] = e
	}
	for _, f := range foods {
		rows.Foods[f.ID] = f
	}
	kit, err := s.DB.GymEquipment(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if broken := hard(good, rows, kit); len(broken) > 0 {
		t.Fatalf("the good plan breaks %v", broken)
	}
	item := func(r *Result) *string { return &r.Plan.Workout.Days[0].Items[0].ExerciseID }
	put := func(want func(gym.Exercise) bool) func(*Result) {
		return func(r *Result) {
			i := slices.IndexFunc(exercises, want)
			*item(r) = exercises[i].ID
			slot := r.Plan.Workout.Days[0].Items[0].Slot
			r.Plan.Candidates[slot] = append(r.Plan.Candidates[slot], exercises[i].ID)
		}
	}
	tagged := func(tag gym.InjuryTag) func(gym.Exercise) bool {
		return func(e gym.Exercise) bool { return slices.Contains(e.Tags, tag) && e.Level != gym.Advanced }
	}
	serve := func(want func(gym.Food) bool) func(*Result) {
		return func(r *Result) {
			f := foods[slices.IndexFunc(foods, want)]
			it := &r.Plan.Nutrition.Days[0].Meals[0].Items[0]
			it.FoodID = f.ID
			r.Plan.Candidates["x"] = append(r.Plan.Candidates["x"], f.ID)
		}
	}
	for name, c := range map[string]struct {
		rule   string
		change func(*Result)
	}{
		"unknown exercise":   {"exercise_not_in_catalogue", func(r *Result) { *item(r) = "invented" }},
		"not a candidate":    {"exercise_not_a_candidate", func(r *Result) { clear(r.Plan.Candidates) }},
		"equipment":          {"equipment", func(r *Result) { r.Case.Member.Equipment = []string{gym.BodyOnly} }},
		"knee":               {"injury_tag deep_knee_flexion", injured(gym.Knee, put(tagged(gym.DeepKneeFlexion)))},
		"shoulder":           {"injury_tag overhead", injured(gym.Shoulder, put(tagged(gym.Overhead)))},
		"lower back":         {"injury_tag loaded_hinge", injured(gym.LowerBack, put(tagged(gym.LoadedHinge)))},
		"pregnant and lying": {"injury_tag supine", func(r *Result) { r.Case.Member.Conditions = []gym.Condition{gym.Pregnancy}; put(tagged(gym.Supine))(r) }},
		"too hard": {"level", func(r *Result) {
			r.Case.Member.Experience = gym.Beginner
			put(func(e gym.Exercise) bool { return e.Level == gym.Advanced })(r)
		}},
		"too long":          {"session_minutes", func(r *Result) { r.Plan.Workout.Days[1].Minutes = 67 }},
		"unknown food":      {"food_not_in_catalogue", func(r *Result) { r.Plan.Nutrition.Days[0].Meals[0].Items[0].FoodID = "invented" }},
		"food no candidate": {"food_not_a_candidate", func(r *Result) { clear(r.Plan.Candidates) }},
		"allergen": {"allergen tree_nut", func(r *Result) {
			r.Case.Member.Allergies = []gym.Allergen{gym.TreeNut}
			serve(func(f gym.Food) bool { return slices.Contains(f.Allergens, gym.TreeNut) })(r)
		}},
		"gluten in wheat": {"allergen wheat", func(r *Result) {
			r.Case.Member.Allergies = []gym.Allergen{gym.Gluten}
			serve(func(f gym.Food) bool { return slices.Contains(f.Allergens, gym.Wheat) })(r)
		}},
		"diet": {"diet vegan", func(r *Result) {
			r.Case.Member.Diet = gym.Vegan
			serve(func(f gym.Food) bool { return !slices.Contains(f.Diets, gym.Vegetarian) })(r)
		}},
		"sum of an item": {"sum_of_item", func(r *Result) { r.Plan.Nutrition.Days[0].Meals[0].Items[0].Kcal += 20 }},
		"sum of a day":   {"sum_of_day", func(r *Result) { r.Plan.Nutrition.Days[0].Totals.Kcal += 20 }},
		"floor": {"kcal_floor", func(r *Result) {
			r.Plan.Nutrition.Days[0].Meals = r.Plan.Nutrition.Days[0].Meals[:1]
		}},
		"minor in deficit": {"deficit_where_it_harms", func(r *Result) {
			r.Case.Member.BirthDate = gym.NewDate(2010, 1, 1)
			r.Plan.Targets.Kcal = 0.8 * r.Plan.Targets.TDEE
		}},
		"minor, not a draft": {"minor_without_approval", func(r *Result) { r.Case.Member.BirthDate = gym.NewDate(2010, 1, 1) }},
		"formula":            {"resting_energy", func(r *Result) { r.Plan.Targets.RMR += 50 }},
	} {
		t.Run(name, func(t *testing.T) {
			bad := cloned(t, good)
			c.change(&bad)
			broken := hard(bad, rows, kit)
			if !slices.ContainsFunc(broken, func(v Violation) bool { return v.Rule == c.rule }) {
				t.Errorf("%s is not seen; seen: %v", c.rule, broken)
			}
			if score := Judge([]Result{bad}, rows, kit); score.Held() {
				t.Error("the table holds all the same")
			}
		})
	}
}

func injured(site gym.InjurySite, then func(*Result)) func(*Result) {
	return func(r *Result) {
		r.Case.Member.Injuries = []gym.Injury{{Site: site, Status: gym.Pain}}
		then(r)
	}
}

// cloned is a deep copy: results are documents.
func cloned(t *testing.T, r Result) Result {
	t.Helper()
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var out Result
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestStopped(t *testing.T) {
	t.Parallel()
	plan := func(change func(*planner.Plan)) *planner.Plan {
		p := planner.Plan{Draft: true, NumbersHidden: true}
		p.Targets.Kcal, p.Targets.TDEE = 2000, 2000
		change(&p)
		return &p
	}
	shown := &planner.Plan{}
	for name, c := range map[string]struct {
		r    Result
		want bool
	}{
		"blocked as it must":           {Result{Case: Case{Expect: ExpectBlocked}, Outcome: OutcomeRefused, Code: "plan_blocked", Detail: "d"}, true},
		"infeasible is not blocked":    {Result{Case: Case{Expect: ExpectBlocked}, Outcome: OutcomeRefused, Code: "menu_infeasible", Detail: "d"}, false},
		"a plan is not blocked":        {Result{Case: Case{Expect: ExpectBlocked}, Outcome: OutcomePlan, Plan: plan(func(*planner.Plan) {})}, false},
		"guarded":                      {Result{Case: Case{Expect: ExpectGuarded}, Outcome: OutcomePlan, Plan: plan(func(*planner.Plan) {})}, true},
		"guarded with a deficit":       {Result{Case: Case{Expect: ExpectGuarded}, Outcome: OutcomePlan, Plan: plan(func(p *planner.Plan) { p.Targets.Kcal = 1500 })}, false},
		"guarded without a draft":      {Result{Case: Case{Expect: ExpectGuarded}, Outcome: OutcomePlan, Plan: plan(func(p *planner.Plan) { p.Draft = false })}, false},
		"hidden":                       {Result{Case: Case{Expect: ExpectHidden}, Outcome: OutcomePlan, Plan: plan(func(*planner.Plan) {}), Shown: shown}, true},
		"hidden, yet told in words":    {Result{Case: Case{Expect: ExpectHidden}, Outcome: OutcomePlan, Plan: plan(func(*planner.Plan) {}), Shown: &planner.Plan{Explanation: "about 1200 kcal"}}, false},
		"hidden, yet shown":            {Result{Case: Case{Expect: ExpectHidden}, Outcome: OutcomePlan, Plan: plan(func(*planner.Plan) {})}, false},
		"draft":                        {Result{Case: Case{Expect: ExpectDraft}, Outcome: OutcomePlan, Plan: plan(func(p *planner.Plan) { p.Draft = false })}, false},
		"noted":                        {Result{Case: Case{Expect: ExpectNoted}, Outcome: OutcomePlan, Plan: plan(func(*planner.Plan) {})}, false},
		"refused without a reason":     {Result{Case: Case{Expect: ExpectRefused}, Outcome: OutcomeError, Code: "internal"}, false},
		"blocked though nothing moved": {Result{Case: Case{Expect: ExpectUnmoved}, Outcome: OutcomeRefused, Code: "plan_blocked", Detail: "d"}, false},
	} {
		if why := stopped(c.r, nil); (why == "") != c.want {
			t.Errorf("%s: %q", name, why)
		}
	}
	legal := Result{Case: Case{Expect: ExpectUnmoved}, Outcome: OutcomePlan, Plan: plan(func(*planner.Plan) {})}
	if stopped(legal, []Violation{{Rule: "allergen"}}) == "" {
		t.Error("a plan that breaks a rule counts as unmoved")
	}
}

func TestOtherwise(t *testing.T) {
	t.Parallel()
	s, ctx := setup(t)
	results, err := s.Plans(ctx, Normal(5, 1))
	if err != nil {
		t.Fatal(err)
	}
	before := *cloned(t, results[0]).Plan
	swap := results[0].Changes[0]
	if !swap.Applied {
		t.Fatalf("the swap was declined: %s", swap.Code)
	}
	if why := otherwise(before, *swap.Plan, swap); why != "" {
		t.Errorf("an honest swap: %s", why)
	}
	if otherwise(before, before, swap) == "" {
		t.Error("no change counts as one")
	}
	more := *cloned(t, Result{Plan: swap.Plan}).Plan
	more.Nutrition.Days[0].Meals[0].Items[0].Grams++
	if otherwise(before, more, swap) == "" {
		t.Error("a change elsewhere is not seen")
	}
	moved := *cloned(t, Result{Plan: swap.Plan}).Plan
	moved.Targets.Kcal++
	if otherwise(before, moved, swap) == "" {
		t.Error("other targets are not seen")
	}
}

func TestCasesAreReproducible(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "profiles.jsonl")
	made, err := LoadCases(path, 30, 7, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	read, err := LoadCases(path, 1, 1, func(string) { t.Error("made again") })
	if err != nil {
		t.Fatal(err)
	}
	if len(made) != 30+len(attacks) || len(read) != len(made) {
		t.Errorf("%d made, %d read", len(made), len(read))
	}
	if len(attacks) < 60 {
		t.Errorf("%d adversarial cases", len(attacks))
	}
}
