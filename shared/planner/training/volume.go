package training

import (
	"math"
	"slices"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

// Volume counting: a set counts 1.0 for each primary and 0.5 for each secondary muscle (Pelland 2024, best fit in 67
// studies). A major muscle such as the back has several words in the catalogue; one set counts once for it.
const (
	primaryShare   = 1.0
	secondaryShare = 0.5
)

// shares gives what one set of an exercise counts for each group of the rules.
func shares(primary, secondary []gym.Muscle, r *rules.Rules) []float64 {
	list := make([]float64, len(r.Training.Groups))
	for i, g := range r.Training.Groups {
		for _, m := range g.Muscles {
			switch {
			case slices.Contains(primary, m):
				list[i] = primaryShare
			case slices.Contains(secondary, m):
				list[i] = max(list[i], secondaryShare)
			}
		}
	}
	return list
}

// WeeklySets counts fractional sets per muscle word of the catalogue.
func WeeklySets(days []Day) map[gym.Muscle]float64 {
	sets := map[gym.Muscle]float64{}
	for _, d := range days {
		for _, it := range d.Items {
			if it.Role == roleConditioning {
				continue
			}
			for _, m := range it.Primary {
				sets[m] += primaryShare * float64(it.Sets)
			}
			for _, m := range it.Secondary {
				if !slices.Contains(it.Primary, m) {
					sets[m] += secondaryShare * float64(it.Sets)
				}
			}
		}
	}
	return sets
}

// Limits is the weekly band of one major muscle. Low and High are the literature's; Floor is the part of Low that the
// sessions have time for.
type Limits struct {
	Low, High, Floor float64
}

// Limited reports whether time, and not choice, keeps the volume below the band of the literature.
func (l Limits) Limited() bool { return l.Floor < l.Low }

// Band gives the weekly band for each major muscle, and how much of its lower end fits into the sessions when rests
// are as short as is sound and exercises alternate:
//
//	sets a session = min(cap, usable × (minutes − warm-up) / (work + (rest + change) / 2 + set-up / sets an exercise))
//	Floor          = Low × min(1, days × sets a session / (sets that raise every muscle by one × Low))
//
// It depends on goal, experience and time alone, never on what was chosen, so that a plan cannot excuse itself.
func Band(goal gym.Goal, experience gym.Experience, minutes, days int, r *rules.Rules) Limits {
	p := Profile{Goal: goal, Experience: experience, Minutes: minutes, Days: days}
	return p.Band(r)
}

// Band is Band for a profile: limits on effort rule out supersets and lengthen sets.
func (p Profile) Band(r *rules.Rules) Limits {
	t := r.Training
	v := t.Bands[p.goal()][p.experience()]
	l := Limits{Low: v.Low, High: v.High, Floor: v.Low}
	perSet := 0.0
	roles := []string{roleCompound, roleAccessory, roleIsolation, roleCore}
	for _, role := range roles {
		reps, rule := p.reps(role, r), t.Goals[p.goal()].Roles[role]
		rest := float64(rule.RestS[0])
		if p.supersets() {
			rest = (rest + float64(t.Time.SupersetS)) / 2
		}
		perSet += (float64(middle(reps)*t.Time.PerRepS) + rest) / float64(len(roles))
	}
	perSet += float64(t.Time.PerExerciseS) / t.Time.SetsPerExercise
	session := t.Time.Usable * (p.budget(r) - float64(t.Time.WarmupS)) / perSet
	session = max(0, min(session, float64(t.Caps.Sets[p.experience()])))
	need := t.Time.SetsPerVolume * v.Low
	if have := session * float64(p.strengthDays(r)); have < need {
		l.Floor = math.Floor(2*v.Low*have/need) / 2
	}
	return l
}

// The statuses of MuscleVolume.
const (
	StatusInBand      = "in_band"
	StatusTimeLimited = "time_limited" // at least what time allows, less than the literature asks for
	StatusBelow       = "below"
	StatusAbove       = "above"
	StatusNoExercise  = "no_exercise" // nothing legal was found that trains it directly
)

// volumes compares every major muscle with its band. Only the groups of none may be excused for lack of an exercise.
func volumes(days []Day, none map[string]bool, p Profile, r *rules.Rules) []MuscleVolume {
	l := p.Band(r)
	groups := r.Training.Groups
	sets, count := make([]float64, len(groups)), make([]int, len(groups))
	for _, d := range days {
		today := make([]float64, len(groups))
		for _, it := range d.Items {
			if it.Role == roleConditioning {
				continue
			}
			for g, share := range shares(it.Primary, it.Secondary, r) {
				today[g] += share * float64(it.Sets)
			}
		}
		for g, v := range today {
			sets[g] += v
			if v >= 1 {
				count[g]++
			}
		}
	}
	var list []MuscleVolume
	for i, g := range groups {
		if g.Optional {
			continue
		}
		v := MuscleVolume{Muscle: g.Name, Sets: sets[i], Days: count[i], Low: l.Low, High: l.High, Floor: l.Floor}
		switch {
		case v.Sets > l.High:
			v.Status = StatusAbove
		case v.Sets >= l.Low:
			v.Status = StatusInBand
		case v.Sets >= l.Floor:
			v.Status = StatusTimeLimited
		case none[g.Name]:
			v.Status = StatusNoExercise
		default:
			v.Status = StatusBelow
		}
		list = append(list, v)
	}
	return list
}

// untrainable names the groups that the gate leaves out, and those whose slots found nothing that trains them directly.
func untrainable(days []SlotDay, picks map[string]gym.Exercise, p Profile, r *rules.Rules) map[string]bool {
	none := map[string]bool{}
	for i, g := range r.Training.Groups {
		wanted, possible, filled := false, false, false
		for _, k := range r.Training.Kinds {
			if _, _, ok := allowed(k, p.Gate); ok && k.Expected[g.Name] >= primaryShare {
				possible = true
			}
		}
		for _, d := range days {
			for _, s := range d.Slots {
				wanted = wanted || r.Training.Kinds[s.Kind].Expected[g.Name] >= primaryShare
				if e, ok := picks[s.ID]; ok && s.Role != roleConditioning && shares(e.Primary, nil, r)[i] == primaryShare {
					filled = true
				}
			}
		}
		none[g.Name] = !filled && (wanted || !possible)
	}
	return none
}

// excused names the groups that an existing workout found no exercise for.
func (w Workout) excused() map[string]bool {
	none := map[string]bool{}
	for _, v := range w.Volume {
		none[v.Muscle] = v.Status == StatusNoExercise
	}
	return none
}
