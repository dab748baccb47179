package training

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/gate"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

// Build turns an outline and the exercise chosen for each slot (by slot id) into the finished workout: prescription,
// balanced sets, supersets where time is short, warm-up, minutes, weekly sets, progression. Slots without a pick are
// left out, and so are exercises for which no time is left, the least wanted first.
func Build(o Outline, picks map[string]gym.Exercise, p Profile, r *rules.Rules) (Workout, []gate.Warning) {
	w := Workout{Split: o.Split}
	entries := fill(o.Days, picks, p, r)
	chosen := balance(entries, p.problem(len(o.Days), r), p, r)
	for i, d := range o.Days {
		w.Days = append(w.Days, finishDay(d, chosen[i], picks, p, r))
	}
	w.Progression = Progression(p, r)
	w.Aerobic = aerobic(p, r)
	w.WeeklySets = WeeklySets(w.Days)
	w.Volume = volumes(w.Days, untrainable(o.Days, picks, p, r), p, r)
	return w, w.warnings(len(entries), p)
}

// RebuildDay is Build for one day of an existing workout: every other day stays exactly as it is.
func RebuildDay(w Workout, d SlotDay, picks map[string]gym.Exercise, p Profile, r *rules.Rules) (Workout, []gate.Warning) {
	index := slices.IndexFunc(w.Days, func(x Day) bool { return x.Day == d.Day })
	if index < 0 {
		return w, nil
	}
	entries := fill([]SlotDay{d}, picks, p, r)
	q := p.problem(1, r)
	for i, other := range w.Days {
		if i == index {
			continue
		}
		today := make([]float64, len(q.low))
		for _, it := range other.Items {
			if it.Role == roleConditioning {
				continue
			}
			q.basePatterns |= patternBit(it.Pattern)
			for g, share := range shares(it.Primary, it.Secondary, r) {
				today[g] += share * float64(it.Sets)
			}
		}
		for g, v := range today {
			q.baseVolume[g] += v
			if v >= 1 {
				q.baseTrained[g]++
			}
		}
	}
	chosen := balance(entries, q, p, r)
	w.Days = slices.Clone(w.Days)
	w.Days[index] = finishDay(d, chosen[0], picks, p, r)
	w.WeeklySets = WeeklySets(w.Days)
	w.Volume = volumes(w.Days, w.excused(), p, r)
	return w, w.warnings(0, p)
}

// Swap puts e into one slot: sets, repetitions, rest and place stay, load and cue are those of e. The rest is
// untouched. It fails when the session would become too long.
func Swap(w Workout, slot string, e gym.Exercise, p Profile, r *rules.Rules) (Workout, error) {
	for i, d := range w.Days {
		for j, old := range d.Items {
			if old.Slot != slot {
				continue
			}
			it := Prescribe(p, Slot{ID: slot, Role: old.Role}, e, r)
			it.Sets, it.RestS, it.Superset = old.Sets, old.RestS, old.Superset
			if it.Unit == old.Unit {
				it.Reps = old.Reps
			}
			d.Items = slices.Clone(d.Items)
			d.Items[j] = it
			if SessionSeconds(d.Items, false, r) > p.limit(r) {
				return w, gym.Errorf(gym.ErrInfeasible, "session_too_long", "with %s the session would be longer than %d minutes", e.Name, p.Minutes)
			}
			d.Minutes = SessionMinutes(d, r)
			d.Warmup = warmup(d.Items, p, r)
			w.Days = slices.Clone(w.Days)
			w.Days[i] = d
			w.WeeklySets = WeeklySets(w.Days)
			w.Volume = volumes(w.Days, w.excused(), p, r)
			return w, nil
		}
	}
	return w, gym.Errorf(gym.ErrNotFound, "slot_not_found", "the plan has no slot %q", slot)
}

// limit is the longest that a session may be, in seconds, in whole minutes.
func (p Profile) limit(r *rules.Rules) float64 {
	return float64(60 * int(float64(p.Minutes)*r.Training.Time.Tolerance+epsilon))
}

// SwapOK reports whether candidate may stand in for old: the same pattern and a shared primary muscle.
func SwapOK(old, candidate gym.Exercise) bool {
	return old.ID != candidate.ID && old.Pattern == candidate.Pattern &&
		slices.ContainsFunc(old.Primary, func(m gym.Muscle) bool { return slices.Contains(candidate.Primary, m) })
}

// fill prescribes what was picked, in the order of the slots. An exercise that a day already has is left out.
func fill(days []SlotDay, picks map[string]gym.Exercise, p Profile, r *rules.Rules) []entry {
	var list []entry
	for i, d := range days {
		seen := map[string]bool{}
		for _, s := range d.Slots {
			ex, ok := picks[s.ID]
			if !ok || seen[ex.ID] || s.Role == roleConditioning {
				continue
			}
			seen[ex.ID] = true
			list = append(list, entry{day: i, slot: s, ex: ex, item: Prescribe(p, s, ex, r)})
		}
	}
	return list
}

// balance decides sets, rests and supersets, and gives the items of each day.
func balance(entries []entry, q *problem, p Profile, r *rules.Rules) [][]Item {
	var best *answer
	var bestGroups [][]entry
	var bestEffort effort
	bestCost := 0.0
	for _, e := range p.efforts() {
		var groups [][]entry
		for d := range q.days {
			groups = append(groups, pairs(ofDay(entries, d), e, p, r)...)
		}
		a := solve(q.with(groups, e, p, r))
		if slices.Contains(a.sets, 0) { // a pair may not fit where one of the two would
			if single, b := split(groups, a, q, e, p, r); b != nil && b.cost() < a.cost() {
				groups, a = single, b
			}
		}
		if c := a.cost(); best == nil || c < bestCost-epsilon {
			best, bestGroups, bestEffort, bestCost = a, groups, e, c
		}
		if a.reaches() && !slices.Contains(a.sets, 0) {
			best, bestGroups, bestEffort = a, groups, e
			break
		}
	}
	return compose(best, bestGroups, bestEffort, q.days, p, r)
}

func ofDay(entries []entry, d int) []entry {
	return slices.DeleteFunc(slices.Clone(entries), func(x entry) bool { return x.day != d })
}

// with adds the units of groups to a copy of q.
func (q *problem) with(groups [][]entry, e effort, p Profile, r *rules.Rules) *problem {
	c := *q
	c.weight, c.floor = slices.Clone(q.weight), slices.Clone(q.floor)
	direct := make([]bool, len(q.low))
	for _, g := range groups {
		u := asUnit(g, e, p, r)
		c.patterns |= u.patterns
		c.units = append(c.units, u)
		for _, x := range g {
			for i, share := range shares(x.item.Primary, x.item.Secondary, r) {
				direct[i] = direct[i] || share == primaryShare
			}
		}
	}
	c.drop(direct)
	return &c
}

// split takes apart the pairs that got no sets and solves again.
func split(groups [][]entry, a *answer, q *problem, e effort, p Profile, r *rules.Rules) ([][]entry, *answer) {
	var single [][]entry
	changed := false
	for i, g := range groups {
		if a.sets[i] == 0 && len(g) == 2 {
			single = append(single, g[:1], g[1:])
			changed = true
			continue
		}
		single = append(single, g)
	}
	if !changed {
		return nil, nil
	}
	slices.SortStableFunc(single, func(a, b []entry) int {
		return cmp.Or(a[0].day-b[0].day, roleOrder[a[0].item.Role]-roleOrder[b[0].item.Role])
	})
	return single, solve(q.with(single, e, p, r))
}

// compose writes the answer into items. The first of a pair rests only for the walk to the second. Time that is left
// lengthens the rests up to the preferred ones, the first exercises first.
func compose(a *answer, groups [][]entry, e effort, days int, p Profile, r *rules.Rules) [][]Item {
	out := make([][]Item, days)
	letters := make([]int, days)
	for i, g := range groups {
		if a.sets[i] == 0 {
			continue
		}
		d := g[0].day
		rest := 0
		for _, x := range g {
			rest = max(rest, e.rest(x.item.Role, p, r))
		}
		for j, x := range g {
			it := x.item
			it.Sets, it.RestS = a.sets[i], rest
			if len(g) == 2 {
				it.Superset = string(rune('A' + letters[d]))
				if j == 0 {
					it.RestS = r.Training.Time.SupersetS
				}
			}
			out[d] = append(out[d], it)
		}
		if len(g) == 2 {
			letters[d]++
		}
	}
	for d := range out {
		p.lengthenRests(out[d], r)
	}
	return out
}

// restStep is how much a rest grows at a time, in seconds.
const restStep = 15

func (p Profile) lengthenRests(items []Item, r *rules.Rules) {
	limit, top := p.budget(r), p.budget(r)*r.Training.Time.Tolerance
	for grown := true; grown; {
		grown = false
		for i := range items {
			it := &items[i]
			_, preferred := restSpan(it.Role, p, r)
			if i+1 < len(items) && it.Superset != "" && items[i+1].Superset == it.Superset || it.RestS+restStep > preferred {
				continue
			}
			it.RestS += restStep
			if SessionSeconds(items, false, r) > limit || SessionSeconds(items, true, r) > top {
				it.RestS -= restStep
				continue
			}
			grown = true
		}
	}
}

// finishDay adds what is left of a session: conditioning, warm-up, minutes.
func finishDay(d SlotDay, items []Item, picks map[string]gym.Exercise, p Profile, r *rules.Rules) Day {
	day := Day{Day: d.Day, Weekday: d.weekday(), Focus: d.Focus, Items: items}
	for _, s := range d.Slots {
		ex, ok := picks[s.ID]
		if !ok || s.Role != roleConditioning || slices.ContainsFunc(items, func(it Item) bool { return it.ExerciseID == ex.ID }) {
			continue
		}
		it := Prescribe(p, s, ex, r)
		if minutes := conditioningMinutes(s, items, p, r); minutes > 0 {
			it.Reps = Range{minutes, minutes}
			day.Items = append(slices.Clone(items), it)
		}
		break
	}
	if day.Items == nil {
		day.Items = []Item{}
	}
	day.Minutes = SessionMinutes(day, r)
	day.Warmup = warmup(day.Items, p, r)
	return day
}

// conditioningMinutes is what the session leaves, within the rules' span; 0 = not worth it.
func conditioningMinutes(s Slot, items []Item, p Profile, r *rules.Rules) int {
	l := r.Training.Load
	left := p.Minutes - int(SessionSeconds(items, false, r)+float64(r.Training.Time.PerExerciseS)+59)/60
	most := l.ConditioningMin[1]
	if s.Kind == focusRecovery {
		most = l.RecoveryMin
	}
	if left = min(left, most); left < l.ConditioningMin[0] {
		return 0
	}
	return left
}

// warnings says what the member should know about the volume.
func (w Workout) warnings(chosen int, p Profile) []gate.Warning {
	var list []gate.Warning
	var limited, none []string
	for _, v := range w.Volume {
		switch v.Status {
		case StatusTimeLimited, StatusBelow:
			limited = append(limited, v.Muscle)
		case StatusNoExercise:
			none = append(none, v.Muscle)
		}
	}
	if len(limited) > 0 {
		list = append(list, gate.Warning{Code: "volume_below_band", Text: fmt.Sprintf("%d sessions of %d minutes leave these muscles below the usual weekly sets for your goal: %s. A longer session or one more day would help.", len(w.Days), p.Minutes, strings.Join(limited, ", "))})
	}
	if len(none) > 0 {
		list = append(list, gate.Warning{Code: "muscle_without_exercise", Text: "No allowed exercise with your equipment trains these muscles directly: " + strings.Join(none, ", ") + "."})
	}
	used, minutes := 0, 0
	for _, d := range w.Days {
		minutes += d.Minutes
		for _, it := range d.Items {
			if it.Role != roleConditioning {
				used++
			}
		}
	}
	if used < chosen {
		list = append(list, gate.Warning{Code: "exercise_left_out", Text: fmt.Sprintf("%d exercises were left out: the sessions have no time for them, or their muscles have enough sets.", chosen-used)})
	}
	if len(limited) == 0 && 100*minutes < 60*p.Minutes*len(w.Days) {
		list = append(list, gate.Warning{Code: "sessions_short", Text: fmt.Sprintf("The sessions are shorter than %d minutes because the weekly sets for your goal are reached. Use the rest for easy cardio and mobility, or train on fewer days.", p.Minutes)})
	}
	return list
}
