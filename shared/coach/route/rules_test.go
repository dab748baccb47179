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

// examples are the utterances of train/examples.txt.
func examples(t testing.TB) []Example {
	t.Helper()
	text, err := os.ReadFile("train/examples.txt")
	if err != nil {
		t.Fatal(err)
	}
	return ReadExamples(string(text))
}

// TestRules holds the first judge to the utterances that it was written for: what it says is right, and talk never becomes
// a call. Where it abstains the others judge.
func TestRules(t *testing.T) {
	t.Parallel()
	list := examples(t)
	tools, abstains, wrong, invented := 0, 0, 0, 0
	for _, e := range list {
		text := strip(read(e.Text, namesOf(turn("").Coaches)).text)
		d, ok := byRules(text, turn(e.Text))
		if e.Action != Reply {
			tools++
		}
		switch {
		case d.Action == e.Action, !ok && e.Action == Reply:
			continue
		case !ok:
			abstains++
		case e.Action == Reply:
			invented++
		default:
			wrong++
		}
		t.Logf("want %s, got %q: %s | %s", e.Action, d.Action, e.Text, hear(text, turn(e.Text)).masked)
	}
	talk := len(list) - tools
	t.Logf("%d utterances, %d need no tool: %d calls invented, %d wrong tools, %d tools not found", len(list), talk, invented, wrong, abstains)
	if len(list) < 200 || talk*5 < len(list)*2 {
		t.Errorf("%d of %d examples need no tool: too few", talk, len(list))
	}
	if invented*200 > talk || wrong*100 > tools || abstains*50 > tools {
		t.Error("the rules do worse than they did")
	}
}
