package coach

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/intellifit/intellifit/shared/coach/safety"
	"github.com/intellifit/intellifit/shared/planner"
	"github.com/intellifit/intellifit/shared/planner/training"
)

// citedPlan is the kind of a citation of the member's own plan.
const citedPlan = "plan"

// fromPlan is how many notes of the plan stand before a question at most.
const fromPlan = 2

// aboutPlan tells a question about the member's own plan from one about the world.
var aboutPlan = regexp.MustCompile(`\b(?:my|in the|this|the) (?:\w+ )?(?:plan|program|programme|routine|menu|split|schedule|workouts?|sessions?|meals?|breakfasts?|lunch(?:es)?|dinners?|snacks?|shopping list|deload|progression)\b|\bmy (?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:what|which|when) (?:\w+ )?(?:do|should|will) i (?:eat|train|have|cook|buy)\b`)

// withPlan adds what the member's newest plan says to a question. What answers a question about the plan comes first: the
// sessions, meals and weeks that share most words with it, or what the plan is for. Where the plan has what the catalogue's
// notes name comes last.
func withPlan(p planner.Plan, question string, noNumbers bool, catalogue notes) notes {
	p = p.Shown()
	if noNumbers || p.NumbersHidden {
		p.Explanation = "" // it tells energy and protein
	}
	var out notes
	if aboutPlan.MatchString(strings.ToLower(question)) {
		out = nearest(planLines(p), topics(question))
		if len(out) == 0 && p.Explanation != "" {
			out = notes{{safety.Clean("Your plan: "+p.Explanation, noteLength), Citation{Kind: citedPlan, ID: p.ID, Name: "plan"}}}
		}
	}
	out = append(out, catalogue...)
	for _, n := range catalogue {
		if line := placesOf(p, n.from); line != "" {
			out = append(out, note{line, Citation{Kind: citedPlan, ID: p.ID, Name: n.from.Name}})
		}
	}
	return out
}

// nearest are the lines that share most words with what was asked, none that shares none.
func nearest(lines notes, asked map[string]bool) notes {
	score := map[string]int{}
	for _, n := range lines {
		score[n.line] = overlap(asked, topics(n.from.Name+" "+n.line))
	}
	lines = slices.DeleteFunc(lines, func(n note) bool { return score[n.line] == 0 })
	slices.SortStableFunc(lines, func(a, b note) int { return score[b.line] - score[a.line] })
	return lines[:min(len(lines), fromPlan)]
}

// planLines words a plan: a line for each session, each meal, and what changes over the weeks.
func planLines(p planner.Plan) notes {
	var out notes
	add := func(name, format string, args ...any) {
		line := safety.Clean(cutAt(fmt.Sprintf(format, args...), noteLength), noteLength+2)
		out = append(out, note{line, Citation{Kind: citedPlan, ID: p.ID, Name: name}})
	}
	for _, d := range p.Workout.Days {
		items := make([]string, len(d.Items))
		for i, it := range d.Items {
			items[i] = safety.Name(it.Name, "exercise") + " " + volume(it)
		}
		add(weekday(d), "Workout on %s, %s, %d minutes: %s.", weekday(d), spaced(d.Focus), d.Minutes, strings.Join(items, ", "))
	}
	for _, d := range p.Nutrition.Days {
		for _, m := range d.Meals {
			items := make([]string, len(m.Items))
			for i, it := range m.Items {
				items[i] = fmt.Sprintf("%d g %s", it.Grams, safety.Name(it.Name, "food"))
			}
			add(m.Name, "Menu, day %d, %s: %s.", d.Day, spaced(m.Name), strings.Join(items, ", "))
		}
	}
	for _, w := range p.Workout.Progression {
		if w.Deload {
			add("deload", "Week %d is a deload week: %s.", w.Week, strings.TrimRight(w.Note, "."))
		}
	}
	return out
}

// placesOf says where the plan has a row of the catalogue, "" when it has it nowhere.
func placesOf(p planner.Plan, c Citation) string {
	var places []string
	for _, d := range p.Workout.Days {
		for _, it := range d.Items {
			if c.Kind == "exercise" && it.ExerciseID == c.ID {
				places = append(places, fmt.Sprintf("on %s %s", weekday(d), volume(it)))
			}
		}
	}
	for _, d := range p.Nutrition.Days {
		for _, it := range d.Items() {
			if c.Kind == "food" && it.FoodID == c.ID {
				places = append(places, fmt.Sprintf("%d g on day %d of the menu", it.Grams, d.Day))
			}
		}
	}
	if len(places) == 0 {
		return ""
	}
	return fmt.Sprintf("Your plan has %s %s.", c.Name, strings.Join(places[:min(len(places), 3)], ", "))
}

func weekday(d training.Day) string {
	if d.Weekday == "" {
		return fmt.Sprintf("day %d", d.Day)
	}
	return strings.ToUpper(d.Weekday[:1]) + d.Weekday[1:]
}

func volume(it training.Item) string {
	if it.Reps.Min == it.Reps.Max {
		return fmt.Sprintf("%d × %d %s", it.Sets, it.Reps.Max, it.Unit)
	}
	return fmt.Sprintf("%d × %d–%d %s", it.Sets, it.Reps.Min, it.Reps.Max, it.Unit)
}

// empty are words that say nothing of what a question is about.
var empty = set("a an the my your our of in on at to for with and or is are was be do does did i you me we it this that what which when how why can could should will would have has plan day eat train")

func set(list string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		out[w] = true
	}
	return out
}

var topic = regexp.MustCompile(`[\p{L}\p{N}]+`)

// topics are the words of a text that say something, in the singular.
func topics(text string) map[string]bool {
	out := map[string]bool{}
	for _, w := range topic.FindAllString(strings.ToLower(text), -1) {
		if !empty[w] {
			out[strings.TrimSuffix(w, "s")] = true
		}
	}
	return out
}

func overlap(a, b map[string]bool) int {
	n := 0
	for w := range a {
		if b[w] {
			n++
		}
	}
	return n
}
