package when

import (
	"strings"
	"time"
)

// A civil day is its midnight in UTC: there every day has 24 hours, so that days can be counted.

func civil(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func after(day time.Time, days int) time.Time { return day.AddDate(0, 0, days) }

// monday is the first day of the week that day is in.
func monday(day time.Time) time.Time { return after(day, -(int(day.Weekday())+6)%7) }

// coming is the next weekday after day.
func coming(day time.Time, w time.Weekday) time.Time {
	n := (int(w) - int(day.Weekday()) + 7) % 7
	if n == 0 {
		n = 7
	}
	return after(day, n)
}

// first is the first day of the month that lies months after day.
func first(day time.Time, months int) time.Time {
	return time.Date(day.Year(), day.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
}

// dated is a day of a month, when that month has it.
func dated(year int, month time.Month, day int) (time.Time, bool) {
	t := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	return t, t.Day() == day && t.Month() == month && day > 0
}

// clamped is the day of day in the month that lies months after it, or the last one of that month.
func clamped(day time.Time, months int) time.Time {
	start := first(day, months)
	last := after(first(start, 1), -1)
	return after(start, min(day.Day(), last.Day())-1)
}

// OnDay is a time of day on the day of t, in its zone. A time that the clocks skip lies as much later as they skip, one that they
// show twice is the first. Minute 1440 is the end of the day.
func OnDay(t time.Time, minute int) time.Time { return wall(civil(t), minute, t.Location()) }

// wall is OnDay for a civil day. time.Date does not promise which way it goes where the clocks change.
func wall(day time.Time, minute int, zone *time.Location) time.Time {
	shown := day.Add(time.Duration(minute) * time.Minute) // the civil clock, as if it were UTC
	with := func(offset int) time.Time { return shown.Add(-time.Duration(offset) * time.Second).In(zone) }
	_, before := with(0).Add(-26 * time.Hour).Zone()
	_, behind := with(0).Add(26 * time.Hour).Zone()
	t := with(before)
	if later := with(behind); !shows(t, shown) && shows(later, shown) {
		return later
	}
	return t
}

func shows(t, shown time.Time) bool {
	_, offset := t.Zone()
	return t.Add(time.Duration(offset) * time.Second).Equal(shown)
}

// weekdays are the names of days. The plural is a habit and no day.
var weekdays = map[string]time.Weekday{
	"monday": time.Monday, "tuesday": time.Tuesday, "wednesday": time.Wednesday, "thursday": time.Thursday, "friday": time.Friday, "saturday": time.Saturday, "sunday": time.Sunday,
	"mon": time.Monday, "tue": time.Tuesday, "tues": time.Tuesday, "wed": time.Wednesday, "weds": time.Wednesday, "thu": time.Thursday, "thur": time.Thursday, "thurs": time.Thursday,
	"fri": time.Friday, "sat": time.Saturday, "sun": time.Sunday,
}

var months = map[string]time.Month{
	"january": time.January, "february": time.February, "march": time.March, "april": time.April, "may": time.May, "june": time.June, "july": time.July, "august": time.August,
	"september": time.September, "october": time.October, "november": time.November, "december": time.December,
	"jan": time.January, "feb": time.February, "mar": time.March, "apr": time.April, "jun": time.June, "jul": time.July, "aug": time.August,
	"sep": time.September, "sept": time.September, "oct": time.October, "nov": time.November, "dec": time.December,
}

// american reports whether dates with slashes put the month first in a zone.
func american(zone *time.Location) bool {
	name := zone.String()
	return strings.HasPrefix(name, "America/") || strings.HasPrefix(name, "US/")
}
