package demo_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/shared/catalogue"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/gate"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

// TestExercisesAreReviewed: our own file leaves nothing to the rules that derive patterns and injury tags, and nothing to a
// reviewer.
func TestExercisesAreReviewed(t *testing.T) {
	r, err := catalogue.Exercises(bytes.NewReader(file(t, "exercises.json")))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range r.Problems {
		t.Errorf("problem: %s", p)
	}
	for _, v := range r.Review {
		t.Errorf("%s is left for review: %s", v.ID, v.Reason)
	}
	if len(r.Rows) < 170 {
		t.Errorf("%d exercises, want at least 170", len(r.Rows))
	}
	var rows []map[string]any
	if err := json.Unmarshal(file(t, "exercises.json"), &rows); err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		for _, field := range []string{"pattern", "injury_tags", "unilateral", "equipment", "description", "level"} {
			if row[field] == nil || row[field] == "" {
				t.Errorf("%s does not give its %s", row["id"], field)
			}
		}
		if e := r.Rows[i]; slices.Contains(e.Tags, gym.Unclassified) || len(e.Primary) == 0 {
			t.Errorf("%s is not sorted: %v, %v", e.ID, e.Tags, e.Primary)
		}
	}
}

// TestEquipmentFitsExercises: every machine and tool of the gym is of use, and every exercise can be done there.
func TestEquipmentFitsExercises(t *testing.T) {
	exercises, _, err := demo.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	owned, used := map[string]bool{gym.BodyOnly: true}, map[string]bool{}
	for _, e := range equipment(t) {
		owned[e.Kind] = true
		if e.Count < 1 {
			t.Errorf("the gym has %d of %s", e.Count, e.ID)
		}
	}
	for _, e := range exercises {
		used[e.Equipment] = true
		if !owned[e.Equipment] {
			t.Errorf("%s needs %q, which the gym does not have", e.ID, e.Equipment)
		}
	}
	for kind := range owned {
		if !used[kind] {
			t.Errorf("no exercise uses %q", kind)
		}
	}
}

// situations are what members have at hand.
var situations = map[string][]string{
	"nothing":     {gym.BodyOnly},
	"dumbbells":   {gym.BodyOnly, "dumbbell"},
	"bands":       {gym.BodyOnly, "bands"},
	"kettlebells": {gym.BodyOnly, "kettlebells"},
	"machines":    {gym.BodyOnly, "machine", "cable"},
}

// TestEveryPatternForABeginner: whatever a beginner has at hand, each pattern of a balanced week has a choice.
func TestEveryPatternForABeginner(t *testing.T) {
	exercises, _, err := demo.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	patterns := []gym.Pattern{gym.Squat, gym.Hinge, gym.HorizontalPush, gym.VerticalPush, gym.HorizontalPull, gym.VerticalPull, gym.Lunge,
		gym.KneeExtension, gym.KneeFlexion, gym.HipAbduction, gym.CalfRaise, gym.ElbowFlexion, gym.ElbowExtension, gym.ShoulderRaise, gym.Core, gym.Cardio}
	for name, kit := range situations {
		count := map[gym.Pattern]int{}
		for _, e := range exercises {
			if slices.Contains(kit, e.Equipment) && e.Level == gym.Beginner {
				count[e.Pattern]++
			}
		}
		for _, p := range patterns {
			if count[p] < 2 {
				t.Errorf("with %s a beginner has %d exercises for %s", name, count[p], p)
			}
		}
	}
}

// restriction is a member whom the gate keeps from something, and the muscles that follow from it: for those nothing is
// left, and nothing should be.
type restriction struct {
	name   string
	member gym.Member
	spared []string
}

func restrictions() []restriction {
	base := gym.Member{ID: "x", Sex: gym.Female, BirthDate: gym.NewDate(1990, 1, 1), HeightCM: 170, WeightKG: 65, Goal: gym.Health, Experience: gym.Beginner, Activity: gym.Light}
	var out []restriction
	for site, spared := range map[gym.InjurySite][]string{
		gym.Neck: nil, gym.Shoulder: nil, gym.Elbow: {"biceps", "triceps"}, gym.Wrist: nil, gym.UpperBack: nil,
		gym.LowerBack: nil, gym.Hip: nil, gym.Knee: nil, gym.Ankle: {"calves"},
	} {
		m := base
		m.Injuries = []gym.Injury{{Site: site, Status: gym.Pain}}
		out = append(out, restriction{string(site) + " pain", m, spared})
	}
	for _, c := range []gym.Condition{gym.Pregnancy, gym.Postpartum, gym.Hypertension, gym.Osteoporosis, gym.HeartDisease, gym.Anticoagulants} {
		m := base
		m.Conditions = []gym.Condition{c}
		out = append(out, restriction{string(c), m, nil})
	}
	return out
}

// TestEveryMuscleForTheRestricted: a beginner with a complaint or condition still has a choice for every major muscle,
// with nothing at hand as well as between machines.
func TestEveryMuscleForTheRestricted(t *testing.T) {
	exercises, _, err := demo.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	r := rules.Default()
	strength := func(p gym.Pattern) bool {
		return !slices.Contains([]gym.Pattern{gym.Cardio, gym.Stretch, gym.Plyometric, gym.Olympic}, p)
	}
	for _, who := range restrictions() {
		verdict := gate.Assess(who.member, gate.Input{}, r, now)
		if verdict.Blocked {
			t.Fatalf("%s is blocked: this test is about whoever is not", who.name)
		}
		for name, kit := range situations {
			for _, g := range r.Training.Groups {
				var fit []string
				for _, e := range exercises {
					trains := slices.ContainsFunc(e.Primary, func(m gym.Muscle) bool { return slices.Contains(g.Muscles, m) })
					if trains && strength(e.Pattern) && slices.Contains(kit, e.Equipment) && verdict.Allows(e) {
						fit = append(fit, e.ID)
					}
				}
				switch spared := slices.Contains(who.spared, g.Name); {
				case spared && len(fit) > 2:
					t.Errorf("%s, with %s: %s should be spared, but has %v", who.name, name, g.Name, fit)
				case !spared && len(fit) < 2:
					t.Errorf("%s, with %s: %s has only %v", who.name, name, g.Name, fit)
				}
			}
		}
	}
}

// tag expectations that a rule by name could get wrong, and that would hurt somebody.
func TestTagsThatMatter(t *testing.T) {
	exercises, _, err := demo.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	tags := map[string][]gym.InjuryTag{}
	for _, e := range exercises {
		tags[e.ID] = e.Tags
	}
	for id, want := range map[string][]gym.InjuryTag{
		"hip-hinge-with-a-band":                    {gym.LoadedHinge},
		"hamstring-walkout":                        {gym.Supine},
		"sliding-leg-curl":                         {gym.Supine},
		"back-extension-on-the-bench":              {gym.Prone, gym.LoadedHinge},
		"two-dumbbell-squat":                       {gym.GripHeavy, gym.DeepKneeFlexion},
		"single-leg-dumbbell-deadlift":             {gym.FallRisk, gym.LoadedHinge},
		"rowing-machine":                           {gym.LoadedHinge, gym.DeepKneeFlexion},
		"hanging-knee-raise":                       {gym.Overhead, gym.SpinalFlexion},
		"medicine-ball-seated-turn":                {gym.SpinalRotationLoaded},
		"box-jump-low":                             {gym.Jump, gym.RunImpact, gym.FallRisk},
		"push-up":                                  {gym.WristExtension},
		"machine-shoulder-press":                   {gym.Overhead},
		"barbell-deadlift":                         {gym.ValsalvaHeavy, gym.LoadedHinge, gym.SpinalAxialLoad},
		"table-row":                                {gym.Supine, gym.GripHeavy},
		"kneeling-plank-hover":                     {gym.WristExtension, gym.LongIsometric},
		"smith-machine-half-squat":                 {gym.NeckLoad, gym.SpinalAxialLoad},
		"assisted-pull-machine":                    {gym.Overhead, gym.GripHeavy},
		"machine-chest-fly":                        {gym.WideBench},
		"cat-and-cow":                              {gym.SpinalFlexion},
		"incline-bench-reverse-fly-with-dumbbells": {gym.Prone},
	} {
		for _, tag := range want {
			if !slices.Contains(tags[id], tag) {
				t.Errorf("%s lacks %s: %v", id, tag, tags[id])
			}
		}
	}
	for _, id := range []string{"machine-chest-press", "seated-cable-row", "seated-leg-curl-machine", "machine-hip-abduction", "chair-sit-to-stand"} {
		if got := fmt.Sprint(tags[id]); got != "[]" {
			t.Errorf("%s is meant for everybody, but has %s", id, got)
		}
	}
}
