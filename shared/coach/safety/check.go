package safety

import (
	"slices"
	"strings"

	"github.com/intellifit/intellifit/shared/planner/gate"
	"github.com/intellifit/intellifit/shared/wording"
)

// partKcal is the energy that a text may name beside a day's: of a meal or a hundred grams of a food.
const partKcal = 300

// Check judges what a model wants to say to the member; false means that it must not be shown, and the verdict's code says
// why. It takes the stricter of the profile and what Screen found.
func Check(reply string, p Profile, v Verdict) (Verdict, bool) {
	v.NoNumbers = v.NoNumbers || p.withholdsNumbers()
	if code := objection(reply, p, v); code != "" {
		v.Code = code
		return v, false
	}
	return v, true
}

func objection(reply string, p Profile, v Verdict) string {
	plain := Clean(reply, len(reply))
	if plain != strings.TrimSpace(reply) {
		return "unclean"
	}
	plain = strings.ReplaceAll(plain, "’", "'")
	for _, r := range book.Replies {
		if r.Code == codeNumbers && !v.NoNumbers || r.Code == codeLoss && !p.withholdsNumbers() {
			continue
		}
		if r.matches(plain) {
			return r.Code
		}
	}
	tokens := wording.Read(plain)
	for _, e := range gate.Energies(tokens) {
		if e.Kcal >= partKcal && e.Kcal < gateRules.Gate.MinimumIntake.Value && !e.Part {
			return "low_calorie"
		}
	}
	for _, code := range gate.Demands(tokens, lexicon, gateRules, gate.Wider{Eat: eatWords, Lose: loseWords, Span: demandSpan}) {
		if code == "low_calorie" || code == "fast_loss" {
			return code
		}
	}
	return ""
}

// Sound reports whether text that others wrote, such as a row of the catalogue, may stand in what the coach says: no address,
// no call or instruction of a model, no claim that something was done.
func Sound(text string) bool {
	plain := strings.ReplaceAll(Clean(text, len(text)), "’", "'")
	for _, r := range book.Replies {
		if slices.Contains([]string{codeClaim, codeLink, codeLeak}, r.Code) && r.matches(plain) {
			return false
		}
	}
	return true
}

// Name is a name that others gave as one line of data; what is no name, since nothing is left of it or it is not sound, reads
// as standard.
func Name(text, standard string) string {
	if text = line(text, longestName); text == "" || !Sound(text) {
		return standard
	}
	return text
}

// longestName is in characters.
const longestName = 120

// Patterns of the file that hold for names and rows of the catalogue too.
const (
	codeClaim = "claim"
	codeLink  = "link"
	codeLeak  = "leak"
)

// Patterns of the file that hold for some members only.
const (
	codeNumbers = "numbers"
	codeLoss    = "loss"
)
