// Package safety screens a conversation before and after the model. What it looks for and what it says are in one versioned
// file; the wordings of the plan's gate count here too, so that both know the same red flags. Its texts are fixed: where a
// rule has the word, no model speaks.
package safety

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/gate"
	"github.com/intellifit/intellifit/shared/planner/rules"
	"github.com/intellifit/intellifit/shared/wording"
)

// Profile is what is known of the member.
type Profile struct {
	Age        int
	BMI        float64
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
	Escalate  bool   // the staff are told
}

//go:embed safety.json
var file []byte

type verdict struct {
	Text      string `json:"text"`
	Stop      bool   `json:"stop"`
	NoNumbers bool   `json:"no_numbers"`
	NoWrites  bool   `json:"no_writes"`
	Escalate  bool   `json:"escalate"`
}

var (
	book      = load()
	gateRules = rules.Default()
	// lexicon has the wordings of the plan's gate and those of this package.
	lexicon = wording.Compile(slices.Concat(gateRules.Gate.Wording, book.Wording), gateRules.Gate.Negations, gateRules.Gate.Wording)
)

type loaded struct {
	Version  string             `json:"version"`
	Wording  []wording.Entry    `json:"wording"`
	Verdicts map[string]verdict `json:"verdicts"`
}

// load reads the embedded file. That it is whole is held by a test; a broken one must not serve.
func load() loaded {
	var l loaded
	if err := json.Unmarshal(file, &l); err != nil {
		panic(fmt.Sprintf("read safety.json: %v", err))
	}
	return l
}

// Version names the wordings and texts of this build.
func Version() string { return book.Version }

// urgency orders what is found: the first of these is the verdict's code. What is not listed comes after.
var urgency = []string{
	"self_harm", "crisis", "stroke_signs", "allergic_reaction", "overdose", "chest_pain", "heart_now", "fainting", "breathless_at_rest", "heat_or_rhabdo",
	"loss_of_bladder_control", "numbness_back", "abuse", "acute_injury", "purging", "drugs", "dose", "low_calorie", "fast_loss", "recent_surgery", "night_pain",
	"diagnosis", "eating_disorder", "pregnancy", "postpartum", "heart_disease", "minor",
}

// Screen judges what a member says, before any model reads it; what was transcribed as well. All findings count: the
// strictest of each kind of limit holds, and the most urgent gives the code and the text.
func Screen(text string, p Profile) Verdict {
	text = Clean(text, len(text))
	var codes []string
	for _, each := range []string{text, unspaced(text), unleeted(text)} {
		tokens := wording.Read(each)
		codes = append(append(codes, lexicon.Find(tokens, nil)...), gate.Demands(tokens, lexicon, gateRules)...)
	}
	if p.Age > 0 && float64(p.Age) < gateRules.Gate.AdultAge.Value && asksForLess(text) {
		codes = append(codes, "minor")
	}
	v := Verdict{NoNumbers: withholdsNumbers(p)}
	slices.SortStableFunc(codes, func(a, b string) int { return rank(a) - rank(b) })
	for _, code := range codes {
		found, ok := book.Verdicts[code]
		if !ok {
			continue
		}
		if v.Code == "" {
			v.Code, v.Text = code, strings.ReplaceAll(found.Text, "{emergency}", emergency(p))
		}
		v.Stop, v.NoNumbers = v.Stop || found.Stop, v.NoNumbers || found.NoNumbers
		v.NoWrites, v.Escalate = v.NoWrites || found.NoWrites, v.Escalate || found.Escalate
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
		Code: code, Text: strings.ReplaceAll(found.Text, "{emergency}", emergency(p)),
		Stop: found.Stop, NoNumbers: found.NoNumbers, NoWrites: found.NoWrites, Escalate: found.Escalate,
	}, true
}

// Covers reports whether v limits the conversation at least as much as other does.
func (v Verdict) Covers(other Verdict) bool {
	return (v.Stop || !other.Stop) && (v.NoNumbers || v.Stop || !other.NoNumbers) && (v.NoWrites || v.Stop || !other.NoWrites) && (v.Escalate || !other.Escalate)
}

func rank(code string) int {
	if i := slices.Index(urgency, code); i >= 0 {
		return i
	}
	return len(urgency)
}

func emergency(p Profile) string {
	if p.Emergency == "" {
		return "the emergency number"
	}
	return p.Emergency
}

// withholdsNumbers: counting would harm this member, whatever is asked.
func withholdsNumbers(p Profile) bool {
	return slices.Contains(p.Conditions, gym.EatingDisorder) || p.Screening.EatingDisorder || p.Age > 0 && float64(p.Age) < gateRules.Gate.AdultAge.Value ||
		p.BMI > 0 && p.BMI < gateRules.Gate.MinimumBMI.Value
}

// asksForLess reports talk of losing weight or of supplements.
func asksForLess(text string) bool {
	text = strings.ToLower(text)
	for _, word := range []string{"lose", "losing", "weight", "calorie", "kcal", "cut", "diet", "slim", "supplement", "creatine", "pre workout", "preworkout", "fat burner", "protein powder"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// unspaced closes up words that were spelled letter by letter: "s u i c i d e".
func unspaced(text string) string {
	fields := strings.Fields(text)
	var b strings.Builder
	for i, f := range fields {
		if i > 0 && !(len([]rune(f)) == 1 && len([]rune(fields[i-1])) == 1) {
			b.WriteByte(' ')
		}
		b.WriteString(f)
	}
	return b.String()
}

// unleeted reads digits and signs that stand for letters: "su1c1de".
func unleeted(text string) string {
	return strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i").Replace(text)
}
