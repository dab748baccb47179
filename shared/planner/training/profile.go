package training

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/gate"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

// The roles of slots and items, in the order of a session.
const (
	rolePower        = "power"
	roleCompound     = "compound"
	roleAccessory    = "accessory"
	roleIsolation    = "isolation"
	roleCore         = "core"
	roleConditioning = "conditioning"
)

var roleOrder = map[string]int{rolePower: 0, roleCompound: 1, roleAccessory: 2, roleIsolation: 3, roleCore: 4, roleConditioning: 5}

// goal is the goal that the gate lets through.
func (p Profile) goal() gym.Goal { return cmp.Or(p.Gate.Goal, p.Goal, gym.Health) }

// experience is the row of the tables that applies: whoever is limited in effort trains like a beginner.
func (p Profile) experience() gym.Experience {
	if p.gentle() {
		return gym.Beginner
	}
	return cmp.Or(p.Experience, gym.Beginner)
}

// gentle is true when the gate keeps effort light to moderate, or a guardian has to agree.
func (p Profile) gentle() bool { return p.Gate.LowModerateOnly || p.Gate.Guardian }

// supersets keep the heart rate up and are left out where effort is limited.
func (p Profile) supersets() bool { return !p.Gate.LowModerateOnly }

// strengthDays is how many sessions are no recovery.
func (p Profile) strengthDays(r *rules.Rules) int {
	n := 0
	for _, focus := range splitFor(p.days(), r).Focus {
		if focus != focusRecovery {
			n++
		}
	}
	return n
}

// days is the number of sessions, 1 to 7, as far as the weekdays to avoid leave room.
func (p Profile) days() int {
	free := 7
	for day := range 7 {
		if slices.ContainsFunc(p.Avoid, func(w time.Weekday) bool { return int(w) == day }) {
			free--
		}
	}
	return max(1, min(p.Days, 7, max(free, 1)))
}

// budget is the time of one session in seconds without what conditioning keeps for itself.
func (p Profile) budget(r *rules.Rules) float64 {
	minutes := p.Minutes
	if c := r.Training.ConditioningReserve; minutes >= c.FromMinutes && slices.Contains(c.Goals, p.goal()) {
		minutes -= c.Minutes
	}
	return float64(60 * minutes)
}

func middle(x Range) int { return (x.Min + x.Max + 1) / 2 }

// reps gives the repetitions of a role. The gate can raise them, which lowers the load.
func (p Profile) reps(role string, r *rules.Rules) Range {
	var span [2]int
	if role == rolePower {
		span = r.Training.Load.Power.Reps
	} else {
		span = r.Training.Goals[p.goal()].Roles[role].Reps[p.experience()]
	}
	x := Range{span[0], span[1]}
	if least := p.Gate.MinReps; least > x.Min && role != rolePower {
		width := 4
		if least >= 10 {
			width = 5 // 10–15, the planning rules' row for hypertension
		}
		x = Range{least, max(x.Max, least+width)}
	}
	return x
}

func (p Profile) rir(role string, r *rules.Rules) Range {
	var span [2]int
	if role == rolePower {
		span = r.Training.Load.Power.RIR
	} else {
		span = r.Training.Goals[p.goal()].Roles[role].RIR[p.experience()]
	}
	low := max(span[0], p.Gate.MinRIR)
	return Range{low, max(span[1], low+min(1, p.Gate.MinRIR))}
}

// loadPct is the share of the one-rep max that fits the repetitions; raised repetitions lower it.
func (p Profile) loadPct(role string, r *rules.Rules) (low, high int) {
	var span [2]int
	if role == rolePower {
		span = r.Training.Load.Power.LoadPct
	} else {
		span = r.Training.Goals[p.goal()].Roles[role].LoadPct[p.experience()]
	}
	switch {
	case p.Gate.MinReps >= 10:
		return min(span[0], 50), min(span[1], 70)
	case p.Gate.MinReps > 0:
		return min(span[0], 60), min(span[1], 75)
	}
	return span[0], span[1]
}

// allowed gives the part of a kind that the gate leaves, or ok = false.
func allowed(k rules.Kind, g gate.Assessment) (patterns []gym.Pattern, muscles []gym.Muscle, ok bool) {
	patterns = slices.DeleteFunc(slices.Clone(k.Patterns), func(x gym.Pattern) bool { return slices.Contains(g.ExcludedPattern, x) })
	muscles = slices.DeleteFunc(slices.Clone(k.Muscles), func(x gym.Muscle) bool { return slices.Contains(g.ExcludedMuscles, x) })
	return patterns, muscles, len(patterns) > 0 && (len(muscles) > 0 || len(k.Muscles) == 0)
}

// held reports whether an exercise is measured in seconds.
func held(e gym.Exercise) bool {
	if e.Pattern == gym.Carry || slices.Contains(e.Tags, gym.LongIsometric) {
		return true
	}
	name := strings.ToLower(e.Name)
	for _, word := range []string{"plank", "wall sit", "isometric", " hold", "dead hang"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return e.Force == "static" && e.Pattern == gym.Core
}
