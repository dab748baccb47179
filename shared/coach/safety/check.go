package safety

import (
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
		if r.regexp.MatchString(plain) {
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

// Patterns of the file that hold for some members only.
const (
	codeNumbers = "numbers"
	codeLoss    = "loss"
)
