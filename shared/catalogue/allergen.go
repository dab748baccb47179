package catalogue

import (
	"slices"
	"strings"

	"github.com/intellifit/intellifit/shared/gym"
)

// allergenRule says what a phrase means for allergic members. Rules run in order and each takes its phrase out of the text:
// "almond milk" is a tree nut before "milk" can be dairy, and "butternut squash" is nothing at all.
type allergenRule struct {
	phrases  phrases
	contains []gym.Allergen
}

var allergenRules = []allergenRule{
	// What looks like an allergen and is none.
	{words("gluten free|gluten-free|dairy free|dairy-free|egg free|nut free|butternut|eggplant|egg plant|buckwheat|cream of tartar|cocoa butter|nutmeg|water chestnut|apple butter|butterhead|butter bean|butterbur|butterfish|cream style|cream-style|creamed corn|oyster mushroom|oyster plant|milkfish ~|nutritional yeast|rice noodle|rice cracker|rice cake|rice flour|corn flour|corn tortilla|tortillas, ready-to-bake or -fry, corn|corn starch|cornstarch|corn bran|peanut cactus|wheatgrass juice|soup bowl|crabapple|crab apple|bass wood|nutria|goldfish snack name|shea|mustard oil free"), nil},
	// Plant products named after milk, butter and the like.
	{words("almond milk|almond butter|almond yogurt|almond yoghurt|almond drink|almond flour|cashew milk|cashew butter|cashew cream|hazelnut spread|hazelnut milk|hazelnut drink|nut butter|almond paste|marzipan|praline*|nougat|frangipane|pesto"), []gym.Allergen{gym.TreeNut}},
	{words("coconut milk|coconut cream|coconut yogurt|coconut yoghurt|coconut drink|coconut butter|coconut oil|coconut water|coconut"), []gym.Allergen{gym.TreeNut}},
	{words("peanut butter|peanut sauce|satay|peanut|groundnut"), []gym.Allergen{gym.Peanut}},
	{words("soy sauce|shoyu|teriyaki|hoisin"), []gym.Allergen{gym.Soy, gym.Wheat, gym.Gluten}},
	{words("soy milk|soymilk|soya milk|soy yogurt|soy yoghurt|soya yoghurt|soy drink|soya drink|soy cheese|soy cream|tofu|tempeh|edamame|natto|miso|soybean|soy*|soya*|tamari|okara|yuba|textured vegetable protein|lecithin"), []gym.Allergen{gym.Soy}},
	{words("oat milk|oat drink|oat yogurt|oat yoghurt|oatmeal|oat*|granola|muesli"), []gym.Allergen{gym.Gluten}},
	{words("rice milk|rice drink|hemp milk|pea milk|pea drink"), nil},
	// Composed foods whose recipe is known well enough to name.
	{words("egg noodle|noodles, egg|challah|brioche"), []gym.Allergen{gym.Egg, gym.Wheat, gym.Gluten, gym.Dairy}},
	{words("imitation crab|surimi"), []gym.Allergen{gym.Fish, gym.Shellfish, gym.Wheat, gym.Gluten, gym.Egg, gym.Soy}},
	{words("worcestershire|fish sauce|anchovy paste|caesar"), []gym.Allergen{gym.Fish}},
	{words("oyster sauce"), []gym.Allergen{gym.Mollusc, gym.Soy, gym.Wheat, gym.Gluten}},
	{words("mayonnaise|mayo|aioli|hollandaise|tartar sauce|tartare"), []gym.Allergen{gym.Egg, gym.Mustard}},
	{words("milk chocolate|white chocolate"), []gym.Allergen{gym.Dairy, gym.Soy}},
	{words("dark chocolate|chocolate"), []gym.Allergen{gym.Dairy, gym.Soy}},
	{words("hummus|houmous|tahini|halva|sesame|baba ganoush|za'atar"), []gym.Allergen{gym.Sesame}},
	{words("cake|cookie|muffin|pastr*|croissant|doughnut|donut|pancake|waffle|pie|crepe|biscuit|brownie|cornbread|corn bread|cracker|french toast|pizza|lasagna|quiche|dumpling|eclair|strudel|breaded|battered|stuffing|crouton|breading"), []gym.Allergen{gym.Wheat, gym.Gluten, gym.Egg, gym.Dairy, gym.Soy}},
	// Cereals.
	{words("barley|rye|malt*|triticale"), []gym.Allergen{gym.Gluten}},
	{words("wheat*|spelt|kamut|farro|emmer|einkorn|durum|semolina|couscous|bulgur|seitan|bread*|roll|bun|bagel|pita|naan|tortilla|wrap|pasta|spaghetti|macaroni|penne|noodle|ravioli|gnocchi|orzo|udon|ramen|flour|bran|english muffin|sourdough|baguette|ciabatta|focaccia|toast|pretzel|cereal|crispbread|matzo*|panko|filo|phyllo|vital"), []gym.Allergen{gym.Wheat, gym.Gluten}},
	// Milk and egg.
	{words("milk|butter|ghee|cheese|cheez|cheddar|mozzarella|parmesan|feta|ricotta|gouda|swiss|brie|camembert|cottage|quark|skyr|kefir|yogurt|yoghurt|cream|creme|custard|whey|casein*|lactose|buttermilk|dairy|paneer|halloumi|mascarpone|gruyere|emmental|provolone|ice cream|pudding|alfredo|latte|cappuccino|infant formula|milkshake"), []gym.Allergen{gym.Dairy}},
	{words("egg|omelet*|meringue|albumen|frittata|eggnog|custard"), []gym.Allergen{gym.Egg}},
	// Sea.
	{words("fish*|salmon|tuna|cod|haddock|pollock|pollack|mackerel|sardine|herring|anchov*|trout|tilapia|halibut|bass|snapper|swordfish|catfish|carp|perch|pike|sole|flounder|flatfish|plaice|eel|caviar|roe|turbot|whitefish|whiting|monkfish|grouper|mahi*|sturgeon|smelt|shad|mullet|rockfish|burbot|lox|kippered|bluefish|butterfish|croaker|cusk|drum|dolphinfish|ling|lingcod|milkfish|orange roughy|pompano|pout|sablefish|scup|seatrout|shark|sheepshead|spot|sucker|sunfish|tilefish|wolffish|yellowtail|cisco|bonito|walleye|bream|hake|arctic char|surimi|gefilte*"), []gym.Allergen{gym.Fish}},
	{words("shrimp|prawn|crab|lobster|crayfish|crawfish|langoustine|krill|shellfish|crustacean*"), []gym.Allergen{gym.Shellfish}},
	{words("oyster|mussel|clam|scallop|squid|calamari|octopus|cuttlefish|snail|escargot|abalone|whelk|conch|mollusk*|mollusc*"), []gym.Allergen{gym.Mollusc}},
	// Nuts, seeds and the rest of the list.
	{words("almond*|walnut*|hazelnut*|filbert*|cashew*|pecan*|pistachio*|macadamia*|brazil nut|brazilnut*|pine nut|pinenut*|chestnut*|hickory*|pilinut*|beechnut*|butternuts, dried|ginkgo nut|acorn*|mixed nut|nut"), []gym.Allergen{gym.TreeNut}},
	{words("celery|celeriac"), []gym.Allergen{gym.Celery}},
	{words("mustard*|dijon|honey mustard"), []gym.Allergen{gym.Mustard}},
	{words("lupin*|lupine*"), []gym.Allergen{gym.Lupin}},
	{words("wine|dried apricot|apricots, dried|raisins, golden|sulphite*|sulfite*|sulfured|dried fruit|vinegar|sauerkraut|cider|molasses|potatoes, dehydrated|horseradish"), []gym.Allergen{gym.Sulphite}},
}

// plainCategories hold foods of one ingredient, whose name is their list of ingredients.
var plainCategories = words("vegetable*|fruit*|legume*|nut and seed*|nut|seed|finfish*|fish|seafood|poultry*|beef*|pork*|lamb*|meat*|dairy*|egg|grain*|cereal grain*|fats and oils|fats|oil|starch*|bakery|pasta|plant protein|protein|snack|sweetener")

// composed marks a food whose recipe the name does not tell.
var composed = words("sauce|gravy|soup|stew|chili|casserole|dinner|entree|meal|sandwich|burger|pattie|patty|nugget|meatball|meatloaf|salad|dressing|dip|spread|with sauce|in sauce|stuffed|filled|seasoned|flavored|flavoured|flavor|frozen novelt*|prepared|commercial|commercially|restaurant|fast food*|ready-to-eat|breaded|battered|marinated|glazed|barbecue*|bbq|rotisserie|sausage|frankfurter|hot dog|bologna|salami|pate|luncheon|loaf|mix|dry mix|imitation|substitute|meatless|vegetarian|veggie|snack|chip|crisp|candy|candies|dessert|topping|cereal|bar|drink|beverage|shake|formula|supplement|powder|usda commodity|canned with|and cheese|with cheese|margarine|shortening|broth added|with added solution|pickled|cured|smoked|kit|pizza|taco|burrito|cake|cookie|pie|pudding")

// DeriveAllergens lists what the food contains as far as its name tells, and whether the name tells everything. When it
// does not, the food is unsafe for every allergic member.
func DeriveAllergens(name, category string) (contains []gym.Allergen, known bool) {
	text := strings.ToLower(name)
	known = plainCategories.in(strings.ToLower(category)) && !composed.in(text) && !branded(name)
	for _, rule := range allergenRules {
		if !rule.phrases.in(text) {
			continue
		}
		text = rule.phrases.without(text)
		for _, a := range rule.contains {
			if !slices.Contains(contains, a) {
				contains = append(contains, a)
			}
		}
	}
	slices.Sort(contains)
	return contains, known
}

// branded reports whether a name starts with a word in capitals, as brands do in the USDA's tables.
func branded(name string) bool {
	first, _, _ := strings.Cut(name, " ")
	first = strings.Trim(first, ",'’.&")
	return len(first) >= 3 && strings.ToUpper(first) == first && strings.ToLower(first) != first
}
