package catalogue

import (
	"slices"

	"github.com/intellifit/intellifit/shared/gym"
)

var (
	fleshless = words("coconut meat|nut meat|turtle bean|black turtle|blood orange|buffalo milk|milk, indian buffalo|steak fries|duck sauce|hen of the woods|hot dog bun|hot dog roll|hamburger bun|hamburger roll")
	redMeat   = words("beef|veal|lamb|mutton|goat meat|bison|buffalo|venison|deer|elk|moose|game|rabbit|horse|steak|meat|corned|brisket|suet|tallow|kangaroo|camel|hamburger|caribou|bear")
	pork      = words("pork|ham|bacon|lard|prosciutto|chorizo|salami|pepperoni|pancetta|bologna|frankfurter|hot dog|bratwurst|bockwurst|sausage|wiener|liverwurst|mortadella|gammon|boar|luncheon|spam|blood")
	poultry   = words("chicken|turkey|duck|goose|quail|pheasant|guinea hen|squab|emu|ostrich|poultry|hen|dove|turducken|capon|grouse")
	// hidden are animal parts that a name seldom shows; the cheeses of the list are made with rennet of calves by law.
	hidden  = words("gelatin*|jell-o|jello|marshmallow|gummy|aspic|broth|bouillon|stock|animal fat|drippings|rennet|worcestershire|caesar|isinglass|carmine|parmesan|parmigiano|pecorino|grana|romano|gorgonzola")
	honey   = words("honey|mead|royal jelly")
	alcohol = words("wine|beer|ale|alcohol*|liquor|whiskey|whisky|vodka|rum|gin|brandy|liqueur|sake|cocktail|daiquiri|tequila|champagne|cider, hard|sherry|bourbon|vermouth|pina colada|creme de menthe")
	finless = words("catfish|eel|shark|swordfish|sturgeon|monkfish|turbot|skate|ray|roe|caviar|lumpfish|burbot|cusk|wolffish|sea cucumber|jellyfish|frog|turtle|alligator|snail|escargot|squid|octopus|shellfish|pangasius")

	saysVegan      = words("vegan|plant based")
	saysVegetarian = words("vegetarian|meatless|meat free")
	saysHalal      = words("halal")
	saysKosher     = words("kosher")
	saysNot        = words("non vegan|not vegan|non vegetarian|not vegetarian|non halal|not halal|non kosher|not kosher")
)

// DeriveDiets lists the diets that the food fits. It is careful: meat without a word about its slaughter is neither halal
// nor kosher, and a composed food fits no diet, since its name does not tell its recipe.
func DeriveDiets(name, category string, carbsG float64, contains []gym.Allergen, known bool) []gym.Diet {
	text := saysNot.without(fleshless.without(fold(name + " | " + category)))
	food := fleshless.without(fold(name))
	var out []gym.Diet
	if carbsG <= 12 {
		out = append(out, gym.LowCarb)
	}
	vegan := saysVegan.in(text)
	vegetarian := vegan || saysVegetarian.in(text)
	if !known && !vegetarian {
		return out
	}
	has := func(a gym.Allergen) bool { return slices.Contains(contains, a) }
	flesh := isFlesh(text)
	sea := has(gym.Fish) || has(gym.Shellfish) || has(gym.Mollusc)
	secret := hidden.in(text)
	if vegan || !flesh && !sea && !secret && !has(gym.Dairy) && !has(gym.Egg) && !honey.in(text) {
		out = append(out, gym.Vegan)
	}
	if vegetarian || !flesh && !sea && !secret {
		out = append(out, gym.Vegetarian)
	}
	if vegetarian || !flesh && !secret {
		out = append(out, gym.Pescatarian)
	}
	if known && (!flesh || saysHalal.in(text)) && !secret && !alcohol.in(text) && !pork.in(text) {
		out = append(out, gym.Halal)
	}
	if known && (!flesh || saysKosher.in(text)) && !secret && !has(gym.Shellfish) && !has(gym.Mollusc) && !finless.in(food) && !pork.in(text) && !(flesh && has(gym.Dairy)) {
		out = append(out, gym.Kosher)
	}
	slices.Sort(out)
	return out
}

func isFlesh(text string) bool { return redMeat.in(text) || pork.in(text) || poultry.in(text) }
