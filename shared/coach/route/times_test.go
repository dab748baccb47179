package route

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestTimes holds the requests to the conventions of times: it is Wednesday 25 March 2026, nine o'clock, as in TestRoute.
func TestTimes(t *testing.T) {
	t.Parallel()
	const book, asked = Schedule, "starts_at"
	at5 := Slots{Coach: "c1", StartsAt: at(3, 27, 17, 0)}
	for name, c := range map[string]struct {
		say  []string
		want Decision
	}{
		"a day and an hour apart":        {[]string{"book me friday with jonas at five"}, Decision{Action: book, Slots: at5}},
		"an hour and a day apart":        {[]string{"book me at 5 with jonas on friday"}, Decision{Action: book, Slots: at5}},
		"a part of the day decides":      {[]string{"book me thursday evening with jonas at 8"}, Decision{Action: book, Slots: Slots{Coach: "c1", StartsAt: at(3, 26, 20, 0)}}},
		"a window is no start":           {[]string{"book me on friday afternoon"}, Decision{Action: book, Slots: Slots{Coach: "c1"}, Missing: []string{asked}}},
		"after work is no start":         {[]string{"book a session after work tomorrow"}, Decision{Action: book, Slots: Slots{Coach: "c1"}, Missing: []string{asked}}},
		"morning or evening":             {[]string{"book me friday at 7"}, Decision{Action: book, Slots: Slots{Coach: "c1"}, Missing: []string{asked}}},
		"in the evening":                 {[]string{"book me friday at 7", "in the evening"}, Decision{Action: book, Slots: Slots{Coach: "c1", StartsAt: at(3, 27, 19, 0)}}},
		"evening, politely":              {[]string{"book me friday at 7", "evening please"}, Decision{Action: book, Slots: Slots{Coach: "c1", StartsAt: at(3, 27, 19, 0)}}},
		"pm":                             {[]string{"book me friday at 7", "pm"}, Decision{Action: book, Slots: Slots{Coach: "c1", StartsAt: at(3, 27, 19, 0)}}},
		"the latter":                     {[]string{"book me friday at 7", "the latter"}, Decision{Action: book, Slots: Slots{Coach: "c1", StartsAt: at(3, 27, 19, 0)}}},
		"7 am":                           {[]string{"book me friday at 7", "7 am"}, Decision{Action: book, Slots: Slots{Coach: "c1", StartsAt: at(3, 27, 7, 0)}}},
		"another hour after all":         {[]string{"book me friday at 7", "8 pm then"}, Decision{Action: book, Slots: Slots{Coach: "c1", StartsAt: at(3, 27, 20, 0)}}},
		"am, which is tomorrow's":        {[]string{"book me at 7", "am"}, Decision{Action: book, Slots: Slots{Coach: "c1", StartsAt: at(3, 26, 7, 0)}}},
		"pm, which is today's":           {[]string{"book me at 7", "7 pm"}, Decision{Action: book, Slots: Slots{Coach: "c1", StartsAt: at(3, 25, 19, 0)}}},
		"a bare hour answers":            {[]string{"book me friday with jonas", "five thirty"}, Decision{Action: book, Slots: Slots{Coach: "c1", StartsAt: at(3, 27, 17, 30)}}},
		"an hour of the evening named":   {[]string{"book me on friday evening", "at 7"}, Decision{Action: book, Slots: Slots{Coach: "c1", StartsAt: at(3, 27, 19, 0)}}},
		"an hour of the morning named":   {[]string{"book me on friday morning", "9 works"}, Decision{Action: book, Slots: Slots{Coach: "c1", StartsAt: at(3, 27, 9, 0)}}},
		"a day of the week named":        {[]string{"book me in next week", "friday at 5"}, Decision{Action: book, Slots: Slots{Coach: "c1", StartsAt: at(4, 3, 17, 0)}}},
		"an hour of a week is no start":  {[]string{"book me in next week", "5 pm"}, Decision{Action: book, Slots: Slots{Coach: "c1"}, Missing: []string{asked}}},
		"move to an hour":                {[]string{"move my friday session to 6 pm"}, Decision{Action: Reschedule, Slots: Slots{Appointment: "a1", StartsAt: at(3, 27, 18, 0)}}},
		"move to a bare hour":            {[]string{"move my friday session to four"}, Decision{Action: Reschedule, Slots: Slots{Appointment: "a1", StartsAt: at(3, 27, 16, 0)}}},
		"move to morning or evening":     {[]string{"move my friday session to six"}, Decision{Action: Reschedule, Slots: Slots{Appointment: "a1"}, Missing: []string{asked}}},
		"move to six, the evening":       {[]string{"move my friday session to six", "in the evening"}, Decision{Action: Reschedule, Slots: Slots{Appointment: "a1", StartsAt: at(3, 27, 18, 0)}}},
		"move from hour to hour":         {[]string{"move my friday session from 5 pm to 6 pm"}, Decision{Action: Reschedule, Slots: Slots{Appointment: "a1", StartsAt: at(3, 27, 18, 0)}}},
		"move between days with hours":   {[]string{"move my session from friday 5 pm to monday 6 pm"}, Decision{Action: Reschedule, Slots: Slots{Appointment: "a1", StartsAt: at(3, 30, 18, 0)}}},
		"move an hour later":             {[]string{"move my friday session an hour later"}, Decision{Action: Reschedule, Slots: Slots{Appointment: "a1", StartsAt: at(3, 27, 18, 0)}}},
		"move to a day, the same time":   {[]string{"move my friday session to sunday, same time"}, Decision{Action: Reschedule, Slots: Slots{Appointment: "a1", StartsAt: at(3, 29, 17, 0)}}},
		"move to the week after, same":   {[]string{"move my friday session to next week, same time"}, Decision{Action: Reschedule, Slots: Slots{Appointment: "a1", StartsAt: at(4, 3, 17, 0)}}},
		"move an hour and a half later":  {[]string{"move my friday session an hour and a half later"}, Decision{Action: Reschedule, Slots: Slots{Appointment: "a1", StartsAt: at(3, 27, 18, 30)}}},
		"move half an hour earlier":      {[]string{"move my friday session half an hour earlier"}, Decision{Action: Reschedule, Slots: Slots{Appointment: "a1", StartsAt: at(3, 27, 16, 30)}}},
		"move into the past":             {[]string{"move my friday session a week earlier"}, Decision{Action: Reschedule, Slots: Slots{Appointment: "a1"}, Missing: []string{asked}}},
		"move a week later":              {[]string{"move my friday session a week later"}, Decision{Action: Reschedule, Slots: Slots{Appointment: "a1", StartsAt: at(4, 3, 17, 0)}}},
		"move by two days":               {[]string{"push my friday session back by two days"}, Decision{Action: Reschedule, Slots: Slots{Appointment: "a1", StartsAt: at(3, 29, 17, 0)}}},
		"an hour instead of another":     {[]string{"move my friday session, can i come at 4 instead of 5"}, Decision{Action: Reschedule, Slots: Slots{Appointment: "a1", StartsAt: at(3, 27, 16, 0)}}},
		"coach, then half of the day":    {[]string{"book lea friday at 7", "sommer", "pm"}, Decision{Action: book, Slots: Slots{Coach: "c2", StartsAt: at(3, 27, 19, 0)}}},
		"reps that are no hour":          {[]string{"i benched 80 kg for 5 on monday"}, Decision{Action: Log, Slots: Slots{Exercise: "bench press", Reps: 5, WeightKG: ptr(80.0), Date: "2026-03-23"}, Missing: []string{"sets"}}},
		"move to a window":               {[]string{"move my friday session to monday afternoon"}, Decision{Action: Reschedule, Slots: Slots{Appointment: "a1"}, Missing: []string{asked}}},
		"cancel by its hour":             {[]string{"cancel my 10 o'clock"}, Decision{Action: Cancel, Slots: Slots{Appointment: "a2"}}},
		"cancel by half of the day":      {[]string{"cancel my morning session"}, Decision{Action: Cancel, Slots: Slots{Appointment: "a2"}}},
		"free after five":                {[]string{"is jonas free friday after 5"}, Decision{Action: Check, Slots: Slots{Coach: "c1", From: at(3, 27, 17, 0), To: at(3, 28, 0, 0)}}},
		"free between":                   {[]string{"is jonas free between 4 and 6 pm on monday"}, Decision{Action: Check, Slots: Slots{Coach: "c1", From: at(3, 30, 16, 0), To: at(3, 30, 18, 0)}}},
		"free at an hour":                {[]string{"is jonas free on friday at 5"}, Decision{Action: Check, Slots: Slots{Coach: "c1", From: at(3, 27, 17, 0), To: at(3, 27, 18, 0)}}},
		"free at a vague hour":           {[]string{"is jonas free on friday at 7"}, Decision{Action: Check, Slots: Slots{Coach: "c1", From: at(3, 27, 0, 0), To: at(3, 28, 0, 0)}}},
		"free tonight":                   {[]string{"is anyone free tonight"}, Decision{Action: Check, Slots: Slots{From: at(3, 25, 17, 0), To: at(3, 25, 22, 0)}}},
		"free from an hour":              {[]string{"is jonas free friday from 5 pm"}, Decision{Action: Check, Slots: Slots{Coach: "c1", From: at(3, 27, 17, 0), To: at(3, 28, 0, 0)}}},
		"free over days":                 {[]string{"is jonas free from friday to sunday"}, Decision{Action: Check, Slots: Slots{Coach: "c1", From: at(3, 27, 0, 0), To: at(3, 30, 0, 0)}}},
		"the day when the clocks change": {[]string{"is jonas free on sunday"}, Decision{Action: Check, Slots: Slots{Coach: "c1", From: at(3, 29, 0, 0), To: at(3, 30, 0, 0)}}},
		"this week":                      {[]string{"do i have anything this week"}, Decision{Action: List, Slots: Slots{From: at(3, 25, 0, 0), To: at(3, 30, 0, 0)}}},
		"done on a past day":             {[]string{"did 3x8 bench at 60 kg on monday"}, Decision{Action: Log, Slots: Slots{Exercise: "bench", Sets: 3, Reps: 8, WeightKG: ptr(60.0), Date: "2026-03-23"}}},
		"done today":                     {[]string{"did 3x8 bench at 60 kg today"}, Decision{Action: Log, Slots: Slots{Exercise: "bench", Sets: 3, Reps: 8, WeightKG: ptr(60.0)}}},
		"done two days ago":              {[]string{"did 3x8 bench at 60 kg 2 days ago"}, Decision{Action: Log, Slots: Slots{Exercise: "bench", Sets: 3, Reps: 8, WeightKG: ptr(60.0), Date: "2026-03-23"}}},
		"typos and slang":                {[]string{"book me nxt tues arvo at 4 w jonas"}, Decision{Action: book, Slots: Slots{Coach: "c1", StartsAt: at(3, 31, 16, 0)}}},
		"too late today":                 {[]string{"book me today at 8 am"}, Decision{Action: book, Slots: Slots{Coach: "c1"}, Missing: []string{asked}}},
	} {
		got := converse(t, c.say, func(next *Turn, before *Decision) { next.Previous = before })
		if diff := cmp.Diff(c.want, got, shape); diff != "" {
			t.Errorf("%s (-want +got):\n%s\n%s", name, diff, got.Question)
		}
	}
}

func TestWhatIsDoneLiesInThePast(t *testing.T) {
	t.Parallel()
	today := time.Date(2026, 3, 25, 0, 0, 0, 0, zone)
	for _, c := range [][2]time.Time{{*at(3, 27, 0, 0), *at(3, 20, 0, 0)}, {*at(4, 20, 0, 0), *at(3, 20, 0, 0)}, {*at(12, 24, 0, 0), time.Date(2025, 12, 24, 0, 0, 0, 0, zone)}} {
		if got := lastSuch(c[0], today); !got.Equal(c[1]) {
			t.Errorf("%v was %v, want %v", c[0], got, c[1])
		}
	}
}
