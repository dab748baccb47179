package catalogue_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/intellifit/intellifit/shared/catalogue"
	"github.com/intellifit/intellifit/shared/gym"
)

// speaking are words that name an allergen, however they are written.
var speaking = map[string]gym.Allergen{
	"milk": gym.Dairy, "cheese": gym.Dairy, "cream": gym.Dairy, "whey": gym.Dairy, "casein": gym.Dairy, "kefir": gym.Dairy, "yogurt": gym.Dairy, "butter": gym.Dairy, "ghee": gym.Dairy,
	"egg": gym.Egg, "eggs": gym.Egg, "mayonnaise": gym.Egg, "peanut": gym.Peanut, "peanuts": gym.Peanut, "groundnuts": gym.Peanut,
	"almond": gym.TreeNut, "walnuts": gym.TreeNut, "hazelnut": gym.TreeNut, "cashews": gym.TreeNut, "pecan": gym.TreeNut, "pistachio": gym.TreeNut, "macadamia": gym.TreeNut, "brazilnuts": gym.TreeNut,
	"soy": gym.Soy, "soya": gym.Soy, "soybeans": gym.Soy, "tofu": gym.Soy, "tempeh": gym.Soy, "edamame": gym.Soy, "fish": gym.Fish, "salmon": gym.Fish, "tuna": gym.Fish, "cod": gym.Fish, "anchovies": gym.Fish,
	"sardines": gym.Fish, "shrimp": gym.Shellfish, "prawns": gym.Shellfish, "crab": gym.Shellfish, "lobster": gym.Shellfish, "mussels": gym.Mollusc, "oysters": gym.Mollusc, "squid": gym.Mollusc, "clam": gym.Mollusc,
	"wheat": gym.Wheat, "spelt": gym.Wheat, "couscous": gym.Wheat, "seitan": gym.Wheat, "bread": gym.Wheat, "spaghetti": gym.Wheat, "barley": gym.Gluten, "rye": gym.Gluten, "oats": gym.Gluten, "malt": gym.Gluten,
	"sesame": gym.Sesame, "tahini": gym.Sesame, "celery": gym.Celery, "celeriac": gym.Celery, "mustard": gym.Mustard, "lupin": gym.Lupin, "lupins": gym.Lupin, "sulfured": gym.Sulphite,
}

var plain = []string{"Vegetables", "Fruits and Fruit Juices", "Legumes and Legume Products", "Dairy and Egg Products", "Nut and Seed Products", "Poultry Products", "Finfish and Shellfish Products", "Cereal Grains and Pasta", "Mystery", ""}

// part is one of the parts of a name that commas separate, in words that are no allergens.
func part(t *rapid.T) string {
	words := []string{"raw", "cooked", "tomatoes", "rice", "beans", "red", "carrots", "without salt", "canned", "Zzyx", "GREEN GIANT", "free", "style", "coconut", "corn", "cocoa", "drained", "vegan", "pea"}
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 1, 3).Draw(t, "words"), " ")
}

func written(t *rapid.T, word string) string {
	switch rapid.IntRange(0, 3).Draw(t, "spelling") {
	case 1:
		return strings.ToUpper(word)
	case 2:
		return strings.ToUpper(word[:1]) + word[1:]
	}
	return word
}

func TestAllergenWordsAlwaysCount(t *testing.T) {
	t.Parallel()
	words := sortedKeys(speaking)
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom(words).Draw(t, "word")
		parts := rapid.SliceOfN(rapid.Custom(part), 0, 3).Draw(t, "parts")
		at := rapid.IntRange(0, len(parts)).Draw(t, "at")
		name := strings.Join(slices.Insert(parts, at, written(t, word)), ", ")
		if contains, _ := catalogue.DeriveAllergens(name, rapid.SampledFrom(plain).Draw(t, "category")); !slices.Contains(contains, speaking[word]) {
			t.Fatalf("%q is free of %s: %v", name, speaking[word], contains)
		}
	})
}

func TestMoreWordsNeverTakeAnAllergenAway(t *testing.T) {
	t.Parallel()
	words := sortedKeys(speaking)
	rapid.Check(t, func(t *rapid.T) {
		category := rapid.SampledFrom(plain).Draw(t, "category")
		name := rapid.SampledFrom(words).Draw(t, "word") + " " + part(t)
		more := name + ", " + part(t) + rapid.SampledFrom([]string{"", ", " + rapid.SampledFrom(words).Draw(t, "another")}).Draw(t, "tail")
		before, knownBefore := catalogue.DeriveAllergens(name, category)
		after, known := catalogue.DeriveAllergens(more, category)
		for _, a := range before {
			if !slices.Contains(after, a) {
				t.Fatalf("%q contains %v, but %q only %v", name, before, more, after)
			}
		}
		if strings.Contains(more, "Zzyx") && (known || knownBefore && strings.Contains(name, "Zzyx")) {
			t.Fatalf("%q holds a word that nobody knows and counts as understood", more)
		}
	})
}

// A food about which something is unknown fits no diet unless its name claims one.
func TestUnknownFitsNoDiet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		category := rapid.SampledFrom(plain).Draw(t, "category")
		contains, known := catalogue.DeriveAllergens(name, category)
		diets := catalogue.DeriveDiets(name, category, 50, contains, known)
		claims := strings.Contains(strings.ToLower(name), "veg") || strings.Contains(strings.ToLower(name), "plant")
		if !known && !claims && len(diets) > 0 {
			t.Fatalf("%q is not understood and fits %v", name, diets)
		}
		if known && strings.TrimSpace(name) == "" {
			t.Fatalf("a food without a name counts as understood")
		}
	})
}

// A list of allergens in the file may add to what the name speaks of, and never hides it.
func TestGivenAllergensHideNothing(t *testing.T) {
	t.Parallel()
	sure := map[string]gym.Allergen{"milk": gym.Dairy, "cheese": gym.Dairy, "eggs": gym.Egg, "peanuts": gym.Peanut, "almonds": gym.TreeNut, "soybeans": gym.Soy, "salmon": gym.Fish, "shrimp": gym.Shellfish,
		"mussels": gym.Mollusc, "wheat": gym.Wheat, "rye": gym.Gluten, "sesame": gym.Sesame, "celery": gym.Celery, "mustard": gym.Mustard, "lupins": gym.Lupin}
	words := sortedKeys(sure)
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom(words).Draw(t, "word")
		given := rapid.SampledFrom([]string{"none", "-", "celery", "dairy; egg"}).Draw(t, "given")
		r, err := catalogue.FoodsJSON(strings.NewReader(`[{"id":"a","name":"Fresh ` + word + `","category":"Mystery","kcal":1,"protein":0,"carbs":0,"fat":0,"allergens":"` + given + `"}]`))
		if err != nil || len(r.Rows) != 1 {
			t.Fatalf("%v %v", r.Problems, err)
		}
		if f := r.Rows[0]; !slices.Contains(f.Allergens, sure[word]) || len(r.Review) == 0 && !strings.Contains(given, string(sure[word])) {
			t.Fatalf("%s with the list %q: %v, review %v", f.Name, given, f.Allergens, r.Review)
		}
	})
}

// Words about a movement only add tags, whatever the exercise is.
func TestMoreWordsKeepHardTags(t *testing.T) {
	t.Parallel()
	tagged := map[string]gym.InjuryTag{"behind the neck": gym.BehindNeck, "upright row": gym.UprightRow, "dips": gym.DeepDip, "box jump": gym.Jump, "sprint": gym.RunImpact, "deadlift": gym.LoadedHinge,
		"squat": gym.DeepKneeFlexion, "twist": gym.SpinalRotationLoaded, "handstand": gym.FallRisk, "hanging": gym.GripHeavy, "plank": gym.LongIsometric}
	words := sortedKeys(tagged)
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom(words).Draw(t, "word")
		parts := []string{rapid.SampledFrom([]string{"one arm", "wide", "barbell", "tempo", "advanced", "paused", "weighted"}).Draw(t, "before"), written(t, word), rapid.SampledFrom([]string{"HD", "with bands", "variation", "- 2", "(slow)"}).Draw(t, "after")}
		e := gym.Exercise{Name: strings.Join(parts, " "), Equipment: rapid.SampledFrom([]string{"barbell", "body only", "dumbbell", "other"}).Draw(t, "equipment"), Category: "strength",
			Primary: []gym.Muscle{rapid.SampledFrom([]gym.Muscle{gym.Chest, gym.Quadriceps, gym.Lats, gym.Shoulders, gym.Abdominals, gym.Hamstrings}).Draw(t, "muscle")}}
		e.Pattern = catalogue.DerivePattern(e)
		if tags := catalogue.DeriveInjuryTags(e); !slices.Contains(tags, tagged[word]) {
			t.Fatalf("%q (%s) lacks %s: %v", e.Name, e.Pattern, tagged[word], tags)
		}
	})
}

// What the rules cannot sort is unsafe for anyone who must avoid anything.
func TestUnsortedIsUnclassified(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := gym.Exercise{Name: rapid.String().Draw(t, "name"), Category: rapid.SampledFrom([]string{"strength", "cardio", "legs", ""}).Draw(t, "category")}
		e.Pattern = catalogue.DerivePattern(e)
		tags := catalogue.DeriveInjuryTags(e)
		if e.Pattern == gym.Unsorted && !slices.Contains(tags, gym.Unclassified) {
			t.Fatalf("%q is unsorted with the tags %v", e.Name, tags)
		}
	})
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
