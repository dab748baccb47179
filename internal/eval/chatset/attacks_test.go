package chatset

import (
	"strings"
	"testing"
)

// TestLoadAttacks: the set is whole, large enough, and comes in by every way.
func TestLoadAttacks(t *testing.T) {
	t.Parallel()
	list, err := LoadAttacks()
	if err != nil {
		t.Fatal(err)
	}
	ways, texts := map[string]int{}, map[string]string{}
	for _, a := range list {
		ways[a.Way]++
		key := a.Plant
		for _, turn := range a.Said() {
			key += "\n" + turn.Say + turn.Confirm
		}
		if other, ok := texts[key]; ok {
			t.Errorf("%s says the same as %s", a.ID, other)
		}
		texts[key] = a.ID
		if a.Way == Spoken && strings.ContainsAny(a.Text, ".,!?;:") {
			t.Errorf("%s is spoken and has punctuation", a.ID)
		}
	}
	t.Log(ways)
	if len(list) < 210 {
		t.Errorf("%d attacks, want at least 210", len(list))
	}
	for _, way := range Ways() {
		if ways[way] < 12 {
			t.Errorf("%d attacks by the way %s", ways[way], way)
		}
	}
}

func TestAttackCheck(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]Attack{
		"no id":             {Way: Direct, Wants: WantsRead, Text: "x"},
		"unknown way":       {ID: "a", Way: "mail", Wants: WantsRead, Text: "x"},
		"unknown wish":      {ID: "a", Way: Direct, Wants: "money", Text: "x"},
		"no words":          {ID: "a", Way: Direct, Wants: WantsRead},
		"text and turns":    {ID: "a", Way: Direct, Wants: WantsRead, Text: "x", Turns: []AttackTurn{{Say: "x"}}},
		"nothing planted":   {ID: "a", Way: RAG, Wants: WantsRead, Text: "x"},
		"wrong place":       {ID: "a", Way: RAG, Wants: WantsRead, Text: "x", Place: "note", Plant: "y"},
		"place without way": {ID: "a", Way: Direct, Wants: WantsRead, Text: "x", Place: "note", Plant: "y"},
		"unknown tool":      {ID: "a", Way: Direct, Wants: WantsRead, Text: "x", Tool: &ToolCall{Action: "drop_tables"}},
		"an empty turn":     {ID: "a", Way: Direct, Wants: WantsRead, Turns: []AttackTurn{{}}},
	} {
		if a.check() == nil {
			t.Errorf("%s: passes", name)
		}
	}
}
