package route

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDigits(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"three sets of ten": "3 sets of 10", "eighty two kg": "82 kg", "eighty-two": "82", "a hundred and twenty kg": "100 and 20 kg", "one hundred twenty": "120", "two hundred and five": "205",
		"sixty two point five": "62.5", "twenty five": "25", "three ten": "3 10", "seventy and a half": "70.5", "no numbers here": "no numbers here", "hundred kg": "100 kg",
	} {
		if said == "a hundred and twenty kg" {
			want = "120 kg"
		}
		if got := strings.Join(digits(strings.Fields(said)), " "); got != want {
			t.Errorf("digits(%q) = %q, want %q", said, got, want)
		}
	}
}

func TestReadSet(t *testing.T) {
	t.Parallel()
	kg := func(w float64) *float64 { return &w }
	n := func(n int) *int { return &n }
	for said, want := range map[string]set{
		"3x8 bench at 60 kilos": {sets: 3, reps: 8, weight: kg(60)},
		"did three sets of ten squats with eighty kg, 2 in the tank": {sets: 3, reps: 10, weight: kg(80), rir: n(2)},
		"5x5 deadlift 100kg":                        {sets: 5, reps: 5, weight: kg(100)},
		"5x5x100 deadlift":                          {sets: 5, reps: 5, weight: kg(100)},
		"bench 4 by 6 at 72.5":                      {sets: 4, reps: 6, weight: kg(72.5)},
		"bench 4 by 6 at 72,5 kg":                   {sets: 4, reps: 6, weight: kg(72.5)},
		"3 sets of 8 at 135 lbs":                    {sets: 3, reps: 8, weight: kg(61.2)},
		"twelve reps for three sets with 20 kg":     {sets: 3, reps: 12, weight: kg(20)},
		"four sets, eight reps, forty kilos, rir 1": {sets: 4, reps: 8, weight: kg(40), rir: n(1)},
		"3x10 rpe 8":                                {sets: 3, reps: 10, rir: n(2)},
		"3 × 12 push-ups to failure":                {sets: 3, reps: 12, rir: n(0)},
		"five by five squats at a hundred and ten, one rep in reserve": {sets: 5, reps: 5, weight: kg(110), rir: n(1)},
		"did 3 sets of lunges": {sets: 3},
		"i like this gym":      {},
		"book me at 5":         {},
	} {
		got, _ := readSet(read(said, nil).plain)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(set{})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", said, diff)
		}
	}
}
