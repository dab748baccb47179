package demo_test

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/shared/catalogue"
	"github.com/intellifit/intellifit/shared/gym"
)

func allFoods(t *testing.T) []gym.Food {
	t.Helper()
	_, foods, err := demo.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	return foods
}

// TestFoodsAreReviewed: our own file leaves nothing to the rules that derive roles, diets and allergens.
func TestFoodsAreReviewed(t *testing.T) {
	r, err := catalogue.FoodsCSV(bytes.NewReader(file(t, "foods.csv")))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range r.Problems {
		t.Errorf("problem: %s", p)
	}
	for _, v := range r.Review {
		t.Errorf("%s is left for review: %s", v.ID, v.Reason)
	}
	if len(r.Rows) < 280 {
		t.Errorf("%d foods, want at least 280", len(r.Rows))
	}
	for i, line := range strings.Split(strings.TrimSpace(string(file(t, "foods.csv"))), "\n")[1:] {
		if strings.Contains(line, ",,") || strings.HasSuffix(line, ",") {
			t.Errorf("%s leaves a column empty: %s", r.Rows[i].ID, line)
		}
	}
	for _, f := range r.Rows {
		if !f.AllergensKnown {
			t.Errorf("%s: allergens are not known", f.ID)
		}
		if f.Role == gym.RoleExcluded || f.Role == gym.RoleDish || f.Role == "" {
			t.Errorf("%s has the role %q", f.ID, f.Role)
		}
	}
}

// TestEnergyFollowsFromMacros: 4 kcal a gram of protein and available carbohydrate, 9 of fat, 2 of fibre (Regulation (EU)
// 1169/2011, annex XIV). Carbohydrate includes fibre, as in the tables of the USDA.
func TestEnergyFollowsFromMacros(t *testing.T) {
	for _, f := range allFoods(t) {
		if f.FibreG == nil || f.SugarsG == nil || f.SodiumMG == nil || f.SatFatG == nil || f.PortionG == nil {
			t.Errorf("%s leaves a nutrient or its portion unknown", f.ID)
			continue
		}
		want := 4*f.ProteinG + 9*f.FatG + 4*(f.CarbsG-*f.FibreG) + 2**f.FibreG
		if off := math.Abs(f.Kcal - want); off > 0.12*want+8 {
			t.Errorf("%s has %.0f kcal, its macronutrients give %.0f", f.ID, f.Kcal, want)
		}
		if *f.FibreG > f.CarbsG || *f.SugarsG > f.CarbsG || *f.SatFatG > f.FatG {
			t.Errorf("%s: a part is more than its whole", f.ID)
		}
		if f.ProteinG+f.CarbsG+f.FatG > 100.5 {
			t.Errorf("%s weighs more than 100 g", f.ID)
		}
		if *f.PortionG < 5 || *f.PortionG > 300 || f.Portion == "" {
			t.Errorf("%s has the portion %q of %g g", f.ID, f.Portion, *f.PortionG)
		}
	}
}

var courses = map[string][]gym.FoodRole{
	"protein":          {gym.RoleProtein, gym.RoleLegume, gym.RoleDairy},
	"starch":           {gym.RoleStarch},
	"vegetable, fruit": {gym.RoleVegetable, gym.RoleFruit},
	"fat":              {gym.RoleFat},
}

// TestEveryDietHasAChoice: for each diet and meal there are at least five foods of each kind, also for whoever leaves out
// nuts, gluten or milk beside it. A low-carb day has no place for starch.
func TestEveryDietHasAChoice(t *testing.T) {
	foods := allFoods(t)
	allergies := [][]gym.Allergen{nil, {gym.TreeNut, gym.Peanut}, {gym.Wheat, gym.Gluten}, {gym.Dairy}, {gym.Egg}, {gym.Soy}, {gym.Sesame}, {gym.Fish, gym.Shellfish, gym.Mollusc}}
	for _, diet := range gym.Diets() {
		for _, meal := range []string{"breakfast", "lunch", "dinner", "snack"} {
			for course, roles := range courses {
				if diet == gym.LowCarb && course == "starch" {
					continue
				}
				for _, allergy := range allergies {
					count := 0
					for _, f := range foods {
						fits := diet == gym.NoDiet || slices.Contains(f.Diets, diet)
						safe := !slices.ContainsFunc(allergy, func(a gym.Allergen) bool { return slices.Contains(f.Allergens, a) })
						if fits && safe && slices.Contains(roles, f.Role) && slices.Contains(f.Meals, meal) {
							count++
						}
					}
					if count < 5 {
						t.Errorf("%s, %s, without %v: %d foods for %s", diet, meal, allergy, count, course)
					}
				}
			}
		}
	}
}

// TestVeganProteins: without any animal food, and without soy or gluten either, protein comes from enough sources.
func TestVeganProteins(t *testing.T) {
	var all, spared []string
	for _, f := range allFoods(t) {
		if f.Role != gym.RoleProtein || !slices.Contains(f.Diets, gym.Vegan) {
			continue
		}
		all = append(all, f.ID)
		if !slices.Contains(f.Allergens, gym.Soy) && !slices.Contains(f.Allergens, gym.Gluten) {
			spared = append(spared, f.ID)
		}
	}
	if len(all) < 12 || len(spared) < 6 {
		t.Errorf("vegan proteins %v, without soy and gluten %v", all, spared)
	}
}

// TestDietsFollowFromWhatIsInIt: a word of the name or an allergen that rules a diet out.
func TestDietsFollowFromWhatIsInIt(t *testing.T) {
	sea := []gym.Allergen{gym.Fish, gym.Shellfish, gym.Mollusc}
	for _, f := range allFoods(t) {
		has := func(list ...gym.Allergen) bool {
			return slices.ContainsFunc(list, func(a gym.Allergen) bool { return slices.Contains(f.Allergens, a) })
		}
		meat := f.Category == "Meat and poultry"
		name := strings.ToLower(f.Name)
		net := f.CarbsG - *f.FibreG
		for diet, never := range map[gym.Diet]bool{
			gym.Vegan:       meat || has(sea...) || has(gym.Dairy, gym.Egg) || strings.Contains(name, "honey"),
			gym.Vegetarian:  meat || has(sea...),
			gym.Pescatarian: meat,
			gym.Halal:       meat && !strings.Contains(name, "halal") || strings.Contains(name, "pork") || strings.Contains(name, "ham"),
			gym.Kosher:      meat && !strings.Contains(name, "kosher") || has(gym.Shellfish, gym.Mollusc),
			gym.LowCarb:     net > 10.001,
		} {
			if never && slices.Contains(f.Diets, diet) {
				t.Errorf("%s cannot be %s", f.ID, diet)
			}
		}
		if slices.Contains(f.Diets, gym.Vegan) && !slices.Contains(f.Diets, gym.Vegetarian) || slices.Contains(f.Diets, gym.Vegetarian) && !slices.Contains(f.Diets, gym.Pescatarian) {
			t.Errorf("%s fits a stricter diet and not the wider one: %v", f.ID, f.Diets)
		}
	}
}

// TestAllergensThatMatter pins what would hurt somebody if it were lost.
func TestAllergensThatMatter(t *testing.T) {
	byID := map[string]gym.Food{}
	for _, f := range allFoods(t) {
		byID[f.ID] = f
	}
	for id, want := range map[string][]gym.Allergen{
		"almond-drink-unsweetened": {gym.TreeNut}, "muesli-without-sugar": {gym.Gluten, gym.Wheat, gym.TreeNut}, "dark-chocolate-85": {gym.Dairy, gym.Soy, gym.TreeNut},
		"rye-bread": {gym.Gluten, gym.Wheat}, "corn-flakes-unsweetened": {gym.Gluten}, "seitan-cooked": {gym.Gluten, gym.Wheat, gym.Soy}, "oat-drink-enriched": {gym.Gluten},
		"hummus": {gym.Sesame}, "prawns-boiled": {gym.Shellfish}, "mussels-steamed": {gym.Mollusc}, "mycoprotein-pieces": {gym.Egg}, "mayonnaise-light": {gym.Egg, gym.Mustard},
		"celeriac-mash": {gym.Celery}, "lupin-mince-cooked": {gym.Lupin}, "lactose-free-milk-low-fat": {gym.Dairy}, "apricots-dried-sulphured": {gym.Sulphite},
		"low-carb-seed-bread": {gym.Gluten, gym.Wheat, gym.Sesame, gym.Soy}, "coconut-milk-light": {gym.TreeNut}, "soy-cream": {gym.Soy}, "peanut-butter-pure": {gym.Peanut},
	} {
		for _, a := range want {
			if !slices.Contains(byID[id].Allergens, a) {
				t.Errorf("%s lacks %s: %s", id, a, fmt.Sprint(byID[id].Allergens))
			}
		}
	}
}
