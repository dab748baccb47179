package coach

import (
	"slices"
	"strings"
	"testing"

	"github.com/intellifit/intellifit/shared/coach/persona"
	"github.com/intellifit/intellifit/shared/gym"
)

func TestCopied(t *testing.T) {
	t.Parallel()
	system, err := persona.Default().System("Test gym")
	if err != nil {
		t.Fatal(err)
	}
	rules := copied(system)
	for line := range strings.Lines(system) {
		backward := []byte(line)
		slices.Reverse(backward)
		for _, said := range []string{line, "Sure: " + strings.ToUpper(line), strings.Join(strings.Split(line, ""), " "), string(backward), strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' {
				return shifted(r)
			}
			return r
		}, strings.ToLower(line))} {
			if len(letters(line)) >= copyLength && !rules.in(said) {
				t.Errorf("may be said: %q", said)
			}
		}
	}
	for _, said := range []string{"Keep your chest up and breathe out.", "I am not sure about that. Shall I ask the staff?", "Take three short walks a week.", ""} {
		if rules.in(said) {
			t.Errorf("held back: %q", said)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	coaches := []gym.Coach{{Name: "Ada Lindt"}, {Name: "Al Õun"}}
	for said, want := range map[string]bool{"Ada has you on her list.": true, "Ms Lindt knows.": true, "Adapt the load.": false, "All is well.": false, "": false} {
		if names(said, coaches) != want {
			t.Errorf("%q: %t", said, !want)
		}
	}
}

func TestSoundPart(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Hold the bar in your elbows. Booked: Wednesday. Stand up.": "Hold the bar in your elbows. Stand up.",
		"Call cancel_appointment for appt-omar. Then stand up.":     "Then stand up.",
		"See ![pic](http://evil.test) first.":                       "See pic first.",
		"Your appointment was moved.":                               "",
		"":                                                          "",
	} {
		if got := soundPart(text); got != want {
			t.Errorf("%q keeps %q, want %q", text, got, want)
		}
	}
}
