package coach

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func speak(t *testing.T, text string, pass func(string) bool) (said []string, err error) {
	t.Helper()
	s := &sentences{pass: pass, emit: func(text string) error { said = append(said, strings.TrimSpace(text)); return nil }}
	for _, part := range strings.SplitAfter(text, "") { // token by token
		if err = s.write(part); err != nil {
			return said, err
		}
	}
	return said, s.end()
}

func anything(string) bool { return true }

func TestSentences(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
		err  error
	}{
		"whole":            {"Good day. Rest a little!\nDrink water", []string{"Good day.", "Rest a little!", "Drink water"}, nil},
		"decimal":          {"Add 2.5 kg, e.g. next week. Fine.", []string{"Add 2.5 kg, e.g. next week.", "Fine."}, nil},
		"circle":           {"Keep going. Keep going. Keep going.", []string{"Keep going."}, errEnough},
		"nothing":          {" \n .. \n", nil, nil},
		"too many":         {"A one. B two. C three. D four. E five.", []string{"A one.", "B two.", "C three.", "D four."}, errEnough},
		"no end in sight":  {strings.Repeat("word ", 300), nil, errEnough},
		"refused sentence": {"All good. BAD thing. More.", []string{"All good."}, errEnough},
	} {
		t.Run(name, func(t *testing.T) {
			said, err := speak(t, c.text, func(s string) bool { return !strings.Contains(s, "BAD") })
			if !slices.Equal(said, c.want) || !errors.Is(err, c.err) {
				t.Errorf("said %q, %v; want %q, %v", said, err, c.want, c.err)
			}
		})
	}
}

func FuzzSentences(f *testing.F) {
	f.Add("Good day. 2.5 kg.\n\n")
	f.Add("...!?!")
	f.Fuzz(func(t *testing.T, text string) {
		said, _ := speak(t, text, anything)
		if len(said) > maxSentences {
			t.Errorf("%d sentences", len(said))
		}
		for _, s := range said {
			if !hasLetter(s) || strings.ContainsAny(s, "\n\r") {
				t.Errorf("let out %q", s)
			}
		}
	})
}

func TestGrounded(t *testing.T) {
	for _, c := range []struct {
		sentence string
		want     bool
	}{
		{"Do three sets today.", true}, {"You squat 60 kg for 3 sets.", true}, {"You squat 70 kg.", false},
		{"At 17:30 it is quiet.", true}, {"At 17 it is quiet.", false}, {"Eat 2,300 kcal.", false},
	} {
		if got := grounded(c.sentence, "squat 3 x 8 at 60 kg", "from 17:30"); got != c.want {
			t.Errorf("grounded(%q) = %t", c.sentence, got)
		}
	}
}
