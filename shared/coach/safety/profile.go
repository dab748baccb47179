package safety

import (
	"slices"

	"github.com/intellifit/intellifit/shared/gym"
)

// What a message asks for, which some profiles rule out.
const (
	asksLoss       = "loss"       // to lose weight, to eat less
	asksSupplement = "supplement" // powders, boosters, caffeine
	saysMinor      = "minor_said" // an age under 18
)

func (p Profile) minor() bool {
	return p.Age > 0 && float64(p.Age) < gateRules.Gate.AdultAge.Value
}

func (p Profile) pregnant() bool {
	return p.Screening.Pregnant || slices.Contains(p.Conditions, gym.Pregnancy) || slices.Contains(p.Conditions, gym.Postpartum)
}

func (p Profile) eatingDisorder() bool {
	return p.Screening.EatingDisorder || slices.Contains(p.Conditions, gym.EatingDisorder)
}

func (p Profile) underweight() bool {
	return p.BMI > 0 && p.BMI < gateRules.Gate.MinimumBMI.Value
}

// withholdsNumbers: counting would harm this member, whatever is asked.
func (p Profile) withholdsNumbers() bool {
	return p.minor() || p.eatingDisorder() || p.underweight() || p.pregnant()
}

// find gives the codes of what a message asks for that the profile rules out.
func (p Profile) find(asked []string) []string {
	loss, supplement := slices.Contains(asked, asksLoss), slices.Contains(asked, asksSupplement)
	var codes []string
	if p.minor() && (loss || supplement) {
		codes = append(codes, "minor")
	}
	if p.underweight() && loss {
		codes = append(codes, "underweight")
	}
	if p.eatingDisorder() && loss {
		codes = append(codes, "eating_disorder")
	}
	if p.pregnant() && (loss || supplement) {
		codes = append(codes, "pregnancy")
	}
	return codes
}
