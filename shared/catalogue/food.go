package catalogue

import (
	"slices"
	"strings"

	"github.com/intellifit/intellifit/shared/gym"
)

var (
	redMeat    = words("beef|veal|lamb|mutton|goat|bison|buffalo|venison|deer|elk|moose|game meat|rabbit|horse|steak|meat|corned|brisket|suet|tallow|bouillon, beef|kangaroo|camel")
	pork       = words("pork|ham|bacon|lard|prosciutto|chorizo|salami|pepperoni|pancetta|bologna|frankfurter|hot dog|bratwurst|bockwurst|sausage|wiener|liverwurst|mortadella|gammon|boar|luncheon|spam|blood")
	poultry    = words("chicken|turkey|duck|goose|quail|pheasant|guinea hen|squab|emu|ostrich|poultry|hen|dove|turducken")
	gelatine   = words("gelatin*|jell-o|jello|marshmallow|gummy|gummies|aspic|broth|bouillon|stock|animal fat|rennet|anchov*|worcestershire|caesar|isinglass|carmine")
	honey      = words("honey|mead|royal jelly")
	alcohol    = words("wine|beer|alcohol*|liquor|whiskey|whisky|vodka|rum|gin|brandy|liqueur|sake|cocktail|daiquiri|tequila|champagne|cider, hard|sherry|bourbon|vermouth|pina colada|crème de menthe|creme de menthe")
	finless    = words("catfish|eel|shark|swordfish|sturgeon|monkfish|turbot|skate|ray|roe|caviar|lumpfish|burbot|cusk|wolffish|sea cucumber|jellyfish|frog|turtle|alligator|snail|escargot|squid|octopus")
	rawFlesh   = words("raw|uncooked|unheated|unprepared")
	cooked     = words("cooked|boiled|roasted|baked|grilled|broiled|braised|steamed|stewed|simmered|fried|poached|canned|smoked|dry heat|moist heat|microwaved|hard-boiled|scrambled|toasted|pan-fried|heated")
	dryGoods   = words("dry|uncooked|unprepared|raw|dried|flour|meal|starch|germ|bran|grain|crude|unenriched, dry|groats|groat|gluten, vital|farina")
	spices     = words("spice|spices|herb|herbs|salt|pepper, black|vinegar|extract|yeast|leavening*|baking powder|baking soda|gelatin*|sweetener, tabletop|bouillon|seasoning|essence|cornstarch|sugar substitute|pectin|capers")
	supplement = words("supplement|formula|powder|isolate|concentrate|meal replacement|infant|baby|toddler|ensure|shake|slimfast|protein bar|energy drink")
	organ      = words("liver|kidney|brain|heart|tongue|tripe|lung|spleen|pancreas|thymus|giblet|gizzard|feet|foot|ears|tail|chitterlings|skin only|separable fat|stomach|jowl|hocks|neck bones|bone marrow|fat only|seal|whale|walrus|caribou|polar bear|bear|beaver|muskrat|opossum|raccoon|squirrel|ascidians")
)

// DeriveDiets lists the diets that the food fits. It is careful: meat without a word about its slaughter is neither halal
// nor kosher, and a composed food fits no diet, since its name does not tell its recipe.
func DeriveDiets(name, category string, carbsG float64, contains []gym.Allergen, known bool) []gym.Diet {
	text := strings.ToLower(name + " | " + category)
	var out []gym.Diet
	if carbsG <= 12 {
		out = append(out, gym.LowCarb)
	}
	has := func(a gym.Allergen) bool { return slices.Contains(contains, a) }
	flesh := redMeat.in(text) || pork.in(text) || poultry.in(text)
	sea := has(gym.Fish) || has(gym.Shellfish) || has(gym.Mollusc)
	hidden := gelatine.in(text)
	animal := flesh || sea || hidden || has(gym.Dairy) || has(gym.Egg) || honey.in(text)
	said := func(d string) bool { return strings.Contains(text, d) }
	if !known && !said("vegan") && !said("vegetarian") {
		return out
	}
	if !animal || said("vegan") {
		out = append(out, gym.Vegan)
	}
	if !flesh && !sea && !hidden || said("vegan") || said("vegetarian") {
		out = append(out, gym.Vegetarian)
	}
	if !flesh && !hidden || said("vegan") {
		out = append(out, gym.Pescatarian)
	}
	if (!flesh || said("halal")) && !hidden && !alcohol.in(text) && !pork.in(text) {
		out = append(out, gym.Halal)
	}
	if (!flesh || said("kosher")) && !hidden && !has(gym.Shellfish) && !has(gym.Mollusc) && !finless.in(text) && !pork.in(text) && !(flesh && has(gym.Dairy)) {
		out = append(out, gym.Kosher)
	}
	slices.Sort(out)
	return out
}

// DeriveRole finds the part of a meal that the food can play. What nobody plans with is excluded: raw meat beside cooked,
// dry goods that are weighed cooked, spices, alcohol, formulas, offal.
func DeriveRole(f gym.Food) gym.FoodRole {
	name, category := strings.ToLower(f.Name), strings.ToLower(f.Category)
	text := name + " | " + category
	in := func(list string) bool { return words(list).in(category) }
	switch {
	case in("baby food*|american indian*|spices and herbs") || spices.in(name) || supplement.in(name) || alcohol.in(text) || organ.in(name):
		return gym.RoleExcluded
	case in("fast food*|restaurant*|meals*|soups*|sausages*") || pizzaLike.in(name):
		return gym.RoleDish
	case in("sweets|snack*|beverages|baked products|breakfast cereals") && branded(f.Name):
		return gym.RoleSnack
	case in("beverages"):
		if plantMilk.in(name) {
			return gym.RoleDairy
		}
		return gym.RoleExcluded
	case in("sweets"):
		return gym.RoleSnack
	case in("beef*|pork*|lamb*|poultry*|finfish*"):
		if rawFlesh.in(name) || !cooked.in(name) || composed.in(name) || f.ProteinG < 12 || f.FatG > 20 {
			return gym.RoleExcluded
		}
		return gym.RoleProtein
	case in("dairy*"):
		return dairyRole(name, f)
	case in("legumes*"):
		return legumeRole(name, f)
	case in("nut and seed*"):
		if words("flour|milk|extract|raw meal|defatted|low fat|meal").in(name) || f.FatG < 20 {
			return gym.RoleExcluded
		}
		return gym.RoleFat
	case in("fats*"):
		if words("oil|olive|rapeseed|canola").in(name) && !words("shortening|industrial|spray|blend|fish|cottonseed|lard|frying").in(name) {
			return gym.RoleFat
		}
		return gym.RoleExcluded
	case in("cereal grains*"):
		if dryGoods.in(name) && !cooked.in(name) {
			return gym.RoleExcluded
		}
		return gym.RoleStarch
	case in("breakfast cereals"):
		if words("oat*|muesli|shredded wheat|cooked").in(name) && !words("sweet*|frosted|honey|sugar*|instant, fortified").in(name) {
			return gym.RoleStarch
		}
		return gym.RoleSnack
	case in("baked products"):
		if words("bread|roll|bagel|pita|tortilla|english muffin|crispbread|rye wafers|naan").in(name) && !words("sweet|cinnamon|stick|stuffing|banana|dry mix|crumbs|pudding|frozen dough|egg roll|french toast").in(name) {
			return gym.RoleStarch
		}
		return gym.RoleSnack
	case in("vegetable*"):
		return vegetableRole(name, f)
	case in("fruit*"):
		if words("dehydrated|powder|sweetened|heavy syrup|extra heavy|juice|nectar|candied|frozen, sweet*|pie filling|sauce, sweet*|peel|drink|cocktail|rhubarb|cranberry sauce|tamarind|olive").in(name) {
			return gym.RoleExcluded
		}
		if words("avocado").in(name) {
			return gym.RoleFat
		}
		return gym.RoleFruit
	}
	return gym.RoleExcluded
}

var (
	pizzaLike = words("pizza|burger|sandwich|lasagna|burrito|taco|casserole|soup|stew|hot dog|nuggets")
	plantMilk = words("soy milk|soymilk|almond milk|rice milk|oat milk|coconut milk beverage|rice drink|oat drink")
)

func dairyRole(name string, f gym.Food) gym.FoodRole {
	switch {
	case words("egg").in(name):
		if rawFlesh.in(name) || words("dried|frozen|yolk|substitute|duck|goose|quail|turkey|eggnog|powder|benedict").in(name) {
			return gym.RoleExcluded
		}
		return gym.RoleProtein
	case words("butter|cream|ice cream|dessert|topping|human|evaporated|condensed|dry|dried|shake|imitation|eggnog|sauce|spread|indian buffalo|sheep|goat milk|whey|chocolate|dulce*|filled|process*").in(name) && !words("cottage|cream cheese|buttermilk|sour").in(name):
		return gym.RoleExcluded
	case words("cream cheese|sour").in(name):
		return gym.RoleFat
	}
	return gym.RoleDairy
}

func legumeRole(name string, f gym.Food) gym.FoodRole {
	switch {
	case words("peanut*").in(name):
		if words("flour|raw|meal|virginia, raw|defatted|boiled").in(name) {
			return gym.RoleExcluded
		}
		return gym.RoleFat
	case words("tofu|tempeh|natto|edamame").in(name) && !words("koyadofu|okara|salted and fermented|dried-frozen|raw, uncooked seeds").in(name):
		return gym.RoleProtein
	case words("soy sauce|soy flour|protein isolate|protein concentrate|bacon, meatless|carob|meal|flour|paste|noodles|miso|chili|baked, canned|refried|papad|falafel|vermicelli").in(name) || branded(f.Name):
		return gym.RoleExcluded
	case words("soymilk|soy milk").in(name):
		return gym.RoleDairy
	case words("hummus").in(name):
		return gym.RoleFat
	case cooked.in(name) && f.Kcal < 220:
		return gym.RoleLegume
	}
	return gym.RoleExcluded
}

func vegetableRole(name string, f gym.Food) gym.FoodRole {
	switch {
	case branded(f.Name) || words("dehydrated|dried|powder|puree|paste|sauce|catsup|ketchup|juice|pickle*|relish|flakes|chips|fries|french fried|puffs|hash brown|tater*|au gratin|scalloped|mashed|pancakes|salad|soup|candied|leaves, raw|pepper, hot|peppers, hot|jalapeno|ginger root|garlic|seaweed|agar|lemon grass|fiddlehead|canned, creamed|cream style|butter sauce|cheese sauce|onion rings|breaded|frozen, unprepared|unprepared|frozen, all styles").in(name):
		return gym.RoleExcluded
	case words("potato|sweet potato|sweetpotato|yam|cassava|taro|plantain|corn|parsnip|breadfruit").in(name):
		if cooked.in(name) && f.CarbsG >= 12 {
			return gym.RoleStarch
		}
		return gym.RoleExcluded
	case words("lima|cowpea|pigeonpea|broadbean|soybean|blackeye*").in(name):
		if cooked.in(name) {
			return gym.RoleLegume
		}
		return gym.RoleExcluded
	case f.Kcal <= 90 && f.FatG <= 4:
		return gym.RoleVegetable
	}
	return gym.RoleExcluded
}

// DeriveMeals says where the food is usual.
func DeriveMeals(f gym.Food) []string {
	name := strings.ToLower(f.Name)
	switch f.Role {
	case gym.RoleProtein:
		if words("egg").in(name) {
			return []string{"breakfast", "lunch", "dinner", "snack"}
		}
		return []string{"lunch", "dinner"}
	case gym.RoleStarch:
		if words("oat*|muesli|granola|cereal|porridge|shredded").in(name) {
			return []string{"breakfast", "snack"}
		}
		if words("bread|toast|bagel|roll|english muffin|crispbread|rye wafers|rice cake|pita|tortilla").in(name) {
			return []string{"breakfast", "lunch", "dinner", "snack"}
		}
		return []string{"lunch", "dinner"}
	case gym.RoleFruit, gym.RoleDairy:
		return []string{"breakfast", "snack", "lunch", "dinner"}
	case gym.RoleFat:
		if words("oil").in(name) {
			return []string{"lunch", "dinner"}
		}
		return []string{"breakfast", "lunch", "dinner", "snack"}
	case gym.RoleSnack:
		return []string{"snack"}
	}
	return []string{"lunch", "dinner"}
}
