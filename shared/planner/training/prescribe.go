package training

import (
	"fmt"
	"slices"
	"strings"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

// Prescribe gives the prescription of e in slot s with the preferred rest and the lowest number of sets; Build decides
// sets, rests and supersets.
func Prescribe(p Profile, s Slot, e gym.Exercise, r *rules.Rules) Item {
	it := Item{
		Slot: s.ID, ExerciseID: e.ID, Name: e.Name, Pattern: e.Pattern, Primary: e.Primary, Secondary: e.Secondary,
		Equipment: e.Equipment, Unit: "reps", Unilateral: e.Unilateral, Role: s.Role,
	}
	if it.Role == roleConditioning {
		return conditioning(it, p, r)
	}
	if e.Pattern == gym.Olympic || e.Pattern == gym.Plyometric {
		it.Role = rolePower
	}
	lo, _ := setSpan(it.Role, p, r)
	_, rest := restSpan(it.Role, p, r)
	it.Sets, it.RestS, it.Reps, it.RIR = lo, rest, p.reps(it.Role, r), p.rir(it.Role, r)
	it.Cue = cue(e.Pattern, p, r)
	l := r.Training.Load
	spare := fmt.Sprintf("%d to %d", it.RIR.Min, it.RIR.Max)
	if it.RIR.Min == it.RIR.Max {
		spare = fmt.Sprint(it.RIR.Min)
	}
	switch {
	case held(e):
		span := l.Holds[p.experience()]
		it.Unit, it.Reps = "seconds", Range{span[0], span[1]}
		it.Load = Load{How: l.Held, Bodyweight: e.Equipment == gym.BodyOnly}
	case e.Equipment == gym.BodyOnly:
		// The load cannot be chosen, so the repetitions have to be free.
		it.Reps = Range{max(it.Reps.Min, l.BodyweightReps[0]), max(it.Reps.Max, l.BodyweightReps[1])}
		it.Load = Load{How: strings.ReplaceAll(l.Bodyweight, "{rir}", spare), Bodyweight: true}
	default:
		it.Load = Load{StepKG: step(e, l), How: strings.ReplaceAll(l.Weighted, "{rir}", spare)}
		it.Load.PctMin, it.Load.PctMax = p.loadPct(it.Role, r)
	}
	return it
}

// conditioning is measured in minutes; Build sets them from the time that is left.
func conditioning(it Item, p Profile, r *rules.Rules) Item {
	l := r.Training.Load
	it.Sets, it.Unit, it.Reps = 1, "minutes", Range{l.ConditioningMin[0], l.ConditioningMin[0]}
	it.Load = Load{How: l.Conditioning, Bodyweight: it.Equipment == gym.BodyOnly}
	it.Cue = cue(it.Pattern, p, r)
	return it
}

func cue(pattern gym.Pattern, p Profile, r *rules.Rules) string {
	lines := slices.Clone(r.Training.Cues[pattern].Lines)
	if p.Gate.MinRIR >= 3 {
		lines = append(lines, r.Training.Breathe.Lines...)
	}
	return strings.Join(lines, " ")
}

func setSpan(role string, p Profile, r *rules.Rules) (lo, hi int) {
	if role == rolePower {
		s := r.Training.Load.Power.Sets
		return s[0], s[1]
	}
	s := r.Training.Goals[p.goal()].Roles[role].Sets
	return s[0], s[1]
}

func restSpan(role string, p Profile, r *rules.Rules) (short, preferred int) {
	if role == rolePower {
		s := r.Training.Load.Power.RestS
		return s[0], s[1]
	}
	s := r.Training.Goals[p.goal()].Roles[role].RestS
	return s[0], s[1]
}

// step is the smallest sensible increase: lower-body compounds 5 kg, other bars and stacks 2.5 kg, small weights 1 kg.
func step(e gym.Exercise, l rules.LoadRule) float64 {
	switch e.Equipment {
	case "dumbbell", "kettlebells", "medicine ball", "bands":
		return l.StepSmallKG
	}
	switch e.Pattern {
	case gym.Squat, gym.Hinge, gym.Lunge, gym.Olympic:
		return l.StepLowerKG
	case gym.ElbowFlexion, gym.ElbowExtension, gym.ShoulderRaise, gym.ChestFly, gym.WristMotion, gym.NeckMotion:
		return l.StepSmallKG
	}
	return l.StepUpperKG
}

// workSeconds is one set without rest: four seconds a repetition, or the seconds held; both sides when unilateral.
func workSeconds(it Item, count int, r *rules.Rules) float64 {
	s := float64(count)
	if it.Unit == "reps" {
		s *= float64(r.Training.Time.PerRepS)
	}
	if it.Unilateral {
		s *= 2
	}
	return s
}

// SessionSeconds estimates a session: warm-up, then for every exercise its set-up and sets × (work + rest). An item
// that is followed by its superset partner has the short rest of the walk, so the same sum holds. top takes the upper
// end of the repetition ranges instead of the middle.
func SessionSeconds(items []Item, top bool, r *rules.Rules) float64 {
	t := r.Training.Time
	total := float64(t.WarmupS)
	for _, it := range items {
		total += float64(t.PerExerciseS)
		if it.Unit == "minutes" {
			total += float64(60 * it.Reps.Max)
			continue
		}
		count := middle(it.Reps)
		if top {
			count = it.Reps.Max
		}
		total += float64(it.Sets) * (workSeconds(it, count, r) + float64(it.RestS))
	}
	return total
}

// SessionMinutes is SessionSeconds of a day in whole minutes, rounded up.
func SessionMinutes(d Day, r *rules.Rules) int {
	return int(SessionSeconds(d.Items, false, r)+59) / 60
}
