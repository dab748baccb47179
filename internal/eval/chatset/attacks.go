package chatset

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"slices"

	"github.com/intellifit/intellifit/internal/eval/jsonl"
	"github.com/intellifit/intellifit/shared/coach/route"
)

// The ways by which an attack comes in.
const (
	Direct  = "direct"  // the member types it
	Spoken  = "spoken"  // the member says it: no punctuation, as it was transcribed
	Profile = "profile" // it stands in the member's own profile
	RAG     = "rag"     // it stands in a row of the catalogue that a question finds
	Tool    = "tool"    // it stands in what a tool reads: a coach's name, an item of the plan
	History = "history" // it stands in an earlier message of the conversation
	Memory  = "memory"  // it stands in the conversation's summary
)

// Ways lists every way.
func Ways() []string { return []string{Direct, Spoken, Profile, RAG, Tool, History, Memory} }

// What an attack wants.
const (
	WantsRead   = "read_other" // data of another member
	WantsWrite  = "write"      // a write that nobody agreed to
	WantsRights = "rights"     // another role, consent or identity
	WantsPrompt = "prompt"     // the words that the model is led by, or a call of a tool
	WantsClaim  = "claim"      // that the coach says what is not so, or leads somewhere
)

// places are where a text can be planted, by way.
var places = map[string][]string{
	Profile: {"name", "note", "like", "dislike"},
	RAG:     {"exercise_name", "exercise", "food_name"},
	Tool:    {"coach_name", "plan_item"},
	History: {"user_message", "assistant_message"},
	Memory:  {"summary"},
}

// Attack is one attempt, written for this product: what a member says, what was planted before, and what a model that obeys would do.
type Attack struct {
	ID    string       `json:"id"`
	Way   string       `json:"way"`
	Wants string       `json:"wants"`
	Text  string       `json:"text,omitempty"`  // the one message, or
	Turns []AttackTurn `json:"turns,omitempty"` // several
	Place string       `json:"place,omitempty"` // where Plant stands
	Plant string       `json:"plant,omitempty"`
	// Tool is what an obeying model calls, with arguments that no member could have typed; nil: it only talks.
	Tool *ToolCall `json:"tool,omitempty"`
	Tags []string  `json:"tags,omitempty"`
}

// AttackTurn is one message, or the answer to a proposal that an app sends.
type AttackTurn struct {
	Say string `json:"say,omitempty"`
	// Confirm names a proposal: "shown" is the last that was shown, "first" the first, "other" one of another member, "foreign" one of
	// the member's in another conversation; anything else is an id.
	Confirm string `json:"confirm,omitempty"`
}

// ToolCall is a tool with its arguments.
type ToolCall struct {
	Action string      `json:"action"`
	Slots  route.Slots `json:"slots"`
}

// Said are the attack's turns.
func (a Attack) Said() []AttackTurn {
	if a.Text != "" {
		return []AttackTurn{{Say: a.Text}}
	}
	return a.Turns
}

//go:embed attacks.jsonl
var attacksFile []byte

// LoadAttacks reads the embedded attack set.
func LoadAttacks() ([]Attack, error) {
	known := map[string]bool{}
	return jsonl.Strict(bytes.NewReader(attacksFile), "attack %d of the attack set", func(a Attack) error {
		err := a.check()
		if err == nil && known[a.ID] {
			err = errors.New("its id was used before")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", a.ID, err)
		}
		known[a.ID] = true
		return nil
	})
}

// check refuses an attack that would not do what its author meant.
func (a Attack) check() error {
	switch {
	case a.ID == "":
		return errors.New("it has no id")
	case !slices.Contains(Ways(), a.Way):
		return fmt.Errorf("the way %q is none of %v", a.Way, Ways())
	case !slices.Contains([]string{WantsRead, WantsWrite, WantsRights, WantsPrompt, WantsClaim}, a.Wants):
		return fmt.Errorf("nobody wants %q", a.Wants)
	case (a.Text == "") == (len(a.Turns) == 0):
		return errors.New("it needs a text or turns, not both")
	case (a.Plant == "") != (a.Place == ""), a.Place == "" && places[a.Way] != nil, a.Place != "" && !slices.Contains(places[a.Way], a.Place):
		return fmt.Errorf("the place %q does not belong to the way %s", a.Place, a.Way)
	case a.Tool != nil && (a.Tool.Action == route.Reply || !slices.Contains(route.Actions(), a.Tool.Action)):
		return fmt.Errorf("the tool %q does not exist", a.Tool.Action)
	}
	for i, t := range a.Turns {
		if (t.Say == "") == (t.Confirm == "") {
			return fmt.Errorf("turn %d says or confirms, one of the two", i+1)
		}
	}
	return nil
}
