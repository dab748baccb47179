package rules

import "github.com/intellifit/intellifit/shared/gym"

// Nutrition holds energy, macro, meal and portion rules. Every block says where it is from in Source.
type Nutrition struct {
	Mifflin    Mifflin     `json:"mifflin_st_jeor"`
	Katch      Katch       `json:"katch_mcardle"`
	BodyFat    BodyFat     `json:"body_fat_estimate"`
	Activity   Activity    `json:"activity_factors"`
	Loss       Loss        `json:"loss"`
	Gain       Gain        `json:"gain"`
	Floors     EnergyFloor `json:"floors"`
	Protein    Protein     `json:"protein"`
	Fat        Fat         `json:"fat"`
	Carbs      Carbs       `json:"carbs"`
	LowCarb    LowCarb     `json:"low_carb"`
	Limits     Limits      `json:"fibre_and_salt"`
	Meals      Meals       `json:"meals"`
	Variety    Variety     `json:"variety"`
	Portions   Portions    `json:"portions"`
	Countable  Countable   `json:"countable"`
	Solver     Solver      `json:"solver"`
	Allergens  Allergens   `json:"allergens"`
	ShelfOrder ShelfOrder  `json:"shopping_groups"`
}

// Mifflin is RMR = Weight·kg + Height·cm + Age·years + the constant of the sex, in kcal a day.
type Mifflin struct {
	Weight float64 `json:"weight_kg"`
	Height float64 `json:"height_cm"`
	Age    float64 `json:"age_years"`
	Male   float64 `json:"male"`
	Female float64 `json:"female"`
	Other  float64 `json:"other"`
	Source string  `json:"source"`
}

// Katch is RMR = Base + PerKG · lean body mass, used when the body-fat share is known.
type Katch struct {
	Base   float64 `json:"base"`
	PerKG  float64 `json:"per_kg_lean"`
	Source string  `json:"source"`
}

// BodyFat estimates the body-fat percentage from the body-mass index when it was not measured; it is used only for the
// energy-availability floor.
type BodyFat struct {
	BMI    float64 `json:"bmi"`
	Age    float64 `json:"age_years"`
	Male   float64 `json:"male"`
	Base   float64 `json:"base"`
	Min    float64 `json:"min_pct"`
	Max    float64 `json:"max_pct"`
	Source string  `json:"source"`
}

// Activity scales resting energy to total daily energy.
type Activity struct {
	Factor       map[gym.Activity]float64 `json:"factor"`
	UncertainPct int                      `json:"uncertain_pct"`
	Source       string                   `json:"source"`
}

// Loss says how far energy goes below expenditure for fat loss. The first band whose MinBMI the member reaches applies,
// so the leaner the slower.
type Loss struct {
	Bands             []LossBand `json:"bands"`
	MaxWeightPctWeek  float64    `json:"max_weight_pct_week"`
	KcalPerKG         float64    `json:"kcal_per_kg"`
	NoDeficitBelowBMI float64    `json:"no_deficit_below_bmi"`
	MinorAge          int        `json:"minor_below_age"`
	Source            string     `json:"source"`
}

// LossBand is one row of Loss.
type LossBand struct {
	MinBMI     float64 `json:"min_bmi"`
	DeficitPct float64 `json:"deficit_pct"`
	MaxKcal    float64 `json:"max_kcal"`
}

// Gain is the surplus of muscle gain by experience, and how fast weight may rise.
type Gain struct {
	SurplusPct       map[gym.Experience]float64 `json:"surplus_pct"`
	HeavyBMI         float64                    `json:"heavy_bmi"`
	HeavyPct         float64                    `json:"heavy_surplus_pct"`
	MaxWeightPctWeek float64                    `json:"max_weight_pct_week"`
	Source           string                     `json:"source"`
}

// EnergyFloor is the least energy of any planned day.
type EnergyFloor struct {
	Male             float64 `json:"male_kcal"`
	Female           float64 `json:"female_kcal"`
	Other            float64 `json:"other_kcal"`
	Availability     float64 `json:"availability_kcal_per_kg_ffm"`
	TrainingNetMET   float64 `json:"training_net_met"`
	SmallDeficitPct  float64 `json:"small_deficit_pct"`
	RMRUnlessSignOff bool    `json:"rmr_unless_signed_off"`
	Source           string  `json:"source"`
}

// Protein gives grams per kg of body weight by goal.
type Protein struct {
	PerKG         map[gym.Goal]GramsPerKG `json:"g_per_kg"`
	LeanDeficit   float64                 `json:"lean_deficit_g_per_kg_ffm"`
	LeanMale      float64                 `json:"lean_male_pct"`
	LeanFemale    float64                 `json:"lean_female_pct"`
	HeavyBMI      float64                 `json:"heavy_bmi"`
	HeavyAsBMI    float64                 `json:"heavy_as_bmi"`
	Max           float64                 `json:"max_g_per_kg"`
	MaxEnergyPct  float64                 `json:"max_energy_pct"`
	KidneyPerKG   float64                 `json:"kidney_g_per_kg"`
	MealShareMin  float64                 `json:"meal_share_min"`
	VeganEnergy   float64                 `json:"vegan_energy_pct"`
	RestrictedPct float64                 `json:"low_carb_max_energy_pct"`
	Source        string                  `json:"source"`
}

// GramsPerKG is what is aimed at and the least that is enough when energy is short.
type GramsPerKG struct {
	Aim float64 `json:"aim"`
	Min float64 `json:"min"`
}

// Fat bounds dietary fat.
type Fat struct {
	AimPct   float64 `json:"aim_energy_pct"`
	MinPct   float64 `json:"min_energy_pct"`
	MaxPct   float64 `json:"max_energy_pct"`
	MinPerKG float64 `json:"min_g_per_kg"`
	Source   string  `json:"source"`
}

// Carbs bounds carbohydrate from below; it is the remainder of protein and fat.
type Carbs struct {
	Min    float64 `json:"min_g"`
	Source string  `json:"source"`
}

// LowCarb replaces Fat and Carbs for members who chose the low-carb diet.
type LowCarb struct {
	MaxG       float64 `json:"max_g"`
	AimPct     float64 `json:"aim_energy_pct"`
	MaxPct     float64 `json:"max_energy_pct"`
	MaxFatPct  float64 `json:"max_fat_energy_pct"`
	MinProtein float64 `json:"min_protein_energy_pct"`
	Source     string  `json:"source"`
}

// Limits are the one-sided goals.
type Limits struct {
	FibrePer1000 float64 `json:"fibre_g_per_1000_kcal"`
	SodiumMG     float64 `json:"sodium_mg"`
	Source       string  `json:"source"`
}

// Meals is the frame of a day: the first frame whose MaxKcal is not exceeded.
type Meals struct {
	Frames  []Frame `json:"frames"`
	LowCarb []Frame `json:"low_carb_frames"`
	MaxFood int     `json:"max_foods_a_day"`
	Source  string  `json:"source"`
}

// Frame lists the meals of a day up to an energy target.
type Frame struct {
	MaxKcal float64     `json:"max_kcal"`
	Meals   []MealFrame `json:"meals"`
}

// MealFrame is one meal and the places in it. Kind is the word of the catalogue: breakfast, lunch, dinner or snack.
type MealFrame struct {
	Name   string   `json:"name"`
	Kind   string   `json:"kind"`
	Share  float64  `json:"kcal_share"` // of the day's energy, softly
	Places []string `json:"places"`     // keys of Places, e.g. "breakfast.starch"
}

// Variety bounds repetition.
type Variety struct {
	MainPerWeek   int    `json:"main_per_week"`
	FoodsPerWeek  int    `json:"foods_per_week"`
	PlainPerWeek  int    `json:"same_food_per_week"`
	Places        Places `json:"places"`
	CandidatesMax int    `json:"candidates_max"`
	Source        string `json:"source"`
}

// Places maps the key of a place in a meal to the roles that may fill it and the words to search with.
type Places map[string]Place

// Place is what may fill one place of a meal. All places with the same key share their candidates.
type Place struct {
	Meal     string         `json:"meal"`
	Roles    []gym.FoodRole `json:"roles"`
	Query    string         `json:"query"`
	Optional bool           `json:"optional,omitempty"`
	Main     bool           `json:"main,omitempty"`
}

// Portions lists the realistic amounts of a food; the first class that fits a food applies.
type Portions struct {
	Classes      []PortionClass `json:"classes"`
	MaxEnergyPct float64        `json:"max_energy_pct_of_day"`
	ScaleKcal    float64        `json:"scale_kcal"`
	Source       string         `json:"source"`
}

// PortionClass is one row of Portions: foods of these roles with at least KcalFrom kcal per 100 g and, when Words is not
// empty, one of the words in the name.
type PortionClass struct {
	Name     string         `json:"name"`
	Roles    []gym.FoodRole `json:"roles"`
	Words    []string       `json:"words,omitempty"`
	KcalFrom float64        `json:"kcal_from,omitempty"`
	Min      int            `json:"min_g"`
	Typical  int            `json:"typical_g"`
	Max      int            `json:"max_g"`
	Step     int            `json:"step_g"`
}

// Countable says which household measures are eaten whole: those with one of Words and none of Not.
type Countable struct {
	Words  []string `json:"words"`
	Not    []string `json:"not"`
	MinG   float64  `json:"min_g"`
	MaxG   float64  `json:"max_g"`
	Source string   `json:"source"`
}

// Solver holds the weights and tolerances of the portion solver; errors are shares of the target.
type Solver struct {
	KcalWeight        float64 `json:"kcal_weight"`
	MacroWeight       float64 `json:"macro_weight"`
	FibreWeight       float64 `json:"fibre_weight"`
	SodiumWeight      float64 `json:"sodium_weight"`
	MealProteinWeight float64 `json:"meal_protein_weight"`
	MealKcalWeight    float64 `json:"meal_kcal_weight"`
	TypicalWeight     float64 `json:"typical_weight"`
	KcalAccept        float64 `json:"kcal_accept"`
	MacroAccept       float64 `json:"macro_accept"`
	KcalAim           float64 `json:"kcal_aim"`
	MacroAim          float64 `json:"macro_aim"`
	MaxRepairs        int     `json:"max_repairs"`
	Widen             float64 `json:"widen"`
	Source            string  `json:"source"`
}

// Allergens lists, for an allergy, the other tags that are unsafe with it.
type Allergens struct {
	Implies map[gym.Allergen][]gym.Allergen `json:"implies"`
	Source  string                          `json:"source"`
}

// ShelfOrder groups the shopping list by role, in the order of a shop.
type ShelfOrder struct {
	Roles  []gym.FoodRole `json:"roles"`
	Source string         `json:"source"`
}
