package demo_test

import (
	"bytes"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/shared/catalogue"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/gate"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

func allMembers(t *testing.T) []gym.Member {
	t.Helper()
	members, err := demo.Members()
	if err != nil {
		t.Fatal(err)
	}
	return members
}

// file reads one of the demo's files as it is stored.
func file(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func equipment(t *testing.T) []gym.Equipment {
	t.Helper()
	r, err := catalogue.EquipmentCSV(bytes.NewReader(file(t, "equipment.csv")))
	if err != nil || len(r.Problems) > 0 {
		t.Fatalf("equipment.csv: %v %v", err, r.Problems)
	}
	return r.Rows
}

// TestGateBlocksTwo: two members are there to show a refusal; everybody else can be planned for.
func TestGateBlocksTwo(t *testing.T) {
	blocked := map[string][]string{}
	for _, m := range allMembers(t) {
		verdict := gate.Assess(m, gate.Input{}, rules.Default(), now)
		if !verdict.Blocked {
			continue
		}
		for _, r := range verdict.Reasons {
			if r.Stop {
				blocked[m.ID] = append(blocked[m.ID], r.Code)
			}
		}
	}
	want := map[string][]string{"gustav": {"chest_pain", "heart_symptoms"}, "carla": {"region_unknown"}}
	if diff := cmp.Diff(want, blocked); diff != "" {
		t.Errorf("blocked members and why (-want +got):\n%s", diff)
	}
}

// TestMembersDiffer: whatever a plan depends on occurs among the members.
func TestMembersDiffer(t *testing.T) {
	members := allMembers(t)
	if len(members) < 12 {
		t.Errorf("%d members, want at least 12", len(members))
	}
	goals, levels, diets, sexes := map[gym.Goal]bool{}, map[gym.Experience]bool{}, map[gym.Diet]bool{}, map[gym.Sex]bool{}
	for _, m := range members {
		goals[m.Goal], levels[m.Experience], diets[m.Diet], sexes[m.Sex] = true, true, true, true
		if m.CoachID != demo.CoachID && m.CoachID != "coach-lea" {
			t.Errorf("%s has no coach of the gym: %q", m.ID, m.CoachID)
		}
	}
	if len(goals) != 5 || len(levels) != 3 || len(diets) != len(gym.Diets()) || len(sexes) != 3 {
		t.Errorf("%d goals, %d levels, %d diets, %d sexes", len(goals), len(levels), len(diets), len(sexes))
	}
	for what, has := range map[string]func(gym.Member) bool{
		"a minor":                  func(m gym.Member) bool { return m.Age(now) < 18 },
		"an older adult":           func(m gym.Member) bool { return m.Age(now) >= 65 },
		"pregnancy":                func(m gym.Member) bool { return m.Has(gym.Pregnancy) },
		"diabetes":                 func(m gym.Member) bool { return m.Has(gym.DiabetesType2) || m.Has(gym.DiabetesInsulin) },
		"an eating disorder":       func(m gym.Member) bool { return m.Has(gym.EatingDisorder) },
		"knee pain":                func(m gym.Member) bool { return hurts(m, gym.Knee, gym.Pain) },
		"a past shoulder injury":   func(m gym.Member) bool { return hurts(m, gym.Shoulder, gym.PastInjury) },
		"low back pain":            func(m gym.Member) bool { return hurts(m, gym.LowerBack, gym.Pain) },
		"dumbbells at home only":   func(m gym.Member) bool { return cmp.Equal(m.Equipment, []string{gym.BodyOnly, "dumbbell"}) },
		"a vegan without any nuts": func(m gym.Member) bool { return m.Diet == gym.Vegan && allergic(m, gym.TreeNut, gym.Peanut) },
		"no gluten":                func(m gym.Member) bool { return allergic(m, gym.Gluten) },
		"no dairy":                 func(m gym.Member) bool { return allergic(m, gym.Dairy) },
		"no egg":                   func(m gym.Member) bool { return allergic(m, gym.Egg) },
		"a measured body fat":      func(m gym.Member) bool { return m.BodyFatPct != nil },
	} {
		if !slices.ContainsFunc(members, has) {
			t.Errorf("no member shows %s", what)
		}
	}
}

func hurts(m gym.Member, site gym.InjurySite, status gym.InjuryStatus) bool {
	return slices.ContainsFunc(m.Injuries, func(i gym.Injury) bool { return i.Site == site && i.Status == status })
}

func allergic(m gym.Member, allergens ...gym.Allergen) bool {
	return !slices.ContainsFunc(allergens, func(a gym.Allergen) bool { return !slices.Contains(m.Allergies, a) })
}

// TestMara pins the member whom `up --demo` and the README show.
func TestMara(t *testing.T) {
	members := allMembers(t)
	at := slices.IndexFunc(members, func(m gym.Member) bool { return m.ID == demo.MemberID })
	if at < 0 {
		t.Fatalf("no member %s", demo.MemberID)
	}
	m := members[at]
	want := gym.Member{
		ID: "mara", Name: "Mara", BirthDate: gym.NewDate(1992, 4, 17), Sex: gym.Female, HeightCM: 168, WeightKG: 64,
		Goal: gym.MuscleGain, Experience: gym.Intermediate, Activity: gym.Moderate, DaysPerWeek: 4, SessionMinutes: 60,
		Injuries: []gym.Injury{{Site: gym.Shoulder, Status: gym.PastInjury, Note: "dislocated five years ago, stable now"}},
		Diet:     gym.Vegetarian, Allergies: []gym.Allergen{gym.Peanut}, Likes: []string{"lentils", "rows"}, Dislikes: []string{"mushrooms"},
		Consent: gym.Consent{AIChat: true, Voice: true}, CoachID: demo.CoachID,
	}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if age := m.Age(now); age != 34 {
		t.Errorf("she is %d", age)
	}
}
