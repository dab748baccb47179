package catalogue

import (
	"github.com/intellifit/intellifit/shared/gym"
)

// The kinds of food that a category names, in the USDA's words and in plain ones.
var (
	otherCategory     = words("baby food*|infant*|american indian*|spices and herbs|spice|herb|supplement")
	dishCategory      = words("fast food*|restaurant*|meals*|meal|soups*|sausages*|dish|ready meal")
	sweetCategory     = words("sweet|snack|candy|dessert|confectionery")
	drinkCategory     = words("beverage|drink")
	fleshCategory     = words("beef*|pork*|lamb*|veal|game|poultry*|meat*|finfish*|fish*|seafood|shellfish")
	dairyCategory     = words("dairy*|milk|cheese|egg|yogurt|yoghurt")
	legumeCategory    = words("legumes*|legume|pulse|bean|soy*|plant protein")
	nutCategory       = words("nut and seed*|nut|seed")
	fatCategory       = words("fats*|fat|oil")
	grainCategory     = words("cereal grains*|grain|rice|pasta|starch")
	breakfastCategory = words("breakfast cereal*")
	bakedCategory     = words("baked products|bakery|bread*")
	vegetableCategory = words("vegetable*")
	fruitCategory     = words("fruit*")
)

var (
	rawFlesh = words("raw|uncooked|unheated|unprepared")
	cooked   = words("cooked|boiled|roasted|baked|grilled|broiled|braised|steamed|stewed|simmered|fried|poached|canned|dry heat|moist heat|microwaved|hard boiled|scrambled|toasted|heated|rotisserie")
	dryGoods = words("dry|uncooked|unprepared|raw|dried|*flour|*meal|*starch|germ|bran|grain|crude|groat|farina|tapioca|semolina")
	// notFood are what nobody weighs as a food, whatever the table.
	notFood    = words("yeast|leavening*|baking powder|baking soda|sugar substitute|pectin|bouillon|seasoning|essence|vital wheat gluten|agar|human|lecithin")
	supplement = words("supplement|infant formula|formula|isolate|protein concentrate|meal replacement|infant|toddler|slimfast|energy drink|protein powder")
	organ      = words("liver|kidney|brain|heart|tongue|tripe|lung|spleen|pancreas|thymus|giblet|gizzard|feet|foot|ear|tail|chitterling|skin only|separable fat|fat only|stomach|jowl|hock|neck bone|neck|back, skin|bone marrow|sweetbread|testes|seal|whale|walrus|caribou|polar bear|bear|beaver|muskrat|opossum|raccoon|squirrel|ascidian|roe|caviar|jellyfish|frog|turtle|snail|mechanically deboned|mechanically separated|variety meat")
	// unsafeRaw are poisonous until they are cooked.
	unsafeRaw = words("kidney|pokeberry|morel|chanterelle|shiitake|bamboo shoot|cassava|taro|elderberry|fiddlehead*|bean|broadbean|cowpea|sprouted|jews ear|ginkgo*|apricot kernel|lupin*|arrowhead|yam")
	cultured  = words("yogurt|yoghurt|quark|skyr|kefir|milk|buttermilk|soymilk")
	flavoured = words("chocolate|vanilla|strawberry|*berry|fruit|lemon|honey|flavor*|flavour*|sweetened|coffee|caramel|cocoa|peach|cherry|mango|banana|apple|pineapple")
	mainDish  = words("pizza|burger|hamburger|sandwich|lasagna|lasagne|burrito|taco|enchilada|casserole|soup|stew|hot dog|nugget|chowder|sushi|curry|potpie|pot pie")
	plantMilk = words("soy milk|soymilk|soya milk|almond milk|rice milk|oat milk|coconut milk beverage|rice drink|oat drink|soy drink|almond drink")
)

// DeriveRole finds the part of a meal that the food can play. What nobody plans with is excluded: raw meat beside cooked,
// dry goods that are weighed cooked, spices, alcohol, formulas, offal.
func DeriveRole(f gym.Food) gym.FoodRole {
	name, category := fold(f.Name), fold(f.Category)
	switch {
	case otherCategory.in(category), notFood.in(name), supplement.in(name), alcohol.in(name) && !fruitCategory.in(category):
		return gym.RoleExcluded
	case fruitCategory.in(category) && alcohol.in(name):
		return gym.RoleExcluded
	case dishCategory.in(category), mainDish.in(name) && !words("bun|roll").in(name):
		return gym.RoleDish
	case drinkCategory.in(category):
		if plantMilk.in(name) && !branded(f.Name) && !words("chocolate|vanilla|sweetened|flavored").in(words("unsweetened").without(name)) {
			return gym.RoleDairy
		}
		return gym.RoleExcluded
	case breakfastCategory.in(category):
		return breakfastRole(name, f)
	case sweetCategory.in(category):
		return gym.RoleSnack
	case bakedCategory.in(category):
		return breadRole(name, f)
	case dairyCategory.in(category):
		return dairyRole(name, f)
	case legumeCategory.in(category):
		return legumeRole(name, f)
	case nutCategory.in(category):
		return nutRole(name, f)
	case fatCategory.in(category):
		return fatRole(name, f)
	case grainCategory.in(category):
		return grainRole(name, f)
	case vegetableCategory.in(category):
		return vegetableRole(name, f)
	case fruitCategory.in(category):
		return fruitRole(name, f)
	case fleshCategory.in(category):
		return fleshRole(name, f)
	}
	return gym.RoleExcluded
}

func fleshRole(name string, f gym.Food) gym.FoodRole {
	if rawFlesh.in(name) || !cooked.in(name) || composed.in(plainWords.without(name)) && !words("tuna").in(name) || organ.in(name) || branded(f.Name) ||
		f.ProteinG < 12 || f.FatG > 20 {
		return gym.RoleExcluded
	}
	return gym.RoleProtein
}

func dairyRole(name string, f gym.Food) gym.FoodRole {
	switch {
	case branded(f.Name):
		return gym.RoleSnack
	case words("egg").in(name):
		if rawFlesh.in(name) || !cooked.in(name) || words("dried|frozen|yolk|substitute|duck|goose|quail|turkey|eggnog|powder|benedict|mix").in(name) {
			return gym.RoleExcluded
		}
		return gym.RoleProtein
	case words("ice cream|frozen yogurt|yogurt, frozen|sherbet|gelato|dessert|dulce*|pudding").in(name):
		return gym.RoleSnack
	case words("eggnog|beverage|powder|dressing|imitation|substitute|filled|process*|cheese food|topping|sauce|spread|shake|milkshake|mix|evaporated|condensed|dry|dried|powdered|dehydrated|producer|sheep|indian buffalo|whey").in(name):
		return gym.RoleExcluded
	case cultured.in(name) && flavoured.in(words("unsweetened").without(name)):
		return gym.RoleSnack
	case words("sour cream|cream, sour|cheese, cream|cream cheese").in(name):
		return gym.RoleFat
	case words("butter|cream|creamer|creme|half and half").in(words("buttermilk|cheese, cottage, creamed|uncreamed").without(name)):
		return gym.RoleExcluded
	}
	return gym.RoleDairy
}

func legumeRole(name string, f gym.Food) gym.FoodRole {
	switch {
	case words("peanut*").in(name):
		if words("flour|raw|meal|defatted|boiled|spread").in(name) || f.FatG < 20 {
			return gym.RoleExcluded
		}
		return gym.RoleFat
	case words("soymilk|soy milk|soya milk|soy drink|soy yogurt|tofu yogurt").in(name):
		if branded(f.Name) || words("chocolate|vanilla|flavor*|nog|creamer").in(words("original and vanilla").without(name)) {
			return gym.RoleSnack
		}
		return gym.RoleDairy
	case words("tofu|tempeh|natto").in(name) && !words("koyadofu|okara|fermented|dried frozen|fried").in(name):
		return gym.RoleProtein
	case words("hummus").in(name):
		return gym.RoleFat
	case words("sauce|flour|meal|isolate|concentrate|meatless|vegetarian|meat extender|carob|paste|noodle|miso|chili|bean, baked|baked beans|refried|papad|falafel|vermicelli|liquid from|pork|beef|frank|bacon|sweetened|barbecue|curd|okara|yokan|oil").in(name) || branded(f.Name):
		return gym.RoleExcluded
	case (cooked.in(name) || words("canned").in(name)) && !words("raw|dry|roasted").in(name) && f.Kcal < 220:
		return gym.RoleLegume
	}
	return gym.RoleExcluded
}

func nutRole(name string, f gym.Food) gym.FoodRole {
	if words("*flour|milk|extract|meal|defatted|low fat|water|sweetened|glazed|formulated|paste|acorn|ginkgo*|cottonseed|safflower|sisymbrium|breadnut|lotus").in(words("not sweetened").without(name)) || branded(f.Name) || f.FatG < 20 {
		return gym.RoleExcluded
	}
	return gym.RoleFat
}

// fatRole keeps pure oils of the kitchen. Dressings, margarine and mayonnaise are composed, and frying fat is no food.
func fatRole(name string, f gym.Food) gym.FoodRole {
	if f.FatG < 90 || branded(f.Name) || !words("oil").in(name) ||
		words("dressing|margarine*|mayonnaise|spread|shortening|industrial|spray|blend|butter|fish|cottonseed|lard|frying|hydrogenated|cocoa|shea*|nutmeg|ucuhuba|babassu|cupu|teaseed|tomatoseed|apricot|poppyseed|grease|tallow|commodity|wheat germ|oat|mustard|salad dressing|sandwich|vegetable").in(name) {
		return gym.RoleExcluded
	}
	return gym.RoleFat
}

func grainRole(name string, f gym.Food) gym.FoodRole {
	switch {
	case branded(f.Name), words("restaurant|chow mein|prepared").in(name):
		return gym.RoleExcluded
	case cooked.in(name) && f.Kcal < 250, words("hominy, canned").in(name):
		return gym.RoleStarch
	case words("oat|rolled oat").in(name) && !words("bran|flour|oil").in(name): // eaten as they are
		return gym.RoleStarch
	}
	return gym.RoleExcluded
}

// breakfastRole keeps plain porridge, oats, muesli and shredded wheat; what has a brand or sugar is a snack.
func breakfastRole(name string, f gym.Food) gym.FoodRole {
	plain := words("oat|oatmeal|muesli|shredded wheat|cooked|bulgur|farina|grits").in(name)
	if plain && !branded(f.Name) && !words("ready to eat|dry|sugar*|frosted|honey|maple|chocolate|flavor*|fortified|fruit|raisin|cinnamon|apple").in(words("cooked with water").without(name)) {
		return gym.RoleStarch
	}
	return gym.RoleSnack
}

func breadRole(name string, f gym.Food) gym.FoodRole {
	if !branded(f.Name) && words("*bread|roll|bagel|pita|tortilla|english muffin|crispbread|rye wafers|naan|chapati").in(name) &&
		!words("sweet|cinnamon|stick|stuffing|banana|dry mix|mix|crumb|crumbs|pudding|dough|egg roll|french toast|cake|cheese|shortbread|gingerbread|cornbread|sugar|fruit|raisin|salad|taco|shell|chip|cracker|cookie|pumpkin|frozen|jelly|cranberry").in(words("includes soft bread crumbs|sweet potato").without(name)) {
		return gym.RoleStarch
	}
	return gym.RoleSnack
}

func vegetableRole(name string, f gym.Food) gym.FoodRole {
	raw := !cooked.in(name)
	switch {
	case branded(f.Name), raw && unsafeRaw.in(name),
		words("dehydrated|dried|powder|puree|paste|sauce|catsup|ketchup|juice|pickle*|relish|flakes|chips|fries|french fried|fried|puffs|hash brown|tater*|au gratin|scalloped|mashed|pancakes|salad|soup|candied|pepper, hot*|peppers, hot*|jalapeno|serrano|chili|ginger root|garlic|seaweed|agar|lemon grass|canned, creamed|creamed|cream style|ring|breaded|frozen, all styles|mix|flour|kanpyo|wasabi|horseradish|epazote|borage|butterbur|pokeberry|skin only|skin, skin|baked, skin|poi|leaves, raw|kimchi|stuffed|radicchio sauce|sugared").in(plainWords.without(name)),
		words("unprepared").in(name) && !words("canned").in(name):
		return gym.RoleExcluded
	case words("lima|cowpea|pigeonpea|broadbean|soybean|blackeye*|edamame|hyacinth bean|winged bean").in(name) && !words("leafy|leaf|pod|mixed").in(name):
		if cooked.in(name) || words("prepared").in(name) {
			return gym.RoleLegume
		}
		return gym.RoleExcluded
	case words("potato|sweet potato|sweetpotato|yam|cassava|taro|tannier|plantain|corn|parsnip|breadfruit|yautia").in(name) && !words("leaf|leaves|shoot").in(name):
		if cooked.in(name) && f.CarbsG >= 10 {
			return gym.RoleStarch
		}
		return gym.RoleExcluded
	case f.Kcal <= 100 && f.FatG <= 4:
		return gym.RoleVegetable
	}
	return gym.RoleExcluded
}

func fruitRole(name string, f gym.Food) gym.FoodRole {
	switch {
	case words("avocado").in(name):
		return gym.RoleFat
	case branded(f.Name), !cooked.in(name) && unsafeRaw.in(name),
		words("dehydrated|powder|sweetened|heavy syrup|syrup|juice|nectar|candied|frozen, sweet*|pie filling|sauce|peel|drink|cocktail|salad|rhubarb|tamarind|olive|relish|fried|added sugar|with sugar|maraschino|puree|horned melon|smoothie").in(words("unsweetened|not sweetened|applesauce, canned, unsweetened|without added sugar|juice pack, drained|water pack").without(name)):
		return gym.RoleExcluded
	case words("plantain").in(name):
		if cooked.in(name) {
			return gym.RoleStarch
		}
		return gym.RoleExcluded
	}
	return gym.RoleFruit
}

// DeriveMeals says where the food is usual.
func DeriveMeals(f gym.Food) []string {
	name := fold(f.Name)
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
		if words("*bread|toast|bagel|roll|english muffin|rye wafers|rice cake|pita|tortilla").in(name) {
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
