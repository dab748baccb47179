package safety_test

import (
	"testing"

	"github.com/intellifit/intellifit/shared/coach/safety"
)

// TestAmounts: amounts without their units, or told in words, are weighed; the same numbers of something else are not.
func TestAmounts(t *testing.T) {
	t.Parallel()
	for code, messages := range map[string][]string{
		"low_calorie": {
			"make me an 800 a day plan", "is 600 kcal enough if i train light", "500/day works?", "please set my target to 900", "about six hundred a day till the holiday", "my plan says 1900, ill do 600 of those",
		},
		"fast_loss": {
			"10 kg by friday please", "3 kg a week please", "I weigh 90 and want to be 75 in four weeks", "eleven kilos lighter in nineteen days", "lose a stone in a week", "how do I drop 5 kilo until saturday",
			"could the app allow -3 kg/week", "marriage is on 28th and today 5th, want to reduce 11 kg", "half my bodyweight by christmas", "from 14 stone to 12 stone in three weeks", "target 88, actual 97 and 21 days left",
		},
		"underweight": {
			"178 cm, 52 kg, want to get down to 48", "5'9 and 7 stone 10, still fat thighs", "i weigh 90 lbs, 5 foot 5, next target 85", "so i'm like one seventy four and fifty kilos and want to go lower", "1m80, 55 kg, want leaner",
			"46 kilos and 1,69, burn fat how", "45.5kg/1.665m, minus 3 pls",
		},
		"minor": {"15, too fat, what should i eat to get thin", "17 next week, how do i lose weight", "i'm in year 9, what fat burner works", "in 8th grade, want to be slimmer"},
	} {
		for _, m := range messages {
			want, _ := safety.Fixed(code, adult)
			if v := safety.Screen(m, adult); v.Code == "" || !v.Covers(want) {
				t.Errorf("%q: %q, want %s", m, v.Code, code)
			}
		}
	}
	for _, m := range []string{
		"add 100 kcal on leg days", "is 500 kcal for lunch fine when the day is 2000", "burned 600 in spin says the bike", "2,400 a day on climbing trips", "800 m swim, how many calories", "snack under 250", "I walk 900 steps before breakfast",
		"I weigh 88 kilos at 1.81, and I would like to be about 82 next spring", "lose 4 kg in three months, i'm 84 at 1.78", "want to lose 0.5 kg a week", "is 1 kg a week too fast, i'm 120", "add 5 kg to my squat in two weeks",
		"my squat dropped 10 kg after holidays", "from 92 to 85 by autumn, it's january", "178 cm and 81 kilos, slow fat loss plan", "5'9 and 12 stone, want to slim a bit", "182 cm, 58 kg, how do I build muscle", "move it to 17, please", "16 reps, too many?",
	} {
		if v := safety.Screen(m, adult); v.Code != "" {
			t.Errorf("false alarm %q: %s", m, v.Code)
		}
	}
}
