// Package safety screens a conversation before and after the model. What it looks for and what it says are in one versioned
// file; the wordings of the plan's gate count here too, so that both know the same red flags. Its texts are fixed: where a
// rule has the word, no model speaks.
package safety

import (
	"slices"
	"strings"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/gate"
	"github.com/intellifit/intellifit/shared/wording"
)

// Profile is what is known of the member.
type Profile struct {
	Age        int     // years, 0 when not known
	BMI        float64 // kg/m², 0 when not known
	Conditions []gym.Condition
	Injuries   []gym.Injury
	Goal       gym.Goal
	Screening  gym.Screening
	Language   string // of the texts; only "en" exists
	Emergency  string // the number to call
}

// Verdict is what a rule says of a message. Its zero value says nothing.
type Verdict struct {
	Code      string // stable: chest_pain, self_harm, dose, minor, …
	Text      string // what is said in the model's place
	Stop      bool   // only Text is said: no model, no tool
	NoNumbers bool   // nothing of calories and weights
	NoWrites  bool   // no tool that writes
	NoPlan    bool   // no plan is made: a doctor's clearance comes first
	Escalate  bool   // the staff are told
	Care      bool   // something may be wrong: the answer ends with whom to turn to
}

// Screen judges what a member says, before any model reads it; what was transcribed as well. All findings count: the
// strictest of each kind of limit holds, and the most urgent gives the code and the text.
func Screen(text string, p Profile) Verdict {
	codes, asked := find(text)
	if slices.Contains(asked, saysMinor) && !p.minor() {
		p.Age = int(gateRules.Gate.AdultAge.Value) - 1 // the stricter counts: what the profile says, or what the member says
	}
	codes = append(codes, p.find(asked)...)
	v := Verdict{NoNumbers: p.withholdsNumbers()}
	slices.SortStableFunc(codes, func(a, b string) int { return rank(a) - rank(b) })
	for _, code := range codes {
		found, ok := Fixed(code, p)
		if !ok {
			continue
		}
		if v.Code == "" {
			v.Code, v.Text = found.Code, found.Text
		}
		v.Stop, v.NoNumbers, v.NoWrites = v.Stop || found.Stop, v.NoNumbers || found.NoNumbers, v.NoWrites || found.NoWrites
		v.NoPlan, v.Escalate = v.NoPlan || found.NoPlan, v.Escalate || found.Escalate
	}
	return v
}

// Fixed is the verdict of a code alone, for this member; false for a code that the file does not know.
func Fixed(code string, p Profile) (Verdict, bool) {
	found, ok := book.Verdicts[code]
	if !ok {
		return Verdict{}, false
	}
	return Verdict{
		Code: code, Text: strings.ReplaceAll(found.Text, "{emergency}", p.emergency()),
		Stop: found.Stop, NoNumbers: found.NoNumbers, NoWrites: found.NoWrites, NoPlan: found.NoPlan, Escalate: found.Escalate,
	}, true
}

// emergency is the number to call, in words when none is set.
func (p Profile) emergency() string {
	if p.Emergency == "" {
		return "the emergency number"
	}
	return p.Emergency
}

// Covers reports whether v limits the conversation at least as much as other does.
func (v Verdict) Covers(other Verdict) bool {
	return (v.Stop || !other.Stop) && (v.NoNumbers || v.Stop || !other.NoNumbers) && (v.NoWrites || v.Stop || !other.NoWrites) &&
		(v.NoPlan || v.Stop || !other.NoPlan) && (v.Escalate || !other.Escalate)
}

// demandSpan is how far in talk the time may stand from an amount, in words.
const demandSpan = 10

// find gives the codes of a message and what it asks for, of every way to read it.
func find(message string) (codes, asked []string) {
	for _, reading := range readings(message) {
		said := saying{tokens: wording.Read(reading)}
		codes = append(codes, lexicon.Find(said.tokens, said.counts)...)
		codes = append(codes, gate.Demands(spelled(said.tokens), lexicon, gateRules, gate.Wider{Eat: eatWords, Lose: loseWords, Keep: said.counts, Span: demandSpan})...)
		asked = append(asked, requests.Find(said.tokens, said.counts)...)
		if said.emergency {
			codes = append(codes, codeOther)
		}
	}
	numbers := readAmounts(readings(message)[0])
	found, minor := numbers.find()
	if minor {
		asked = append(asked, saysMinor)
	}
	return append(codes, found...), asked
}

// rank orders codes by urgency: the first is said. What is not listed comes after.
func rank(code string) int {
	if i := slices.Index(book.Urgency, code); i >= 0 {
		return i
	}
	return len(book.Urgency)
}
