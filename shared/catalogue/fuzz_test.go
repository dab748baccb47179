package catalogue_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/intellifit/intellifit/shared/catalogue"
	"github.com/intellifit/intellifit/shared/gym"
)

// seeds are what a file can do wrong, and one that is right.
func seeds(f *testing.F, kind string) {
	f.Helper()
	for _, s := range []string{good[kind], "", "[", "[]", "[{}]", "[null]", "[1,2]", "{}", "\ufeff[]", "id,name\n", "id\n\"", "\xff", `[{"id":"a","id":"b"}]`, strings.Repeat("[", 2000),
		`[{"id":"a","name":"\u0000\u001b\u202e","kcal":1e309}]`, "id,name,kcal,protein,carbs,fat\n\u200b,\u200b,1e9,-0,0x1p-2,1_0\n"} {
		f.Add([]byte(s))
	}
}

// text fails when imported text could steer a terminal, or is longer than what is kept.
func text(t *testing.T, s string, most int) {
	t.Helper()
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > most || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
		t.Fatalf("text is not clean: %.200q", s)
	}
}

func problems(t *testing.T, list []catalogue.Problem) {
	t.Helper()
	for _, p := range list {
		text(t, p.String(), 700)
		if p.Line < 1 || p.Reason == "" {
			t.Fatalf("a problem without a line or a reason: %+v", p)
		}
	}
}

func FuzzExercises(f *testing.F) {
	seeds(f, "exercises")
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := catalogue.Exercises(bytes.NewReader(data))
		if err != nil {
			return
		}
		problems(t, r.Problems)
		seen := map[string]bool{}
		for _, e := range r.Rows {
			text(t, e.ID, 128)
			text(t, e.Name, 300)
			text(t, e.Description, 4000)
			if e.ID == "" || e.Name == "" || seen[e.ID] || e.Pattern == "" {
				t.Fatalf("a row without id, name or pattern, or twice: %+v", e)
			}
			seen[e.ID] = true
		}
	})
}

func checkFoods(t *testing.T, r catalogue.Result[gym.Food]) {
	t.Helper()
	problems(t, r.Problems)
	seen := map[string]bool{}
	for _, food := range r.Rows {
		text(t, food.ID, 128)
		text(t, food.Name, 300)
		if food.ID == "" || food.Name == "" || seen[food.ID] || food.Role == "" || len(food.Meals) == 0 {
			t.Fatalf("a row without id, name, role or meals, or twice: %+v", food)
		}
		for _, v := range []float64{food.Kcal, food.ProteinG, food.CarbsG, food.FatG} {
			if !(v >= 0 && v <= 902) {
				t.Fatalf("an impossible value: %+v", food)
			}
		}
		seen[food.ID] = true
	}
}

func FuzzFoodsCSV(f *testing.F) {
	seeds(f, "foods.csv")
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, err := catalogue.FoodsCSV(bytes.NewReader(data)); err == nil {
			checkFoods(t, r)
		}
	})
}

func FuzzFoodsJSON(f *testing.F) {
	seeds(f, "foods.json")
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, err := catalogue.FoodsJSON(bytes.NewReader(data)); err == nil {
			checkFoods(t, r)
		}
	})
}

func checkEquipment(t *testing.T, r catalogue.Result[gym.Equipment]) {
	t.Helper()
	problems(t, r.Problems)
	for _, e := range r.Rows {
		text(t, e.ID, 128)
		text(t, e.Name, 300)
		text(t, e.Kind, 64)
		if e.ID == "" || e.Name == "" || e.Kind == "" || e.Count < 0 || e.Count > 10_000 {
			t.Fatalf("a row that is no equipment: %+v", e)
		}
	}
}

func FuzzEquipmentCSV(f *testing.F) {
	seeds(f, "equipment.csv")
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, err := catalogue.EquipmentCSV(bytes.NewReader(data)); err == nil {
			checkEquipment(t, r)
		}
	})
}

func FuzzEquipmentJSON(f *testing.F) {
	seeds(f, "equipment.json")
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, err := catalogue.EquipmentJSON(bytes.NewReader(data)); err == nil {
			checkEquipment(t, r)
		}
	})
}

func FuzzMembers(f *testing.F) {
	seeds(f, "members")
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := catalogue.Members(bytes.NewReader(data), []string{"barbell"}, now)
		if err != nil {
			return
		}
		problems(t, r.Problems)
		for _, m := range r.Rows {
			text(t, m.ID, 64)
			text(t, m.Name, 200)
			if bad := gym.ValidateMember(m, now); len(bad) > 0 || m.Goal == "" || m.Sex == "" || m.Diet == "" {
				t.Fatalf("a row that is no profile: %+v %v", m, bad)
			}
		}
	})
}
