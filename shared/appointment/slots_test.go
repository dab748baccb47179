package appointment

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/intellifit/intellifit/shared/gym"
)

// TestFreeAgainstTheClock compares the offered starts with an oracle that walks through the time minute by minute and looks at a
// wall clock, over nights on which clocks change by an hour and by half of one.
func TestFreeAgainstTheClock(t *testing.T) {
	t.Parallel()
	days := map[string][]time.Time{
		"Europe/Berlin":       {date(2026, 3, 29), date(2026, 10, 25), date(2026, 12, 31), date(2026, 11, 24)},
		"America/New_York":    {date(2026, 3, 8), date(2026, 11, 1)},
		"Australia/Lord_Howe": {date(2026, 4, 5), date(2026, 10, 4)},
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe"}).Draw(t, "zone")
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		d := rapid.SampledFrom(days[name]).Draw(t, "day")
		day := time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, zone)
		minutes := rapid.SampledFrom([]int{15, 30, 60, 90}).Draw(t, "minutes")
		c := calendar{zone: zone}
		for _, coach := range []string{"a", "b"} {
			from := 30 * rapid.IntRange(0, 40).Draw(t, coach+" from")
			c.hours = append(c.hours, gym.WorkingHours{CoachID: coach, Weekday: day.Weekday(), From: from, To: min(1440, from+30*rapid.IntRange(1, 20).Draw(t, coach+" long")), Capacity: rapid.IntRange(1, 2).Draw(t, coach+" capacity")})
		}
		for i := range rapid.IntRange(0, 4).Draw(t, "taken") {
			start := day.Add(time.Duration(15*rapid.IntRange(0, 95).Draw(t, "taken from")) * time.Minute)
			c.occupied = append(c.occupied, gym.Occupied{CoachID: "a", Place: i%2 + 1, StartsAt: start, EndsAt: start.Add(45 * time.Minute)})
		}
		off := day.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "off")) * time.Hour)
		c.off = []gym.TimeOff{{CoachID: "b", StartsAt: off, EndsAt: off.Add(2 * time.Hour)}}
		next := day.AddDate(0, 0, 1)
		got := c.free(day, next, minutes, nil)
		want := walk(c, day, next, minutes)
		if !slices.Equal(keys(got), keys(want)) {
			t.Fatalf("%s %s\n got %v\nwant %v", name, day.Format(time.DateOnly), keys(got), keys(want))
		}
	})
}

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// walk is the oracle: it goes through the instants of the day and asks the clock on the wall.
func walk(c calendar, day, next time.Time, minutes int) []gym.Slot {
	var out []gym.Slot
	seen := map[string]map[int]bool{"a": {}, "b": {}}
	for at := day; at.Before(next); at = at.Add(time.Minute) {
		clock := at.In(c.zone)
		minute := clock.Hour()*60 + clock.Minute()
		for _, h := range c.hours {
			if minute < h.From || (minute-h.From)%Grid != 0 || minute+minutes > h.To || seen[h.CoachID][minute] {
				continue
			}
			seen[h.CoachID][minute] = true
			end := at.Add(time.Duration(minutes) * time.Minute)
			closes := shows(c.zone, day, next, h.To)
			away, places := false, map[int]bool{}
			for m := at; m.Before(end); m = m.Add(time.Minute) {
				for _, o := range c.off {
					away = away || o.CoachID == h.CoachID && !m.Before(o.StartsAt) && m.Before(o.EndsAt)
				}
				for _, o := range c.occupied {
					if o.CoachID == h.CoachID && !m.Before(o.StartsAt) && m.Before(o.EndsAt) {
						places[o.Place] = true
					}
				}
			}
			if n := h.Capacity - len(places); n > 0 && !away && !end.After(closes) {
				out = append(out, gym.Slot{CoachID: h.CoachID, StartsAt: at.UTC(), Minutes: minutes, Free: n})
			}
		}
	}
	return out
}

// shows is the first instant of the day at which the clock shows so many minutes or, when it jumps over them, more.
func shows(zone *time.Location, day, next time.Time, minute int) time.Time {
	for at := day; at.Before(next); at = at.Add(time.Minute) {
		if clock := at.In(zone); clock.Hour()*60+clock.Minute() >= minute {
			return at
		}
	}
	return next
}

func keys(slots []gym.Slot) []string {
	var out []string
	for _, s := range slots {
		out = append(out, s.StartsAt.Format(time.RFC3339)+" "+s.CoachID+" "+string(rune('0'+s.Free)))
	}
	slices.Sort(out)
	return out
}
