package appointment

import (
	"slices"
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
)

// Grid is the distance between two offered starts, in minutes.
const Grid = 30

// calendar is what decides about one stretch of time: who works when, who is away, what is taken.
type calendar struct {
	zone     *time.Location
	hours    []gym.WorkingHours
	off      []gym.TimeOff
	occupied []gym.Occupied
}

// free lists the starts in [from, to) at which a coach has a place for so many minutes, in order of time, then of coach.
// Hours are local: on a day of changing clocks a start that no clock shows is left out, and one that it shows
// twice is the first.
func (c calendar) free(from, to time.Time, minutes int, names map[string]string) []gym.Slot {
	var out []gym.Slot
	for day := midnight(from.In(c.zone)); day.Before(to); day = midnight(day.AddDate(0, 0, 1)) {
		for _, h := range c.hours {
			if h.Weekday != day.Weekday() {
				continue
			}
			for at := h.From; at+minutes <= h.To; at += Grid {
				start, ok := c.local(day, at)
				if !ok || start.Before(from) || !start.Before(to) {
					continue
				}
				if n := c.places(h.CoachID, start, minutes); n > 0 {
					out = append(out, gym.Slot{CoachID: h.CoachID, CoachName: names[h.CoachID], StartsAt: start.UTC(), Minutes: minutes, Free: n})
				}
			}
		}
	}
	slices.SortFunc(out, func(x, y gym.Slot) int {
		if d := x.StartsAt.Compare(y.StartsAt); d != 0 {
			return d
		}
		return strings.Compare(x.CoachID, y.CoachID)
	})
	return out
}

// places is how many members a coach can still take for so many minutes from start: 0 outside of working hours and in time
// off.
func (c calendar) places(coachID string, start time.Time, minutes int) int {
	return max(0, c.capacity(coachID, start, minutes)-c.taken(coachID, start, minutes))
}

// capacity is how many places a coach has over the whole stretch, taken or not.
func (c calendar) capacity(coachID string, start time.Time, minutes int) int {
	local := start.In(c.zone)
	day, end := midnight(local), start.Add(time.Duration(minutes)*time.Minute)
	if slices.ContainsFunc(c.off, func(o gym.TimeOff) bool {
		return o.CoachID == coachID && o.StartsAt.Before(end) && start.Before(o.EndsAt)
	}) {
		return 0
	}
	most := 0
	for _, h := range c.hours {
		if h.CoachID != coachID || h.Weekday != day.Weekday() {
			continue
		}
		opens, closes := clock(day, h.From), clock(day, h.To)
		if !start.Before(opens) && !end.After(closes) {
			most = max(most, h.Capacity)
		}
	}
	return most
}

func (c calendar) taken(coachID string, start time.Time, minutes int) int {
	end := start.Add(time.Duration(minutes) * time.Minute)
	places := map[int]bool{}
	for _, o := range c.occupied {
		if o.CoachID == coachID && o.StartsAt.Before(end) && start.Before(o.EndsAt) {
			places[o.Place] = true
		}
	}
	return len(places)
}

// local is the instant at which the clock of that day shows so many minutes after midnight; false when it never does.
func (c calendar) local(day time.Time, minute int) (time.Time, bool) {
	t := clock(day, minute)
	return t, t.Hour()*60+t.Minute() == minute%(24*60)
}

// clock is so many minutes after midnight as a wall clock counts them, not as time passes. What the clock shows twice is the
// first of the two, and what it jumps over is the end of the jump; time.Date leaves both open.
func clock(day time.Time, minute int) time.Time {
	t := time.Date(day.Year(), day.Month(), day.Day(), 0, minute, 0, 0, day.Location())
	asked := time.Date(day.Year(), day.Month(), day.Day(), 0, minute, 0, 0, time.UTC).Format(wall)
	begin, end := t.ZoneBounds()
	switch shown := t.Format(wall); {
	case shown > asked:
		return begin
	case shown < asked:
		return end
	}
	_, now := t.Zone()
	_, before := t.Add(-3 * time.Hour).Zone()
	if first := t.Add(time.Duration(now-before) * time.Second); before > now && first.Format(wall) == asked {
		return first
	}
	return t
}

// wall is what a clock on the wall and a calendar show.
const wall = "2006-01-02 15:04"

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}
