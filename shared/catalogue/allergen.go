package catalogue

import (
	"slices"
	"strings"
	"unicode"

	"github.com/intellifit/intellifit/shared/gym"
)

// allergenRule says what a phrase means for allergic members. Rules run in order and each takes its phrase out of the text:
// "almond milk" is a tree nut before "milk" can be dairy, and "butternut squash" is nothing at all. A rule that is implied
// speaks of what such foods usually contain, so the gym's own list may say otherwise; a sure one it may not.
type allergenRule struct {
	phrases  phrases
	contains []gym.Allergen
	implied  bool
}

var (
	wheat  = []gym.Allergen{gym.Wheat, gym.Gluten}
	crumbs = []gym.Allergen{gym.Wheat, gym.Gluten, gym.Egg, gym.Dairy}
	baked  = []gym.Allergen{gym.Wheat, gym.Gluten, gym.Egg, gym.Dairy, gym.Soy}
)

var allergenRules = []allergenRule{
	// Words that hold an allergen's name and are another food.
	{phrases: words("butternut squash|squash, butternut|winter, butternut|butternut pumpkin|acorn squash|winter, acorn|spaghetti squash|winter, spaghetti|scallop squash|summer, scallop|mushrooms, oyster, raw|oyster blade|eye roll|cube roll|chuck roll|unsulphured|unsulfured|eggplant|egg plant|egg fruit|buckwheat|cream of tartar|cocoa butter|shea butter|nutmeg|waterchestnut|water chestnut|apple butter|butterhead|butter lettuce|butter bean|butterbean|butterbur|cream style|oyster mushroom|vegetable oyster|oyster plant|breadfruit|custard apple|swiss chard|chard, swiss|cottage cut|drumstick|drumette|wheat free|gluten free|dairy free|milk free|lactose free|egg free|nut free|peanut free|soy free|fish free")},
	{phrases: words("rice flour|corn flour|corn meal|potato flour|tapioca flour|cassava flour|arrowroot flour|millet flour|sorghum flour|teff flour|quinoa flour|amaranth flour|buckwheat flour|chickpea flour|gram flour|lentil flour|pea flour|banana flour|coconut sugar|rice bran|corn bran|rice noodle|glass noodle|rice paper|rice milk|rice drink|hemp milk|hemp drink|pea milk|pea drink|pea protein")},
	{phrases: words("seed butter|nut butter|pea yogurt|pea yoghurt"), contains: nil, implied: true},
	// Plant foods named after milk, butter and flour.
	{phrases: words("almond milk|almond butter|almond yogurt|almond yoghurt|almond drink|almond flour|almond meal|almond paste|almond cream|cashew milk|cashew butter|cashew cream|cashew cheese|cashew drink|hazelnut spread|hazelnut butter|hazelnut milk|hazelnut drink|walnut butter|pistachio butter|pistachio cream|macadamia milk|marzipan|praline*|nougat|frangipane|chestnut flour"), contains: []gym.Allergen{gym.TreeNut}},
	{phrases: words("coconut milk|coconut cream|coconut yogurt|coconut yoghurt|coconut drink|coconut butter|coconut flour|coconut oil|coconut water|coconut*"), contains: []gym.Allergen{gym.TreeNut}, implied: true},
	{phrases: words("peanut butter|peanut milk|peanut flour|peanut cream|peanut*|groundnut*|goober"), contains: []gym.Allergen{gym.Peanut}},
	{phrases: words("satay"), contains: []gym.Allergen{gym.Peanut}, implied: true},
	{phrases: words("soy sauce|soya sauce|shoyu|teriyaki|hoisin"), contains: []gym.Allergen{gym.Soy, gym.Wheat, gym.Gluten}},
	{phrases: words("soy milk|soya milk|soymilk|soy yogurt|soy yoghurt|soya yogurt|soya yoghurt|soy quark|soya quark|soy drink|soya drink|soy cheese|soy cream|soy butter|soy flour|soya flour|soy*|soya*|edamame|tempeh|natto|miso|tamari|okara|yuba|textured vegetable protein|tvp"), contains: []gym.Allergen{gym.Soy}},
	{phrases: words("tofu yogurt|tofu*|lecithin|hydrolyzed vegetable protein|vegetable protein|vegetable shortening|shortening"), contains: []gym.Allergen{gym.Soy}, implied: true},
	{phrases: words("lupin milk|lupin yogurt|lupin yoghurt|lupin flour|lupin*|lupine*"), contains: []gym.Allergen{gym.Lupin}},
	{phrases: words("oat milk|oat drink|oat yogurt|oat yoghurt|oat cream|oat flour|oatmeal|oat*"), contains: []gym.Allergen{gym.Gluten}},
	{phrases: words("granola|muesli|porridge"), contains: []gym.Allergen{gym.Gluten}, implied: true},
	// Dishes and sauces whose recipe is known well enough to name.
	{phrases: words("egg noodle|noodles, egg|challah|brioche"), contains: []gym.Allergen{gym.Egg, gym.Wheat, gym.Gluten, gym.Dairy}},
	{phrases: words("fresh pasta|pasta, fresh*"), contains: []gym.Allergen{gym.Egg, gym.Wheat, gym.Gluten}, implied: true},
	{phrases: words("imitation crab|crab stick|surimi|kamaboko"), contains: []gym.Allergen{gym.Fish, gym.Shellfish, gym.Wheat, gym.Gluten, gym.Egg, gym.Soy}},
	{phrases: words("worcestershire|fish sauce|anchovy paste|caesar|nuoc mam|bouillabaisse"), contains: []gym.Allergen{gym.Fish}},
	{phrases: words("kimchi|kimchee"), contains: []gym.Allergen{gym.Fish, gym.Shellfish}, implied: true},
	{phrases: words("oyster sauce"), contains: []gym.Allergen{gym.Mollusc, gym.Soy, gym.Wheat, gym.Gluten}},
	{phrases: words("mayonnaise|mayo|aioli|hollandaise|tartar sauce|tartare|remoulade|bearnaise"), contains: []gym.Allergen{gym.Egg, gym.Mustard}},
	{phrases: words("pesto"), contains: []gym.Allergen{gym.TreeNut, gym.Dairy}, implied: true},
	{phrases: words("margarine*|buttery"), contains: []gym.Allergen{gym.Dairy, gym.Soy}, implied: true},
	{phrases: words("milk chocolate|white chocolate"), contains: []gym.Allergen{gym.Dairy, gym.Soy}},
	{phrases: words("chocolate*|fudge|caramel*|toffee|butterscotch|cocoa drink|hot cocoa"), contains: []gym.Allergen{gym.Dairy, gym.Soy}, implied: true},
	{phrases: words("hummus|houmous|sesame butter|tahini|tahina|halva|halvah|sesame*|baba ganoush|baba ghanoush|za'atar|zaatar|gomasio"), contains: []gym.Allergen{gym.Sesame}},
	{phrases: words("falafel"), contains: []gym.Allergen{gym.Sesame, gym.Wheat, gym.Gluten}, implied: true},
	{phrases: words("scrambled|omelet*|frittata|quiche|souffle|tortilla espanola|french toast"), contains: []gym.Allergen{gym.Egg}},
	{phrases: words("eggnog"), contains: []gym.Allergen{gym.Egg, gym.Dairy}},
	{phrases: words("beer|ale|lager|stout"), contains: []gym.Allergen{gym.Gluten}, implied: true},
	{phrases: words("batter*|breaded|breading|bread crumb|breadcrumb|tempura|schnitzel|croquette|fritter"), contains: crumbs, implied: true},
	{phrases: words("*cake|cookie|muffin|pastry|croissant|doughnut|donut|pancake|waffle|pie|crepe|biscuit|brownie|cornbread|corn bread|cracker|pizza|lasagna|lasagne|dumpling|eclair|strudel|stuffing|crouton|cobbler|scone|macaroon|ladyfinger"), contains: baked, implied: true},
	// Cereals.
	{phrases: words("barley|rye|malt*|triticale"), contains: []gym.Allergen{gym.Gluten}},
	{phrases: words("wheat*|spelt|kamut|khorasan|farro|emmer|einkorn|durum|semolina|couscous|bulgur|seitan|freekeh|farina"), contains: wheat},
	{phrases: words("*bread|bread*|roll|bun|bagel|pita|naan|tortilla|wrap|pasta|spaghetti|macaroni|penne|fusilli|linguine|vermicelli|noodle|ravioli|gnocchi|orzo|udon|ramen|soba|somen|chow mein|flour|bran|sourdough|baguette|ciabatta|focaccia|*toast|pretzel|cereal|crispbread|matzo*|panko|filo|phyllo|chapati|roti|gluten|zwieback|rusk"), contains: wheat, implied: true},
	// Milk and egg.
	{phrases: words("milk|*milk|milky|cheese|cheesy|cream|creamed|creamy|creme|whey|casein*|lactose|ghee|dairy|paneer|halloumi|mascarpone|skyr|kefir|labneh|ayran|lassi|queso|cheez|milkfat|butterfat"), contains: []gym.Allergen{gym.Dairy}},
	{phrases: words("cheddar|mozzarella|parmesan|parmigiano|pecorino|feta|ricotta|gouda|swiss|brie|camembert|cottage|quark|yogurt|yoghurt|butter|buttered|buttery|custard|gruyere|emmental*|provolone|edam|colby|muenster|romano|roquefort|gorgonzola|ice cream|gelato|pudding|alfredo|latte|cappuccino|mocha|infant formula|*milkshake|milk shake|shake|creamer|sherbet|ranch"), contains: []gym.Allergen{gym.Dairy}, implied: true},
	{phrases: words("egg|meringue|albumen|ovalbumin|custard"), contains: []gym.Allergen{gym.Egg}},
	{phrases: words("grana|nougat|marshmallow"), contains: []gym.Allergen{gym.Egg}, implied: true},
	// Sea. Crustaceans are kept pale with sulphites.
	{phrases: words("shrimp|prawn|scampi|lobster|crayfish|crawfish|langoustine"), contains: []gym.Allergen{gym.Shellfish, gym.Sulphite}},
	{phrases: words("crab|krill|shellfish|crustacean*"), contains: []gym.Allergen{gym.Shellfish}},
	{phrases: words("oyster|mussel|clam|scallop|squid|calamari|octopus|cuttlefish|snail|escargot|abalone|whelk|conch|cockle|mollusk*|mollusc*|seafood"), contains: []gym.Allergen{gym.Mollusc}},
	{phrases: words("*fish|fish*|salmon*|tuna|cod|haddock|pollock|pollack|mackerel|sardine|herring|anchov*|trout|tilapia|halibut|bass|snapper|carp|perch|pike|sole|flounder|plaice|eel|caviar|roe|turbot|grouper|mahi*|sturgeon|smelt|shad|mullet|burbot|lox|kippered|kipper|croaker|cusk|ling|lingcod|roughy|pompano|pout|scup|seatrout|shark|sheepshead|sucker|yellowtail|cisco|bonito|walleye|bream|hake|arctic char|gefilte*|pangasius|whiting|seafood"), contains: []gym.Allergen{gym.Fish}},
	{phrases: words("seaweed|nori|wakame|kelp|laver"), contains: []gym.Allergen{gym.Shellfish, gym.Mollusc}, implied: true},
	// Nuts, seeds and the rest of the list.
	{phrases: words("mixed nut|nut mix|trail mix|nut bar"), contains: []gym.Allergen{gym.TreeNut, gym.Peanut}},
	{phrases: words("almond*|walnut*|hazelnut*|filbert*|cashew*|pecan*|pistachio*|macadamia*|brazil nut|brazilnut*|pine nut|pinenut*|pignoli*|chestnut*|hickory*|pilinut*|beechnut*|ginkgo*|acorn*|*nut|nutty"), contains: []gym.Allergen{gym.TreeNut}},
	{phrases: words("celery|celeriac"), contains: []gym.Allergen{gym.Celery}},
	{phrases: words("mustard*|dijon"), contains: []gym.Allergen{gym.Mustard}},
	{phrases: words("sulphite*|sulfite*|sulfured|sulphured|wine"), contains: []gym.Allergen{gym.Sulphite}},
	{phrases: words("candied|maraschino|vinegar|sauerkraut|cider|molasses|dehydrated|desiccated|horseradish|grape juice|lemon juice|lime juice|pickle*"), contains: []gym.Allergen{gym.Sulphite}, implied: true},
}

// plainCategories hold foods of one ingredient, whose name is their list of ingredients.
var plainCategories = words("vegetable*|fruit*|legume*|pulse|bean|nut|nut and seed*|seed|finfish*|fish*|seafood|shellfish|poultry*|beef*|pork*|lamb*|veal|game|meat*|dairy*|milk|cheese|egg|grain*|cereal grain*|breakfast cereal|cereal|rice|pasta|fats and oils|fat|oil|starch*|plant protein")

// composed marks a food whose recipe or coating the name does not tell.
var composed = words("sauce|gravy|soup|stew|chili with*|casserole|dinner|entree|meal|sandwich|burger|pattie|patty|nugget|meatball|meatloaf|dressing|dip|spread|stuffed|filled|filling|*seasoned|flavored|flavoured|flavor|flavour|novelt*|prepared|commercial|commercially|restaurant|fast food*|ready to eat|ready to heat|breaded|batter*|marinated|glazed|barbecue*|bbq|rotisserie|sausage|frankfurter|frank|hot dog|bologna|salami|pate|luncheon|loaf|mix|mixture|imitation|substitute|replacement|meatless|vegetarian|vegan|veggie|snack|chip|crisp|candy|candied|dessert|topping|bar|drink|beverage|shake|formula|formulated|supplement|powder|usda commodity|canned with|with pork|with beef|with frank|with fruit|with vegetable|margarine*|shortening|broth|solution|pickle*|pickled|cured|bacon|creamed|smoked|kippered|kit|pizza|taco|burrito|*cake|cookie|pie|pudding|refried|fried|scrambled|beans, baked|omelet|omelette|mashed|scalloped|au gratin|hash brown|baked beans|in oil|bread|fresh refrigerated|spaghetti, protein fortified|tofu yogurt|cellophane|process|cheese food|cheese product|fruit, low fat|fruit, lowfat|fruit variety|mixed nut|vanilla|chocolate|strawberry yogurt|frozen yogurt|yogurt, fruit|smooth, reduced fat|butter, reduced|cooking spray|unspecified|assorted|instant|kimchi|falafel|hummus|salad")

// plainWords are of cooking, setting and use: they say nothing about a recipe.
var plainWords = words("pan fried|stir fried|salad or cooking|cooking or salad|prepared with calcium|prepared with nigari|mixed species|may have been previously frozen|not previously frozen|fast roasted|slow roasted|cheese, cottage, creamed|flower clusters|fat, crumbles|fat, patty|fat, loaf")

// coated is flesh that was fried in flour or batter, also when the table describes the meat alone.
var coated = words("fried")

// expected says what the foods of a category contain one way or another. When the name tells of none of it, the rules have
// not understood the name.
var expected = []struct {
	category phrases
	anyOf    []gym.Allergen
}{
	{words("egg"), []gym.Allergen{gym.Egg, gym.Dairy}},
	{words("dairy|milk|cheese|yogurt|yoghurt"), []gym.Allergen{gym.Dairy, gym.Egg}},
	{words("*fish|fish*|seafood"), []gym.Allergen{gym.Fish, gym.Shellfish, gym.Mollusc}},
	{words("nut"), []gym.Allergen{gym.TreeNut, gym.Peanut, gym.Sesame}},
	{words("pasta|bread|bakery|baked*"), []gym.Allergen{gym.Wheat, gym.Gluten}},
	{words("soy*|tofu"), []gym.Allergen{gym.Soy}},
}

// otherwise lists the foods of those categories that are free of it.
var otherwise = words("seed|kernel|flaxseed|rice|corn|cornmeal|cornstarch|maize|quinoa|millet|sorghum|teff|amaranth|buckwheat|tapioca|hominy|arrowroot|frog|turtle|wild rice")

// allergens is what a name tells.
type allergens struct {
	sure    []gym.Allergen // the name speaks of them
	implied []gym.Allergen // such foods usually contain them
	known   bool           // the name tells everything
}

func (a allergens) all() []gym.Allergen {
	out := []gym.Allergen{}
	for _, x := range slices.Concat(a.sure, a.implied) {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	slices.Sort(out)
	return out
}

// DeriveAllergens lists what the food contains as far as its name tells, and whether the name tells everything. When it
// does not, the food is unsafe for every allergic member.
func DeriveAllergens(name, category string) (contains []gym.Allergen, known bool) {
	a := readAllergens(name, category)
	return a.all(), a.known
}

func readAllergens(name, category string) allergens {
	var a allergens
	text, kind := fold(name), fold(category)
	plain := plainWords.without(text)
	rest := text
	for _, rule := range allergenRules {
		if !rule.phrases.in(rest) {
			continue
		}
		rest = rule.phrases.without(rest)
		if rule.implied {
			a.implied = append(a.implied, rule.contains...)
		} else {
			a.sure = append(a.sure, rule.contains...)
		}
	}
	if coated.in(plain) && fleshCategory.in(kind) {
		a.implied = append(a.implied, wheat...)
	}
	if fruitCategory.in(kind) && words("dried|raisin|sultana|prune|date").in(rest) {
		a.implied = append(a.implied, gym.Sulphite) // most dried fruit is kept with it
	}
	tinnedTuna := words("tuna").in(text) && words("canned|tinned").in(text) // often in a broth with soya
	a.known = !tinnedTuna && !(cultured.in(text) && flavoured.in(text)) && plainCategories.in(kind) && !composed.in(plain) && !branded(name) && understood(plain) && a.expected(text, kind)
	return a
}

func (a allergens) expected(text, kind string) bool {
	for _, e := range expected {
		if e.category.in(kind) && !otherwise.in(text) && !slices.ContainsFunc(e.anyOf, func(x gym.Allergen) bool {
			return slices.Contains(a.sure, x) || slices.Contains(a.implied, x)
		}) {
			return false
		}
	}
	return true
}

// shouted are words in capitals that are no brands.
var shouted = words("usda|uht|dha|bbq|uk|us|usa|ii|iii|npo|imps|nlea|ara|epa|rte|uv")

// branded reports whether a name that is not all in capitals holds a word in capitals, as brands do in the USDA's tables.
func branded(name string) bool {
	brand, lower := false, false
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '’' }) {
		switch {
		case strings.ToUpper(word) != word:
			lower = lower || strings.ToLower(word) == word || len(word) > 1
		case len(word) >= 3 && !shouted.in(fold(word)):
			brand = true
		}
	}
	return brand && lower
}

// freeOf says which words of a name deny an allergen, beside "NAME free", "no NAME" and "without NAME".
var freeOf = map[gym.Allergen]phrases{
	gym.Dairy: words("dairy free|milk free|non dairy|no milk|no dairy|without milk|without dairy|vegan|plant based|plant"), gym.Egg: words("egg free|no egg|without egg|vegan|plant based|eggless"),
	gym.Peanut: words("peanut free|without peanuts|no peanut"), gym.TreeNut: words("nut free|without nuts|no nuts"), gym.Soy: words("soy free|soya free|without soy|without soya|no soy"),
	gym.Fish: words("fish free|without fish|vegan|plant based"), gym.Shellfish: words("shellfish free|without shrimp|vegan|plant based"), gym.Mollusc: words("vegan|plant based"),
	gym.Wheat: words("wheat free|gluten free|without wheat|without gluten"), gym.Gluten: words("gluten free|without gluten"), gym.Sesame: words("sesame free|without sesame"),
	gym.Celery: words("celery free|without celery"), gym.Mustard: words("mustard free|without mustard"), gym.Lupin: words("lupin free|without lupin"),
	gym.Sulphite: words("unsulphured|unsulfured|sulphite free|sulfite free|without sulphites"),
}

// disclaims reports whether the name says that the food is free of a. By itself it changes nothing: only together with a
// list of allergens that leaves a out.
func disclaims(name string, a gym.Allergen) bool { return freeOf[a].in(fold(name)) }
