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

// TestWrite: what is written is read back as the same number, and as nothing more.
func TestWrite(t *testing.T) {
	t.Parallel()
	for n := range 1_000_000 {
		if n > 3000 && n%997 != 0 {
			continue
		}
		words := strings.Fields(Write(n))
		if value, k := ReadLarge(words); value != n || k != len(words) {
			t.Fatalf("%d is %q, which reads as %d of %d words", n, words, value, k)
		}
	}
	for n, want := range map[int]string{0: "zero", 21: "twenty one", 100: "one hundred", 135: "one hundred thirty five", 2200: "two thousand two hundred", 12_005: "twelve thousand five", -1: "", 1_000_000: ""} {
		if got := Write(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

func TestWriteOrdinal(t *testing.T) {
	t.Parallel()
	for n := 1; n < 40; n++ {
		words := strings.Fields(WriteOrdinal(n))
		if value, k := Ordinal(words); value != n || k != len(words) {
			t.Errorf("%d is %q, which reads as %d of %d words", n, words, value, k)
		}
	}
	for n, want := range map[int]string{1: "first", 12: "twelfth", 20: "twentieth", 22: "twenty second", 90: "ninetieth", 100: "one hundredth", 0: "zeroth", -4: ""} {
		if got := WriteOrdinal(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

func TestReadLarge(t *testing.T) {
	t.Parallel()
	for said, want := range map[string][2]int{
		"two thousand two hundred": {2200, 4}, "two thousand and fifty": {2050, 4}, "a thousand": {1000, 2}, "a thousand two": {1002, 3}, "eighteen hundred": {1800, 2}, "twenty two hundred fifty": {2250, 4},
		"twenty two hundred and five": {2205, 5}, "seventeen hundred calories": {1700, 2}, "three ten": {3, 1}, "two thousand twenty six": {2026, 4}, "ten hundred": {10, 1}, "twenty hundred": {20, 1},
		"one hundred twenty thousand": {120_000, 4}, "two thousand kilos": {2000, 2}, "thousand": {0, 0}, "zero thousand": {0, 1}, "ten thousand steps": {10_000, 2}, "": {0, 0}, "and two": {0, 0},
	} {
		if value, n := ReadLarge(strings.Fields(said)); value != want[0] || n != want[1] {
			t.Errorf("%q is %d of %d words, want %v", said, value, n, want)
		}
	}
}
