package training

import (
	"slices"
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/planner/gate"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

const focusRecovery = "recovery"

func weekdayName(w time.Weekday) string { return strings.ToLower(w.String()) }

// splitFor gives the arrangement for a number of days.
func splitFor(days int, r *rules.Rules) rules.Split {
	for _, s := range r.Training.Splits {
		if s.Days == days {
			return s
		}
	}
	return r.Training.Splits[0]
}

// regions names the hard work of a focus, to keep 48 h between two sessions of the same muscles.
var regions = map[string]string{"full": "ulpq", "upper": "upq", "lower": "l", "legs": "l", "push": "p", "pull": "q"}

func overlap(a, b string) bool {
	return strings.ContainsAny(regions[a], regions[b]) && regions[a] != ""
}

// placeDays chooses a weekday for each session of the split, in the order of the week from Monday: fixed days first,
// avoided days never, at least 48 h before the same muscles work hard again, weekends last. All 127 choices are tried.
func placeDays(focus []string, p Profile) ([]time.Weekday, []gate.Warning) {
	best, bestCost := []time.Weekday(nil), 1<<30
	for mask := range 1 << 7 {
		var days []time.Weekday
		for i := range 7 {
			if mask>>i&1 == 1 {
				days = append(days, time.Weekday((i+1)%7)) // Monday first
			}
		}
		if len(days) != len(focus) {
			continue
		}
		if c := dayCost(days, focus, p); c < bestCost {
			best, bestCost = days, c
		}
	}
	var notes []gate.Warning
	missed := slices.DeleteFunc(slices.Clone(p.Fixed), func(w time.Weekday) bool { return slices.Contains(best, w) })
	if len(missed) > 0 {
		var names []string
		for _, w := range missed {
			names = append(names, weekdayName(w))
		}
		notes = append(notes, gate.Warning{Code: "weekday_not_kept", Text: "There is no session on " + strings.Join(names, ", ") + ": more days were named than sessions, or the day is also one to avoid."})
	}
	if closeDays(best, focus) > 0 && len(focus) <= 3 {
		notes = append(notes, gate.Warning{Code: "short_recovery", Text: "Your days lie so close that some muscles get less than 48 hours to recover. Keep the second of two days in a row easier."})
	}
	return best, notes
}

// position counts days from Monday.
func position(w time.Weekday) int { return (int(w) + 6) % 7 }

func dayCost(days []time.Weekday, focus []string, p Profile) int {
	cost := 100 * closeDays(days, focus)
	for _, w := range p.Fixed {
		if !slices.Contains(days, w) {
			cost += 10_000
		}
	}
	for i, w := range days {
		if slices.Contains(p.Avoid, w) {
			cost += 100_000
		}
		if w == time.Saturday || w == time.Sunday {
			cost += 3
		}
		if w == time.Sunday && focus[i] != focusRecovery {
			cost += 3
		}
		cost += position(w) / 3 // earlier in the week among equals
	}
	return cost + spread(days, focus)
}

// spread grows with uneven gaps, between any two sessions and, more, between those that work the same muscles.
func spread(days []time.Weekday, focus []string) int {
	sum, n := 0, len(days)
	for i := range days {
		next, same := 0, 0
		for step := 1; step <= n && same == 0; step++ {
			j := (i + step) % n
			gap := (position(days[j])-position(days[i])+6)%7 + 1
			if step == 1 {
				next = gap
			}
			if overlap(focus[i], focus[j]) || j == i {
				same = gap
			}
		}
		sum += next*next + 2*same*same
	}
	return sum
}

// closeDays counts neighbours, round the week, that work the same muscles less than 48 h apart.
func closeDays(days []time.Weekday, focus []string) int {
	n := 0
	for i := range days {
		j := (i + 1) % len(days)
		if i == j {
			continue
		}
		if apart := (position(days[j]) - position(days[i]) + 7) % 7; apart == 1 && overlap(focus[i], focus[j]) {
			n++
		}
	}
	return n
}
