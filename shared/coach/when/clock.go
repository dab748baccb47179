package when

import (
	"fmt"
	"slices"
)

// clock is a time of day as it was said.
type clock struct {
	minute int  // of the day; of the half of it when open
	open   bool // morning or evening is not said
	bare   bool // a number and nothing else, which only its neighbours make a time
	spoken bool
	named  bool // noon or midnight
	halved bool // am or pm is said
	// from and to are the bytes of the text that say it, without "o'clock" and "sharp".
	from, to int
}

// minutes are the readings of a time of day: one, or two when it may be morning or evening. The part of the day decides, else
// the convention of the package.
func (c clock) minutes(within *part) []int {
	if !c.open {
		return []int{c.minute}
	}
	morning, evening := c.halves()
	if within != nil {
		switch {
		case within.night && morning < 5*hour:
			return []int{morning + 24*hour*b2i(morning < hour)} // twelve at night ends the day
		case within.evening:
			return []int{evening}
		}
		return []int{morning}
	}
	switch {
	case evening < 18*hour:
		return []int{evening}
	case morning >= 10*hour:
		return []int{morning}
	}
	return []int{morning, evening}
}

// halves are the two readings of an open time; twelve is the first hour of each half.
func (c clock) halves() (morning, evening int) {
	m := c.minute % (12 * hour)
	return m, m + 12*hour
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func spellHour(minute int) string {
	half := "am"
	if minute >= 12*hour {
		half = "pm"
	}
	h := (minute/hour+11)%12 + 1
	if minute%hour == 0 {
		return fmt.Sprintf("%d %s", h, half)
	}
	return fmt.Sprintf("%d:%02d %s", h, minute%hour, half)
}

// timeOfDay reads a time of day with the words before it: "at 5", "around half past six". A bare number is one only with "at" or
// beside a day, and where no thing follows that it could count.
func (p *parser) timeOfDay(i int, e *expression) int {
	front, strong := p.front(i)
	c, n := p.clock(i+front, false)
	if n == 0 {
		return 0
	}
	next := i + front + n
	if c.bare && !p.hourStands(i, front, next, strong, c, e) {
		return 0
	}
	e.clock = &c
	return front + n
}

// front is how many words such as "at about" stand before a time of day, and whether they say that a number is one.
func (p *parser) front(i int) (n int, strong bool) {
	for n < 3 {
		switch {
		case p.is(i+n, "at") || p.mark(i+n, "@"):
			strong = true
		case p.is(i+n, "around", "about", "approximately", "approx", "roughly", "exactly", "circa") || p.mark(i+n, "~"):
		case n > 0 && p.is(i+n, "like"):
		default:
			return n, strong
		}
		n++
	}
	return n, strong
}

// clock reads a time of day at token i. plain leaves out "ten to six", which is a stretch after "from".
func (p *parser) clock(i int, plain bool) (clock, int) {
	c, n := p.named(i)
	if n == 0 {
		c, n = p.quarters(i, plain)
	}
	if n == 0 {
		c, n = p.figures(i)
	}
	if n == 0 {
		return clock{}, 0
	}
	c.from, c.to = p.at(i).from, p.at(i+n-1).to
	n += p.oclock(i+n, &c)
	if c.open {
		n += p.halfOf(i+n, &c)
	} else if c.minute > 12*hour {
		n += p.half(i+n, &clock{}) // "17:00 pm"
	}
	n += p.oclock(i+n, &c)
	n += p.said(i+n, []string{"sharp"}, []string{"on", "the", "dot"}, []string{"or", "so"})
	return c, n
}

// named reads noon and midnight.
func (p *parser) named(i int) (clock, int) {
	n := 0
	if p.at(i).n == 12 && p.at(i).number && p.is(i+1, "noon", "midday", "midnight") {
		n = 1
	}
	switch {
	case p.is(i+n, "noon", "midday", "noonish"):
		return clock{minute: 12 * hour, named: true}, n + 1
	case p.is(i+n, "mid") && p.is(i+n+1, "day"):
		return clock{minute: 12 * hour, named: true}, n + 2
	case p.is(i+n, "midnight"):
		return clock{minute: 24 * hour, named: true}, n + 1
	}
	return clock{}, 0
}

// quarters reads "half past five", "half five", "quarter to six", "twenty past four".
func (p *parser) quarters(i int, plain bool) (clock, int) {
	start, minutes := i, 0
	if p.is(i, "a") && p.is(i+1, "quarter") {
		i++
	}
	switch t := p.at(i); {
	case p.is(i, "half"):
		minutes = 30
	case p.is(i, "quarter"):
		minutes = 15
	case t.number && !t.ordinal && t.n > 0 && t.n < 60 && !plain:
		minutes = t.n
	default:
		return clock{}, 0
	}
	i++
	unit := p.is(i, "minutes", "minute", "min", "mins")
	if unit {
		i++
	}
	sign := 1
	switch {
	case p.is(i, "past"), p.is(i, "after") && (unit || minutes%5 == 0):
		i++
	case p.is(i, "to", "before", "till", "of") && minutes != 30 && (unit || p.toTheHour(start, i)):
		sign = -1
		i++
	case minutes == 30 && p.is(start, "half"):
	default:
		return clock{}, 0
	}
	t := p.at(i)
	if p.is(i, "noon", "midday") {
		return clock{minute: 12*hour + sign*minutes}, i + 1 - start
	}
	if p.is(i, "midnight") {
		return clock{minute: 24*hour + sign*minutes}, i + 1 - start
	}
	if !t.number || t.ordinal || t.n < 1 || t.n > 12 || p.counts(i+1) && !p.hourAt(i) {
		return clock{}, 0
	}
	return clock{minute: (t.n%12*hour + sign*minutes + 12*hour) % (12 * hour), open: true}, i + 1 - start
}

// toTheHour reports whether "ten to six" at start is minutes to an hour and no stretch: "quarter to", multiples of five in words,
// or figures after "at".
func (p *parser) toTheHour(start, preposition int) bool {
	t := p.at(preposition - 1)
	if !t.number {
		return true
	}
	return p.is(preposition, "to") && t.n%5 == 0 && t.n < 30 && (t.figures == 0 || p.is(start-1, "at"))
}

// figures reads "5", "17:30", "5.30", "17h30", "1730", "five thirty", "seventeen hundred".
func (p *parser) figures(i int) (clock, int) {
	t := p.at(i)
	if !t.number || t.ordinal || t.glued && (p.at(i-1).text == "." || p.at(i-1).text == "," || p.at(i-1).text == "/" || p.at(i-1).text == ":" || p.at(i-1).text == "$") && i > 0 {
		return clock{}, 0
	}
	sep, minutes := p.at(i+1), p.at(i+2)
	fitting := t.n <= 24 && t.figures <= 2 && minutes.figures == 2 && minutes.n < 60 && (t.n < 24 || minutes.n == 0) && sep.glued && minutes.glued && t.figures > 0
	switch {
	case fitting && sep.text == ":":
		return written(t, minutes), 3 + p.seconds(i+3)
	case fitting && sep.text == "h":
		return clock{minute: t.n*hour + minutes.n}, 3
	case fitting && sep.text == "." && p.dotted(i):
		return written(t, minutes), 3
	case t.figures == 4 && t.n < 2400 && t.n%100 < 60 && p.military(i):
		return clock{minute: t.n/100*hour + t.n%100}, 1 + p.said(i+1, []string{"hours"}, []string{"hrs"}, []string{"h"})
	case t.figures == 0 && t.n < 24 && sep.number && sep.figures == 0 && sep.text == "hundred" && (p.is(i+2, "hours", "hrs") || t.n > 9):
		return clock{minute: t.n * hour}, 2 + p.said(i+2, []string{"hours"}, []string{"hrs"})
	case t.figures == 0 && t.n >= 100 && t.n < 1000 && t.n%100 == 0 && p.is(i+1, "hours"):
		return clock{minute: t.n / 100 * hour}, 2
	case t.figures <= 2 && t.n <= 24 && p.is(i+1, "h", "uhr") && (t.n > 12 || p.is(i-1, "at") || p.is(i+1, "uhr")):
		return clock{minute: t.n * hour}, 2
	case t.figures > 2 || t.n > 24 || t.figures < 2 && t.n == 0:
		return clock{}, 0
	}
	c := clock{minute: t.n * hour, open: t.n >= 1 && t.n <= 12 && (t.figures < 2 || t.n > 9), bare: true, spoken: t.figures == 0}
	if n := p.spokenMinutes(i, &c); n > 0 {
		return c, n
	}
	return c, 1
}

// written is a time with a colon; without a zero before it the hour may be of either half of the day.
func written(h, m token) clock {
	return clock{minute: h.n*hour + m.n, open: h.n >= 1 && h.n <= 12 && (h.figures == 1 || h.n > 9)}
}

func (p *parser) seconds(i int) int {
	if p.mark(i, ":") && p.at(i).glued && p.at(i+1).glued && p.at(i+1).figures == 2 {
		return 2
	}
	return 0
}

// dotted reports whether "5.30" at token i is a time of day, not a weight: a word says so.
func (p *parser) dotted(i int) bool {
	if p.at(i+3).glued && (p.at(i+3).text == "." && p.at(i+4).number || units[p.at(i+3).text]) || units[p.at(i+3).text] {
		return false
	}
	c := clock{open: true}
	return p.half(i+3, &c) > 0 || p.is(i-1, "at", "around", "until", "till", "from", "between", "after", "before", "to", "by")
}

// military reports whether four figures are a time of day, not a year or an amount of calories.
func (p *parser) military(i int) bool {
	if p.is(i+1, "hours", "hrs", "h") || p.at(i).text[0] == '0' {
		return !p.mark(i-1, ".")
	}
	if p.counts(i + 1) {
		return false
	}
	_, weekday := weekdays[p.at(i-1).text]
	return weekday || p.is(i-1, "at", "around", "today", "tomorrow", "until", "till", "between", "after", "before") || p.is(i-1, "to", "by", "from") && p.at(i).n < 1900
}

// spokenMinutes reads the minutes after a spoken hour: "five thirty", "five oh five". They make a time of a number only where
// am, pm, "at" or a day stand beside it.
func (p *parser) spokenMinutes(i int, c *clock) int {
	h, m := p.at(i), p.at(i+1)
	n := 2
	if p.is(i+1, "oh", "o") && p.at(i+2).number {
		m, n = p.at(i+2), 3
		if m.n > 9 {
			return 0
		}
	} else if m.n < 10 {
		return 0
	}
	both := h.figures == 0 && m.figures == 0 || h.figures > 0 && m.figures == 2 && p.is(i-1, "at")
	if !m.number || m.ordinal || m.n > 59 || h.n > 23 || m.glued || !both || p.counts(i+n) {
		return 0
	}
	c.minute += m.n
	c.open = h.n >= 1 && h.n <= 12
	return n
}

// oclock reads "o'clock" and "ish".
func (p *parser) oclock(i int, c *clock) int {
	n := p.said(i, []string{"o'clock"}, []string{"oclock"}, []string{"o", "clock"}, []string{"o’clock"}, []string{"ish"})
	if n > 0 {
		c.bare = false
	}
	return n
}

// half reads am and pm.
func (p *parser) half(i int, c *clock) int {
	n, evening := 0, false
	switch letter := p.at(i); {
	case p.is(i, "am", "pm"):
		n, evening = 1, letter.text == "pm"
	case p.is(i, "a", "p") && p.mark(i+1, ".") && p.at(i+1).glued && p.is(i+2, "m") && p.at(i+2).glued:
		n, evening = 3, letter.text == "p"
		if p.mark(i+3, ".") && p.at(i+3).glued {
			n++
		}
	case p.is(i, "p", "a") && p.is(i+1, "m"):
		n, evening = 2, letter.text == "p"
	case p.is(i, "p", "a") && letter.glued:
		n, evening = 1, letter.text == "p"
	default:
		return 0
	}
	morning, later := c.halves()
	c.minute = morning
	if evening {
		c.minute = later
	}
	c.open, c.bare = false, false
	return n
}

// halfOf reads am and pm as a part of c.
func (p *parser) halfOf(i int, c *clock) int {
	n := p.half(i, c)
	if n > 0 {
		c.halved, c.to = true, p.at(i+n-1).to
	}
	return n
}

// latest is the reading of c that lies before minute, the later one when both do.
func (c clock) latest(minute int) (int, bool) {
	all := c.both()
	for _, m := range slices.Backward(all) {
		if m < minute {
			return m, true
		}
	}
	return 0, false
}

// earliest is the first reading of c after minute, on the next day when there is none.
func (c clock) earliest(minute int) int {
	for _, m := range c.both() {
		if m > minute {
			return m
		}
	}
	return c.both()[0] + 24*hour
}

func (c clock) both() []int {
	if !c.open {
		return []int{c.minute}
	}
	morning, evening := c.halves()
	return []int{morning, evening}
}
