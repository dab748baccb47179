package when

import "testing"

func TestFigures(t *testing.T) {
	t.Parallel()
	cases := []string{
		"book me at half past six", "book me at 6:30", "a quarter to seven on friday", "6:45 on friday", "quarter past five pm", "5:15 pm", "half five tomorrow", "5:30 tomorrow", "ten to six pm", "5:50 pm", "twenty past four", "4:20",
		"six thirty p m", "6:30 pm", "six thirty P.M.", "6:30 pm.", "At 6.30 p.m. on Friday", "At 6:30 pm on Friday", "at 6 p.m. Thanks.", "at 6 pm. Thanks.", "at 6 P.M. Jonas", "at 6 pm. Jonas", "tomorrow at 7am", "tomorrow at 7 am", "five oh five pm", "5:05 pm",
		"at five", "at 5", "friday at seventeen hundred", "friday at 17:00", "friday at seventeen thirty", "friday at 17:30", "at eighteen thirty", "at 18:30", "at 1730", "at 17:30", "friday at 17", "friday at 17", "at five o'clock", "at 5 o'clock", "at five-ish", "at 5-ish", "at 5 pm sharp", "at 5 pm sharp",
		"between four and six pm", "between 4 and 6 pm", "from nine to five", "from 9 to 5", "after five", "after 5", "before ten a.m.", "before 10 am.", "4-6pm", "4-6 pm", "from 16:00 to 18:00", "from 16:00 to 18:00", "at 06:30", "at 06:30", "at six o'clock in the evening", "at 6 o'clock in the evening", "twelve thirty am", "12:30 am", "12 pm", "12 pm",
		"at noon", "at noon", "at twelve noon", "at twelve noon", "at midnight", "at midnight", "friday, five pm", "friday, 5 pm", "17:00 pm", "17:00 pm", "at 9", "at 9", "at 9:00", "at 9:00", "monday 08:00", "monday 08:00",
		"three sets of five", "three sets of five", "at sixty kilos", "at sixty kilos", "for ninety seconds", "for ninety seconds", "two of my ribs", "two of my ribs", "my pain is seven out of ten", "my pain is seven out of ten", "eight to ten reps", "eight to ten reps", "", "",
	}
	for i := 0; i < len(cases); i += 2 {
		got := Figures(cases[i])
		if got != cases[i+1] {
			t.Errorf("%q is %q, want %q", cases[i], got, cases[i+1])
		}
		if again := Figures(got); again != got {
			t.Errorf("%q becomes %q", got, again)
		}
	}
}
