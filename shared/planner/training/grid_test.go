package training_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/gate"
	"github.com/intellifit/intellifit/shared/planner/rules"
	"github.com/intellifit/intellifit/shared/planner/training"
)

var now = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

var (
	goals  = []gym.Goal{gym.FatLoss, gym.MuscleGain, gym.Strength, gym.Endurance, gym.Health}
	levels = []gym.Experience{gym.Beginner, gym.Intermediate, gym.Advanced}
	sites  = []gym.InjurySite{gym.Neck, gym.Shoulder, gym.Elbow, gym.Wrist, gym.UpperBack, gym.LowerBack, gym.Hip, gym.Knee, gym.Ankle}
	kits   = [][]string{
		{"barbell", "dumbbell", "cable", "machine", "kettlebells", "bands"},
		{"dumbbell", "bands"},
		{"machine", "cable"},
		{"dumbbell", "kettlebells", "barbell"},
		{},
	}
)

// profile draws one member of the planning rules' grid: goal × level × days 2–6 × 30–90 min × equipment × 0–2 injuries
// × age 18–75.
func profile(rnd *rand.Rand) training.Profile {
	m := gym.Member{
		ID: "m", BirthDate: gym.NewDate(now.Year()-18-rnd.IntN(58), 3, 1), HeightCM: 172, WeightKG: 74, Activity: gym.Moderate,
		Goal: goals[rnd.IntN(len(goals))], Experience: levels[rnd.IntN(len(levels))],
	}
	for range rnd.IntN(3) {
		status := gym.PastInjury
		if rnd.IntN(2) == 0 {
			status = gym.Pain
		}
		m.Injuries = append(m.Injuries, gym.Injury{Site: sites[rnd.IntN(len(sites))], Status: status})
	}
	switch rnd.IntN(12) {
	case 0:
		m.Conditions = []gym.Condition{gym.Hypertension}
	case 1:
		m.Conditions = []gym.Condition{gym.HeartDisease}
	case 2:
		m.Conditions = []gym.Condition{gym.Osteoporosis}
	}
	kit := kits[0]
	if rnd.IntN(2) == 0 {
		kit = kits[rnd.IntN(len(kits))]
	}
	return training.Profile{
		Goal: m.Goal, Experience: m.Experience, Days: 2 + rnd.IntN(5), Minutes: 30 + 15*rnd.IntN(5), Age: m.Age(now), Equipment: kit,
		Gate: gate.Assess(m, gate.Input{}, rules.Default(), now),
	}
}

// Of a thousand members at least 95 % of the major muscles are inside the band that their time allows, and nobody's
// session runs over. The share inside the literature's own band is printed beside it, because time is no excuse that
// should hide.
func TestBandOverGrid(t *testing.T) {
	t.Parallel()
	r := rules.Default()
	list := catalogue()
	rnd := rand.New(rand.NewPCG(1, 2))
	count, twice, pairs, untrained, patterns, all := map[string]int{}, 0, 0, 0, 0, 0
	below := map[string]int{}
	literature, enough := 0, 0
	for range 1000 {
		p := profile(rnd)
		o := training.Slots(p, r)
		w, _ := training.Build(o, pick(o, p, list, rnd), p, r)
		if v := training.Check(w, p, byID(list), r); len(v) > 0 {
			t.Fatalf("profile %+v: %v", p, v)
		}
		limited := p.Band(r).Limited()
		got := map[gym.Pattern]bool{}
		for _, d := range w.Days {
			for _, it := range d.Items {
				got[it.Pattern] = true
			}
		}
		if len(p.Gate.AvoidTags) == 0 && len(p.Equipment) == 6 {
			all++
			if got[gym.Squat] && got[gym.Hinge] && got[gym.HorizontalPush] && got[gym.VerticalPush] && got[gym.HorizontalPull] && got[gym.VerticalPull] {
				patterns++
			}
		}
		for _, v := range w.Volume {
			if v.Status == training.StatusNoExercise {
				untrained++
				continue
			}
			pairs++
			count[v.Status]++
			if v.Days >= 2 {
				twice++
			}
			if !limited {
				enough++
				if v.Status == training.StatusInBand {
					literature++
				}
			}
			if v.Status == training.StatusBelow || v.Status == training.StatusAbove {
				below[fmt.Sprintf("%s %s", v.Status, v.Muscle)]++
				below[fmt.Sprintf("%s %s %d days", v.Status, p.Goal, p.Days)]++
				below[fmt.Sprintf("%s %d min", v.Status, p.Minutes)]++
				below[fmt.Sprintf("%s kit %d", v.Status, len(p.Equipment))]++
			}
		}
	}
	inside := float64(count[training.StatusInBand]+count[training.StatusTimeLimited]) / float64(pairs)
	t.Logf("muscles %d (and %d that nothing legal trains): %v", pairs, untrained, count)
	t.Logf("inside the band that time allows %.1f %%; inside the literature's band %.1f %%, where time is enough %.1f %%; on two days or more %.1f %%; six patterns %d of %d",
		100*inside, 100*float64(count[training.StatusInBand])/float64(pairs), 100*float64(literature)/float64(enough), 100*float64(twice)/float64(pairs), patterns, all)
	t.Logf("outside: %v", below)
	if inside < 0.95 || float64(twice) < 0.95*float64(pairs) || float64(patterns) < 0.95*float64(all) {
		t.Errorf("inside %.3f, two days %d of %d, patterns %d of %d: want 95 %% of each", inside, twice, pairs, patterns, all)
	}
}

func BenchmarkPlanWeek(b *testing.B) {
	r, list := rules.Default(), catalogue()
	for _, days := range []int{2, 4, 6} {
		b.Run(fmt.Sprintf("days=%d", days), func(b *testing.B) {
			p := training.Profile{Goal: gym.MuscleGain, Experience: gym.Advanced, Days: days, Minutes: 60, Age: 30, Equipment: kits[0], Gate: gate.Assessment{MaxLevel: gym.Advanced}}
			for b.Loop() {
				o := training.Slots(p, r)
				training.Build(o, pick(o, p, list, rand.New(rand.NewPCG(1, 2))), p, r)
			}
		})
	}
}
