package when

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// contexts are those of the conventions that the package follows.
func contexts(t testing.TB) map[string]time.Time {
	berlin, york := zone(t, "Europe/Berlin"), zone(t, "America/New_York")
	return map[string]time.Time{
		"plain":   time.Date(2026, 11, 24, 9, 0, 0, 0, berlin),  // a Tuesday
		"spring":  time.Date(2027, 3, 26, 18, 0, 0, 0, berlin),  // a Friday; clocks go forward on the Sunday
		"autumn":  time.Date(2026, 10, 23, 12, 0, 0, 0, berlin), // a Friday; clocks go back on the Sunday
		"yearend": time.Date(2026, 12, 29, 20, 0, 0, 0, berlin), // a Tuesday
		"us":      time.Date(2027, 3, 6, 11, 0, 0, 0, york),     // a Saturday; clocks go forward on Sunday 14
	}
}

// brief writes spans as the tables do: a point is "@" with its time, a stretch its ends, a vague hour its day and readings.
func brief(list []Span) string {
	var out []string
	for _, s := range list {
		from, to := s.From.Format("01-02 15:04"), s.To.Format("01-02 15:04")
		switch {
		case len(s.Vague) > 0:
			out = append(out, s.From.Format("01-02")+" "+strings.Join(s.Vague, " or "))
		case s.At:
			out = append(out, "@"+from)
		case strings.HasSuffix(from, " 00:00") && strings.HasSuffix(to, " 00:00"):
			days := 0
			for d := s.From; d.Before(s.To); d = d.AddDate(0, 0, 1) {
				days++
			}
			out = append(out, fmt.Sprintf("%s +%d", s.From.Format("01-02"), days))
		default:
			if s.From.Format("01-02") == s.To.Format("01-02") {
				to = s.To.Format("15:04")
			}
			out = append(out, from+" to "+strings.Replace(to, s.From.AddDate(0, 0, 1).Format("01-02")+" 00:00", "24:00", 1))
		}
	}
	return strings.Join(out, ", ")
}

type row struct{ context, said, want string }

func check(t *testing.T, rows []row) {
	t.Helper()
	all := contexts(t)
	for _, r := range rows {
		now, ok := all[r.context]
		if !ok {
			t.Fatalf("no context %q", r.context)
		}
		got := FindAll(r.said, now)
		if brief(got) != r.want {
			var phrases []string
			for _, s := range got {
				phrases = append(phrases, s.Phrase)
			}
			t.Errorf("%s: %q is %q, want %q; phrases %q", r.context, r.said, brief(got), r.want, phrases)
		}
	}
}

// plain is a table of one context: what is said, then what it means.
func inContext(context string, pairs ...string) []row {
	var out []row
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, row{context, pairs[i], pairs[i+1]})
	}
	return out
}

func TestDays(t *testing.T) {
	t.Parallel()
	check(t, inContext("plain",
		"friday", "11-27 +1", "on friday", "11-27 +1", "this friday", "11-27 +1", "this coming friday", "11-27 +1", "tuesday", "12-01 +1", "this tuesday", "11-24 +1", "monday", "11-30 +1", "fri", "11-27 +1",
		"next friday", "12-04 +1", "next monday", "11-30 +1", "next tuesday", "12-01 +1", "next sunday", "12-06 +1", "friday week", "12-04 +1", "a week on friday", "12-04 +1", "week on friday", "12-04 +1", "friday after next", "12-04 +1", "the friday after next", "12-04 +1",
		"friday next week", "12-04 +1", "next week friday", "12-04 +1", "next week on friday", "12-04 +1", "friday of next week", "12-04 +1", "friday this week", "11-27 +1", "friday in two weeks", "12-11 +1", "two weeks on friday", "12-11 +1", "two weeks from friday", "12-11 +1",
		"today", "11-24 +1", "tomorrow", "11-25 +1", "the day after tomorrow", "11-26 +1", "day after tomorrow", "11-26 +1", "in three days", "11-27 +1", "in 3 days", "11-27 +1", "in two weeks", "12-08 +1", "in a fortnight", "12-08 +1", "a week from today", "12-01 +1", "a week today", "12-01 +1",
		"a week from friday", "12-04 +1", "a week tomorrow", "12-02 +1", "tomorrow week", "12-02 +1", "in a week", "12-01 +1", "in a week's time", "12-01 +1", "three days from now", "11-27 +1", "in a few days", "11-27 +1", "in a couple of days", "11-26 +1", "in a month", "12-24 +1", "two weeks from now", "12-08 +1",
		"yesterday", "11-23 +1", "last friday", "11-20 +1", "last tuesday", "11-17 +1", "last monday", "11-23 +1", "the day before yesterday", "11-22 +1", "3 days ago", "11-21 +1", "a week ago", "11-17 +1", "last night", "11-23 20:00 to 24:00",
		"the first monday in december", "12-07 +1", "last friday of november", "11-27 +1", "the second tuesday of next month", "12-08 +1", "first monday of the month", "11-02 +1", "friday fortnight", "12-11 +1", "friday (27.11.)", "11-27 +1",
		"every monday", "11-30 +1", "monday or tuesday", "11-30 +1, 12-01 +1", "monday and wednesday", "11-30 +1, 11-25 +1", "from monday to wednesday", "11-30 +1, 11-25 +1",
	))
	check(t, inContext("spring", "friday", "04-02 +1", "this friday", "03-26 +1", "next friday", "04-02 +1", "sunday", "03-28 +1", "friday week", "04-09 +1", "a week on friday", "04-09 +1", "this coming friday", "04-02 +1", "next sunday", "04-04 +1"))
	check(t, inContext("yearend", "friday", "01-01 +1", "next friday", "01-08 +1", "in three days", "01-01 +1", "next tuesday", "01-05 +1"))
	check(t, inContext("us", "saturday", "03-13 +1", "this saturday", "03-06 +1", "sunday", "03-07 +1", "next sunday", "03-14 +1", "next saturday", "03-13 +1"))
}

func TestDates(t *testing.T) {
	t.Parallel()
	check(t, inContext("plain",
		"the 27th", "11-27 +1", "on the 27th", "11-27 +1", "the 24th", "11-24 +1", "the 23rd", "12-23 +1", "27 november", "11-27 +1", "27th november", "11-27 +1", "the 27th of november", "11-27 +1", "november 27", "11-27 +1", "nov 27th", "11-27 +1", "nov. 27", "11-27 +1", "november the 27th", "11-27 +1",
		"27.11.", "11-27 +1", "on 27.11. at 5 pm", "@11-27 17:00", "27/11", "11-27 +1", "27/11/2026", "11-27 +1", "27.11.2026", "11-27 +1", "27/11/26", "11-27 +1", "2026-11-27", "11-27 +1", "2026-11-27 17:00", "@11-27 17:00", "2026-11-27t17:00", "@11-27 17:00", "on 27.11 at 5 pm", "@11-27 17:00",
		"on the 3rd of january", "01-03 +1", "jan 3rd", "01-03 +1", "3 jan", "01-03 +1", "twenty seventh of november", "11-27 +1", "november twenty seventh", "11-27 +1", "the twenty-seventh", "11-27 +1", "the 31st", "12-31 +1", "on the 3rd", "12-03 +1", "the first of december", "12-01 +1", "december first", "12-01 +1",
		"friday the 27th", "11-27 +1", "friday, 27 november", "11-27 +1", "friday 27 november at 5 pm", "@11-27 17:00", "friday 27.11. 17:00", "@11-27 17:00", "the 5th of next month", "12-05 +1", "the 30th of this month", "11-30 +1", "may 5", "05-05 +1", "dec 1 5pm", "@12-01 17:00", "1 dec 5pm", "@12-01 17:00", "may 5pm", "@11-24 17:00", "5 may", "05-05 +1",
		"31 november", "", "the 32nd", "", "29 february", "02-29 +1", "24/7", "", "30.2.", "", "november 27, 2026 at 5 pm", "@11-27 17:00", "11/27", "11-27 +1",
		"christmas eve", "12-24 +1", "on christmas eve at 10", "@12-24 10:00", "christmas", "12-25 +1", "christmas day", "12-25 +1", "boxing day", "12-26 +1", "new year's eve", "12-31 +1", "new year's day", "01-01 +1", "new year day", "01-01 +1", "xmas", "12-25 +1",
	))
	check(t, inContext("us", "3/9", "03-09 +1", "3/9 at 5 pm", "@03-09 17:00", "4/3", "04-03 +1", "on 3/10", "03-10 +1", "3/10", "", "on 4/3", "04-03 +1", "3/14/2027", "03-14 +1", "the 1st of april", "04-01 +1", "the 6th", "03-06 +1", "on the 5th", "04-05 +1", "march 9th", "03-09 +1"))
	check(t, inContext("yearend", "the 3rd of january", "01-03 +1", "on the 4th", "01-04 +1", "new year's eve", "12-31 +1", "the 29th", "12-29 +1", "28 december", "12-28 +1", "christmas eve", "12-24 +1"))
	if s := FindAll("29 february", contexts(t)["plain"]); len(s) != 1 || s[0].From.Year() != 2028 {
		t.Errorf("the next leap day is %v", s)
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	check(t, inContext("plain",
		"5 pm", "@11-24 17:00", "5pm", "@11-24 17:00", "17:00", "@11-24 17:00", "17h", "@11-24 17:00", "17h30", "@11-24 17:30", "5 p.m.", "@11-24 17:00", "5p", "@11-24 17:00", "8 am", "@11-25 08:00", "9 am", "@11-25 09:00", "5 o'clock pm", "@11-24 17:00", "half past five pm", "@11-24 17:30", "half five pm", "@11-24 17:30",
		"quarter to six pm", "@11-24 17:45", "five thirty pm", "@11-24 17:30", "half past 5", "@11-24 17:30", "half 5pm", "@11-24 17:30", "half five-ish", "@11-24 17:30", "17:00 pm", "@11-24 17:00", "half five", "@11-24 17:30", "quarter past 6 pm", "@11-24 18:15", "a quarter past four", "@11-24 16:15", "ten to six pm", "@11-24 17:50", "twenty past 4", "@11-24 16:20", "at five thirty", "@11-24 17:30",
		"at 5", "@11-24 17:00", "at 10", "@11-24 10:00", "at 11", "@11-24 11:00", "at 12", "@11-24 12:00", "at 1", "@11-24 13:00", "at three", "@11-24 15:00", "around 5", "@11-24 17:00", "at about 5", "@11-24 17:00", "at 5ish", "@11-24 17:00", "5-ish", "@11-24 17:00", "@ 5", "@11-24 17:00", "roughly 5 pm", "@11-24 17:00",
		"at 6", "11-24 6 am or 6 pm", "at 9", "11-24 9 am or 9 pm", "at 6:30", "11-24 6:30 am or 6:30 pm", "at half past six", "11-24 6:30 am or 6:30 pm", "at seven", "11-24 7 am or 7 pm", "7 o'clock", "11-24 7 am or 7 pm", "friday at 7", "11-27 7 am or 7 pm", "at 06:30", "@11-25 06:30", "at 18:30", "@11-24 18:30",
		"noon", "@11-24 12:00", "midday", "@11-24 12:00", "at noon", "@11-24 12:00", "midnight", "@11-25 00:00", "friday midnight", "@11-28 00:00", "12 pm", "@11-24 12:00", "12 noon", "@11-24 12:00", "noonish", "@11-24 12:00", "12 am", "@11-25 00:00",
		"friday at seventeen hundred", "@11-27 17:00", "seventeen hundred hours", "@11-24 17:00", "at 1730", "@11-24 17:30", "friday 1730", "@11-27 17:30", "at 5.30", "@11-24 17:30", "5.30 pm", "@11-24 17:30", "five oh five pm", "@11-24 17:05", "at seventeen thirty", "@11-24 17:30", "friday at 17", "@11-27 17:00",
		"at 8 in the morning", "@11-25 08:00", "tomorrow morning at 8", "@11-25 08:00", "tonight at 8", "@11-24 20:00", "at 8 tonight", "@11-24 20:00", "7 in the evening", "@11-24 19:00", "5 o clock in the afternoon", "@11-24 17:00", "thursday evening at 8", "@11-26 20:00", "8 tomorrow morning", "@11-25 08:00", "10 at night", "@11-24 22:00",
		"friday at 5", "@11-27 17:00", "friday 5 pm", "@11-27 17:00", "5 pm on friday", "@11-27 17:00", "at 5 on friday", "@11-27 17:00", "sat 11", "@11-28 11:00", "saturday 11", "@11-28 11:00", "friday, 5 pm", "@11-27 17:00", "tomorrow at ten", "@11-25 10:00", "friday five thirty", "@11-27 17:30", "friday at half seven in the morning", "@11-27 07:30",
		"this evening at 7", "@11-24 19:00", "friday after work at 6", "@11-27 18:00", "first thing tomorrow at 7", "@11-25 07:00", "monday ten am", "@11-30 10:00", "11 am tomorrow", "@11-25 11:00", "at 5 pm sharp", "@11-24 17:00", "quarter to twelve", "@11-24 11:45", "next tuesday at 6 pm", "@12-01 18:00",
		"move it to 4", "@11-24 16:00", "later, say 7 pm", "@11-24 19:00", "say 4", "@11-24 16:00", "at 4 instead of 3", "@11-24 16:00, @11-24 15:00", "move it to six", "11-24 6 am or 6 pm", "make it 5 please", "@11-24 17:00", "book me for 5 on friday", "@11-27 17:00", "5 tomorrow", "@11-25 17:00", "on friday for 5 pm", "@11-27 17:00", "tomorrow, ideally at 5", "@11-25 17:00", "friday from 5 pm", "@11-27 17:00",
	))
	check(t, inContext("yearend", "at 5", "@12-30 17:00", "at 8 pm", "@12-30 20:00", "9 pm", "@12-29 21:00", "friday at 10", "@01-01 10:00", "tonight at 8", "@12-29 20:00", "at noon on new year's eve", "@12-31 12:00", "midnight", "@12-30 00:00", "at 7", "12-29 7 am or 7 pm"))
	check(t, inContext("us", "tuesday 7 am", "@03-09 07:00", "5:30 p.m. on 3/9", "@03-09 17:30"))
}

func TestWindows(t *testing.T) {
	t.Parallel()
	check(t, inContext("plain",
		"early morning", "11-24 06:00 to 09:00", "before work", "11-24 06:00 to 09:00", "first thing tomorrow", "11-25 06:00 to 09:00", "first thing in the morning", "11-24 06:00 to 09:00", "in the morning", "11-24 06:00 to 12:00", "tomorrow morning", "11-25 06:00 to 12:00",
		"at lunchtime", "11-24 12:00 to 14:00", "friday lunchtime", "11-27 12:00 to 14:00", "in my lunch break", "11-24 12:00 to 14:00", "at lunch tomorrow", "11-25 12:00 to 14:00", "early afternoon", "11-24 12:00 to 15:00", "friday afternoon", "11-27 12:00 to 18:00", "tomorrow afternoon", "11-25 12:00 to 18:00",
		"late afternoon", "11-24 16:00 to 18:00", "early evening", "11-24 17:00 to 19:00", "after work", "11-24 17:00 to 21:00", "after work tomorrow", "11-25 17:00 to 21:00", "tomorrow after work", "11-25 17:00 to 21:00", "next tuesday after work", "12-01 17:00 to 21:00", "in the evening", "11-24 17:00 to 22:00",
		"tonight", "11-24 17:00 to 22:00", "this evening", "11-24 17:00 to 22:00", "late evening", "11-24 20:00 to 24:00", "friday night", "11-27 20:00 to 24:00", "tomorrow night", "11-25 20:00 to 24:00", "at night", "11-24 20:00 to 24:00", "this morning", "11-24 06:00 to 12:00", "on friday in the afternoon", "11-27 12:00 to 18:00",
		"late friday afternoon", "11-27 12:00 to 18:00", "early friday morning", "11-27 06:00 to 09:00", "early tomorrow", "11-25 06:00 to 09:00", "first thing tomorrow morning", "11-25 06:00 to 09:00", "wednesday early evening", "11-25 17:00 to 19:00", "in the morning on friday", "11-27 06:00 to 12:00",
		"after 5 pm", "11-24 17:00 to 24:00", "after 5", "11-24 17:00 to 24:00", "friday after 5", "11-27 17:00 to 24:00", "after 5 on friday", "11-27 17:00 to 24:00", "before 10", "11-24 00:00 to 10:00", "tomorrow before 10 am", "11-25 00:00 to 10:00", "before noon", "11-24 00:00 to 12:00", "any time after 4 tomorrow", "11-25 16:00 to 24:00",
		"between 4 and 6 pm on monday", "11-30 16:00 to 18:00", "between 4 and 6 pm", "11-24 16:00 to 18:00", "from 4 to 6", "11-24 16:00 to 18:00", "4-6pm", "11-24 16:00 to 18:00", "4 - 6 pm", "11-24 16:00 to 18:00", "4pm to 6pm", "11-24 16:00 to 18:00", "between 4 pm and 6", "11-24 16:00 to 18:00", "from 4:30 to 6", "11-24 16:30 to 18:00",
		"between 10 and 12", "11-24 10:00 to 12:00", "from 9 to 5", "11-24 09:00 to 17:00", "10 to 2 pm", "11-24 10:00 to 14:00", "10am-12pm", "11-24 10:00 to 12:00", "late tonight", "11-24 20:00 to 24:00", "between 11 and 1", "11-24 11:00 to 13:00", "friday 4-6", "11-27 16:00 to 18:00", "16:00-18:00", "11-24 16:00 to 18:00", "between 16 and 18", "11-24 16:00 to 18:00", "between 8 and 10 am", "11-24 08:00 to 10:00",
		"from ten to six", "11-24 10:00 to 18:00", "tomorrow between 6 and 8", "11-25 +1", "tomorrow evening between 6 and 8", "11-25 18:00 to 20:00", "between 6 and 8 in the evening", "11-24 18:00 to 20:00", "friday after 7", "11-27 +1", "friday evening after 7", "11-27 19:00 to 24:00", "from 5 on", "11-24 17:00 to 24:00", "5 pm or later", "11-24 17:00 to 24:00",
		"from 5 on friday", "@11-27 17:00", "from 5 pm onwards", "11-24 17:00 to 24:00", "4–6pm", "11-24 16:00 to 18:00", "between 2 and 4 am", "11-24 02:00 to 04:00",
	))
	check(t, inContext("plain",
		"this week", "11-24 +6", "next week", "11-30 +7", "this weekend", "11-28 +2", "at the weekend", "11-28 +2", "next weekend", "12-05 +2", "next month", "12-01 +31", "rest of the week", "11-24 +6", "the next few days", "11-24 +3", "next few days", "11-24 +3", "next 3 days", "11-24 +3", "in the next two weeks", "11-24 +14",
		"in january", "01-01 +31", "end of the week", "11-27 +3", "the weekend after next", "12-05 +2", "mid december", "12-11 +10", "early december", "12-01 +10", "the end of the month", "11-21 +10", "beginning of next month", "12-01 +10", "between christmas and new year", "12-25 +1, 01-01 +1", "end of next week", "12-04 +3", "the week after next", "12-07 +7", "last week", "11-16 +7", "early next week", "11-30 +2", "in december", "12-01 +31", "weekend", "11-28 +2", "sometime next week", "11-30 +7", "next week at 5 pm", "11-30 +7", "this month", "11-24 +7", "in november", "11-01 +30",
	))
	check(t, inContext("us", "this weekend", "03-06 +2", "next weekend", "03-13 +2", "this week", "03-06 +2", "next month", "04-01 +30"))
	check(t, inContext("yearend", "next month", "01-01 +31", "this week", "12-29 +6", "next week", "01-04 +7", "in january", "01-01 +31", "tonight", "12-29 17:00 to 22:00"))
	check(t, inContext("spring", "this weekend", "03-27 +2", "next month", "04-01 +30", "this week", "03-26 +3"))
}

func TestCountedFromNow(t *testing.T) {
	t.Parallel()
	check(t, inContext("plain", "in two hours", "@11-24 11:00", "in about two hours", "@11-24 11:00", "in 90 minutes", "@11-24 10:30", "in an hour and a half", "@11-24 10:30", "half an hour from now", "@11-24 09:30", "in half an hour", "@11-24 09:30", "in 2h", "@11-24 11:00", "in 1.5 hours", "@11-24 10:30", "two hours from now", "@11-24 11:00",
		"in two and a half hours", "@11-24 11:30", "in a couple of hours", "@11-24 11:00", "in an hour", "@11-24 10:00", "in 90min", "@11-24 10:30", "an hour ago", "@11-24 08:00", "in three days at 5 pm", "@11-27 17:00"))
}

func TestNoTimes(t *testing.T) {
	t.Parallel()
	for _, said := range []string{
		"3x8", "3 sets of 8", "bench 3x8 at 60 kg", "at 60kg", "at 60", "for 45 minutes", "60 min session", "a 60-minute session", "3 days a week", "three times a week", "may i come", "you may book", "i sat down", "i saturday down", "we sat there", "a long march", "one second", "give me a second",
		"the second one", "the first one", "one", "no one", "at one point", "at one of them", "for 2", "for 2 people", "i am 35", "i started at 17", "when i was 12", "my 30th birthday", "my 6 year old", "next time", "next one", "next session", "good morning", "good evening", "an hour later", "half an hour earlier", "by 30 minutes", "back 2 hours",
		"8 to 10 reps", "8-12 reps", "3 to 4 times a week", "24/7", "pain is 7/10", "rpe 8", "1/2 cup", "5/3/1", "120 grams", "2000 calories", "at 2000 calories", "in 2019", "1800 kcal", "3 sets of 8 with 2 in the tank", "after 10 reps", "before 3 sets", "in the sun", "a minute", "in a minute", "in a second", "my friday-free plan"[:2], "i can do 5", "did 10", "", "1", "10",
		"what should i eat for lunch", "lunch ideas", "my night shift", "every day", "daily", "at ten past", "at 0", "easter monday", "a plan with 3 days instead of 4", "a workout that i can do in 30 minutes", "on mondays", "5 times a week from now on", "same time", "change it to 3 sets", "switch to 4 exercises", "at 5/10", "at 72.5", "with 72,5 kg", "2 to 3 eggs", "i have 2 left", "about 10 of us", "to one of the coaches", "5x5", "at 5%", "$5", "early", "half of it", "half an hour", "quarter squats", "weeks", "a month",
	} {
		if got := FindAll(said, contexts(t)["plain"]); len(got) > 0 {
			t.Errorf("%q holds %s (%q)", said, brief(got), got[0].Phrase)
		}
	}
}
