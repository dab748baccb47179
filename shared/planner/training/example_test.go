package training_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/gate"
	"github.com/intellifit/intellifit/shared/planner/rules"
	"github.com/intellifit/intellifit/shared/planner/training"
)

func Example() {
	r := rules.Default()
	member := gym.Member{
		BirthDate: gym.NewDate(1994, time.May, 2), HeightCM: 180, WeightKG: 82, Goal: gym.MuscleGain, Experience: gym.Intermediate,
		Activity: gym.Moderate, Injuries: []gym.Injury{{Site: gym.Knee, Status: gym.Pain}},
	}
	verdict := gate.Assess(member, gate.Input{Wishes: "no running, no session on Sunday"}, r, now)
	if verdict.Blocked {
		fmt.Println(verdict.Reasons)
		return
	}
	p := training.Profile{
		Goal: verdict.Goal, Experience: member.Experience, Days: 3, Minutes: 60, Age: member.Age(now),
		Equipment: []string{"cable", "machine", "dumbbell"}, Gate: verdict, Avoid: []time.Weekday{time.Sunday},
	}
	outline := training.Slots(p, r) // then retrieval finds candidates per slot, Fallback in order where there are none
	picks := pick(outline, p, catalogue(), rand.New(rand.NewPCG(1, 1)))
	workout, _ := training.Build(outline, picks, p, r)
	fmt.Println(workout.Split, len(workout.Days), "days, first on", workout.Days[0].Weekday)
	fmt.Println("broken rules:", len(training.Check(workout, p, byID(catalogue()), r)))
	for _, v := range workout.Volume[:2] {
		fmt.Printf("%s: %.1f to %.1f sets, %s\n", v.Muscle, v.Low, v.High, v.Status)
	}
	// Output:
	// full_body 3 days, first on monday
	// broken rules: 0
	// chest: 10.0 to 16.0 sets, in_band
	// back: 10.0 to 16.0 sets, in_band
}
