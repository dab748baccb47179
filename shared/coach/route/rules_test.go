package route

import (
	"os"
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

// TestRules holds the first judge to what members say: it may abstain, and it may be wrong seldom.
func TestRules(t *testing.T) {
	t.Parallel()
	said, err := os.ReadFile("testdata/said.txt")
	if err != nil {
		t.Fatal(err)
	}
	for name, list := range map[string][]Example{"examples": Examples(), "said": readExamples(string(said))} {
		right, tools, lost, invented := 0, 0, 0, 0
		for _, e := range list {
			d, ok := byRules(strip(read(e.Text, namesOf(turn("").Coaches)).text), turn(e.Text))
			if e.Action != Reply {
				tools++
			}
			switch {
			case d.Action == e.Action, !ok && e.Action == Reply:
				right++
				continue
			case !ok:
				lost++
			case e.Action == Reply:
				invented++
			}
			t.Logf("%-24s %-24s %s | %s", e.Action, d.Action, e.Text, hear(strip(read(e.Text, namesOf(turn("").Coaches)).text), turn(e.Text)).masked)
		}
		t.Logf("%s: %d of %d right (talk when it abstains), %d tools of %d not found, %d calls invented", name, right, len(list), lost, tools, invented)
	}
}
