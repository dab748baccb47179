package nutrition

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/gym"
)

// TestSwapChangesOnlyItsSlot swaps every slot of a week: all else stays, and the new menu is as legal as the old one.
func TestSwapChangesOnlyItsSlot(t *testing.T) {
	t.Parallel()
	foods := pantry(t)
	known := byIDs(foods)
	b := brief(t, member(func(m *gym.Member) { m.Allergies = []gym.Allergen{gym.TreeNut} }), gym.Health, 7, 9)
	n, menu, _ := mustBuild(t, b)
	swapped, refused := 0, 0
	for d, day := range n.Days {
		for m, meal := range day.Meals {
			for i, it := range meal.Items {
				key, _ := KeyOf(n, b.Targets, b.Member.Diet, it.Slot, b.Rules)
				candidates := append(slices.Clone(menu.Pools[key.Name]), foods...) // the pantry holds illegal ones too
				got, item, err := SwapFood(b, n, it.Slot, candidates)
				if err != nil {
					if !errors.Is(err, gym.ErrInfeasible) {
						t.Fatalf("SwapFood %s: %v", it.Slot, err)
					}
					refused++
					continue
				}
				swapped++
				if item.FoodID == it.FoodID || item.Slot != it.Slot {
					t.Errorf("slot %s: %+v is not a swap", it.Slot, item)
				}
				if vs := Check(got, b.Targets, b.Member, known, b.Rules); len(vs) > 0 {
					t.Errorf("slot %s: violations %v", it.Slot, vs)
				}
				got.Days[d].Meals[m].Items[i] = it
				got.Days[d].Totals, got.ShoppingList = day.Totals, n.ShoppingList
				if diff := cmp.Diff(n, got); diff != "" {
					t.Fatalf("slot %s: something else changed: %s", it.Slot, diff)
				}
			}
		}
	}
	if swapped < 9*refused {
		t.Errorf("%d slots swapped, %d refused; want nine of ten", swapped, refused)
	}
}

func TestSwapRefuses(t *testing.T) {
	t.Parallel()
	b := brief(t, member(func(m *gym.Member) { m.Diet = gym.Vegan }), gym.Health, 1, 1)
	n, _, _ := mustBuild(t, b)
	slot := n.Days[0].Meals[0].Items[0].Slot
	beef := gym.Food{ID: "x", Name: "Beef", Role: n.Days[0].Meals[0].Items[0].Role, Kcal: 130, CarbsG: 28, AllergensKnown: true}
	if _, _, err := SwapFood(b, n, "n9m9f9", nil); !errors.Is(err, gym.ErrNotFound) {
		t.Errorf("unknown slot: %v, want not found", err)
	}
	if _, _, err := SwapFood(b, n, slot, []gym.Food{beef}); !errors.Is(err, gym.ErrInfeasible) {
		t.Errorf("illegal candidate: %v, want infeasible", err)
	}
}

func TestRegenerateChangesOnlyItsDay(t *testing.T) {
	t.Parallel()
	known := byIDs(pantry(t))
	for _, diet := range diets {
		t.Run(string(diet), func(t *testing.T) {
			t.Parallel()
			b := brief(t, member(func(m *gym.Member) { m.Diet = diet }), gym.FatLoss, 5, 3)
			n, _, _ := mustBuild(t, b)
			before := n.clone()
			b.Seed = 77
			got, _, err := Regenerate(b, n, 3)
			if err != nil {
				t.Fatalf("Regenerate: %v", err)
			}
			if vs := Check(got, b.Targets, b.Member, known, b.Rules); len(vs) > 0 {
				t.Errorf("violations: %v", vs)
			}
			if cmp.Equal(n.Days[2], got.Days[2]) {
				t.Error("the day did not change")
			}
			got.Days[2], got.ShoppingList = n.Days[2], n.ShoppingList
			if diff := cmp.Diff(n, got); diff != "" {
				t.Errorf("something else changed: %s", diff)
			}
			if diff := cmp.Diff(before, n); diff != "" {
				t.Errorf("the old menu changed: %s", diff)
			}
		})
	}
	b := brief(t, member(nil), gym.Health, 2, 1)
	n, _, _ := mustBuild(t, b)
	if _, _, err := Regenerate(b, n, 3); !errors.Is(err, gym.ErrNotFound) {
		t.Errorf("unknown day: %v, want not found", err)
	}
}

func TestWithoutNumbers(t *testing.T) {
	t.Parallel()
	b := brief(t, member(nil), gym.Health, 2, 1)
	n, _, _ := mustBuild(t, b)
	hidden := WithoutNumbers(n)
	for _, d := range hidden.Days {
		for _, it := range d.Items() {
			if it.Kcal != 0 || it.ProteinG != 0 || it.FatG != 0 || it.CarbsG != 0 || it.Grams == 0 {
				t.Errorf("item %+v", it)
			}
		}
		if d.Totals != (Macros{}) {
			t.Errorf("totals %+v", d.Totals)
		}
	}
	if n.Days[0].Totals.Kcal == 0 || n.NumbersHidden {
		t.Error("the original lost its numbers")
	}
	if vs := Check(hidden, b.Targets, b.Member, byIDs(pantry(t)), b.Rules); len(vs) > 0 {
		t.Errorf("violations: %v", vs)
	}
}

// TestCheckFindsTampering changes one thing at a time in a good menu.
func TestCheckFindsTampering(t *testing.T) {
	t.Parallel()
	b := brief(t, member(func(m *gym.Member) { m.Diet, m.Allergies = gym.Vegetarian, []gym.Allergen{gym.Celery} }), gym.Health, 2, 1)
	n, _, _ := mustBuild(t, b)
	first := n.Days[0].Meals[0].Items[0].FoodID
	tests := []struct {
		code   string
		tamper func(*Nutrition, map[string]gym.Food)
	}{
		{CodeUnknownFood, func(n *Nutrition, _ map[string]gym.Food) { n.Days[0].Meals[0].Items[0].FoodID = "ghost" }},
		{CodeUnknownFood, func(n *Nutrition, _ map[string]gym.Food) { n.Days[0].Meals[0].Items[0].Name = "Something else" }},
		{CodeDiet, func(_ *Nutrition, f map[string]gym.Food) { set(f, first, func(f *gym.Food) { f.Diets = nil }) }},
		{CodeAllergen, func(_ *Nutrition, f map[string]gym.Food) {
			set(f, first, func(f *gym.Food) { f.Allergens = []gym.Allergen{gym.Celery} })
		}},
		{CodeAllergenUnknown, func(_ *Nutrition, f map[string]gym.Food) {
			set(f, first, func(f *gym.Food) { f.AllergensKnown = false })
		}},
		{CodeExcluded, func(_ *Nutrition, f map[string]gym.Food) {
			set(f, first, func(f *gym.Food) { f.Role = gym.RoleExcluded })
		}},
		{CodeWrongNumber, func(n *Nutrition, _ map[string]gym.Food) { n.Days[0].Meals[0].Items[0].Kcal++ }},
		{CodeWrongTotal, func(n *Nutrition, _ map[string]gym.Food) { n.Days[1].Totals.ProteinG += 0.2 }},
		{CodeGrams, func(n *Nutrition, _ map[string]gym.Food) { n.Days[0].Meals[0].Items[0].Grams = -10 }},
		{CodeTwice, func(n *Nutrition, _ map[string]gym.Food) {
			n.Days[0].Meals[0].Items[0].Slot = n.Days[0].Meals[0].Items[1].Slot
		}},
		{CodeFloor, func(n *Nutrition, _ map[string]gym.Food) { n.Days[0].Meals = n.Days[0].Meals[:1] }},
		{CodeKcal, func(n *Nutrition, _ map[string]gym.Food) { n.Days[0].Meals = n.Days[0].Meals[1:] }},
		{CodeMacro, func(n *Nutrition, _ map[string]gym.Food) { n.Days[0].Meals = n.Days[0].Meals[1:] }},
		{CodeEmptyDay, func(n *Nutrition, _ map[string]gym.Food) { n.Days[0].Meals = nil }},
		{CodeWrongList, func(n *Nutrition, _ map[string]gym.Food) { n.ShoppingList[0].Grams += 10 }},
		{CodeWrongList, func(n *Nutrition, _ map[string]gym.Food) { n.ShoppingList = n.ShoppingList[1:] }},
	}
	for _, tt := range tests {
		t.Run(tt.code, func(t *testing.T) {
			t.Parallel()
			bad, foods := n.clone(), byIDs(pantry(t))
			tt.tamper(&bad, foods)
			vs := Check(bad, b.Targets, b.Member, foods, b.Rules)
			if !slices.ContainsFunc(vs, func(v Violation) bool { return v.Code == tt.code }) {
				t.Errorf("Check = %v, want %s", vs, tt.code)
			}
		})
	}
}

func set(foods map[string]gym.Food, id string, change func(*gym.Food)) {
	f := foods[id]
	change(&f)
	foods[id] = f
}
