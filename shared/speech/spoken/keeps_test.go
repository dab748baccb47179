package spoken_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/internal/eval/chatset"
	"github.com/intellifit/intellifit/shared/coach/route"
	"github.com/intellifit/intellifit/shared/coach/safety"
	"github.com/intellifit/intellifit/shared/speech/spoken"
)

// TestHearKeepsWarnings: what the screen finds in a message it finds in what is heard of it. Words of pain, of illness and of denial come
// through as they were said.
func TestHearKeepsWarnings(t *testing.T) {
	t.Parallel()
	adult := safety.Profile{Age: 36, BMI: 23, Language: "en", Emergency: "112"}
	text, err := os.ReadFile("../../coach/safety/train/messages.txt")
	if err != nil {
		t.Fatal(err)
	}
	n, changed := 0, 0
	for line := range strings.Lines(string(text)) {
		_, message, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		n++
		heard := spoken.Hear(message)
		if heard == message {
			continue
		}
		changed++
		if again := spoken.Hear(heard); again != heard {
			t.Errorf("%q becomes %q", heard, again)
		}
		if was, is := safety.Screen(message, adult), safety.Screen(heard, adult); was != is {
			t.Errorf("%q is %q: %s, was %s", message, heard, is.Code, was.Code)
		}
	}
	if n < 5000 || changed < 50 {
		t.Errorf("%d messages, %d changed: the test does not test", n, changed)
	}
	t.Logf("%d messages, %d changed", n, changed)
}

// TestHearKeepsRequests: a typed request is the same request when it is heard.
func TestHearKeepsRequests(t *testing.T) {
	t.Parallel()
	lines, err := chatset.LoadRouter()
	if err != nil {
		t.Fatal(err)
	}
	changed := 0
	for _, l := range lines {
		heard := spoken.Hear(l.Text)
		if heard == strings.Join(strings.Fields(l.Text), " ") || l.Split != "train" {
			continue
		}
		changed++
		if again := spoken.Hear(heard); again != heard {
			t.Errorf("%q becomes %q", heard, again)
		}
		c := chatset.Contexts[l.Context]
		ask := func(text string) route.Decision {
			d, err := (&route.Router{}).Route(t.Context(), route.Turn{Text: text, Now: c.Now, Coaches: c.Coaches, Upcoming: c.Upcoming, CoachID: c.CoachID})
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		if diff := cmp.Diff(ask(l.Text), ask(heard)); diff != "" {
			t.Errorf("%q is %q: %s", l.Text, heard, diff)
		}
	}
	t.Logf("%d messages, %d changed", len(lines), changed)
}
