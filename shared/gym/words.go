package gym

import (
	"fmt"
	"slices"
	"strings"
)

// vocabulary is a closed set of words with the synonyms that people write for them.
type vocabulary[T ~string] struct {
	what     string
	known    []T
	synonyms map[string]T
}

// parse reads one word: case, spaces, hyphens and underscores do not matter. An unknown word is refused with the list of
// the known ones, since a guess could hide an allergy.
func (v vocabulary[T]) parse(s string) (T, error) {
	word := fold(s)
	for _, k := range v.known {
		if fold(string(k)) == word {
			return k, nil
		}
	}
	for synonym, k := range v.synonyms {
		if fold(synonym) == word {
			return k, nil
		}
	}
	names := make([]string, len(v.known))
	for i, k := range v.known {
		names[i] = string(k)
	}
	return "", &Error{Kind: ErrInvalid, Code: "unknown_word", Detail: fmt.Sprintf("%q is no %s that is known: %s", clip(s, 40), v.what, strings.Join(names, ", "))}
}

func fold(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == ' ' || r == '_' || r == '-' }), "_")
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

var (
	sexes = vocabulary[Sex]{"sex", []Sex{Male, Female, OtherSex}, map[string]Sex{"m": Male, "man": Male, "f": Female, "woman": Female, "w": Female, "divers": OtherSex, "diverse": OtherSex, "undisclosed": OtherSex, "x": OtherSex, "non binary": OtherSex}}
	goals = vocabulary[Goal]{"goal", []Goal{FatLoss, MuscleGain, Strength, Endurance, Health}, map[string]Goal{
		"lose weight": FatLoss, "weight loss": FatLoss, "lose fat": FatLoss, "cut": FatLoss, "hypertrophy": MuscleGain, "build muscle": MuscleGain, "bulk": MuscleGain,
		"gain muscle": MuscleGain, "get stronger": Strength, "power": Strength, "stamina": Endurance, "cardio": Endurance, "fitness": Health, "general fitness": Health, "stay healthy": Health}}
	levels = vocabulary[Experience]{"experience", []Experience{Beginner, Intermediate, Advanced}, map[string]Experience{
		"novice": Beginner, "new": Beginner, "none": Beginner, "medium": Intermediate, "expert": Advanced, "pro": Advanced}}
	activities = vocabulary[Activity]{"activity", []Activity{Sedentary, Light, Moderate, Active, VeryActive}, map[string]Activity{
		"desk job": Sedentary, "low": Light, "lightly active": Light, "medium": Moderate, "moderately active": Moderate, "high": Active, "very high": VeryActive}}
	diets = vocabulary[Diet]{"diet", []Diet{NoDiet, Vegetarian, Vegan, Pescatarian, Halal, Kosher, LowCarb}, map[string]Diet{
		"omnivore": NoDiet, "everything": NoDiet, "no": NoDiet, "plant based": Vegan, "veggie": Vegetarian, "pescetarian": Pescatarian, "keto": LowCarb, "low carbohydrate": LowCarb}}
	allergens = vocabulary[Allergen]{"allergen", []Allergen{Dairy, Egg, Peanut, TreeNut, Soy, Fish, Shellfish, Mollusc, Wheat, Gluten, Sesame, Celery, Mustard, Lupin, Sulphite}, map[string]Allergen{
		"milk": Dairy, "lactose": Dairy, "lactose intolerance": Dairy, "lactose intolerant": Dairy, "eggs": Egg, "peanuts": Peanut, "groundnut": Peanut, "nut": TreeNut, "nuts": TreeNut,
		"tree nuts": TreeNut, "almond": TreeNut, "almonds": TreeNut, "walnut": TreeNut, "hazelnut": TreeNut, "cashew": TreeNut, "soya": Soy, "soybean": Soy, "crustacean": Shellfish, "crustaceans": Shellfish,
		"prawns": Shellfish, "shrimp": Shellfish, "molluscs": Mollusc, "mollusk": Mollusc, "coeliac": Gluten, "celiac": Gluten, "celiac disease": Gluten, "sesame seeds": Sesame,
		"lupine": Lupin, "sulfite": Sulphite, "sulfites": Sulphite, "sulphites": Sulphite}}
	injurySites = vocabulary[InjurySite]{"injury site", []InjurySite{Neck, Shoulder, Elbow, Wrist, UpperBack, LowerBack, Hip, Knee, Ankle}, map[string]InjurySite{
		"low back": LowerBack, "lumbar": LowerBack, "back": LowerBack, "lower spine": LowerBack, "thoracic": UpperBack, "rotator cuff": Shoulder, "shoulders": Shoulder, "hand": Wrist, "wrists": Wrist,
		"elbows": Elbow, "hips": Hip, "groin": Hip, "knees": Knee, "acl": Knee, "meniscus": Knee, "achilles": Ankle, "foot": Ankle, "ankles": Ankle, "cervical": Neck}}
	statuses = vocabulary[InjuryStatus]{"injury status", []InjuryStatus{Pain, Undiagnosed, PastInjury}, map[string]InjuryStatus{
		"current": Pain, "current pain": Pain, "acute": Pain, "chronic": Pain, "unknown": Undiagnosed, "healed": PastInjury, "recovered": PastInjury, "old": PastInjury}}
	conditions = vocabulary[Condition]{"condition", []Condition{Pregnancy, Postpartum, EatingDisorder, DiabetesInsulin, DiabetesType2, KidneyDisease, HeartDisease, Hypertension, Anticoagulants, MAOI, BariatricSurg, Asthma, Osteoporosis}, map[string]Condition{
		"pregnant": Pregnancy, "anorexia": EatingDisorder, "bulimia": EatingDisorder, "diabetes type 1": DiabetesInsulin, "type 1 diabetes": DiabetesInsulin, "insulin": DiabetesInsulin, "type 2 diabetes": DiabetesType2,
		"diabetes": DiabetesInsulin, "renal disease": KidneyDisease, "high blood pressure": Hypertension, "warfarin": Anticoagulants, "blood thinners": Anticoagulants, "gastric bypass": BariatricSurg}}
)

// ParseSex reads a word or synonym of Sex.
func ParseSex(s string) (Sex, error) { return sexes.parse(s) }

// ParseGoal reads a word or synonym of Goal.
func ParseGoal(s string) (Goal, error) { return goals.parse(s) }

// ParseExperience reads a word or synonym of Experience.
func ParseExperience(s string) (Experience, error) { return levels.parse(s) }

// ParseActivity reads a word or synonym of Activity.
func ParseActivity(s string) (Activity, error) { return activities.parse(s) }

// ParseDiet reads a word or synonym of Diet.
func ParseDiet(s string) (Diet, error) { return diets.parse(s) }

// ParseAllergen reads a word or synonym of Allergen.
func ParseAllergen(s string) (Allergen, error) { return allergens.parse(s) }

// ParseInjurySite reads a word or synonym of InjurySite.
func ParseInjurySite(s string) (InjurySite, error) { return injurySites.parse(s) }

// ParseInjuryStatus reads a word or synonym of InjuryStatus.
func ParseInjuryStatus(s string) (InjuryStatus, error) { return statuses.parse(s) }

// ParseCondition reads a word or synonym of Condition. Plain "diabetes" reads as insulin-treated, the more careful case.
func ParseCondition(s string) (Condition, error) { return conditions.parse(s) }

// Allergens lists every allergen word.
func Allergens() []Allergen { return slices.Clone(allergens.known) }

// Diets lists every diet word.
func Diets() []Diet { return slices.Clone(diets.known) }
