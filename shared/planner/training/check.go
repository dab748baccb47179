package training

import (
	"fmt"
	"maps"
	"slices"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/gate"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

// Violation is one broken rule of a finished workout.
type Violation struct {
	Code string // equipment, tag, level, region, time, duplicate, order, muscle_cap, session_cap, slot, superset, unknown_exercise, prescription
	Slot string // "" when it concerns a day or the week
	Text string
}

// Check lists every rule that w breaks for p, with the exercises of the catalogue by id; nil means none. It trusts
// nothing that Build did.
func Check(w Workout, p Profile, exercises map[string]gym.Exercise, r *rules.Rules) []Violation {
	c := checker{p: p, r: r, exercises: exercises}
	slots := map[string]bool{}
	for _, d := range w.Days {
		c.day(d)
		for _, it := range d.Items {
			if it.Slot == "" || slots[it.Slot] {
				c.add("slot", it.Slot, "slot ids have to be present and unique")
			}
			slots[it.Slot] = true
		}
	}
	return c.found
}

type checker struct {
	p         Profile
	r         *rules.Rules
	exercises map[string]gym.Exercise
	found     []Violation
}

func (c *checker) add(code, slot, format string, args ...any) {
	c.found = append(c.found, Violation{Code: code, Slot: slot, Text: fmt.Sprintf(format, args...)})
}

func (c *checker) day(d Day) {
	seen := map[string]bool{}
	total, rank := 0, 0
	muscles := make([]float64, len(c.r.Training.Groups))
	for i, it := range d.Items {
		c.item(it)
		if seen[it.ExerciseID] {
			c.add("duplicate", it.Slot, "the day has this exercise already")
		}
		seen[it.ExerciseID] = true
		second := i > 0 && it.Superset != "" && d.Items[i-1].Superset == it.Superset
		if !second {
			if roleOrder[it.Role] < rank {
				c.add("order", it.Slot, "%s after a later role", it.Role)
			}
			rank = roleOrder[it.Role]
		}
		if it.Role == roleConditioning {
			continue
		}
		total += it.Sets
		for g, share := range shares(it.Primary, it.Secondary, c.r) {
			muscles[g] += share * float64(it.Sets)
		}
	}
	c.supersets(d)
	if most := c.r.Training.Caps.Sets[c.p.experience()]; total > most {
		c.add("session_cap", "", "day %d has %d sets, more than %d", d.Day, total, most)
	}
	for g, v := range muscles {
		if v > float64(c.r.Training.Caps.SetsPerMuscle) {
			c.add("muscle_cap", "", "day %d has %.1f sets for %s", d.Day, v, c.r.Training.Groups[g].Name)
		}
	}
	if s := SessionSeconds(d.Items, false, c.r); s > c.p.limit(c.r) || d.Minutes != SessionMinutes(d, c.r) {
		c.add("time", "", "day %d says %d minutes and takes %.1f of %d", d.Day, d.Minutes, s/60, c.p.Minutes)
	}
}

func (c *checker) item(it Item) {
	e, ok := c.exercises[it.ExerciseID]
	if !ok {
		c.add("unknown_exercise", it.Slot, "not in the catalogue")
		return
	}
	if e.Name != it.Name || e.Pattern != it.Pattern || e.Equipment != it.Equipment || !slices.Equal(e.Primary, it.Primary) {
		c.add("unknown_exercise", it.Slot, "differs from the catalogue")
	}
	if e.Equipment != gym.BodyOnly && !slices.Contains(c.p.Equipment, e.Equipment) {
		c.add("equipment", it.Slot, "needs %q", e.Equipment)
	}
	for _, tag := range e.Tags {
		if slices.Contains(c.p.Gate.AvoidTags, tag) {
			c.add("tag", it.Slot, "has the excluded tag %s", tag)
		}
	}
	if c.p.Gate.MaxLevel != "" && gate.Level(e.Level) > gate.Level(c.p.Gate.MaxLevel) {
		c.add("level", it.Slot, "is %s", e.Level)
	}
	if slices.Contains(c.p.Gate.ExcludedPattern, e.Pattern) || slices.ContainsFunc(e.Primary, func(m gym.Muscle) bool { return slices.Contains(c.p.Gate.ExcludedMuscles, m) }) {
		c.add("region", it.Slot, "loads a region that is left out")
	}
	if it.Sets < 1 || it.Reps.Min < 1 || it.Reps.Max < it.Reps.Min || it.RestS < 0 {
		c.add("prescription", it.Slot, "has no sound sets, repetitions or rest")
	}
	if it.Role != roleConditioning && (it.RIR.Min < c.p.Gate.MinRIR || it.Unit == "reps" && it.Role != rolePower && it.Reps.Min < c.p.Gate.MinReps) {
		c.add("prescription", it.Slot, "is harder than the gate allows")
	}
}

// supersets checks that partners stand together, are two, have equal sets and are not both heavy on the spine.
func (c *checker) supersets(d Day) {
	groups := map[string][]int{}
	for i, it := range d.Items {
		if it.Superset != "" {
			groups[it.Superset] = append(groups[it.Superset], i)
		}
	}
	for _, letter := range slices.Sorted(maps.Keys(groups)) {
		at := groups[letter]
		if len(at) != 2 || at[1] != at[0]+1 || d.Items[at[0]].Sets != d.Items[at[1]].Sets {
			c.add("superset", d.Items[at[0]].Slot, "superset %s is no pair with equal sets", letter)
			continue
		}
		a, b := d.Items[at[0]], d.Items[at[1]]
		if spinal(entry{ex: c.exercises[a.ExerciseID], item: a}) && spinal(entry{ex: c.exercises[b.ExerciseID], item: b}) {
			c.add("superset", a.Slot, "superset %s loads the spine twice", letter)
		}
		if !c.p.supersets() {
			c.add("superset", a.Slot, "supersets are left out for this member")
		}
	}
}
