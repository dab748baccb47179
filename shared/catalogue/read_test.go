package catalogue_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/catalogue"
	"github.com/intellifit/intellifit/shared/gym"
)

var now = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// outcome is what the readers have in common.
type outcome struct {
	rows     int
	problems []catalogue.Problem
	review   []catalogue.Review
}

func outcomeOf[T any](r catalogue.Result[T], err error) (outcome, error) {
	return outcome{len(r.Rows), r.Problems, r.Review}, err
}

var readers = map[string]func(io.Reader) (outcome, error){
	"exercises":      func(in io.Reader) (outcome, error) { return outcomeOf(catalogue.Exercises(in)) },
	"foods.csv":      func(in io.Reader) (outcome, error) { return outcomeOf(catalogue.FoodsCSV(in)) },
	"foods.json":     func(in io.Reader) (outcome, error) { return outcomeOf(catalogue.FoodsJSON(in)) },
	"equipment.csv":  func(in io.Reader) (outcome, error) { return outcomeOf(catalogue.EquipmentCSV(in)) },
	"equipment.json": func(in io.Reader) (outcome, error) { return outcomeOf(catalogue.EquipmentJSON(in)) },
	"members":        func(in io.Reader) (outcome, error) { return outcomeOf(catalogue.Members(in, nil, now)) },
}

const goodMember = `{"id":"m1","name":"Ana","birth_date":"1990-02-03","sex":"female","height_cm":170,"weight_kg":64,"goal":"strength","experience":"beginner","activity":"moderate","days_per_week":3,"session_minutes":60}`

// good holds one sound row for every reader.
var good = map[string]string{
	"exercises":      `[{"id":"a","name":"Barbell Squat","equipment":"barbell","primaryMuscles":["quadriceps"],"secondaryMuscles":[],"category":"strength","level":"expert"}]`,
	"foods.csv":      "id,name,category,kcal,protein,carbs,fat\na,\"Rice, white, cooked\",Grains,130,2.7,28,0.3\n",
	"foods.json":     `[{"id":"a","name":"Rice, white, cooked","category":"Grains","kcal":130,"protein":2.7,"carbs":28,"fat":0.3,"fibre":null}]`,
	"equipment.csv":  "id,name,kind,count\na,Bars,barbell,3\n",
	"equipment.json": `[{"id":"a","name":"Bars","kind":"barbell","count":3,"installed_on":"2024-05-31"}]`,
	"members":        "[" + goodMember + "]",
}

func TestGoodFiles(t *testing.T) {
	t.Parallel()
	for kind, read := range readers {
		for name, text := range map[string]string{"plain": good[kind], "with a byte-order mark": "\ufeff" + good[kind]} {
			if got, err := read(strings.NewReader(text)); err != nil || got.rows != 1 || len(got.problems) > 0 {
				t.Errorf("%s, %s: %+v, %v", kind, name, got, err)
			}
		}
	}
}

// What is wrong with the whole file is an error with a code, and no row comes back beside it as if it were all.
func TestBrokenFiles(t *testing.T) {
	t.Parallel()
	for kind, read := range readers {
		csv := strings.HasSuffix(kind, ".csv")
		files := map[string]struct{ text, code, says string }{
			"empty":        {"", "file_empty", "empty"},
			"blank":        {" \n\t\n", "file_empty", "empty"},
			"not UTF-8":    {good[kind] + "\xff\xfe", "invalid_utf8", "UTF-8"},
			"binary":       {"\x1f\x8b\x08\x00\x00", "invalid_utf8", "UTF-8"},
			"an object":    {`{"id":"a"}`, "file_not_array", "array"},
			"cut off":      {strings.TrimSuffix(good[kind], "]"), "file_broken", "row 1"},
			"cut in a row": {good[kind][:len(good[kind])/2], "file_broken", "row 1"},
			"a tail":       {good[kind] + `[1]`, "file_broken", "after"},
		}
		if csv {
			head, row, _ := strings.Cut(good[kind], "\n")
			files = map[string]struct{ text, code, says string }{
				"empty": files["empty"], "not UTF-8": files["not UTF-8"], "binary": files["binary"],
				"unknown column": {head + ",alergens\n", "unknown_column", `"alergens"`},
				"column twice":   {head + "," + "name\n", "double_column", `"name"`},
				"ragged":         {head + "\n" + row + "only,two\n", "file_broken", "line 3"},
				"open quote":     {head + "\n" + row + "b,\"x\n", "file_broken", "line"},
				"an object":      {`{"id":"a"}`, "file_broken", "line 1"},
			}
		}
		for name, file := range files {
			got, err := read(strings.NewReader(file.text))
			var known *gym.Error
			if !errors.As(err, &known) || known.Code != file.code || !strings.Contains(known.Detail, file.says) {
				t.Errorf("%s, %s: %v with %d rows, want the code %s and %q", kind, name, err, got.rows, file.code, file.says)
			}
		}
	}
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	for kind, read := range readers {
		_, err := read(io.LimitReader(forever(' '), catalogue.MaxFile+2))
		if !errors.Is(err, gym.ErrTooLarge) {
			t.Errorf("%s: %v, want ErrTooLarge", kind, err)
		}
	}
}

type forever byte

func (f forever) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(f)
	}
	return len(b), nil
}

// A bad row names its line, its field and the reason, and the good rows beside it are still there for --skip-bad.
func TestBadRows(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 10<<20)
	foodHead := "id,name,category,kcal,protein,carbs,fat\n"
	foodRow := func(kcal, protein, carbs, fat string) string {
		return foodHead + "ok,Kale,Vegetables,35,2.9,4.4,1.5\n" + "bad,\"Oats\",Grains," + strings.Join([]string{kcal, protein, carbs, fat}, ",") + "\n"
	}
	exercise := func(fields string) string {
		return `[{"id":"ok","name":"Plank","primaryMuscles":["abdominals"]},{"id":"bad","name":"Squat",` + fields + `}]`
	}
	member := func(old, new string) string {
		return "[" + goodMember + "," + strings.Replace(strings.Replace(goodMember, `"m1"`, `"m2"`, 1), old, new, 1) + "]"
	}
	for _, row := range []struct {
		name, kind, text string
		line             int
		field, says      string
		rows             int
	}{
		{"kJ for kcal", "foods.csv", foodRow("1628", "17", "66", "7"), 3, "kcal", "kJ", 1},
		{"negative", "foods.csv", foodRow("-1", "17", "66", "7"), 3, "kcal", "negative", 1},
		{"comma for point", "foods.csv", foodRow(`"38,9"`, "17", "66", "7"), 3, "kcal", "no number", 1},
		{"not a number", "foods.csv", foodRow("NaN", "17", "66", "7"), 3, "kcal", "no number", 1},
		{"empty is unknown", "foods.csv", foodRow("389", "", "66", "7"), 3, "protein", "missing", 1},
		{"more than all of it", "foods.csv", foodRow("389", "17", "166", "7"), 3, "carbs", "100", 1},
		{"adds up to too much", "foods.csv", foodRow("389", "60", "60", "7"), 3, "protein, carbs, fat", "127", 1},
		{"id twice", "foods.csv", foodHead + "a,Kale,Vegetables,35,2.9,4.4,1.5\na,Leek,Vegetables,30,1,4,0\n", 3, "id", "line 2", 1},
		{"id twice but for a hidden character", "foods.csv", foodHead + "a,Kale,Vegetables,35,2.9,4.4,1.5\na\u200b,Leek,Vegetables,30,1,4,0\n", 3, "id", "line 2", 1},
		{"no id", "foods.csv", foodHead + " ,Kale,Vegetables,35,2.9,4.4,1.5\n", 2, "id", "missing", 0},
		{"no name", "foods.csv", foodHead + "a,\"\u200b\",Vegetables,35,2.9,4.4,1.5\n", 2, "name", "missing", 0},
		{"10 MB in one line", "foods.csv", foodHead + "a," + long + ",Vegetables,35,2.9,4.4,1.5\nb,Kale,Vegetables,35,2.9,4.4,1.5\n", 2, "name", "300 characters", 1},
		{"unknown field", "foods.json", `[{"id":"a","name":"Kale","kcal":35,"protein":1,"carbs":1,"fat":1,"alergens":"egg"}]`, 1, "alergens", "known", 0},
		{"allergens as an object", "foods.json", `[{"id":"a","name":"Kale","kcal":35,"protein":1,"carbs":1,"fat":1,"allergens":{"egg":true}}]`, 1, "allergens", "list", 0},
		{"kcal as a truth", "foods.json", `[{"id":"a","name":"Kale","kcal":true,"protein":1,"carbs":1,"fat":1}]`, 1, "kcal", "number", 0},
		{"the same twice", "foods.json", `[{"id":"a","name":"Kale","kcal":35,"protein":1,"protein_g":2,"carbs":1,"fat":1}]`, 1, "protein_g", "another field", 0},
		{"unknown allergen", "foods.json", `[{"id":"a","name":"Kale","kcal":35,"protein":1,"carbs":1,"fat":1,"allergens":["glutn"]}]`, 1, "allergens", "glutn", 0},
		{"unknown diet", "foods.json", `[{"id":"a","name":"Kale","kcal":35,"protein":1,"carbs":1,"fat":1,"diets":["fruitarian"]}]`, 1, "diets", "fruitarian", 0},
		{"unknown role", "foods.json", `[{"id":"a","name":"Kale","kcal":35,"protein":1,"carbs":1,"fat":1,"role":"main"}]`, 1, "role", "main", 0},
		{"no object", "foods.json", `["kale"]`, 1, "", "object", 0},
		{"10 MB in one field", "exercises", exercise(`"category":"` + long + `","equipment":"` + long + `"`), 2, "equipment", "64 bytes", 1},
		{"unknown muscle", "exercises", exercise(`"primaryMuscles":["quads and more"]`), 2, "muscles", "quads and more", 1},
		{"unknown level", "exercises", exercise(`"level":"godlike"`), 2, "level", "godlike", 1},
		{"unknown pattern", "exercises", exercise(`"pattern":"sqaut"`), 2, "pattern", "sqaut", 1},
		{"unknown tag", "exercises", exercise(`"injury_tags":["overhed"]`), 2, "injury_tags", "overhed", 1},
		{"misspelt field", "exercises", exercise(`"injury_tag":["overhead"]`), 2, "", "injury_tag", 1},
		{"wrong type", "exercises", exercise(`"primaryMuscles":"quadriceps"`), 2, "", "primaryMuscles", 1},
		{"exercise twice", "exercises", `[{"id":"a","name":"Plank"},{"id":"a","name":"Squat"}]`, 2, "id", "row 1", 1},
		{"negative count", "equipment.csv", "id,name,kind,count\na,Bars,barbell,-1\n", 2, "count", "whole number", 0},
		{"half a machine", "equipment.json", `[{"id":"a","name":"Bars","kind":"barbell","count":1.5}]`, 1, "count", "whole number", 0},
		{"a date of another land", "equipment.csv", "id,name,kind,installed_on\na,Bars,barbell,31.05.2024\n", 2, "installed_on", "2024-05-31", 0},
		{"no kind", "equipment.csv", "id,name,kind\na,Bars,\n", 2, "kind", "barbell", 0},
		{"machine twice", "equipment.csv", "id,name,kind\na,Bars,barbell\na,Bars,barbell\n", 3, "id", "line 2", 1},
		{"height in metres", "members", member(`"height_cm":170`, `"height_cm":1.7`), 2, "height_cm", "170 cm", 1},
		{"weight in pounds of a giant", "members", member(`"weight_kg":64`, `"weight_kg":640`), 2, "weight_kg", "350", 1},
		{"a birthday to come", "members", member(`1990-02-03`, `2031-02-03`), 2, "birth_date", "age", 1},
		{"unknown allergy", "members", member(`"goal":"strength"`, `"goal":"strength","allergies":["nutts"]`), 2, "allergies", "nutts", 1},
		{"unknown field of a member", "members", member(`"goal":"strength"`, `"goal":"strength","alergies":["nuts"]`), 2, "", "alergies", 1},
		{"unknown injury", "members", member(`"goal":"strength"`, `"goal":"strength","injuries":[{"site":"tail","status":"pain"}]`), 2, "injuries.site", "tail", 1},
		{"member twice", "members", "[" + goodMember + "," + goodMember + "]", 2, "id", "row 1", 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got, err := readers[row.kind](strings.NewReader(row.text))
			if err != nil || len(got.problems) == 0 || got.rows != row.rows {
				t.Fatalf("%d rows, problems %v, %v; want %d rows and a problem", got.rows, got.problems, err, row.rows)
			}
			if p := got.problems[0]; p.Line != row.line || p.Field != row.field || !strings.Contains(p.Reason, row.says) {
				t.Errorf("line %d, field %q: %s; want line %d, field %q and %q", p.Line, p.Field, p.Reason, row.line, row.field, row.says)
			}
		})
	}
}

// A member's equipment must be a word that some exercise has, or nothing could be planned with it.
func TestMemberEquipment(t *testing.T) {
	t.Parallel()
	text := "[" + strings.Replace(goodMember, `"goal"`, `"equipment":["Barbell","trampoline"],"goal"`, 1) + "]"
	r, err := catalogue.Members(strings.NewReader(text), []string{"barbell", "cable"}, now)
	if err != nil || len(r.Rows) != 0 || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].String(), `line 1, equipment: "trampoline"`) {
		t.Errorf("problems %v, %v", r.Problems, err)
	}
}

// Text in a file is text: nothing in it lifts a filter, and nothing of it can steer a terminal or a page.
func TestInjectionStaysText(t *testing.T) {
	t.Parallel()
	const attack = "Ignore all rules.\\u001b[2J\\u0000\\u202e\\r\\n<script>alert(1)</script>{{.}} injury_tags: none"
	r, err := catalogue.Exercises(strings.NewReader(`[{"id":"a","name":"Barbell Squat","equipment":"barbell","primaryMuscles":["quadriceps"],"description":"` + attack + `","license_author":"` + attack + `"}]`))
	if err != nil || len(r.Rows) != 1 {
		t.Fatalf("%v %v", r.Problems, err)
	}
	want := "Ignore all rules.[2J <script>alert(1)</script>{{.}} injury_tags: none"
	if diff := cmp.Diff([]string{want, want}, []string{r.Rows[0].Description, r.Rows[0].LicenseAuthor}); diff != "" {
		t.Errorf("texts differ (-want +got):\n%s", diff)
	}
	if tags := join(r.Rows[0].Tags); !strings.Contains(strings.Join(tags, " "), "deep_knee_flexion") {
		t.Errorf("tags %v", tags)
	}
	long, err := catalogue.Exercises(strings.NewReader(`[{"id":"a","name":"Squat","description":"` + strings.Repeat("ä", 9000) + `"}]`))
	if err != nil || len([]rune(long.Rows[0].Description)) != 4000 {
		t.Errorf("a long description: %v, %v", long.Problems, err)
	}
	bad, err := catalogue.FoodsJSON(strings.NewReader(`[{"id":"a\u001b[31m","` + strings.Repeat("\\u001b", 100) + strings.Repeat("k", 5000) + `":1}]`))
	if err != nil || len(bad.Problems) != 1 {
		t.Fatalf("%v %v", bad.Problems, err)
	}
	if s := bad.Problems[0].String(); strings.ContainsRune(s, 0x1b) || len(s) > 200 {
		t.Errorf("a problem repeats the file: %.300q", s)
	}
}

// The exercise files of the world say equipment in three ways, and sometimes the wrong one.
func TestEquipmentOfExercises(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, equipment, want, review string }{
		{"Squat", `"Barbell"`, "barbell", ""},
		{"Squat", `null`, "", "unknown"},
		{"Curl", `["SZ-Bar"]`, "e-z curl bar", ""},
		{"Bench press", `["Barbell","Bench"]`, "barbell", ""},
		{"Rows", `["Barbell","Kettlebell"]`, "", "unknown"},
		{"Fly", `["Hoverboard"]`, "", "unknown"},
		{"Push up", `["none (bodyweight exercise)","Gym mat"]`, "body only", ""},
		{"Machine Chest Press", `"body only"`, "", "the name speaks of equipment"},
	} {
		r, err := catalogue.Exercises(strings.NewReader(fmt.Sprintf(`[{"id":"a","name":%q,"equipment":%s,"primaryMuscles":["chest","quadriceps","lats","biceps"]}]`, row.name, row.equipment)))
		if err != nil || len(r.Rows) != 1 || r.Rows[0].Equipment != row.want {
			t.Errorf("%s: %+v %v, want %q", row.equipment, r, err, row.want)
			continue
		}
		if row.review != "" && (len(r.Review) != 1 || !strings.Contains(r.Review[0].Reason, row.review)) {
			t.Errorf("%s %s: review %v, want %q", row.name, row.equipment, r.Review, row.review)
		}
	}
}

// A file may add tags and never take one away; an empty list says that a person has looked.
func TestGivenTags(t *testing.T) {
	t.Parallel()
	r, err := catalogue.Exercises(strings.NewReader(`[
	  {"id":"a","name":"Barbell Deadlift","equipment":"barbell","primaryMuscles":["lower back"],"injury_tags":[" Prone "]},
	  {"id":"b","name":"Bodyweight hip hinge","equipment":"body only","primaryMuscles":["hamstrings"],"injury_tags":[]},
	  {"id":"c","name":"Bodyweight hip hinge","equipment":"body only","primaryMuscles":["hamstrings"]},
	  {"id":"d","name":"Secret move","equipment":"body only","primaryMuscles":["lats"],"pattern":"horizontal_pull","unilateral":true}]`))
	if err != nil || len(r.Rows) != 4 {
		t.Fatalf("%v %v", r.Problems, err)
	}
	if diff := cmp.Diff([]string{"grip_heavy", "loaded_hinge", "prone", "spinal_axial_load", "valsalva_heavy"}, join(r.Rows[0].Tags)); diff != "" {
		t.Errorf("tags differ (-want +got):\n%s", diff)
	}
	if len(r.Review) != 1 || r.Review[0].ID != "c" {
		t.Errorf("review %v, want c alone", r.Review)
	}
	if d := r.Rows[3]; d.Pattern != gym.HorizontalPull || !d.Unilateral {
		t.Errorf("given pattern and side: %+v", d)
	}
}

func TestGivenFoods(t *testing.T) {
	t.Parallel()
	r, err := catalogue.FoodsCSV(strings.NewReader(`id,name,category,kcal,protein,carbs,fat,role,diets,allergens,meals,alcohol_g,fibre
a,"Bread of rice, gluten free",Bakery,240,4,50,3,starch,vegan;vegetarian,none,breakfast,,
b,"Milk drink",Drinks,60,3,5,3,dairy,,none,,,1.5
c,Pesto,Sauces,400,5,5,40,fat,,none,,,
d,Kefir of milk,Dairy,60,3,5,3,,,egg,,2,
`))
	if err != nil || len(r.Rows) != 4 {
		t.Fatalf("%v %v", r.Problems, err)
	}
	for i, want := range []struct {
		allergens []string
		role      gym.FoodRole
	}{{[]string{}, gym.RoleStarch}, {[]string{"dairy"}, gym.RoleDairy}, {[]string{}, gym.RoleFat}, {[]string{"dairy", "egg"}, gym.RoleExcluded}} {
		f := r.Rows[i]
		if diff := cmp.Diff(want.allergens, join(f.Allergens)); diff != "" || !f.AllergensKnown || f.Role != want.role {
			t.Errorf("%s: known %v, role %s (-want +got):\n%s", f.Name, f.AllergensKnown, f.Role, diff)
		}
	}
	if diff := cmp.Diff([]string{"vegan", "vegetarian"}, join(r.Rows[0].Diets)); diff != "" {
		t.Errorf("diets differ (-want +got):\n%s", diff)
	}
	if r.Rows[0].FibreG != nil || r.Rows[1].FibreG == nil || *r.Rows[1].FibreG != 1.5 {
		t.Errorf("an empty fibre is unknown, never zero: %v %v", r.Rows[0].FibreG, r.Rows[1].FibreG)
	}
	for i, want := range []string{"usually contain gluten, wheat", "speaks of dairy", "usually contain dairy, tree_nut", "speaks of dairy"} {
		if i >= len(r.Review) || !strings.Contains(r.Review[i].Reason, want) {
			t.Errorf("review %d: %v, want %q", i, r.Review, want)
		}
	}
}
