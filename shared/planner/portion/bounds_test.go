package portion

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

func TestBoundsFor(t *testing.T) {
	t.Parallel()
	r := &rules.Default().Nutrition
	tests := []struct {
		name string
		food gym.Food
		kcal float64
		want Bounds
	}{
		{"eggs come whole", food("Egg, boiled", gym.RoleProtein, 155, 12.6, 1.1, 10.6, 0, 124, "1 large egg", 50), 2200, Bounds{50, 100, 200, 50}},
		{"bread comes in slices", food("Bread, rye", gym.RoleStarch, 258, 8.5, 48, 3.3, 6, 600, "1 slice", 32), 2200, Bounds{32, 96, 192, 32}},
		{"a cup is not counted", food("Rice, cooked", gym.RoleStarch, 130, 2.7, 28, 0.3, 0.4, 1, "1 cup", 158), 2200, Bounds{60, 180, 400, 10}},
		{"a cup of slices is not a slice", food("Yam bean, raw", gym.RoleVegetable, 38, 0.7, 8.8, 0.1, 4.9, 4, "1 cup slices", 120), 2200, Bounds{80, 150, 300, 10}},
		{"oil by the teaspoon", food("Olive oil", gym.RoleFat, 884, 0, 0, 100, 0, 2, "1 tbsp", 13.5), 2200, Bounds{5, 10, 30, 5}},
		{"nuts", food("Almonds", gym.RoleFat, 579, 21, 22, 50, 12, 1, "", 0), 2200, Bounds{10, 25, 60, 5}},
		{"vegetables", food("Broccoli", gym.RoleVegetable, 35, 2.4, 7, 0.4, 3, 41, "", 0), 2200, Bounds{80, 150, 300, 10}},
		{"a small day has no huge oats", food("Oats", gym.RoleStarch, 379, 13, 68, 6.5, 10, 6, "", 0), 1300, Bounds{20, 50, 90, 10}},
		{"a large day has more rice", food("Rice, cooked", gym.RoleStarch, 130, 2.7, 28, 0.3, 0.4, 1, "", 0), 3300, Bounds{60, 270, 600, 10}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, ok := BoundsFor(tt.food, tt.kcal, r); !ok || got != tt.want {
				t.Errorf("BoundsFor = %+v, %v, want %+v", got, ok, tt.want)
			}
		})
	}
	if _, ok := BoundsFor(gym.Food{Role: gym.RoleExcluded, Kcal: 100}, 2000, r); ok {
		t.Error("an excluded food has amounts")
	}
}

func TestBoundsAreAlwaysUsable(t *testing.T) {
	t.Parallel()
	r := &rules.Default().Nutrition
	roles := []gym.FoodRole{gym.RoleProtein, gym.RoleStarch, gym.RoleLegume, gym.RoleVegetable, gym.RoleFruit, gym.RoleDairy, gym.RoleFat, gym.RoleSnack, gym.RoleDish}
	rapid.Check(t, func(t *rapid.T) {
		grams := rapid.Float64Range(0, 400).Draw(t, "portion")
		f := gym.Food{
			Name: rapid.String().Draw(t, "name"), Role: rapid.SampledFrom(roles).Draw(t, "role"), Kcal: rapid.Float64Range(0, 902).Draw(t, "kcal"),
			Portion: rapid.StringMatching(`([0-9]{0,5} )?(large egg|slice|cup|piece|tbsp)s?`).Draw(t, "measure"), PortionG: &grams,
		}
		b, ok := BoundsFor(f, rapid.Float64Range(800, 6000).Draw(t, "day"), r)
		if !ok {
			t.Fatalf("no bounds for role %s", f.Role)
		}
		for _, b := range []Bounds{b, b.widened(1.25)} {
			if b.Step <= 0 || b.Min < b.Step || b.Typical < b.Min || b.Max < b.Typical || b.Min%b.Step != 0 || b.Max%b.Step != 0 || b.Typical%b.Step != 0 {
				t.Fatalf("bounds %+v", b)
			}
		}
	})
}
