package numeral

import (
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	t.Parallel()
	for said, want := range map[string][2]int{
		"five": {5, 1}, "twenty five": {25, 2}, "twenty-five": {25, 1}, "twenty thirty": {20, 1}, "a hundred and ten kg": {110, 4}, "one hundred twenty": {120, 3},
		"two hundred": {200, 2}, "hundred": {100, 1}, "seventeen hundred": {17, 1}, "three ten": {3, 1}, "a five": {0, 0}, "": {0, 0}, "push-ups": {0, 0}, "zero": {0, 1},
	} {
		if value, n := Read(strings.Fields(said)); value != want[0] || n != want[1] {
			t.Errorf("Read(%q) = %d, %d, want %v", said, value, n, want)
		}
	}
}

func TestOrdinal(t *testing.T) {
	t.Parallel()
	for said, want := range map[string][2]int{
		"first": {1, 1}, "twenty seventh of": {27, 2}, "thirty first": {31, 2}, "thirtieth": {30, 1}, "twenty tenth": {0, 0}, "twenty": {0, 0}, "forty first": {0, 0}, "": {0, 0},
	} {
		if value, n := Ordinal(strings.Fields(said)); value != want[0] || n != want[1] {
			t.Errorf("Ordinal(%q) = %d, %d, want %v", said, value, n, want)
		}
	}
}
