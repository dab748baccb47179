package catalogue_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/catalogue"
	"github.com/intellifit/intellifit/shared/gym"
)

// Each row was judged by what is in the food as an allergic person must take it, not by what the rules say. The values
// are per 100 g.
var foodTable = []struct {
	name, category            string
	kcal, carbs, protein, fat float64
	role, allergens           string
	known                     bool // the name tells everything that is in it
	diets                     string
}{
	{"Beans, black, mature seeds, cooked, boiled, without salt", "Legumes and Legume Products", 132, 23.7, 8.9, 0.5, "legume", "", true, "halal kosher pescatarian vegan vegetarian"},
	{"Beans, kidney, all types, mature seeds, canned", "Legumes and Legume Products", 84, 14, 5, 0.6, "legume", "", true, "halal kosher pescatarian vegan vegetarian"},
	{"Beans, kidney, all types, mature seeds, raw", "Legumes and Legume Products", 333, 60, 23, 0.8, "excluded", "", true, "halal kosher pescatarian vegan vegetarian"},
	{"Chickpeas (garbanzo beans, bengal gram), mature seeds, cooked, boiled, with salt", "Legumes and Legume Products", 164, 27, 9, 2.6, "legume", "", true, "halal kosher pescatarian vegan vegetarian"},
	{"Beans, black turtle, mature seeds, canned", "Legumes and Legume Products", 91, 16, 6, 0.3, "legume", "", true, "halal kosher pescatarian vegan vegetarian"},
	{"Beans, baked, canned, with pork", "Legumes and Legume Products", 106, 20, 5, 1.6, "excluded", "", false, ""},
	{"Lupins, mature seeds, cooked, boiled, without salt", "Legumes and Legume Products", 119, 10, 16, 3, "legume", "lupin", true, "halal kosher low_carb pescatarian vegan vegetarian"},
	{"Tofu, firm, prepared with calcium sulfate and magnesium chloride (nigari)", "Legumes and Legume Products", 78, 2, 9, 4, "protein", "soy", true, "halal kosher low_carb pescatarian vegan vegetarian"},
	{"Soymilk, chocolate, unfortified", "Legumes and Legume Products", 63, 10, 2, 1.5, "snack", "dairy soy", false, "low_carb"},
	{"Peanut butter, smooth style, without salt", "Legumes and Legume Products", 598, 22, 22, 51, "fat", "peanut", true, "halal kosher pescatarian vegan vegetarian"},
	{"Peanut flour, low fat", "Legumes and Legume Products", 428, 31, 34, 22, "excluded", "peanut", true, "halal kosher pescatarian vegan vegetarian"},
	{"Hummus, commercial", "Legumes and Legume Products", 166, 14, 8, 10, "fat", "sesame", false, ""},
	{"Soy sauce made from soy and wheat (shoyu)", "Legumes and Legume Products", 53, 5, 8, 0.6, "excluded", "gluten soy wheat", false, "low_carb"},
	{"Bacon, meatless", "Legumes and Legume Products", 309, 5, 12, 30, "excluded", "", false, "low_carb pescatarian vegetarian"},
	{"Chicken, broilers or fryers, breast, meat only, cooked, roasted", "Poultry Products", 165, 0, 31, 3.6, "protein", "", true, "low_carb"},
	{"Chicken, broilers or fryers, leg, meat and skin, cooked, fried, batter", "Poultry Products", 273, 9, 22, 16, "excluded", "dairy egg gluten wheat", false, "low_carb"},
	{"Chicken, broilers or fryers, breast, meat only, cooked, fried", "Poultry Products", 187, 0.5, 33, 4.7, "excluded", "gluten wheat", false, "low_carb"},
	{"Turkey breast, pre-basted, meat and skin, cooked, roasted", "Poultry Products", 126, 0, 22, 3.5, "protein", "", false, "low_carb"},
	{"Chicken, liver, all classes, cooked, simmered", "Poultry Products", 167, 1, 24, 6.5, "excluded", "", true, "low_carb"},
	{"Beef, ground, 95% lean meat / 5% fat, crumbles, cooked, pan-browned", "Beef Products", 193, 0, 29, 7.6, "protein", "", true, "low_carb"},
	{"Beef, round, eye round, separable lean only, cooked, slow roasted", "Beef Products", 164, 0, 29, 5, "protein", "", true, "low_carb"},
	{"Beef, oyster blade, separable lean only, cooked, braised", "Beef Products", 196, 0, 29, 9, "protein", "", true, "low_carb"},
	{"Beef, loin, raw", "Beef Products", 160, 0, 21, 8, "excluded", "", true, "low_carb"},
	{"Pork, cured, ham, boneless, roasted", "Pork Products", 178, 0, 23, 9, "excluded", "", false, "low_carb"},
	{"Fish, salmon, Atlantic, wild, cooked, dry heat", "Finfish and Shellfish Products", 182, 0, 25, 8, "protein", "fish", true, "halal kosher low_carb pescatarian"},
	{"Fish, butterfish, cooked, dry heat", "Finfish and Shellfish Products", 187, 0, 22, 10, "protein", "fish", true, "halal kosher low_carb pescatarian"},
	{"Fish, catfish, channel, cooked, breaded and fried", "Finfish and Shellfish Products", 229, 8, 18, 13, "excluded", "dairy egg fish gluten wheat", false, "low_carb"},
	{"Fish, catfish, channel, wild, cooked, dry heat", "Finfish and Shellfish Products", 105, 0, 18, 3, "protein", "fish", true, "halal low_carb pescatarian"},
	{"Fish, tuna, light, canned in water, drained solids", "Finfish and Shellfish Products", 86, 0, 19, 1, "protein", "fish", false, "low_carb"},
	{"Crustaceans, shrimp, mixed species, cooked, moist heat (may have been previously frozen)", "Finfish and Shellfish Products", 119, 1, 23, 2, "protein", "shellfish sulphite", true, "halal low_carb pescatarian"},
	{"Crustaceans, crab, alaska king, imitation, made from surimi", "Finfish and Shellfish Products", 95, 15, 8, 0.5, "excluded", "egg fish gluten shellfish soy wheat", false, ""},
	{"Mollusks, squid, mixed species, cooked, fried", "Finfish and Shellfish Products", 175, 8, 18, 7, "excluded", "gluten mollusc wheat", false, "low_carb"},
	{"Mollusks, mussel, blue, cooked, moist heat", "Finfish and Shellfish Products", 172, 7, 24, 4.5, "protein", "mollusc", true, "halal low_carb pescatarian"},
	{"Cheese, cheddar", "Dairy and Egg Products", 404, 3, 23, 33, "dairy", "dairy", true, "halal kosher low_carb pescatarian vegetarian"},
	{"Cheese, parmesan, hard", "Dairy and Egg Products", 392, 3, 36, 25, "dairy", "dairy", true, "low_carb"},
	{"Yogurt, Greek, plain, nonfat", "Dairy and Egg Products", 59, 3.6, 10, 0.4, "dairy", "dairy", true, "halal kosher low_carb pescatarian vegetarian"},
	{"Yogurt, Greek, strawberry, DANNON OIKOS", "Dairy and Egg Products", 106, 12, 8, 3, "snack", "dairy", false, "low_carb"},
	{"Yogurt, fruit, low fat, 9 grams protein per 8 ounce", "Dairy and Egg Products", 99, 19, 4, 1, "snack", "dairy", false, ""},
	{"Egg, whole, cooked, hard-boiled", "Dairy and Egg Products", 155, 1, 13, 11, "protein", "egg", true, "halal kosher low_carb pescatarian vegetarian"},
	{"Egg, whole, cooked, scrambled", "Dairy and Egg Products", 149, 1.6, 10, 11, "protein", "egg", false, "low_carb"},
	{"Sour dressing, non-butterfat, cultured, filled cream-type", "Dairy and Egg Products", 178, 4.7, 3.3, 16.6, "excluded", "dairy", false, "low_carb"},
	{"Cream, sour, cultured", "Dairy and Egg Products", 198, 4.6, 2.4, 19, "fat", "dairy", true, "halal kosher low_carb pescatarian vegetarian"},
	{"Eggnog", "Dairy and Egg Products", 88, 8, 4.6, 4.2, "excluded", "dairy egg", false, "low_carb"},
	{"Butter, salted", "Dairy and Egg Products", 717, 0, 1, 81, "excluded", "dairy", true, "halal kosher low_carb pescatarian vegetarian"},
	{"Oil, olive, salad or cooking", "Fats and Oils", 884, 0, 0, 100, "fat", "", true, "halal kosher low_carb pescatarian vegan vegetarian"},
	{"Oil, soybean, salad or cooking", "Fats and Oils", 884, 0, 0, 100, "fat", "soy", true, "halal kosher low_carb pescatarian vegan vegetarian"},
	{"Margarine, 80% fat, stick, includes regular and hydrogenated corn and soybean oils", "Fats and Oils", 717, 0.7, 0.2, 80.7, "excluded", "dairy soy", false, "low_carb"},
	{"Sandwich spread, with chopped pickle, regular, unspecified oils", "Fats and Oils", 389, 22, 0.9, 34, "dish", "sulphite", false, ""},
	{"Salad dressing, mayonnaise, soybean oil, without salt", "Fats and Oils", 717, 2.7, 1.1, 79, "excluded", "egg mustard soy", false, "low_carb"},
	{"Mayonnaise, made with tofu", "Fats and Oils", 322, 3, 6, 32, "excluded", "egg mustard soy", false, "low_carb"},
	{"Nuts, almonds", "Nut and Seed Products", 579, 22, 21, 50, "fat", "tree_nut", true, "halal kosher pescatarian vegan vegetarian"},
	{"Nuts, butternuts, dried", "Nut and Seed Products", 612, 12, 25, 57, "fat", "tree_nut", true, "halal kosher low_carb pescatarian vegan vegetarian"},
	{"Nuts, mixed nuts, dry roasted, with peanuts, without salt added", "Nut and Seed Products", 607, 22, 20, 53, "fat", "peanut tree_nut", false, ""},
	{"Seeds, sunflower seed butter, without salt", "Nut and Seed Products", 617, 23, 17, 55, "fat", "", true, "halal kosher pescatarian vegan vegetarian"},
	{"Seeds, sesame seeds, whole, dried", "Nut and Seed Products", 573, 23, 18, 50, "fat", "sesame", true, "halal kosher pescatarian vegan vegetarian"},
	{"Nuts, coconut milk, canned (liquid expressed from grated meat and water)", "Nut and Seed Products", 197, 3, 2, 21, "excluded", "tree_nut", false, "low_carb"},
	{"Squash, winter, butternut, cooked, baked, without salt", "Vegetables and Vegetable Products", 40, 10, 1, 0, "vegetable", "", true, "halal kosher low_carb pescatarian vegan vegetarian"},
	{"Eggplant, cooked, boiled, drained, without salt", "Vegetables and Vegetable Products", 35, 9, 1, 0, "vegetable", "", true, "halal kosher low_carb pescatarian vegan vegetarian"},
	{"Mushrooms, oyster, raw", "Vegetables and Vegetable Products", 33, 6, 3, 0.4, "vegetable", "", true, "halal kosher low_carb pescatarian vegan vegetarian"},
	{"Chard, swiss, raw", "Vegetables and Vegetable Products", 19, 4, 2, 0, "vegetable", "", true, "halal kosher low_carb pescatarian vegan vegetarian"},
	{"Cabbage, kimchi", "Vegetables and Vegetable Products", 15, 2, 1, 0.5, "excluded", "fish shellfish", false, "low_carb"},
	{"Spinach, frozen, creamed", "Vegetables and Vegetable Products", 74, 9, 3, 4, "excluded", "dairy", false, "low_carb"},
	{"Potatoes, mashed, home-prepared, whole milk and margarine added", "Vegetables and Vegetable Products", 113, 17, 2, 4, "excluded", "dairy soy", false, ""},
	{"Potatoes, boiled, cooked in skin, flesh, without salt", "Vegetables and Vegetable Products", 87, 20, 2, 0, "starch", "", true, "halal kosher pescatarian vegan vegetarian"},
	{"Pokeberry shoots, (poke), raw", "Vegetables and Vegetable Products", 23, 4, 3, 0, "excluded", "", true, "halal kosher low_carb pescatarian vegan vegetarian"},
	{"Celery, raw", "Vegetables and Vegetable Products", 16, 3, 1, 0, "vegetable", "celery", true, "halal kosher low_carb pescatarian vegan vegetarian"},
	{"Onion rings, breaded, par fried, frozen, unprepared", "Vegetables and Vegetable Products", 258, 30, 3, 14, "excluded", "dairy egg gluten wheat", false, ""},
	{"Apples, raw, with skin", "Fruits and Fruit Juices", 52, 14, 0, 0, "fruit", "", true, "halal kosher pescatarian vegan vegetarian"},
	{"Apricots, dried, sulfured, uncooked", "Fruits and Fruit Juices", 241, 63, 3, 0.5, "fruit", "sulphite", true, "halal kosher pescatarian vegan vegetarian"},
	{"Custard-apple, (bullock's-heart), raw", "Fruits and Fruit Juices", 101, 25, 2, 0.6, "fruit", "", false, ""},
	{"Elderberries, raw", "Fruits and Fruit Juices", 73, 18, 0.7, 0.5, "excluded", "", true, "halal kosher pescatarian vegan vegetarian"},
	{"Rice, white, long-grain, regular, enriched, cooked", "Cereal Grains and Pasta", 130, 28, 3, 0, "starch", "", true, "halal kosher pescatarian vegan vegetarian"},
	{"Rice, white, long-grain, regular, raw, enriched", "Cereal Grains and Pasta", 365, 80, 7, 0.7, "excluded", "", true, "halal kosher pescatarian vegan vegetarian"},
	{"Buckwheat groats, roasted, cooked", "Cereal Grains and Pasta", 92, 20, 3, 0.6, "starch", "", true, "halal kosher pescatarian vegan vegetarian"},
	{"Barley, pearled, cooked", "Cereal Grains and Pasta", 123, 28, 2, 0.4, "starch", "gluten", true, "halal kosher pescatarian vegan vegetarian"},
	{"Couscous, cooked", "Cereal Grains and Pasta", 112, 23, 4, 0, "starch", "gluten wheat", true, "halal kosher pescatarian vegan vegetarian"},
	{"Noodles, egg, enriched, cooked", "Cereal Grains and Pasta", 138, 25, 5, 2, "starch", "dairy egg gluten wheat", true, "halal kosher pescatarian vegetarian"},
	{"Noodles, japanese, soba, cooked", "Cereal Grains and Pasta", 99, 21, 5, 0, "starch", "gluten wheat", true, "halal kosher pescatarian vegan vegetarian"},
	{"Oats", "Cereal Grains and Pasta", 389, 66, 17, 7, "starch", "gluten", true, "halal kosher pescatarian vegan vegetarian"},
	{"Cereals ready-to-eat, POST Bran Flakes", "Breakfast Cereals", 328, 80, 9, 2, "snack", "gluten wheat", false, ""},
	{"Cereals ready-to-eat, QUAKER, 100% Natural Granola, Oats, Wheat and Honey", "Breakfast Cereals", 421, 72, 10, 12, "snack", "gluten wheat", false, ""},
	{"Cereals, oats, regular and quick, unenriched, cooked with water (includes boiling and microwaving), without salt", "Breakfast Cereals", 71, 12, 2.5, 1.5, "starch", "gluten wheat", true, "halal kosher low_carb pescatarian vegan vegetarian"},
	{"Bread, rye", "Baked Products", 259, 48, 8.5, 3.3, "starch", "gluten wheat", false, ""},
	{"Cookies, peanut butter, commercially prepared, regular", "Baked Products", 477, 59, 10, 24, "snack", "dairy egg gluten peanut soy wheat", false, ""},
	{"Cake, chocolate, commercially prepared", "Baked Products", 389, 52, 4, 19, "snack", "dairy egg gluten soy wheat", false, ""},
	{"Soup, chicken noodle, canned", "Soups, Sauces, and Gravies", 48, 6, 3, 1.6, "dish", "gluten wheat", false, "low_carb"},
	{"Pizza, cheese topping, frozen", "Fast Foods", 268, 29, 10, 12, "dish", "dairy egg gluten soy wheat", false, ""},
	{"Beverages, almond milk, unsweetened, shelf stable", "Beverages", 15, 1.3, 0.4, 1, "dairy", "tree_nut", false, "low_carb"},
	{"Alcoholic beverage, beer, regular", "Beverages", 43, 3.5, 0.5, 0, "excluded", "gluten", false, "low_carb"},
	{"Babyfood, rice cereal, dry", "Baby Foods", 386, 83, 6, 4, "excluded", "gluten wheat", false, ""},
	{"Spices, mustard seed, ground", "Spices and Herbs", 508, 28, 26, 36, "excluded", "mustard", false, ""},
	{"Candies, milk chocolate", "Sweets", 535, 59, 8, 30, "snack", "dairy soy", false, ""},
}

func TestDeriveFoods(t *testing.T) {
	t.Parallel()
	for _, row := range foodTable {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			contains, known := catalogue.DeriveAllergens(row.name, row.category)
			if diff := cmp.Diff(strings.Fields(row.allergens), join(contains)); diff != "" || known != row.known {
				t.Errorf("allergens known: %v, want %v (-want +got):\n%s", known, row.known, diff)
			}
			if diff := cmp.Diff(strings.Fields(row.diets), join(catalogue.DeriveDiets(row.name, row.category, row.carbs, contains, known))); diff != "" {
				t.Errorf("diets differ (-want +got):\n%s", diff)
			}
			f := gym.Food{Name: row.name, Category: row.category, Kcal: row.kcal, CarbsG: row.carbs, ProteinG: row.protein, FatG: row.fat}
			if got := catalogue.DeriveRole(f); string(got) != row.role {
				t.Errorf("role %s, want %s", got, row.role)
			}
		})
	}
}

// A name that the rules do not understand word by word is unsafe, however plain its category is.
func TestUnknownNamesAreUnsafe(t *testing.T) {
	t.Parallel()
	for name, category := range map[string]string{
		"Erdnussbutter": "Nuts", "Gouda alt": "Dairy", "Leche entera": "Milk", "Zzyzx": "Fruit", "": "Vegetables", "12345": "Vegetables", "Tomatoes, MEGAFARM": "Vegetables",
		"Tomato": "Mystery", "Rice, seasoned": "Grains", "Chicken breast, marinated": "Poultry", "Vegetable medley": "Vegetables",
		"Aged wheel": "Cheese", "Fresh, whole": "Fish", "Plain, dried": "Pasta", "Roasted, salted": "Nuts",
	} {
		contains, known := catalogue.DeriveAllergens(name, category)
		if known {
			t.Errorf("%q (%s): known to contain just %v", name, category, contains)
		}
	}
}

func TestDietClaims(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Vegan sausage":                 "low_carb pescatarian vegan vegetarian",
		"Sausage, not vegan":            "low_carb",
		"Chicken breast, halal, cooked": "halal low_carb",
		"Chicken breast, kosher, raw":   "kosher low_carb",
		"Chicken breast, cooked":        "low_carb",
		"Beef, non-halal, cooked":       "low_carb",
	} {
		contains, known := catalogue.DeriveAllergens(name, "Meat")
		if diff := cmp.Diff(strings.Fields(want), join(catalogue.DeriveDiets(name, "Meat", 2, contains, known))); diff != "" {
			t.Errorf("%s (known %v): diets differ (-want +got):\n%s", name, known, diff)
		}
	}
}

func TestDeriveMeals(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		role gym.FoodRole
		name string
		want string
	}{
		{gym.RoleProtein, "Egg, whole, cooked, poached", "breakfast lunch dinner snack"}, {gym.RoleProtein, "Beef, cooked", "lunch dinner"},
		{gym.RoleStarch, "Oats", "breakfast snack"}, {gym.RoleStarch, "Bread, rye", "breakfast lunch dinner snack"}, {gym.RoleStarch, "Rice, cooked", "lunch dinner"},
		{gym.RoleFat, "Oil, olive", "lunch dinner"}, {gym.RoleFat, "Nuts, almonds", "breakfast lunch dinner snack"}, {gym.RoleFruit, "Apples", "breakfast snack lunch dinner"},
		{gym.RoleSnack, "Cookies", "snack"}, {gym.RoleVegetable, "Kale", "lunch dinner"},
	} {
		if diff := cmp.Diff(strings.Fields(row.want), catalogue.DeriveMeals(gym.Food{Role: row.role, Name: row.name})); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", row.name, diff)
		}
	}
}
