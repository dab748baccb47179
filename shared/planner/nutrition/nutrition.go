package nutrition

import "github.com/intellifit/intellifit/shared/gym"

// Nutrition is the eating half of a plan.
type Nutrition struct {
	Days         []Day          `json:"days"`
	ShoppingList []ShoppingItem `json:"shopping_list"`
}

// Day is one day of meals.
type Day struct {
	Day    int    `json:"day" doc:"1-based"`
	Meals  []Meal `json:"meals"`
	Totals Macros `json:"totals" doc:"sum of the rounded items"`
}

// Meal is one meal of a day.
type Meal struct {
	Name  string `json:"name" doc:"breakfast, lunch, dinner, snack, …"`
	Items []Item `json:"items"`
}

// Item is one food with its weight; kcal and macros are for that weight, each rounded once.
type Item struct {
	Slot     string       `json:"slot" doc:"stable within the plan, e.g. n2m1f3: names the slot for swap"`
	FoodID   string       `json:"food_id"`
	Name     string       `json:"name"`
	Role     gym.FoodRole `json:"role"`
	Grams    int          `json:"grams"`
	Measure  string       `json:"measure,omitempty" doc:"household measure, e.g. 2 × 1 large egg"`
	Kcal     float64      `json:"kcal"`
	ProteinG float64      `json:"protein_g"`
	FatG     float64      `json:"fat_g"`
	CarbsG   float64      `json:"carbs_g"`
}

// Macros is energy in kcal and macronutrients in grams.
type Macros struct {
	Kcal     float64 `json:"kcal"`
	ProteinG float64 `json:"protein_g"`
	FatG     float64 `json:"fat_g"`
	CarbsG   float64 `json:"carbs_g"`
}

// ShoppingItem is what to buy for all days of the plan.
type ShoppingItem struct {
	FoodID   string `json:"food_id"`
	Name     string `json:"name"`
	Category string `json:"category"`
	Grams    int    `json:"grams"`
}

// Slot is a place in a meal that one food fills.
type Slot struct {
	ID    string         // n2m1f3: day 2, meal 1, food 3
	Day   int            // 1-based
	Meal  string         // breakfast, lunch, dinner, snack
	Roles []gym.FoodRole // any of these, in order of preference
	Query string         // words for hybrid search
}
