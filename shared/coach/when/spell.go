package when

import "time"

// Spell writes a time as FindAll reads it: "Friday 27 November, 17:00", with the year when it is not the next such day.
func Spell(t, now time.Time) string {
	day := civil(t)
	if next, ok := upcoming(civil(now.In(t.Location())), day.Month(), day.Day()); ok && next.Equal(day) {
		return t.Format("Monday 2 January, 15:04")
	}
	return t.Format("Monday 2 January 2006, 15:04")
}
