package catalogue

import (
	"encoding/json"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/intellifit/intellifit/shared/gym"
)

// foodColumns maps the columns of a foods file to their meaning; the USDA export has some that we do not keep.
var foodColumns = map[string]string{
	"id": "id", "ndb_no": "id", "name": "name", "category": "category", "kcal": "kcal",
	"protein": "protein", "protein_g": "protein", "carbs": "carbs", "carbs_g": "carbs", "fat": "fat", "fat_g": "fat",
	"fibre": "fibre", "fibre_g": "fibre", "fiber": "fibre", "fiber_g": "fibre", "sugars": "sugars", "sugars_g": "sugars",
	"sodium": "sodium", "sodium_mg": "sodium", "sat_fat_g": "sat_fat", "sat_fat": "sat_fat", "portion": "portion", "portion_g": "portion_g",
	"role": "role", "diets": "diets", "allergens": "allergens", "meals": "meals",
	"water_g": "", "alcohol_g": "alcohol",
}

var foodRoles = []gym.FoodRole{gym.RoleProtein, gym.RoleStarch, gym.RoleLegume, gym.RoleVegetable, gym.RoleFruit, gym.RoleDairy, gym.RoleFat, gym.RoleSnack, gym.RoleDish, gym.RoleExcluded}

// FoodsCSV reads foods with one header line; FoodsJSON reads an array of objects with the same names.
func FoodsCSV(in io.Reader) (Result[gym.Food], error) {
	r := newFoodReader()
	err := eachCSV(in, foodColumns, func(line int, row map[string]string) { r.row(line, row) })
	return r.out, err
}

// FoodsJSON reads a JSON array of foods.
func FoodsJSON(in io.Reader) (Result[gym.Food], error) {
	r := newFoodReader()
	err := eachJSON(in, func(n int, raw json.RawMessage) {
		if row, ok := object(&r.out, n, raw, foodColumns); ok {
			r.row(n, row)
		}
	})
	return r.out, err
}

// object reads a JSON object of plain values, by the meaning of their names. An unknown name, a name that stands there
// twice and a value that is no text, number or list of them are problems.
func object[T any](out *Result[T], n int, raw json.RawMessage, columns map[string]string) (map[string]string, bool) {
	var values map[string]any
	if err := json.Unmarshal(raw, &values); err != nil {
		out.problem(n, "", "", "is no object")
		return nil, false
	}
	row := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		meaning, known := columns[name]
		value, plain := text(values[name])
		_, twice := row[meaning]
		switch {
		case !known:
			out.problem(n, "", name, "is no field that is known")
		case !plain:
			out.problem(n, "", name, "must be text, a number or a list of them")
		case twice && meaning != "":
			out.problem(n, "", name, "says the same as another field of the row")
		default:
			row[meaning] = value
			continue
		}
		return nil, false
	}
	return row, true
}

func text(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), true
	case []any:
		words := make([]string, len(v))
		for i, item := range v {
			word, ok := text(item)
			if _, list := item.([]any); !ok || list {
				return "", false
			}
			words[i] = word
		}
		return strings.Join(words, ";"), true
	}
	return "", false
}

type foodReader struct {
	out  Result[gym.Food]
	seen map[string]int
}

func newFoodReader() *foodReader { return &foodReader{seen: map[string]int{}} }

func (r *foodReader) row(line int, row map[string]string) {
	before := len(r.out.Problems)
	f := gym.Food{ID: clean(row["id"]), Name: clean(row["name"]), Category: cut(clean(row["category"]), maxName), Portion: cut(clean(row["portion"]), maxName)}
	checkKey(&r.out, line, f.ID, f.Name)
	if first, twice := r.seen[f.ID]; twice {
		r.out.problem(line, f.ID, "id", "stands in line %d already", first)
	}
	r.seen[f.ID] = line
	number := func(column string, most float64) *float64 { return r.number(line, f.ID, column, row[column], most) }
	needed := func(column string, most float64) float64 {
		v := number(column, most)
		if v == nil && strings.TrimSpace(row[column]) == "" {
			r.out.problem(line, f.ID, column, "is missing; kcal and macronutrients per 100 g are needed")
		}
		if v == nil {
			return 0
		}
		return *v
	}
	f.Kcal, f.ProteinG, f.CarbsG, f.FatG = needed("kcal", 902), needed("protein", 100), needed("carbs", 100), needed("fat", 100)
	f.FibreG, f.SugarsG, f.SodiumMG, f.SatFatG = number("fibre", 100), number("sugars", 100), number("sodium", 100_000), number("sat_fat", 100)
	f.PortionG = number("portion_g", 5000)
	if f.PortionG != nil && *f.PortionG == 0 {
		f.PortionG = nil
	}
	if sum := f.ProteinG + f.CarbsG + f.FatG; sum > 105 {
		r.out.problem(line, f.ID, "protein, carbs, fat", "add up to %.1f g in 100 g", sum)
	}
	if len(r.out.Problems) > before {
		return
	}
	r.tags(line, row, &f)
	if alcohol := number("alcohol", 100); alcohol != nil && *alcohol > 0.5 {
		f.Role = gym.RoleExcluded
	}
	if len(r.out.Problems) == before {
		r.out.Rows = append(r.out.Rows, f)
	}
}

func (r *foodReader) number(line int, id, column, value string, most float64) *float64 {
	value = strings.TrimSpace(value)
	if value == "" {
		return nil
	}
	v, err := strconv.ParseFloat(value, 64)
	switch {
	case err != nil || math.IsNaN(v) || math.IsInf(v, 0):
		r.out.problem(line, id, column, "%q is no number", cut(value, 20))
	case v < 0:
		r.out.problem(line, id, column, "is %g, must not be negative", v)
	case column == "kcal" && v > most:
		r.out.problem(line, id, column, "is %g kcal per 100 g, more than pure fat: is it in kJ, or for a portion?", v)
	case v > most:
		r.out.problem(line, id, column, "is %g per 100 g, at most %g is possible", v, most)
	default:
		return &v
	}
	return nil
}

// tags takes given roles, diets and allergens, and derives the rest. A given list of allergens, "none" included, is the
// gym's own word and makes them known. It may say more than the name and less than a name suggests ("pesto"), but an
// allergen that the name speaks of ("milk") stays unless the name itself says that it is free of it.
func (r *foodReader) tags(line int, row map[string]string, f *gym.Food) {
	told := readAllergens(f.Name, f.Category)
	f.Allergens, f.AllergensKnown = told.all(), told.known
	if given := strings.TrimSpace(row["allergens"]); given != "" {
		list, ok := parseList(&r.out, line, f.ID, "allergens", given, gym.ParseAllergen)
		if !ok {
			return
		}
		var kept, dropped []string
		for _, a := range told.all() {
			switch {
			case slices.Contains(list, a):
			case slices.Contains(told.sure, a) && !disclaims(f.Name, a):
				list, kept = append(list, a), append(kept, string(a))
			default:
				dropped = append(dropped, string(a))
			}
		}
		if len(kept) > 0 {
			r.out.Review = append(r.out.Review, Review{f.ID, f.Name, "the name speaks of " + strings.Join(kept, ", ") + ", the list of allergens does not: counted as contained; write \"free\" into the name if it is"})
		}
		if len(dropped) > 0 {
			r.out.Review = append(r.out.Review, Review{f.ID, f.Name, "such foods usually contain " + strings.Join(dropped, ", ") + ", the list of allergens says otherwise: the list counts"})
		}
		slices.Sort(list)
		f.Allergens, f.AllergensKnown = list, true
	}
	f.Diets = DeriveDiets(f.Name, f.Category, f.CarbsG, f.Allergens, f.AllergensKnown)
	if given := strings.TrimSpace(row["diets"]); given != "" {
		list, ok := parseList(&r.out, line, f.ID, "diets", given, gym.ParseDiet)
		if !ok {
			return
		}
		f.Diets = list
	}
	f.Role = DeriveRole(*f)
	if given := gym.FoodRole(strings.ToLower(strings.TrimSpace(row["role"]))); given != "" {
		if !slices.Contains(foodRoles, given) {
			r.out.problem(line, f.ID, "role", "%q is no role that is known: %v", cut(string(given), 30), foodRoles)
			return
		}
		f.Role = given
	}
	f.Meals = DeriveMeals(*f)
	if given := strings.TrimSpace(row["meals"]); given != "" {
		f.Meals = split(given)
	}
	if f.Role != gym.RoleExcluded && f.Role != gym.RoleDish && f.Role != gym.RoleSnack && !f.AllergensKnown {
		r.out.Review = append(r.out.Review, Review{f.ID, f.Name, "allergens unknown: never planned for an allergic member, and for no diet, until they are given"})
	}
}

func parseList[T any, W any](out *Result[T], line int, id, field, list string, parse func(string) (W, error)) ([]W, bool) {
	words := []W{}
	for _, s := range split(list) {
		if s == "none" || s == "-" {
			continue
		}
		w, err := parse(s)
		if err != nil {
			out.problem(line, id, field, "%v", err)
			return nil, false
		}
		words = append(words, w)
	}
	return words, true
}

func split(list string) []string {
	var out []string
	for _, s := range strings.FieldsFunc(strings.ToLower(list), func(r rune) bool { return r == ';' || r == '|' || r == ',' }) {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}
