package nutrition

import (
	"slices"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

// Unsafe lists the allergen tags that rule a food out for someone with the given allergies: the allergies themselves
// and what they imply (wheat contains gluten).
func Unsafe(allergies []gym.Allergen, r *rules.Rules) []gym.Allergen {
	out := slices.Clone(allergies)
	for _, a := range allergies {
		for _, b := range r.Nutrition.Allergens.Implies[a] {
			if !slices.Contains(out, b) {
				out = append(out, b)
			}
		}
	}
	return out
}

// Legal reports whether m may eat f at all: the diet lists it, no allergen in it, its allergens are known when m has an
// allergy, and it is a food that menus use.
func Legal(m gym.Member, f gym.Food, r *rules.Rules) bool { return illegal(m, f, r) == "" }

// The codes of hard violations of one food.
const (
	CodeDiet            = "diet"
	CodeAllergen        = "allergen"
	CodeAllergenUnknown = "allergen_unknown"
	CodeExcluded        = "excluded_food"
)

// illegal returns the code of the first rule that f breaks for m; empty = none.
func illegal(m gym.Member, f gym.Food, r *rules.Rules) string {
	switch {
	case f.Role == gym.RoleExcluded || f.Role == "":
		return CodeExcluded
	case m.Diet != "" && m.Diet != gym.NoDiet && !slices.Contains(f.Diets, m.Diet):
		return CodeDiet
	case m.Diet == gym.Kosher && !slices.Contains(f.Diets, gym.Pescatarian):
		// Kosher meat may not stand in a meal with dairy, and how long after is the member's own custom: menus do without it.
		return CodeDiet
	case len(m.Allergies) == 0:
		return ""
	case !f.AllergensKnown:
		return CodeAllergenUnknown
	}
	for _, a := range Unsafe(m.Allergies, r) {
		if slices.Contains(f.Allergens, a) {
			return CodeAllergen
		}
	}
	return ""
}
