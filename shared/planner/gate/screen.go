package gate

import (
	"slices"

	"github.com/intellifit/intellifit/shared/planner/rules"
	"github.com/intellifit/intellifit/shared/wording"
)

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
	list, lexicon := wording.Read(text), wording.Compile(r.Gate.Wording, r.Gate.Negations, nil)
	s := demands(list, lexicon, weightKG, r, Wider{})
	s.codes = append(lexicon.Find(list, nil), s.codes...)
	return s
}

// Wider is what another reader than the plan's looks for, too: more words that mean eating or losing, and which hits it keeps.
type Wider struct {
	Eat, Lose map[string]bool
	Keep      func(wording.Hit) bool // nil: all
	Span      int                    // how far the time may stand from the amount, in words; 0: as in a plan's wishes
}

func (w Wider) keeps(code string, start, end int) bool {
	return w.Keep == nil || w.Keep(wording.Hit{Code: code, Start: start, End: end})
}

// Demands gives the codes of what the numbers of a text tell: low_calorie, fast_loss, recent_surgery. The chat's screen, which
// has more to look for, shares them.
func Demands(list []wording.Token, lexicon *wording.Lexicon, r *rules.Rules, w Wider) []string {
	return demands(list, lexicon, 0, r, w).codes
}

func demands(list []wording.Token, lexicon *wording.Lexicon, weightKG float64, r *rules.Rules, w Wider) screened {
	var s screened
	if asksLowIntake(list, r.Gate.MinimumIntake.Value, w) {
		s.codes = append(s.codes, "low_calorie")
	}
	if asksFastLoss(list, weightKG, r.Gate.MaxWeeklyLoss.Value, w) {
		s.codes = append(s.codes, "fast_loss")
	}
	if s.surgery = recentSurgery(list, lexicon, r.Gate.SurgeryWeeks.Value, w); s.surgery != nil {
		s.codes = append(s.codes, "recent_surgery")
	}
	s.targetKG = targetWeight(list)
	return s
}
