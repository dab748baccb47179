package rules_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

// Every rule of the gate, the injuries and the training tables names where it comes from.
func TestEveryRuleHasASource(t *testing.T) {
	t.Parallel()
	r := rules.Default()
	for name, section := range map[string]any{"gate": r.Gate, "injuries": r.Injuries, "training": r.Training} {
		if n := sources(t, name, reflect.ValueOf(section)); n < 10 {
			t.Errorf("%s: only %d sourced rules", name, n)
		}
	}
}

// sources walks v and counts the structs whose fields named …Source are filled.
func sources(t *testing.T, path string, v reflect.Value) int {
	n := 0
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if strings.HasSuffix(name, "Source") {
				if strings.TrimSpace(v.Field(i).String()) == "" {
					t.Errorf("%s has no source", path)
				}
				n++
				continue
			}
			n += sources(t, path+"."+name, v.Field(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			n += sources(t, path+"."+key.String(), v.MapIndex(key))
		}
	case reflect.Slice:
		for i := range v.Len() {
			n += sources(t, path, v.Index(i))
		}
	}
	return n
}

// The training tables are whole: every goal has every role for every experience, every focus names kinds that exist.
func TestTrainingTablesAreWhole(t *testing.T) {
	t.Parallel()
	tr := rules.Default().Training
	levels := []gym.Experience{gym.Beginner, gym.Intermediate, gym.Advanced}
	for _, goal := range []gym.Goal{gym.FatLoss, gym.MuscleGain, gym.Strength, gym.Endurance, gym.Health} {
		for _, level := range levels {
			if b := tr.Bands[goal][level]; b.Low <= 0 || b.High <= b.Low {
				t.Errorf("%s %s: band %v", goal, level, b)
			}
			for _, role := range []string{"compound", "accessory", "isolation", "core"} {
				rule := tr.Goals[goal].Roles[role]
				if x := rule.Reps[level]; x[0] < 1 || x[1] < x[0] {
					t.Errorf("%s %s %s: repetitions %v", goal, role, level, x)
				}
				if x := rule.RIR[level]; x[1] < x[0] || x[1] == 0 {
					t.Errorf("%s %s %s: RIR %v", goal, role, level, x)
				}
				if rule.Sets[0] < 1 || rule.Sets[1] < rule.Sets[0] || rule.RestS[0] < 15 || rule.RestS[1] < rule.RestS[0] {
					t.Errorf("%s %s: sets %v, rest %v", goal, role, rule.Sets, rule.RestS)
				}
			}
		}
	}
	for _, s := range tr.Splits {
		if len(s.Focus) != s.Days {
			t.Errorf("split %s has %d sessions for %d days", s.Name, len(s.Focus), s.Days)
		}
		for _, f := range s.Focus {
			if _, ok := tr.Focuses[f]; !ok {
				t.Errorf("split %s: unknown focus %q", s.Name, f)
			}
		}
	}
	for name, f := range tr.Focuses {
		if len(f.Anchors) > 8 {
			t.Errorf("focus %s has more than 8 anchors", name)
		}
		for _, list := range append(f.Anchors, f.Options...) {
			for kind := range strings.SplitSeq(list, "|") {
				if _, ok := tr.Kinds[kind]; !ok {
					t.Errorf("focus %s: unknown kind %q", name, kind)
				}
			}
		}
	}
	groups := map[string]bool{}
	for _, g := range tr.Groups {
		groups[g.Name] = true
	}
	for name, k := range tr.Kinds {
		for g := range k.Expected {
			if !groups[g] {
				t.Errorf("kind %s: unknown group %q", name, g)
			}
		}
		for _, other := range k.PairsWith {
			if _, ok := tr.Kinds[other]; !ok {
				t.Errorf("kind %s: unknown partner %q", name, other)
			}
		}
	}
}

func TestWordingNamesFindings(t *testing.T) {
	t.Parallel()
	g := rules.Default().Gate
	for _, w := range g.Wording {
		if _, ok := g.Findings[w.Code]; !ok {
			t.Errorf("wording for unknown finding %q", w.Code)
		}
	}
	for _, code := range []string{
		"child", "minor", "older_adult", "chest_pain", "fainting", "breathless_at_rest", "heart_symptoms", "heart_disease", "clearance", "pregnancy",
		"postpartum", "eating_disorder", "purging", "underweight", "low_weight", "very_low_weight", "target_underweight", "fast_loss", "low_calorie",
		"drugs", "self_harm", "diabetes_insulin", "diabetes_type2", "kidney_disease", "anticoagulants", "maoi", "bariatric_surgery", "hypertension",
		"osteoporosis", "asthma", "loss_of_bladder_control", "numbness_back", "numbness", "night_pain", "recent_surgery", "region_unknown", "pain", "past_injury",
	} {
		if f := g.Findings[code]; f.Text == "" {
			t.Errorf("finding %q has no text", code)
		}
	}
}
