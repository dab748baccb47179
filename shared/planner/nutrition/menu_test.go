package nutrition

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

func mustBuild(t testing.TB, b Brief) (Nutrition, Menu, Report) {
	t.Helper()
	menu, err := Arrange(b)
	if err != nil {
		t.Fatalf("Arrange: %v", err)
	}
	n, report, err := Build(b, menu)
	if err != nil {
		t.Fatalf("Build: %v", err)
	}
	return n, menu, report
}

func TestMenuSlots(t *testing.T) {
	t.Parallel()
	r := rules.Default()
	for _, diet := range []gym.Diet{gym.NoDiet, gym.LowCarb} {
		for _, kcal := range []float64{1300, 2000, 3500} {
			days := MenuSlots(Targets{Kcal: kcal}, diet, 20, r)
			if len(days) != MaxDays {
				t.Fatalf("%d days, want the most, %d", len(days), MaxDays)
			}
			foods, ids := 0, map[string]bool{}
			for _, m := range days[3].Meals {
				for _, s := range m.Slots {
					foods++
					ids[s.ID] = true
				}
			}
			if n := len(days[3].Meals); n < 3 || n > 5 || foods < 11 || foods > 15 || len(ids) != foods {
				t.Errorf("%s %v kcal: %d meals, %d foods, %d slot ids", diet, kcal, n, foods, len(ids))
			}
			if n := len(Keys(days)); n > 14 {
				t.Errorf("%s %v kcal needs %d searches", diet, kcal, n)
			}
		}
	}
}

func TestBuildWeek(t *testing.T) {
	t.Parallel()
	b := brief(t, member(nil), gym.FatLoss, 7, 42)
	n, _, _ := mustBuild(t, b)
	if vs := Check(n, b.Targets, b.Member, byIDs(pantry(t)), b.Rules); len(vs) > 0 {
		t.Errorf("violations: %v", vs)
	}
	again, _, _ := mustBuild(t, b)
	if diff := cmp.Diff(n, again); diff != "" {
		t.Errorf("the same seed gives another menu: %s", diff)
	}
	b.Seed++
	other, _, _ := mustBuild(t, b)
	if cmp.Equal(n, other) {
		t.Error("another seed gives the same menu")
	}
}

func TestWeekVaries(t *testing.T) {
	t.Parallel()
	for _, diet := range diets {
		t.Run(string(diet), func(t *testing.T) {
			t.Parallel()
			b := brief(t, member(func(m *gym.Member) { m.Diet = diet }), gym.Health, 7, 5)
			n, _, _ := mustBuild(t, b)
			foods, mains := map[string]bool{}, map[string]int{}
			for _, d := range n.Days {
				for _, it := range d.Items() {
					foods[it.FoodID] = true
					if k, ok := KeyOf(n, b.Targets, diet, it.Slot, b.Rules); !ok {
						t.Errorf("slot %s has no key", it.Slot)
					} else if k.Main {
						mains[it.FoodID]++
					}
				}
			}
			if len(foods) < 20 {
				t.Errorf("%d foods a week, want 20", len(foods))
			}
			for id, times := range mains {
				if times > 2 {
					t.Errorf("main %s %d times a week, want at most 2", id, times)
				}
			}
		})
	}
}

func TestArrangeTakesPicks(t *testing.T) {
	t.Parallel()
	b := brief(t, member(nil), gym.Health, 3, 1)
	pool := b.Candidates["lunch.protein"]
	picks := []string{pool[5].ID, pool[8].ID, pool[2].ID}
	b.Picks = map[string][]string{"lunch.protein": append([]string{"no such id"}, picks...), "main.fat": {b.Candidates["main.fat"][3].ID}}
	menu, err := Arrange(b)
	if err != nil {
		t.Fatalf("Arrange: %v", err)
	}
	for i, day := range b.Slots {
		for _, m := range day.Meals {
			for _, s := range m.Slots {
				if s.Key == "lunch.protein" && !slices.Contains(picks, menu.Chosen[s.ID].ID) {
					t.Errorf("day %d has %s for lunch, want a pick", i+1, menu.Chosen[s.ID].ID)
				}
			}
		}
	}
}

// TestIllegalCandidatesNeverEnter gives Arrange a search that ignored every filter.
func TestIllegalCandidatesNeverEnter(t *testing.T) {
	t.Parallel()
	all := pantry(t)
	known := byIDs(all)
	rapid.Check(t, func(rt *rapid.T) {
		m := drawMember(rt)
		r := rules.Default()
		targets, _, err := TargetsFor(m, gym.Health, Limits{}, r, now)
		if err != nil {
			return
		}
		b := Brief{Member: m, Targets: targets, Slots: MenuSlots(targets, m.Diet, 2, r), Seed: rapid.Int64().Draw(rt, "seed"), Rules: r, Picks: map[string][]string{}}
		b.Candidates = search(gym.Member{}, all, Keys(b.Slots), 14)
		for key, pool := range b.Candidates {
			b.Picks[key] = []string{rapid.SampledFrom(pool).Draw(rt, key).ID}
		}
		menu, err := Arrange(b)
		if err == nil {
			var n Nutrition
			if n, _, err = Build(b, menu); err == nil {
				if vs := Check(n, targets, m, known, r); Hard(vs) {
					rt.Fatalf("violations: %v", vs)
				}
			}
		}
		if err != nil && !errors.Is(err, gym.ErrInfeasible) {
			rt.Fatalf("menu: %v", err)
		}
	})
}

func TestNoFoodLeft(t *testing.T) {
	t.Parallel()
	b := brief(t, member(nil), gym.Health, 2, 1)
	b.Candidates = nil
	var e *gym.Error
	if _, err := Arrange(b); !errors.As(err, &e) || e.Code != "menu_infeasible" || len(e.Fields) == 0 {
		t.Errorf("Arrange = %v, want menu_infeasible with the empty places", err)
	}
}

// TestImpossibleDay: vegan, 1,300 kcal and more protein than plants can bring.
func TestImpossibleDay(t *testing.T) {
	t.Parallel()
	b := brief(t, member(func(m *gym.Member) { m.Diet, m.Allergies = gym.Vegan, []gym.Allergen{gym.Soy, gym.Gluten} }), gym.FatLoss, 1, 1)
	b.Targets.Kcal, b.Targets.FloorKcal, b.Targets.ProteinG, b.Targets.FatG, b.Targets.CarbsG = 1300, 1250, 190, 29, 70
	menu, err := Arrange(b)
	if err != nil {
		t.Fatalf("Arrange: %v", err)
	}
	var e *gym.Error
	if _, _, err := Build(b, menu); !errors.As(err, &e) || e.Code != "portions_infeasible" || e.Hint == "" {
		t.Errorf("Build = %v, want portions_infeasible with a hint", err)
	}
}

func TestLegal(t *testing.T) {
	t.Parallel()
	r := rules.Default()
	base := gym.Food{Role: gym.RoleStarch, Diets: []gym.Diet{gym.Vegan}, AllergensKnown: true}
	with := func(change func(*gym.Food)) gym.Food {
		f := base
		change(&f)
		return f
	}
	tests := []struct {
		name      string
		diet      gym.Diet
		allergies []gym.Allergen
		food      gym.Food
		want      bool
	}{
		{"no rule", gym.NoDiet, nil, base, true},
		{"diet listed", gym.Vegan, nil, base, true},
		{"diet missing", gym.Kosher, nil, base, false},
		{"unknown allergens, no allergy", gym.NoDiet, nil, with(func(f *gym.Food) { f.AllergensKnown = false }), true},
		{"unknown allergens, an allergy", gym.NoDiet, []gym.Allergen{gym.Celery}, with(func(f *gym.Food) { f.AllergensKnown = false }), false},
		{"wheat holds gluten", gym.NoDiet, []gym.Allergen{gym.Gluten}, with(func(f *gym.Food) { f.Allergens = []gym.Allergen{gym.Wheat} }), false},
		{"gluten may be wheat", gym.NoDiet, []gym.Allergen{gym.Wheat}, with(func(f *gym.Food) { f.Allergens = []gym.Allergen{gym.Gluten} }), false},
		{"shellfish includes molluscs", gym.NoDiet, []gym.Allergen{gym.Shellfish}, with(func(f *gym.Food) { f.Allergens = []gym.Allergen{gym.Mollusc} }), false},
		{"almond drink for a nut allergy", gym.Vegan, []gym.Allergen{gym.TreeNut}, with(func(f *gym.Food) { f.Allergens = []gym.Allergen{gym.TreeNut} }), false},
		{"another allergen", gym.NoDiet, []gym.Allergen{gym.Egg}, with(func(f *gym.Food) { f.Allergens = []gym.Allergen{gym.Soy} }), true},
		{"never planned", gym.NoDiet, nil, with(func(f *gym.Food) { f.Role = gym.RoleExcluded }), false},
		{"no role", gym.NoDiet, nil, with(func(f *gym.Food) { f.Role = "" }), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := Legal(gym.Member{Diet: tt.diet, Allergies: tt.allergies}, tt.food, r); got != tt.want {
				t.Errorf("Legal = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestMeasure(t *testing.T) {
	t.Parallel()
	tests := []struct {
		portion string
		weight  float64
		grams   int
		want    string
	}{
		{"1 large egg", 50, 100, "2 × 1 large egg"},
		{"1 slice", 32, 96, "3 × 1 slice"},
		{"1 cup", 158, 240, "≈ 1½ × 1 cup"},
		{"1 tbsp", 13.5, 10, "≈ ¾ × 1 tbsp"},
		{"1 whole melon", 1000, 90, ""},
		{"", 0, 90, ""},
	}
	for _, tt := range tests {
		t.Run(tt.portion, func(t *testing.T) {
			t.Parallel()
			f := gym.Food{Portion: tt.portion}
			if tt.weight > 0 {
				f.PortionG = &tt.weight
			}
			if got := Measure(f, tt.grams, rules.Default()); got != tt.want {
				t.Errorf("Measure = %q, want %q", got, tt.want)
			}
		})
	}
}
