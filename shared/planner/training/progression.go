package training

import (
	"slices"
	"strings"

	"github.com/intellifit/intellifit/shared/planner/rules"
)

// Progression gives one step per week: double progression, an easy week every four to eight weeks, and how to come
// back after a break.
func Progression(p Profile, r *rules.Rules) []Week {
	rule := r.Training.Progression
	n := p.Weeks
	if n <= 0 {
		n = rule.DefaultWeeks
	}
	n = min(n, rule.MaxWeeks)
	every := rule.DeloadEvery[p.experience()]
	var weeks []Week
	for i := 1; i <= n; i++ {
		w := Week{Week: i, SetsPct: 100, LoadPct: 100, Note: rule.Normal}
		switch {
		case i == 1:
			w.Note = rule.First
		case i%every == 0:
			w.Deload, w.SetsPct, w.LoadPct, w.Note = true, rule.DeloadSetsPct, rule.DeloadLoadPct, rule.Deload
		case i%every == 1:
			w.Note = rule.AfterDeload + " " + rule.Normal
		case i == 2:
			w.Note = rule.Normal + " " + rule.Missed
		case i == 3:
			w.Note = rule.Normal + " " + rule.Restart
		}
		weeks = append(weeks, w)
	}
	return weeks
}

// warmup names the first loaded lift, which gets the ramp of the planning rules.
func warmup(items []Item, p Profile, r *rules.Rules) []string {
	rule := r.Training.WarmupBodyweight
	first := slices.IndexFunc(items, func(it Item) bool { return it.Role != roleConditioning && it.Unit == "reps" })
	if first >= 0 && !items[first].Load.Bodyweight {
		rule = r.Training.Warmup
	}
	var lines []string
	for _, line := range rule.Lines {
		if strings.Contains(line, "{first}") {
			if first < 0 {
				continue
			}
			line = strings.ReplaceAll(line, "{first}", items[first].Name)
		}
		lines = append(lines, line)
	}
	if p.balanceWork(r) {
		lines = append(lines, r.Training.Balance.Lines...)
	}
	return lines
}

func (p Profile) balanceWork(r *rules.Rules) bool {
	return p.Gate.BalanceWork || float64(p.Age) >= r.Gate.OlderAge.Value
}

// aerobic is the base beside the sessions (WHO 2020).
func aerobic(p Profile, r *rules.Rules) string {
	key := "adult"
	switch {
	case p.Gate.Guardian:
		key = "minor"
	case p.Gate.LowModerateOnly:
		key = "gentle"
	case p.balanceWork(r):
		key = "older"
	}
	return strings.Join(r.Training.Aerobic[key].Lines, " ")
}
