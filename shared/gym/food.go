package gym

// FoodRole is the part that a food plays in a meal, derived from its category and macros.
type FoodRole string

// The roles of foods.
const (
	RoleProtein   FoodRole = "protein"   // lean and other main protein sources, ready to weigh
	RoleStarch    FoodRole = "starch"    // grains, bread, potatoes, pasta, cereal
	RoleLegume    FoodRole = "legume"    // beans, lentils, chickpeas: protein and starch
	RoleVegetable FoodRole = "vegetable" // low-energy vegetables
	RoleFruit     FoodRole = "fruit"
	RoleDairy     FoodRole = "dairy"    // milk, yoghurt, cheese and their plant counterparts
	RoleFat       FoodRole = "fat"      // oils, nuts, seeds, avocado, spreads
	RoleSnack     FoodRole = "snack"    // ready snacks and sweets, used sparingly
	RoleDish      FoodRole = "dish"     // composed dishes: soups, pizza, fast food
	RoleExcluded  FoodRole = "excluded" // spices, alcohol, infant food, supplements, raw offal, …: never planned
)

// Food is one row of a gym's catalogue; every nutrient is per 100 g and nil means unknown, never zero.
type Food struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Category string   `json:"category,omitempty"`
	Kcal     float64  `json:"kcal"`
	ProteinG float64  `json:"protein_g"`
	CarbsG   float64  `json:"carbs_g"`
	FatG     float64  `json:"fat_g"`
	FibreG   *float64 `json:"fibre_g,omitempty"`
	SugarsG  *float64 `json:"sugars_g,omitempty"`
	SodiumMG *float64 `json:"sodium_mg,omitempty"`
	SatFatG  *float64 `json:"sat_fat_g,omitempty"`
	// Portion is the household measure and PortionG its weight in grams, e.g. "1 large egg", 50.
	Portion  string   `json:"portion,omitempty"`
	PortionG *float64 `json:"portion_g,omitempty"`

	Role FoodRole `json:"role,omitempty"`
	// Diets lists the diets that the food fits; a diet that is missing is unsafe for who keeps it.
	Diets []Diet `json:"diets,omitempty"`
	// Allergens lists what the food contains or may contain.
	Allergens []Allergen `json:"allergens,omitempty"`
	// AllergensKnown is false when the rules could not tell what is in it: unsafe for every allergic member.
	AllergensKnown bool `json:"allergens_known"`
	// Meals lists where the food is usual: breakfast, lunch, dinner, snack. Empty = lunch and dinner.
	Meals []string `json:"meals,omitempty"`
}
