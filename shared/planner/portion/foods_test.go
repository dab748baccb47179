package portion

import (
	"math/rand/v2"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

// pantry holds ordinary foods, per 100 g, for the tests of the solver.
var pantry = []gym.Food{
	food("egg", gym.RoleProtein, 143, 12.6, 0.7, 9.5, 0, 142, "large egg", 50),
	food("chicken breast", gym.RoleProtein, 165, 31, 0, 3.6, 0, 74, "", 0),
	food("salmon", gym.RoleProtein, 206, 22.1, 0, 12.4, 0, 61, "fillet", 154),
	food("cod", gym.RoleProtein, 84, 18, 0, 0.9, 0, 78, "", 0),
	food("beef mince lean", gym.RoleProtein, 193, 27, 0, 8.8, 0, 72, "", 0),
	food("tofu firm", gym.RoleProtein, 144, 17.3, 2.8, 8.7, 2.3, 14, "", 0),
	food("tempeh", gym.RoleProtein, 192, 20.3, 7.6, 10.8, 5, 9, "", 0),
	food("turkey breast", gym.RoleProtein, 147, 30, 0, 2.1, 0, 99, "", 0),
	food("lentils cooked", gym.RoleLegume, 116, 9, 20.1, 0.4, 7.9, 2, "cup", 198),
	food("chickpeas cooked", gym.RoleLegume, 164, 8.9, 27.4, 2.6, 7.6, 7, "cup", 164),
	food("black beans cooked", gym.RoleLegume, 132, 8.9, 23.7, 0.5, 8.7, 1, "cup", 172),
	food("rice cooked", gym.RoleStarch, 130, 2.7, 28.2, 0.3, 0.4, 1, "cup", 158),
	food("pasta cooked", gym.RoleStarch, 158, 5.8, 30.9, 0.9, 1.8, 1, "cup", 124),
	food("potato boiled", gym.RoleStarch, 87, 1.9, 20.1, 0.1, 1.8, 4, "", 0),
	food("oats", gym.RoleStarch, 379, 13.2, 67.7, 6.5, 10.1, 6, "", 0),
	food("wholemeal bread", gym.RoleStarch, 252, 12.5, 42.7, 3.5, 6, 455, "slice", 32),
	food("quinoa cooked", gym.RoleStarch, 120, 4.4, 21.3, 1.9, 2.8, 7, "cup", 185),
	food("broccoli", gym.RoleVegetable, 35, 2.4, 7.2, 0.4, 3.3, 41, "", 0),
	food("carrot", gym.RoleVegetable, 41, 0.9, 9.6, 0.2, 2.8, 69, "", 0),
	food("spinach", gym.RoleVegetable, 23, 2.9, 3.6, 0.4, 2.2, 79, "", 0),
	food("tomato", gym.RoleVegetable, 18, 0.9, 3.9, 0.2, 1.2, 5, "", 0),
	food("pepper", gym.RoleVegetable, 26, 1, 6, 0.3, 2.1, 4, "", 0),
	food("banana", gym.RoleFruit, 89, 1.1, 22.8, 0.3, 2.6, 1, "medium", 118),
	food("apple", gym.RoleFruit, 52, 0.3, 13.8, 0.2, 2.4, 1, "medium", 182),
	food("blueberries", gym.RoleFruit, 57, 0.7, 14.5, 0.3, 2.4, 1, "cup", 148),
	food("raisins", gym.RoleFruit, 299, 3.1, 79.2, 0.5, 3.7, 11, "", 0),
	food("skimmed milk", gym.RoleDairy, 34, 3.4, 5, 0.1, 0, 42, "cup", 245),
	food("yoghurt plain", gym.RoleDairy, 61, 3.5, 4.7, 3.3, 0, 46, "", 0),
	food("skyr", gym.RoleDairy, 63, 11, 4, 0.2, 0, 50, "", 0),
	food("cottage cheese", gym.RoleDairy, 82, 11.8, 4.3, 2.3, 0, 330, "", 0),
	food("cheddar", gym.RoleDairy, 403, 24.9, 1.3, 33.1, 0, 621, "slice", 28),
	food("olive oil", gym.RoleFat, 884, 0, 0, 100, 0, 2, "tbsp", 13.5),
	food("rapeseed oil", gym.RoleFat, 884, 0, 0, 100, 0, 0, "tbsp", 14),
	food("almonds", gym.RoleFat, 579, 21.2, 21.6, 49.9, 12.5, 1, "", 0),
	food("walnuts", gym.RoleFat, 654, 15.2, 13.7, 65.2, 6.7, 2, "", 0),
	food("avocado", gym.RoleFat, 160, 2, 8.5, 14.7, 6.7, 7, "", 0),
	food("peanut butter", gym.RoleFat, 588, 25, 20, 50, 6, 17, "", 0),
}

func food(name string, role gym.FoodRole, kcal, protein, carbs, fat, fibre, sodium float64, portion string, portionG float64) gym.Food {
	f := gym.Food{ID: name, Name: name, Role: role, Kcal: kcal, ProteinG: protein, CarbsG: carbs, FatG: fat, FibreG: &fibre, SodiumMG: &sodium, AllergensKnown: true}
	if portion != "" {
		f.Portion, f.PortionG = portion, &portionG
	}
	return f
}

// dayRoles is the menu of the tests: breakfast, lunch, dinner and a snack.
var dayRoles = [][]gym.FoodRole{
	{gym.RoleStarch, gym.RoleDairy, gym.RoleFruit},
	{gym.RoleProtein, gym.RoleStarch, gym.RoleVegetable, gym.RoleFat},
	{gym.RoleProtein, gym.RoleStarch, gym.RoleVegetable, gym.RoleFat},
	{gym.RoleFruit, gym.RoleDairy},
}

// dayShares is how the day's energy spreads over its meals.
var dayShares = []float64{0.25, 0.3, 0.3, 0.15}

func option(f gym.Food, kcal float64) Option {
	b, _ := BoundsFor(f, kcal, &rules.Default().Nutrition)
	return Option{Food: f, Bounds: b}
}

// randomTarget draws the profiles of planning.md §7: 50–110 kg, 22–38 kcal/kg, protein 1.4–2.2 g/kg, fat 22–35 %.
func randomTarget(r *rand.Rand) Target {
	kg := 50 + 60*r.Float64()
	t := Target{Kcal: min(max(kg*(22+16*r.Float64()), 1300), 4000), ProteinG: kg * (1.4 + 0.8*r.Float64()), SodiumMG: 2000}
	t.FatG = t.Kcal * (0.22 + 0.13*r.Float64()) / 9
	t.CarbsG = (t.Kcal - 4*t.ProteinG - 9*t.FatG) / 4
	t.FibreG = 14 * t.Kcal / 1000
	return t
}

// randomDay draws one food per role, without repeats, and offers the others for repairs.
func randomDay(r *rand.Rand, t Target) Problem {
	p := Problem{Target: t, FloorKcal: t.Kcal * 0.98, MaxFoods: 17, Rules: rules.Default().Nutrition.Solver}
	order := r.Perm(len(pantry))
	used := map[string]bool{}
	for m, roles := range dayRoles {
		p.Meals = append(p.Meals, Meal{ProteinG: t.ProteinG * 0.2, Kcal: t.Kcal * dayShares[m]})
		for _, role := range roles {
			var pl *Place
			for _, i := range order {
				f := pantry[i]
				switch {
				case f.Role != role:
				case pl == nil && !used[f.ID]:
					used[f.ID] = true
					pl = &Place{Option: option(f, t.Kcal), Meal: m, Optional: role == gym.RoleFat || role == gym.RoleFruit}
				case pl != nil:
					pl.Swaps = append(pl.Swaps, option(f, t.Kcal))
				}
			}
			if pl != nil {
				p.Places = append(p.Places, *pl)
			}
		}
	}
	for i, f := range pantry {
		if i%3 == 0 || f.ProteinG*4 > 0.6*f.Kcal || f.FatG*9 > 0.9*f.Kcal {
			p.Adjusters = append(p.Adjusters, Adjuster{Option: option(f, t.Kcal), Meal: 1 + i%2})
		}
	}
	return p
}
