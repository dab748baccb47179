package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/intellifit/intellifit/shared/gym"
)

// tally counts what the rules made of the good rows, e.g. how many exercises have which movement pattern.
type tally map[string]map[string]int

func (t tally) add(what, word string) {
	if t[what] == nil {
		t[what] = map[string]int{}
	}
	t[what][cmp.Or(word, "unknown")]++
}

func tallyExercises(exercises []gym.Exercise) tally {
	t := tally{}
	for _, e := range exercises {
		t.add("pattern", string(e.Pattern))
		t.add("equipment", e.Equipment)
		for _, tag := range e.Tags {
			t.add("injury tag", string(tag))
		}
	}
	return t
}

func tallyFoods(foods []gym.Food) tally {
	t := tally{}
	for _, f := range foods {
		t.add("role", string(f.Role))
		for _, d := range f.Diets {
			t.add("diet", string(d))
		}
		if !f.AllergensKnown {
			t.add("allergens", "")
			continue
		}
		t.add("allergens", "known")
	}
	return t
}

// lines tells one line per thing that was counted, the most frequent words first.
func (t tally) lines() []string {
	var out []string
	for _, what := range slices.Sorted(maps.Keys(t)) {
		words := slices.SortedFunc(maps.Keys(t[what]), func(a, b string) int {
			return cmp.Or(cmp.Compare(t[what][b], t[what][a]), cmp.Compare(a, b))
		})
		for i, w := range words {
			words[i] = fmt.Sprintf("%s %d", w, t[what][w])
		}
		out = append(out, what+": "+strings.Join(words, ", "))
	}
	return out
}
