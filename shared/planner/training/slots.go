package training

import (
	"fmt"
	"slices"
	"strings"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/gate"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

// majorPatterns are the six that a balanced week trains; their place is their bit.
var majorPatterns = []gym.Pattern{gym.Squat, gym.Hinge, gym.HorizontalPush, gym.VerticalPush, gym.HorizontalPull, gym.VerticalPull}

func patternBit(p gym.Pattern) uint {
	if i := slices.Index(majorPatterns, p); i >= 0 {
		return 1 << i
	}
	return 0
}

// Slots lays out the week: split, weekdays, and per day the slots in the order in which they are trained. It balances
// the expected volume of every kind of exercise first, so that whatever fills the slots can be balanced by Build.
func Slots(p Profile, r *rules.Rules) Outline {
	split := splitFor(p.days(), r)
	o := Outline{Split: split.Name}
	weekdays, notes := placeDays(split.Focus, p)
	o.Warnings = append(o.Warnings, notes...)
	if p.days() < min(p.Days, 7) {
		o.Warnings = append(o.Warnings, gate.Warning{Code: "days_reduced", Text: fmt.Sprintf("Only %d days are left after the ones to avoid, so the week has %d sessions.", p.days(), p.days())})
	}
	chosen := chooseKinds(split.Focus, p, r)
	used := map[string]int{}
	for i, focus := range split.Focus {
		day := SlotDay{Day: i + 1, Focus: r.Training.Focuses[focus].Title, Weekday: weekdays[i]}
		kinds := chosen[i]
		if focus == focusRecovery {
			kinds = []string{"recovery"}
		} else if p.endsWithConditioning() {
			kinds = append(kinds, "conditioning")
		}
		for _, name := range orderKinds(kinds, i, r) {
			s := p.slot(name, used[name], r)
			used[name]++
			s.Day, s.ID = i+1, fmt.Sprintf("d%ds%d", i+1, len(day.Slots)+1)
			day.Slots = append(day.Slots, s)
		}
		o.Days = append(o.Days, day)
	}
	return o
}

// endsWithConditioning says whether time that is left goes into conditioning.
func (p Profile) endsWithConditioning() bool {
	switch p.goal() {
	case gym.Endurance, gym.FatLoss, gym.Health:
		return true
	}
	return false
}

// slot makes the nth slot of a kind this week.
func (p Profile) slot(name string, nth int, r *rules.Rules) Slot {
	k := r.Training.Kinds[name]
	patterns, muscles, _ := allowed(k, p.Gate)
	if p.goal() == gym.Strength && nth == 0 {
		muscles = append(muscles, k.Strength...)
	}
	s := Slot{Role: k.Role, Kind: name, Patterns: patterns, Muscles: muscles, Query: k.Query, Optional: k.Role != roleCompound}
	for _, alt := range k.Fallback {
		patterns, muscles, ok := allowed(rules.Kind{Patterns: alt.Patterns, Muscles: alt.Muscles}, p.Gate)
		if ok {
			s.Fallback = append(s.Fallback, Alternative{Patterns: patterns, Muscles: muscles, Query: alt.Query})
		}
	}
	return s
}

// orderKinds sorts by role and keeps the focus's order within one. On every second day the first two compounds change
// places, so that neither squat nor hinge is always the tired one.
func orderKinds(kinds []string, day int, r *rules.Rules) []string {
	kinds = slices.Clone(kinds)
	slices.SortStableFunc(kinds, func(a, b string) int {
		return roleOrder[r.Training.Kinds[a].Role] - roleOrder[r.Training.Kinds[b].Role]
	})
	if day%2 == 1 && len(kinds) > 1 && r.Training.Kinds[kinds[1]].Role == roleCompound && kinds[0] != kinds[1] {
		kinds[0], kinds[1] = kinds[1], kinds[0]
	}
	return kinds
}

// effort is one way to spend time, from the comfortable to the dense.
type effort struct {
	shortRest bool
	supersets int // 0 none, 1 without compounds, 2 all that do not compete
}

// efforts are tried in this order; the first that reaches every band is taken.
func (p Profile) efforts() []effort {
	list := []effort{{}, {shortRest: true}}
	if p.supersets() {
		list = append(list, effort{true, 1}, effort{true, 2})
	}
	return list
}

// chooseKinds decides which kinds each day has.
func chooseKinds(focus []string, p Profile, r *rules.Rules) [][]string {
	var best *answer
	var bestNames []string
	bestCost := 0.0
	for _, e := range p.efforts() {
		problem, names := nominal(focus, p, e, r)
		a := solve(problem)
		if c := a.cost(); best == nil || c < bestCost {
			best, bestNames, bestCost = a, names, c
		}
		if a.reaches() {
			best, bestNames = a, names
			break
		}
	}
	days := make([][]string, len(focus))
	for i, n := range best.sets {
		if n > 0 {
			d := best.p.units[i].day
			days[d] = append(days[d], bestNames[i])
		}
	}
	return days
}

// nominal states the week in kinds of exercises, each with the volume that is expected of it.
func nominal(focus []string, p Profile, e effort, r *rules.Rules) (*problem, []string) {
	problem := p.problem(len(focus), r)
	direct := make([]bool, len(r.Training.Groups))
	var names []string
	for d, f := range focus {
		rule := r.Training.Focuses[f]
		problem.anchors[d] = anchorsOf(rule, p.Gate, r)
		seen := map[string]int{}
		for _, name := range rule.Options {
			k := r.Training.Kinds[name]
			patterns, _, ok := allowed(k, p.Gate)
			if !ok || k.Role == roleConditioning {
				continue
			}
			u := p.nominalUnit(k, e, r)
			u.day = d
			u.patterns = patternBit(patterns[0])
			u.anchors = anchorBits(rule, name)
			u.cost += 2 * float64(seen[name]) // a second exercise of a kind has to earn its place
			seen[name]++
			for g, share := range u.share {
				direct[g] = direct[g] || share >= primaryShare
			}
			problem.patterns |= u.patterns
			problem.units = append(problem.units, u)
			names = append(names, name)
		}
	}
	problem.drop(direct)
	problem.direct = direct
	return problem, names
}

func (p Profile) nominalUnit(k rules.Kind, e effort, r *rules.Rules) unit {
	t := r.Training.Time
	lo, hi := setSpan(k.Role, p, r)
	short, rest := restSpan(k.Role, p, r)
	reps := p.reps(k.Role, r)
	pause := float64(rest)
	if e.shortRest {
		pause = float64(short)
	}
	if e.supersets == 2 || e.supersets == 1 && k.Role != roleCompound {
		pause = (pause + float64(t.SupersetS)) / 2
	}
	u := unit{lo: lo, hi: hi, exercises: 1, share: make([]float64, len(r.Training.Groups)), cost: 1.5 - k.Weight, weight: setWeight * k.Weight, fixed: float64(t.PerExerciseS)}
	u.perSet = float64(middle(reps)*t.PerRepS) + pause
	u.perSetTop = float64(reps.Max*t.PerRepS) + pause
	for i, g := range r.Training.Groups {
		u.share[i] = k.Expected[g.Name]
	}
	return u
}

// problem states the limits and the bands of a week without its units.
func (p Profile) problem(days int, r *rules.Rules) *problem {
	t := r.Training
	l := p.Band(r)
	q := &problem{
		days: days, budget: p.budget(r) - float64(t.Time.WarmupS), topLimit: p.budget(r)*t.Time.Tolerance - float64(t.Time.WarmupS),
		maxSets: t.Caps.Sets[p.experience()], maxMuscle: float64(t.Caps.SetsPerMuscle), maxItems: t.Caps.Items,
		minDays: min(2, p.strengthDays(r)), anchors: make([]uint, days),
	}
	for _, g := range t.Groups {
		q.low, q.floor, q.high = append(q.low, l.Low), append(q.floor, l.Floor), append(q.high, l.High)
		w := 1.0
		if g.Optional {
			w = 0.02
		}
		q.weight = append(q.weight, w)
	}
	q.baseVolume, q.baseTrained = make([]float64, len(t.Groups)), make([]int, len(t.Groups))
	return q
}

// drop stops counting groups that nothing trains directly: no number of sets would be honest for them.
func (q *problem) drop(direct []bool) {
	for g, ok := range direct {
		if !ok && q.baseVolume[g] == 0 {
			q.weight[g] *= 0.01
			q.floor[g] = 0
		}
	}
}

// anchorsOf gives the anchors of a focus that the gate leaves possible, as bits.
func anchorsOf(f rules.Focus, g gate.Assessment, r *rules.Rules) uint {
	var bits uint
	for i, alternatives := range f.Anchors {
		for name := range strings.SplitSeq(alternatives, "|") {
			if _, _, ok := allowed(r.Training.Kinds[name], g); ok {
				bits |= 1 << i
			}
		}
	}
	return bits
}

func anchorBits(f rules.Focus, kind string) uint {
	var bits uint
	for i, alternatives := range f.Anchors {
		if slices.Contains(strings.Split(alternatives, "|"), kind) {
			bits |= 1 << i
		}
	}
	return bits
}
