package route

import (
	"regexp"
	"slices"
	"strings"

	"github.com/intellifit/intellifit/shared/gym"
)

// moves are the exercises that members name, longest first where one is a part of another.
const moves = `(?:(?:incline|decline|flat|dumbbell|barbell|close grip|close-grip|seated|standing|smith machine|machine|cable|paused|pause|wide grip|wide-grip|one arm|one-arm|single arm|single-arm|single leg|single-leg|weighted|assisted|bent over|bent-over|chest supported|t-bar|lat|leg|front|back|goblet|hack|bulgarian split|split|box|sumo|romanian|stiff leg|stiff-leg|stiff-legged|trap bar|hex bar|deficit|rack|overhead|military|shoulder|arnold|push|bicep|biceps|tricep|triceps|hammer|preacher|concentration|hamstring|lateral|side|rear delt|reverse|walking|hip|glute|calf|face|skull|kettlebell|russian|hanging|bicycle|cable|pec|chest|rope|sled|farmer|farmers|farmer's|zercher|good|upright|pendlay|inverted|landmine|z|sissy|pistol|jump|air|body weight|bodyweight|straight leg|nordic|donkey|seal|power|hang|banded|heavy|light) )*` +
	`(?:bench press(?:es)?|bench|squats?|deadlifts?|romanian deadlifts?|(?:leg|chest|shoulder|overhead|military|push|arnold|floor|hip|dumbbell|barbell|incline|decline|machine|strict|z|landmine) press(?:es)?|pull-?ups?|push-?ups?|chin-?ups?|sit-?ups?|pull-?downs?|push-?downs?|step-?ups?|muscle-?ups?|press-?ups?|dips|lunges?|rows|(?:barbell|dumbbell|cable|seated|bent over|bent-over|machine|pendlay|inverted|t-bar|upright|seal) row|curls?|(?:leg|back|tricep|triceps|hip) extensions?|(?:lateral|front|calf|leg|side|knee|rear delt) raises?|hip thrusts?|glute bridges?|thrusts|crunches|planks?|burpees?|kickbacks?|shrugs?|flyes|flys|flies|fly|face pulls?|skull ?crushers?|(?:kettlebell )?swings|cleans?|snatch(?:es)?|clean and jerk|thrusters?|good mornings?|carries|farmer's walks?|farmers walks?|mountain climbers?|box jumps?|wall sits?|hyperextensions?|hamstring curls?|ab wheel|leg raises|rollouts?|nordics?|jumping jacks|wall balls|battle ropes|pullovers?|overhead press(?:es)?|press(?:es)?)`

// activities are what one likes or dislikes as a whole.
const activities = `running|swimming|cycling|rowing|yoga|pilates|cardio|hiit|crossfit|treadmill|elliptical|stairmaster|spinning|stretching|jogging|boxing|climbing|machines|free weights|dumbbells|barbells|kettlebells|early mornings|morning sessions|evening sessions|group classes|circuits?|supersets|drop sets|long sessions|short sessions|leg day|legs|interval training|intervals|walking|hiking|dancing|zumba|jumping|rower|rowing machine|stair climber|assault bike|bike|sprints|plyometrics|olympic lifts|olympic lifting|core work|ab work|abs|arm day|chest day|back day|mobility work|resistance bands|bands|cable machines?|cables|smith machine|skipping|jump rope|training in the morning|training in the evening|training early|calisthenics|bodyweight exercises|body weight exercises|machine work|barbell work|dumbbell work`

// foods are the foods that members name in likes, dislikes and questions.
const foods = `cottage cheese|brussels? sprouts?|sweet potato(?:es)?|peanut butter|greek yogurt|brown rice|white rice|protein shakes?|protein bars?|whey protein|whey|egg whites?|goat cheese|blue cheese|feta cheese|cream cheese|kidney beans|black beans|green beans|chicken breasts?|ground beef|red meat|white fish|chicken|beef|pork|turkey|lamb|duck|veal|bacon|ham|sausages?|steak|salmon|tuna|cod|mackerel|sardines|herring|trout|shrimps?|prawns|fish|seafood|shellfish|mussels|oysters|squid|octopus|anchovies|eggs?|milk|cheese|yogurt|quark|skyr|butter|cream|tofu|tempeh|seitan|lentils|chickpeas|beans|hummus|peas|edamame|soy|rice|pasta|noodles|bread|toast|bagels?|oats|oatmeal|porridge|muesli|granola|cereal|quinoa|couscous|bulgur|potato(?:es)?|fries|corn|broccoli|spinach|kale|lettuce|salads?|cabbage|cauliflower|carrots?|beetroot|beets|celery|celeriac|cucumbers?|tomato(?:es)?|bell peppers?|peppers|onions?|garlic|mushrooms?|zucchini|courgettes?|eggplants?|aubergines?|asparagus|leeks?|pumpkin|radish(?:es)?|olives?|avocados?|coriander|cilantro|bananas?|apples?|oranges?|pears?|peach(?:es)?|grapes?|berries|blueberries|strawberries|raspberries|cherries|mangos?|mangoes|pineapples?|melons?|kiwis?|lemons?|figs?|dates|raisins|almonds?|walnuts?|cashews?|hazelnuts?|pistachios?|peanuts?|nuts|seeds|chia|sesame|tahini|chocolate|honey|sugar|coffee|tea|beer|wine|pizza|burgers?|sushi|curry|curries|soups?|smoothies?|pancakes|waffles|wraps|sandwich(?:es)?|burritos?|tacos?|ice cream|kimchi|sauerkraut|ginger|mustard|mayonnaise|ketchup|spicy food|fried food|sweets|snacks|vegetables|veggies|fruit|fruits|meat|dairy|gluten|liver|coconut|mozzarella|parmesan|halloumi|cheddar|rye bread|artichokes?|okra|turnips?|parsnips?|squash`

// others are what people also book, move and cancel, and what is no business of the gym.
const others = `(?:(?:a|an|my|the|our|his|her) (?:\S+ )?)?(?:flights?|hotels?|hotel room|restaurant|table|dentist(?: appointment| visit)?|(?:doctors?|gp) (?:appointment|visit)|gp appointment|doc appointment|physio(?:therapist)? appointment|physio|hair ?cuts?|hairdresser(?: appointment)?|barber(?: appointment)?|vet(?: appointment)?|holidays?|vacation|trip|cinema|tickets?|uber|taxi|cab|netflix|spotify|subscription|furniture|house|apartment|movers|concert|train ticket|train to|airbnb|meeting room|job interview|interview|parcel|amazon|spa day|massage|car|tyres|tires|mot|wedding|dinner reservation|dinner|tattoo|tattoo appointment|nail appointment|court date|exam|driving lesson|driving test|piano lesson|work meeting|parents evening|zoom call|team meeting|business trip|cruise|rental car|babysitter|plumber|electrician)`

type mask struct {
	form *regexp.Regexp
	mark string
}

func masking(words, mark string) mask {
	return mask{regexp.MustCompile(`(?:^| )(?:` + words + `) `), " " + mark + " "}
}

// masks put a mark in the place of a thing, so that the forms speak of kinds of things. The order matters: "peanut butter"
// is a food before "peanut" is an allergen.
var masks = []mask{
	masking(`free weights|sugar free|gluten free|for free|feel free|dairy free|lactose free|free trial|hands free|fat free|free time|pain free|injury free|sugar-free|gluten-free|dairy-free`, "xfreeform"),
	masking(others, "xother"),
	masking(moves, "xmove"),
	masking(foods, "xfood"),
	masking(activities, "xactivity"),
}

func (m mask) apply(plain string) string {
	for {
		next := m.form.ReplaceAllString(plain, m.mark)
		next = " " + strings.Join(strings.Fields(next), " ") + " "
		if next == plain { // no mark is a word of a list, so this ends
			return next
		}
		plain = next
	}
}

// allergenWords are the words by which members name what they must not eat, beside those of gym.ParseAllergen.
var allergenWords = map[string]gym.Allergen{
	"dairy": gym.Dairy, "milk": gym.Dairy, "lactose": gym.Dairy, "cheese": gym.Dairy, "egg": gym.Egg, "eggs": gym.Egg, "peanut": gym.Peanut, "peanuts": gym.Peanut, "peanut butter": gym.Peanut, "tree nut": gym.TreeNut, "tree nuts": gym.TreeNut, "nuts": gym.TreeNut, "nut": gym.TreeNut,
	"almond": gym.TreeNut, "almonds": gym.TreeNut, "walnut": gym.TreeNut, "walnuts": gym.TreeNut, "hazelnut": gym.TreeNut, "hazelnuts": gym.TreeNut, "cashew": gym.TreeNut, "cashews": gym.TreeNut, "pistachios": gym.TreeNut, "pistachio": gym.TreeNut, "pecans": gym.TreeNut,
	"soy": gym.Soy, "soya": gym.Soy, "tofu": gym.Soy, "fish": gym.Fish, "salmon": gym.Fish, "tuna": gym.Fish, "cod": gym.Fish, "shellfish": gym.Shellfish, "shrimp": gym.Shellfish, "shrimps": gym.Shellfish, "prawn": gym.Shellfish, "prawns": gym.Shellfish, "crab": gym.Shellfish, "lobster": gym.Shellfish, "crustaceans": gym.Shellfish,
	"molluscs": gym.Mollusc, "mollusks": gym.Mollusc, "mussels": gym.Mollusc, "oysters": gym.Mollusc, "squid": gym.Mollusc, "clams": gym.Mollusc, "wheat": gym.Wheat, "gluten": gym.Gluten, "celiac": gym.Gluten, "celiac disease": gym.Gluten, "sesame": gym.Sesame, "sesame seeds": gym.Sesame, "tahini": gym.Sesame,
	"celery": gym.Celery, "celeriac": gym.Celery, "mustard": gym.Mustard, "lupin": gym.Lupin, "lupins": gym.Lupin, "lupine": gym.Lupin, "sulphite": gym.Sulphite, "sulphites": gym.Sulphite, "sulfites": gym.Sulphite, "sulfite": gym.Sulphite,
}

var allergenForm = regexp.MustCompile(`(?: |^)(` + alternatives(allergenWords) + `) `)

// alternatives lists the keys for an expression, longest first.
func alternatives[T any](words map[string]T) string {
	var list []string
	for w := range words {
		list = append(list, regexp.QuoteMeta(w))
	}
	slices.SortFunc(list, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return strings.Join(list, "|")
}

// findAllergens lists the allergens that plain words name, in the order of gym.Allergens.
func findAllergens(plain string) []gym.Allergen {
	found := map[gym.Allergen]bool{}
	for {
		at := allergenForm.FindStringSubmatchIndex(plain)
		if at == nil {
			break
		}
		found[allergenWords[plain[at[2]:at[3]]]] = true
		plain = plain[:at[0]] + " " + plain[at[3]:]
	}
	var out []gym.Allergen
	for _, a := range gym.Allergens() {
		if found[a] {
			out = append(out, a)
		}
	}
	return out
}
