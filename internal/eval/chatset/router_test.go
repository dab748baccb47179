package chatset

import (
	"strings"
	"testing"
	"time"
)

// TestRouterSet: the set that is shipped follows its own conventions.
func TestRouterSet(t *testing.T) {
	t.Parallel()
	lines, err := LoadRouter()
	if err != nil {
		t.Fatal(err)
	}
	splits := map[string]int{}
	for _, l := range lines {
		splits[l.Split]++
	}
	t.Logf("%d lines: %v", len(lines), splits)
}

const good = `{"id":"a","split":"train","template":"a","context":"plain","text":"book jonas friday 5 pm","action":"schedule_appointment","args":{"coach":"coach-jonas","starts_at":"2026-11-27T17:00:00+01:00"}}` + "\n"

// TestCheckRouter: every way to break a line is found.
func TestCheckRouter(t *testing.T) {
	t.Parallel()
	line := func(change ...string) string { return good + strings.NewReplacer(change...).Replace(good) }
	other := []string{`"id":"a"`, `"id":"b"`, "book jonas", "get jonas"}
	for name, c := range map[string]struct{ set, want string }{
		"good":                {good, ""},
		"same template":       {line(other...), ""},
		"id twice":            {line("book jonas", "get jonas"), "twice"},
		"text twice":          {line(`"id":"a"`, `"id":"b"`, "book", "BOOK"), "text is that of a"},
		"text in both":        {line(`"id":"a"`, `"id":"b"`, `"train"`, `"test"`, `"template":"a"`, `"template":"b"`, `"plain"`, `"spring"`), "both splits"},
		"template in both":    {line(append(other, `"train"`, `"test"`)...), "template a is in both"},
		"split":               {line(append(other, `"train"`, `"dev"`)...), `split "dev"`},
		"action":              {line(append(other, "schedule_appointment", "book")...), `action "book"`},
		"context":             {line(append(other, `"plain"`, `"summer"`)...), `context "summer"`},
		"key":                 {line(append(other, `"coach":`, `"trainer":`)...), `argument "trainer"`},
		"key of another":      {line(append(other, "schedule_appointment", "cancel_appointment")...), "argument"},
		"coach":               {line(append(other, "coach-jonas", "coach-mike")...), "no coach-mike"},
		"season":              {line(append(other, "+01:00", "+02:00")...), "offset"},
		"no time":             {line(append(other, "2026-11-27T17:00:00+01:00", "friday")...), "args"},
		"missing and args":    {line(append(other, `"args"`, `"missing":["coach"],"args"`)...), "exclude"},
		"unknown missing":     {line(append(other, `"args":{"coach":"coach-jonas","starts_at":"2026-11-27T17:00:00+01:00"}`, `"missing":["sets"]`)...), `missing "sets"`},
		"then":                {line(append(other, `"args"`, `"then":"reply","args"`)...), `then "reply"`},
		"half a window":       {line(append(other, "schedule_appointment", "list_appointments", `"coach":"coach-jonas","starts_at"`, `"from"`)...), "stand together"},
		"window backwards":    {line(append(other, "schedule_appointment", "list_appointments", `"coach":"coach-jonas","starts_at"`, `"to":"2026-11-27T17:00:00+01:00","from"`)...), "not before"},
		"empty":               {line(append(other, "get jonas friday 5 pm", " ")...) + `{"id":"c","split":"train","template":"c","context":"plain","text":" ","action":"reply"}`, "empty"},
		"no such date":        {line(append(other, "schedule_appointment", "get_todays_workout", `"coach":"coach-jonas","starts_at":"2026-11-27T17:00:00+01:00"`, `"date":"2026-02-30"`)...), "date"},
		"unknown appointment": {line(append(other, "schedule_appointment", "cancel_appointment", `"coach":"coach-jonas","starts_at":"2026-11-27T17:00:00+01:00"`, `"appointment":"appt-9"`)...), "no appt-9"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines, err := ReadRouter(strings.NewReader(c.set))
			if err != nil {
				t.Fatal(err)
			}
			switch err := CheckRouter(lines); {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("CheckRouter = %v, want %q", err, c.want)
			}
		})
	}
	if _, err := ReadRouter(strings.NewReader(strings.Replace(good, `"id"`, `"ids"`, 1))); err == nil {
		t.Error("an unknown field was read")
	}
}

// TestContexts holds the Go data to the weekdays of the README's table.
func TestContexts(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"plain": "Tue 24 Nov 2026 09:00 +0100 | Fri 27 Nov 17:00, Mon 30 Nov 08:00", "spring": "Fri 26 Mar 2027 18:00 +0100 | Mon 29 Mar 09:00",
		"autumn": "Fri 23 Oct 2026 12:00 +0200 | Mon 26 Oct 18:30", "yearend": "Tue 29 Dec 2026 20:00 +0100 | Thu 31 Dec 10:00, Mon 4 Jan 18:00",
		"us": "Sat 6 Mar 2027 11:00 -0500 | Tue 9 Mar 07:00", "empty": "Wed 10 Jun 2026 15:30 +0200 | ",
	} {
		c := Contexts[name]
		var at []string
		for _, a := range c.Upcoming {
			at = append(at, a.StartsAt.In(c.Now.Location()).Format("Mon 2 Jan 15:04"))
		}
		if got := c.Now.Format("Mon 2 Jan 2006 15:04 -0700") + " | " + strings.Join(at, ", "); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		if c.Now.Location() == time.UTC {
			t.Errorf("%s: no zone", name)
		}
	}
	if got := len(ContextNames()); got != 6 {
		t.Errorf("%d contexts", got)
	}
}
