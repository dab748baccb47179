// Package gate decides, before anything is planned, whether a member may be given a plan at all and what the plan must
// leave out. It is deterministic, does no I/O, and its words are fixed and reviewed: they live in the rules file.
package gate

import (
	"slices"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

// Input is what the request adds to the profile.
type Input struct {
	Goal           gym.Goal // zero = the member's own goal
	Wishes         string   // free text: it can tighten the gate, never lift anything
	TargetWeightKG *float64 // when the app knows one
}

// Reason is one finding of the gate. Text and Relax are fixed sentences that are safe to show to the member.
type Reason struct {
	Code  string `json:"code"`            // stable: "chest_pain", "minor", "fast_loss"
	Text  string `json:"text"`            // what was found and what follows from it
	Relax string `json:"relax,omitempty"` // what would let the plan be made or made fuller
	Stop  bool   `json:"stop,omitempty"`  // true when this reason alone blocks the plan
}

// Warning is something that the member or coach should read beside the plan.
type Warning struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// Assessment is the gate's answer. Everything downstream obeys it.
type Assessment struct {
	Blocked bool     // no plan; Reasons with Stop say why
	Reasons []Reason // every finding that changed the plan

	Goal             gym.Goal // the goal that may be planned: fat loss becomes health where a deficit is not allowed
	NoDeficit        bool     // energy at maintenance or above
	NoCalorieNumbers bool     // no kcal or gram targets in what the member sees
	NoSupplements    bool
	NutritionDraft   bool // the menu is a draft for a professional
	LowModerateOnly  bool // light to moderate effort: health table, RIR at least MinRIR, no supersets
	Guardian         bool // a guardian has to agree
	CoachApproval    bool // the plan is a draft until the coach confirms it
	NotifyCoach      bool

	MaxLevel        gym.Experience   // no exercise harder than this
	AvoidTags       []gym.InjuryTag  // hard: no exercise with any of these
	SoftTags        []gym.InjuryTag  // ranked down
	ExcludedRegions []gym.InjurySite // train everything but these
	ExcludedMuscles []gym.Muscle     // of the excluded regions
	ExcludedPattern []gym.Pattern    // of the excluded regions
	MinReps         int              // 0 = as the goal's table says
	MinRIR          int
	BalanceWork     bool // age: balance practice on most days
	Warnings        []Warning
}

// Draft reports whether somebody has to confirm the plan before it is followed.
func (a Assessment) Draft() bool { return a.CoachApproval || a.Guardian || a.NutritionDraft }

// Allows reports whether e may be given to the member: no hard tag, not too hard, not in an excluded region. The
// database filters by tag and level already; regions are known only here.
func (a Assessment) Allows(e gym.Exercise) bool {
	for _, tag := range e.Tags {
		if slices.Contains(a.AvoidTags, tag) {
			return false
		}
	}
	if Level(e.Level) > Level(a.MaxLevel) || slices.Contains(a.ExcludedPattern, e.Pattern) {
		return false
	}
	for _, m := range e.Primary {
		if slices.Contains(a.ExcludedMuscles, m) {
			return false
		}
	}
	return true
}

// Level orders experience: beginner 1, intermediate 2, advanced 3. An exercise without a level counts as intermediate;
// a member without one as beginner is decided by Assess.
func Level(e gym.Experience) int {
	switch e {
	case gym.Beginner:
		return 1
	case gym.Advanced:
		return 3
	}
	return 2
}

// Assess runs the whole gate: age, screening, conditions, weight, injuries and the wording of the wishes.
func Assess(m gym.Member, in Input, r *rules.Rules, now time.Time) Assessment {
	a := newAssessor(m, in, r, now)
	a.age()
	a.screening()
	a.conditions()
	a.weight()
	a.wishes()
	a.injuries()
	return a.finish()
}
