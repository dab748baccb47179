package nutrition

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

//go:embed testdata/foods.txt
var pantryText string

var now = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// pantry is a small catalogue of ordinary foods with diets and allergens.
func pantry(t testing.TB) []gym.Food {
	t.Helper()
	var out []gym.Food
	for line := range strings.Lines(pantryText) {
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		c := strings.Split(line, "|")
		if len(c) != 8 {
			t.Fatalf("testdata/foods.txt: %q has %d columns", line, len(c))
		}
		for i := range c {
			c[i] = strings.TrimSpace(c[i])
		}
		f := gym.Food{ID: fmt.Sprintf("t%03d", len(out)+1), Name: c[0], Category: c[1], Role: gym.FoodRole(c[1]), Portion: c[6], AllergensKnown: c[4] != "unknown"}
		var fibre, sodium float64
		if _, err := fmt.Sscan(c[2], &f.Kcal, &f.ProteinG, &f.CarbsG, &f.FatG, &fibre, &sodium); err != nil {
			t.Fatalf("testdata/foods.txt: %q: %v", line, err)
		}
		f.FibreG, f.SodiumMG = &fibre, &sodium
		if c[7] != "" {
			var g float64
			fmt.Sscan(c[7], &g)
			f.PortionG = &g
		}
		for _, m := range strings.Fields(c[3]) {
			f.Meals = append(f.Meals, map[string]string{"b": "breakfast", "l": "lunch", "d": "dinner", "s": "snack"}[m])
		}
		for _, a := range strings.Fields(c[5]) {
			f.Allergens = append(f.Allergens, gym.Allergen(a))
		}
		f.Diets = dietsOf(c[4], f)
		out = append(out, f)
	}
	return out
}

func dietsOf(kind string, f gym.Food) []gym.Diet {
	var out []gym.Diet
	switch kind {
	case "vegan":
		out = []gym.Diet{gym.Vegan, gym.Vegetarian, gym.Pescatarian, gym.Halal, gym.Kosher}
	case "veg":
		out = []gym.Diet{gym.Vegetarian, gym.Pescatarian, gym.Halal, gym.Kosher}
	case "fish":
		out = []gym.Diet{gym.Pescatarian, gym.Halal}
		if slices.Contains(f.Allergens, gym.Fish) {
			out = append(out, gym.Kosher)
		}
	}
	if f.CarbsG <= 15 {
		out = append(out, gym.LowCarb)
	}
	return out
}

// search stands in for the database: hard filters, the meal, then the order of the catalogue rotated by the key, so that
// different keys rank differently.
func search(m gym.Member, foods []gym.Food, keys []Key, limit int) map[string][]gym.Food {
	r := rules.Default()
	out := map[string][]gym.Food{}
	for _, k := range keys {
		shift := 0
		for _, b := range []byte(k.Name) {
			shift += int(b)
		}
		for i := range foods {
			f := foods[(i*7+shift)%len(foods)]
			if slices.Contains(k.Roles, f.Role) && slices.Contains(f.Meals, k.Meal) && Legal(m, f, r) && len(out[k.Name]) < limit {
				out[k.Name] = append(out[k.Name], f)
			}
		}
	}
	return out
}

func member(change func(*gym.Member)) gym.Member {
	m := gym.Member{
		ID: "m1", BirthDate: gym.NewDate(1990, 4, 12), Sex: gym.Female, HeightCM: 168, WeightKG: 68, Goal: gym.Health,
		Experience: gym.Intermediate, Activity: gym.Light, DaysPerWeek: 3, SessionMinutes: 60, Diet: gym.NoDiet,
	}
	if change != nil {
		change(&m)
	}
	return m
}

func brief(t testing.TB, m gym.Member, goal gym.Goal, days int, seed int64) Brief {
	t.Helper()
	r := rules.Default()
	targets, _, err := TargetsFor(m, goal, Limits{}, r, now)
	if err != nil {
		t.Fatalf("TargetsFor: %v", err)
	}
	slots := MenuSlots(targets, m.Diet, days, r)
	return Brief{Member: m, Targets: targets, Slots: slots, Candidates: search(m, pantry(t), Keys(slots), 12), Seed: seed, Rules: r}
}

func byIDs(foods []gym.Food) map[string]gym.Food {
	out := map[string]gym.Food{}
	for _, f := range foods {
		out[f.ID] = f
	}
	return out
}
