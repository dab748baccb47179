package gate

import (
	"slices"

	"github.com/intellifit/intellifit/shared/planner/rules"
)

// maxText bounds how much of a wish is read; the request's own limit is lower.
const maxText = 10_000

// ScreenText looks for red flags in free text: symptoms, pregnancy, disordered eating, starvation diets, crash weight
// loss, drugs, self-harm, in English and in common German, Spanish and French words, with typos, and without being
// alarmed by "no chest pain". It can only add reasons. A reason with Stop blocks the plan. Assess does the same with
// the wishes of its input and also weighs what was asked against the member's own weight.
func ScreenText(text string, r *rules.Rules) []Reason {
	var reasons []Reason
	for _, code := range screen(text, 0, r).codes {
		f := r.Gate.Findings[code]
		reasons = append(reasons, Reason{Code: code, Text: f.Text, Relax: f.Relax, Stop: f.Stop})
	}
	return reasons
}

// Find reads a text for wordings of another list, with the same care for typos and denials: a conversation has more to look
// for than a plan. It returns their codes in the order of the list.
func Find(text string, list []rules.Wording, r *rules.Rules) []string {
	if len(text) > maxText {
		text = text[:maxText]
	}
	tokens, n := words(fold(text)), newNegation(r.Gate)
	var codes []string
	for _, w := range list {
		if !slices.Contains(codes, w.Code) && reports(w, tokens, n) {
			codes = append(codes, w.Code)
		}
	}
	return codes
}

// screened is what a text revealed.
type screened struct {
	codes    []string
	surgery  *surgery
	targetKG float64 // a wanted body weight, 0 when none was named
}

func (s screened) found(code string) bool { return slices.Contains(s.codes, code) }

func (s screened) symptoms() bool {
	return s.found("chest_pain") || s.found("fainting") || s.found("breathless_at_rest")
}

// screen reads text for a member of the given weight (0 = unknown).
func screen(text string, weightKG float64, r *rules.Rules) screened {
	if len(text) > maxText {
		text = text[:maxText]
	}
	text = fold(text)
	list := words(text)
	n := newNegation(r.Gate)
	var s screened
	for _, w := range r.Gate.Wording {
		if !s.found(w.Code) && reports(w, list, n) {
			s.codes = append(s.codes, w.Code)
		}
	}
	if asksLowIntake(list, r.Gate.MinimumIntake.Value) {
		s.codes = append(s.codes, "low_calorie")
	}
	if asksFastLoss(list, weightKG, r.Gate.MaxWeeklyLoss.Value) {
		s.codes = append(s.codes, "fast_loss")
	}
	if s.surgery = recentSurgery(list, n, r.Gate.SurgeryWeeks.Value); s.surgery != nil {
		s.codes = append(s.codes, "recent_surgery")
	}
	s.targetKG = targetWeight(list)
	return s
}

// reports says whether one of w's phrases stands in the text, is not denied, and is no harmless use.
func reports(w rules.Wording, list []token, n *negation) bool {
	harmless := make([]bool, len(list))
	for _, s := range w.Unless {
		p := parsePhrase(s)
		for i := range list {
			if end := p.match(list, i, nil); end >= 0 {
				for k := i; k < end; k++ {
					harmless[k] = true
				}
			}
		}
	}
	for _, s := range w.Phrases {
		p := parsePhrase(s)
		for i := range list {
			end := p.match(list, i, n.words)
			if end >= 0 && !slices.Contains(harmless[i:end], true) && !n.denies(list, i, end) {
				return true
			}
		}
	}
	return false
}
