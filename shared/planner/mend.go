package planner

import (
	"slices"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/training"
)

// mendTries bounds how many weeks are built to mend one: each takes some milliseconds.
const mendTries = 24

// mended exchanges single picks while the week leaves a major muscle outside the band that time allows: a slot may hold an
// exercise that trains the slot's own muscle and not the one beside it that the week still lacks. An exchange stays only
// when fewer muscles are outside afterwards, so a week that is in its bands keeps every pick of the model.
func (b *builder) mended(picks map[string]gym.Exercise) map[string]gym.Exercise {
	week, _ := training.Build(b.outline, picks, b.profile, b.Rules)
	outside := b.lacking(week)
	tries := 0
	for improved := true; improved && len(outside) > 0 && tries < mendTries; {
		improved = false
		for _, swap := range b.exchanges(picks, outside) {
			if tries++; tries > mendTries {
				break
			}
			old := picks[swap.slot]
			picks[swap.slot] = swap.exercise
			week, _ := training.Build(b.outline, picks, b.profile, b.Rules)
			if now := b.lacking(week); len(now) < len(outside) {
				outside, improved = now, true
				break
			}
			picks[swap.slot] = old
		}
	}
	return picks
}

// lacking lists the muscle groups below their band, each by its muscles.
func (b *builder) lacking(w training.Workout) [][]gym.Muscle {
	var out [][]gym.Muscle
	for _, v := range w.Volume {
		if v.Status != training.StatusBelow {
			continue
		}
		for _, g := range b.Rules.Training.Groups {
			if g.Name == v.Muscle {
				out = append(out, g.Muscles)
			}
		}
	}
	return out
}

type exchange struct {
	slot     string
	exercise gym.Exercise
}

// exchanges lists what could help: for each slot the best candidate that trains a lacking muscle where the pick does not,
// and that its day does not have.
func (b *builder) exchanges(picks map[string]gym.Exercise, outside [][]gym.Muscle) []exchange {
	var out []exchange
	for _, group := range outside {
		for _, d := range b.outline.Days {
			var today []string
			for _, s := range d.Slots {
				today = append(today, picks[s.ID].ID)
			}
			for _, s := range d.Slots {
				now, ok := picks[s.ID]
				if !ok || works(now, group) {
					continue
				}
				i := slices.IndexFunc(b.exercises[s.ID], func(e gym.Exercise) bool { return works(e, group) && !slices.Contains(today, e.ID) })
				if i >= 0 {
					out = append(out, exchange{s.ID, b.exercises[s.ID][i]})
				}
			}
		}
	}
	return out
}

func works(e gym.Exercise, group []gym.Muscle) bool {
	return slices.ContainsFunc(group, func(m gym.Muscle) bool { return slices.Contains(e.Primary, m) || slices.Contains(e.Secondary, m) })
}
