package training

import (
	"slices"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

// entry is a filled slot while a workout is built.
type entry struct {
	day  int // 0-based
	slot Slot
	ex   gym.Exercise
	item Item
}

// pairs groups the entries of one day: each group is one exercise, or two that alternate. Antagonists and exercises
// that do not compete may alternate; two lifts that load the spine never do (planning rules, supersets).
func pairs(day []entry, e effort, p Profile, r *rules.Rules) [][]entry {
	taken := make([]bool, len(day))
	var groups [][]entry
	for i := range day {
		if taken[i] {
			continue
		}
		taken[i] = true
		best, partner := 0.0, -1
		for j := i + 1; j < len(day); j++ {
			if taken[j] {
				continue
			}
			if s := pairScore(day[i], day[j], e, p, r); s > best {
				best, partner = s, j
			}
		}
		if partner < 0 {
			groups = append(groups, []entry{day[i]})
			continue
		}
		taken[partner] = true
		groups = append(groups, []entry{day[i], day[partner]})
	}
	return groups
}

// pairScore is 0 when a and b must not alternate.
func pairScore(a, b entry, e effort, p Profile, r *rules.Rules) float64 {
	if e.supersets == 0 || !p.supersets() || a.item.Role == roleConditioning || b.item.Role == roleConditioning ||
		a.item.Role == rolePower || b.item.Role == rolePower || spinal(a) && spinal(b) {
		return 0
	}
	if e.supersets == 1 && (a.item.Role == roleCompound || b.item.Role == roleCompound) {
		return 0
	}
	wanted := slices.Contains(r.Training.Kinds[a.slot.Kind].PairsWith, b.slot.Kind) || slices.Contains(r.Training.Kinds[b.slot.Kind].PairsWith, a.slot.Kind)
	sa, sb := shares(a.item.Primary, a.item.Secondary, r), shares(b.item.Primary, b.item.Secondary, r)
	shared := 0.0
	for g := range sa {
		if sa[g] == primaryShare && sb[g] == primaryShare {
			return 0
		}
		shared += min(sa[g], sb[g])
	}
	score := 1.0
	switch {
	case wanted:
		score += 2
	case shared > 0:
		return 0
	}
	if a.item.Role == b.item.Role {
		score++
	}
	if a.item.Equipment == b.item.Equipment || a.item.Equipment == gym.BodyOnly || b.item.Equipment == gym.BodyOnly {
		score += 0.5 // one place, nobody loses a station
	}
	return score - 0.25*shared
}

// spinal reports whether a lift loads the spine heavily.
func spinal(e entry) bool {
	return slices.Contains(e.ex.Tags, gym.SpinalAxialLoad) || slices.Contains(e.ex.Tags, gym.LoadedHinge) ||
		len(e.ex.Tags) == 0 && e.item.Role == roleCompound && (e.item.Pattern == gym.Squat || e.item.Pattern == gym.Hinge) && e.item.Equipment != gym.BodyOnly
}

// asUnit turns a group into one unit of the search.
func asUnit(group []entry, e effort, p Profile, r *rules.Rules) unit {
	t := r.Training.Time
	u := unit{day: group[0].day, exercises: len(group), share: make([]float64, len(r.Training.Groups)), cost: -25 * float64(len(group))}
	u.hi = 99
	rest := 0
	for _, x := range group {
		lo, hi := setSpan(x.item.Role, p, r)
		u.lo, u.hi = max(u.lo, lo), min(u.hi, hi)
		rest = max(rest, e.rest(x.item.Role, p, r))
		u.perSet += workSeconds(x.item, middle(x.item.Reps), r)
		u.perSetTop += workSeconds(x.item, x.item.Reps.Max, r)
		u.fixed += float64(t.PerExerciseS)
		u.patterns |= patternBit(x.item.Pattern)
		u.weight += setWeight * r.Training.Kinds[x.slot.Kind].Weight
		for g, share := range shares(x.item.Primary, x.item.Secondary, r) {
			u.share[g] += share
		}
	}
	pause := float64(rest + (len(group)-1)*t.SupersetS)
	u.perSet += pause
	u.perSetTop += pause
	return u
}

func (e effort) rest(role string, p Profile, r *rules.Rules) int {
	short, preferred := restSpan(role, p, r)
	if e.shortRest {
		return short
	}
	return preferred
}
