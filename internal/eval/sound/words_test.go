package sound

import "testing"

func TestWrongWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want, got string
		wrong, of int
	}{
		{"And so, my fellow Americans:", "and so my fellow americans", 0, 5},
		{"twenty one reps", "21 reps", 0, 2},
		{"three sets", "3 sets.", 0, 2},
		{"go forward ten meters", "go forward 10 metres", 1, 4},
		{"a b c", "a c", 1, 3},
		{"a c", "a b c", 1, 2},
		{"", "you", 1, 0},
		{"well-known", "well known", 0, 2},
		{"60 kilos", "60 kg", 0, 2},
	} {
		if wrong, of := WrongWords(c.want, c.got); wrong != c.wrong || of != c.of {
			t.Errorf("%q heard as %q: %d of %d, want %d of %d", c.want, c.got, wrong, of, c.wrong, c.of)
		}
	}
}
