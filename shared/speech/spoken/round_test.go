package spoken_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/intellifit/intellifit/shared/speech/spoken"
)

// pair is a piece of a coach's sentence as it is written and as it must be heard when a voice has said it.
type pair struct{ written, heard string }

func one(t *rapid.T, list ...string) string { return rapid.SampledFrom(list).Draw(t, "word") }

func number(t *rapid.T, from, to int) int { return rapid.IntRange(from, to).Draw(t, "number") }

// load is a weight as plates make it.
func load(t *rapid.T) string {
	n := strconv.Itoa(number(t, 2, 300))
	return n + one(t, "", "", ".5", ".25", ".75")
}

func plural(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprint(n, " ", unit, "s")
}

// pieces are what coaches write of training, food and appointments.
var pieces = []func(*rapid.T) pair{
	func(t *rapid.T) pair { // sets by repetitions
		sets, reps := number(t, 1, 12), number(t, 2, 30)
		to, heard := "", strconv.Itoa(reps)
		if rapid.Bool().Draw(t, "range") {
			to = one(t, "-", "–") + strconv.Itoa(reps+2)
			heard += " to " + strconv.Itoa(reps+2)
		}
		return pair{fmt.Sprintf("%d%s%d%s", sets, one(t, "x", " x ", "×", "X"), reps, to), plural(sets, "set") + " of " + heard}
	},
	func(t *rapid.T) pair {
		w := load(t)
		return pair{one(t, "@", "at") + " " + w + one(t, " kg", "kg"), "at " + w + " kg"}
	},
	func(t *rapid.T) pair {
		n := number(t, 5, 405)
		return pair{fmt.Sprintf("with %d %s", n, one(t, "lb", "lbs")), fmt.Sprintf("with %d pounds", n)}
	},
	func(t *rapid.T) pair {
		n := number(t, 5, 10)
		return pair{fmt.Sprintf("at RPE %d", n), fmt.Sprintf("at RPE %d", n)}
	},
	func(t *rapid.T) pair {
		n := number(t, 1, 4)
		return pair{fmt.Sprintf("with RIR %d", n), "with " + plural(n, "rep") + " in reserve"}
	},
	func(t *rapid.T) pair {
		n := number(t, 10, 240)
		return pair{fmt.Sprintf("rest %d%s", n, one(t, " s", "s", " sec")), fmt.Sprintf("rest %d seconds", n)}
	},
	func(t *rapid.T) pair {
		m, s := number(t, 1, 5), number(t, 1, 59)
		return pair{fmt.Sprintf("rest %d:%02d", m, s), "rest " + plural(m, "minute") + " " + strings.Replace(plural(s, "second"), "1 second", "one second", b2i(s == 1))}
	},
	func(t *rapid.T) pair {
		n := number(t, 2, 90)
		return pair{fmt.Sprintf("for %d min", n), fmt.Sprintf("for %d minutes", n)}
	},
	func(t *rapid.T) pair {
		n := number(t, 20, 100)
		return pair{fmt.Sprintf("at %d%% of your 1RM", n), fmt.Sprintf("at %d percent of your 1RM", n)}
	},
	func(t *rapid.T) pair {
		n := number(t, 1000, 4999)
		written := strconv.Itoa(n)
		if rapid.Bool().Draw(t, "comma") {
			written = written[:1] + "," + written[1:]
		}
		return pair{written + " kcal", strconv.Itoa(n) + " calories"}
	},
	func(t *rapid.T) pair {
		n := number(t, 2, 400)
		return pair{fmt.Sprintf("%d g of protein", n), fmt.Sprintf("%d grams of protein", n)}
	},
	func(t *rapid.T) pair {
		n := number(t, 90, 200)
		return pair{fmt.Sprintf("below %d bpm", n), fmt.Sprintf("below %d beats per minute", n)}
	},
	func(t *rapid.T) pair { // an appointment, as the product spells it
		day, date, heard := one(t, "Monday", "Friday", "Sunday"), number(t, 1, 31), timeHeard
		month := one(t, "January", "May", "November")
		h, m := number(t, 0, 23), one(t, "00", "05", "15", "30", "45", "58")
		return pair{fmt.Sprintf("on %s %d %s, %02d:%s", day, date, month, h, m), fmt.Sprintf("on %s the %s of %s at %s", day, nth(date), month, heard(h, m))}
	},
	func(t *rapid.T) pair {
		day, month, year := number(t, 1, 28), number(t, 1, 12), number(t, 2000, 2099)
		return pair{fmt.Sprintf("on %d-%02d-%02d", year, month, day), fmt.Sprintf("on the %s of %s %d", nth(day), strings.Fields("January February March April May June July August September October November December")[month-1], year)}
	},
	func(t *rapid.T) pair {
		h, m := number(t, 1, 12), one(t, "05", "30", "45")
		half := one(t, "am", "pm")
		return pair{fmt.Sprintf("at %d:%s %s", h, m, half), fmt.Sprintf("at %d:%s %s", h, m, half)}
	},
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func nth(n int) string {
	switch {
	case n/10 == 1:
	case n%10 == 1:
		return fmt.Sprint(n, "st")
	case n%10 == 2:
		return fmt.Sprint(n, "nd")
	case n%10 == 3:
		return fmt.Sprint(n, "rd")
	}
	return fmt.Sprint(n, "th")
}

func timeHeard(h int, m string) string {
	half := "am"
	if h >= 12 {
		half = "pm"
	}
	switch {
	case m != "00":
		return fmt.Sprintf("%d:%s %s", (h+11)%12+1, m, half)
	case h == 0:
		return "12 midnight"
	case h == 12:
		return "12 noon"
	}
	return fmt.Sprintf("%d %s", (h+11)%12+1, half)
}

// TestRoundTrip: what a coach writes is heard with all its figures and units when a voice has said it.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		written, heard := one(t, "Barbell Squat", "Please do", "Then", "Anna says"), ""
		heard = written
		for range number(t, 1, 4) {
			p := rapid.SampledFrom(pieces).Draw(t, "piece")(t)
			between := one(t, " ", ", ", ". Then ")
			if between == " " && p.written[0] <= '9' { // two numbers need a mark between them
				between = ", "
			}
			written, heard = written+between+p.written, heard+between+p.heard
		}
		written, heard = written+".", heard+"."
		said := spoken.Say(written)
		if got := spoken.Hear(said); got != heard {
			t.Errorf("%q\nis said %q\nand heard as %q,\nwant        %q", written, said, got, heard)
		}
	})
}

// TestRoundTripNumbers: every amount of a unit comes back.
func TestRoundTripNumbers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := strconv.Itoa(rapid.OneOf(rapid.IntRange(0, 200), rapid.IntRange(0, 999_999)).Draw(t, "number"))
		if d := rapid.IntRange(0, 99).Draw(t, "decimals"); d > 0 {
			n += "." + strconv.Itoa(d)
		}
		if got := spoken.Hear(spoken.Say(n + " kg")); got != n+" kg" {
			t.Errorf("%s kg is said %q and heard as %q", n, spoken.Say(n+" kg"), got)
		}
	})
}
