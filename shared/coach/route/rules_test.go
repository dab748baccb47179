package route

import (
	"strings"
	"testing"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
)

var zone = func() *time.Location {
	z, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return z
}()

func turn(text string) Turn {
	now := time.Date(2026, 3, 25, 9, 0, 0, 0, zone) // a Wednesday
	return Turn{Text: text, Now: now, CoachID: "c1", Coaches: []gym.Coach{{ID: "c1", Name: "Jonas Keller"}, {ID: "c2", Name: "Lea Sommer"}, {ID: "c3", Name: "Lea Winter"}, {ID: "c4", Name: "Mark Otto"}},
		Upcoming: []gym.Appointment{
			{ID: "a1", CoachID: "c1", CoachName: "Jonas Keller", StartsAt: time.Date(2026, 3, 27, 16, 0, 0, 0, time.UTC), Minutes: 60, Status: gym.Booked},
			{ID: "a2", CoachID: "c2", CoachName: "Lea Sommer", StartsAt: time.Date(2026, 3, 31, 8, 0, 0, 0, time.UTC), Minutes: 60, Status: gym.Booked},
		}}
}

func TestExamplesByRule(t *testing.T) {
	action, right, all := "", map[string]int{}, map[string]int{}
	for line := range strings.Lines(examplesText) {
		if !strings.HasPrefix(line, "\t") {
			action = strings.TrimSpace(line)
			continue
		}
		text := strings.TrimSpace(line)
		d, ok := byRules(strip(read(text, namesOf(turn("").Coaches)).text), turn(text))
		all[action]++
		switch {
		case !ok:
			t.Logf("%-24s abstains: %s", action, text)
		case d.Action != action:
			t.Logf("%-24s %s: %s | %s", action, d.Action, text, hear(strip(read(text, namesOf(turn("").Coaches)).text), turn(text)).masked)
		default:
			right[action]++
		}
	}
	t.Log(right, all)
}
