package when

import (
	"strings"
	"time"
)

var holidays = []struct {
	words []string
	month time.Month
	day   int
}{
	{strings.Fields("christmas eve"), time.December, 24}, {strings.Fields("xmas eve"), time.December, 24}, {strings.Fields("christmas day"), time.December, 25}, {strings.Fields("xmas day"), time.December, 25},
	{strings.Fields("christmas"), time.December, 25}, {strings.Fields("xmas"), time.December, 25}, {strings.Fields("boxing day"), time.December, 26}, {strings.Fields("new year's eve"), time.December, 31},
	{strings.Fields("new years eve"), time.December, 31}, {strings.Fields("new year eve"), time.December, 31}, {strings.Fields("nye"), time.December, 31}, {strings.Fields("new year's day"), time.January, 1},
	{strings.Fields("new years day"), time.January, 1}, {strings.Fields("new year day"), time.January, 1},
}

// holiday reads the feasts that members name.
func (p *parser) holiday(i int, e *expression) int {
	front := p.said(i, []string{"on", "this"}, []string{"on"}, []string{"this"}, []string{"next"})
	for _, h := range holidays {
		n := p.said(i+front, h.words)
		if n == 0 && h.day == 1 && p.is(i-1, "and") && p.is(i-2, "christmas", "xmas") {
			n = 2 * b2i(p.is(i, "new") && p.is(i+1, "year", "years", "year's")) // "between Christmas and New Year"
		}
		if n == 0 || n == 1 && p.is(i+front+1, "party", "dinner", "present", "presents", "market", "cookies", "weight", "break", "holidays", "season", "food", "time") {
			continue
		}
		day, _ := upcoming(p.today, h.month, h.day)
		e.name(day, 1)
		return front + n
	}
	return 0
}

// upcoming is the next such day, today counts. It is false for a day that no year has.
func upcoming(today time.Time, month time.Month, day int) (time.Time, bool) {
	for year := today.Year(); year <= today.Year()+8; year++ { // leap days are eight years apart round 2100
		if t, ok := dated(year, month, day); ok && !t.Before(today) {
			return t, true
		}
	}
	return time.Time{}, false
}

// nextOfMonth is the next day of that number, today counts.
func nextOfMonth(today time.Time, day int) (time.Time, bool) {
	for m := range 3 { // no two months in a row are short
		start := first(today, m)
		if t, ok := dated(start.Year(), start.Month(), day); ok && !t.Before(today) {
			return t, true
		}
	}
	return time.Time{}, false
}

// date reads a day of the calendar.
func (p *parser) date(i int, e *expression) int {
	front := p.said(i, []string{"on", "this"}, []string{"on"})
	day, n := p.calendarDate(i+front, false)
	if n == 0 {
		return 0
	}
	e.name(day, 1)
	return front + n
}

// calendarDate reads "27 November", "Nov 27th 2026", "the 27th", "27.11.", "11/27", "2026-11-27". weekday says that one stands before.
func (p *parser) calendarDate(i int, weekday bool) (time.Time, int) {
	if day, n := p.iso(i); n > 0 {
		return day, n
	}
	if day, n := p.slashed(i, weekday); n > 0 {
		return day, n
	}
	if day, n := p.monthFirst(i); n > 0 {
		return day, n
	}
	return p.dayFirst(i, weekday)
}

// iso reads "2026-11-27".
func (p *parser) iso(i int) (time.Time, int) {
	y, m, d := p.at(i), p.at(i+2), p.at(i+4)
	sep := p.at(i + 1).text
	if y.figures != 4 || y.n < 1900 || m.figures == 0 || m.figures > 2 || d.figures == 0 || d.figures > 2 || sep != "-" && sep != "/" || p.at(i+3).text != sep || !d.glued || !m.glued || m.n > 12 {
		return time.Time{}, 0
	}
	day, ok := dated(y.n, time.Month(m.n), d.n)
	if !ok || p.at(i+5).glued && p.at(i+5).number {
		return time.Time{}, 0
	}
	n := 5
	if p.is(i+5, "t") && p.at(i+6).number {
		n = 6
	}
	return day, n
}

// slashed reads "27/11", "27.11.", "27.11.2026".
func (p *parser) slashed(i int, weekday bool) (time.Time, int) {
	a, sep, b := p.at(i), p.at(i+1), p.at(i+2)
	if a.figures == 0 || a.figures > 2 || b.figures == 0 || b.figures > 2 || sep.text != "/" && sep.text != "." || !sep.glued || !b.glued || a.ordinal || b.ordinal || a.glued && i > 0 && p.at(i-1).mark {
		return time.Time{}, 0
	}
	day, month := a.n, b.n
	if sep.text == "/" && p.american {
		day, month = month, day
	}
	if month > 12 && day <= 12 && sep.text == "/" {
		day, month = month, day
	}
	n, year := 3, 0
	if p.at(i+3).text == sep.text && p.at(i+3).glued {
		if y := p.at(i + 4); y.glued && (y.figures == 4 && y.n >= 1900 || y.figures == 2) {
			n, year = 5, y.n
			if y.figures == 2 {
				year += 2000
			}
		} else if y.number && y.glued {
			return time.Time{}, 0 // "5/3/1"
		} else if sep.text == "." {
			n = 4
		}
	}
	if month < 1 || month > 12 || n == 3 && !p.dateStands(i, weekday) {
		return time.Time{}, 0
	}
	if n == 3 && p.counts(i+3) {
		return time.Time{}, 0
	}
	return p.inYear(year, time.Month(month), day, n)
}

// dateStands reports whether "9/10" or "27.11" is a date and neither a share of something, nor a weight or a time of day.
func (p *parser) dateStands(i int, weekday bool) bool {
	a, b := p.at(i), p.at(i+2)
	led := weekday || p.is(i-1, "on", "for", "to", "until", "till", "from", "by", "the", "date")
	if p.at(i+1).text == "." {
		c := clock{open: true}
		return led && b.figures <= 2 && p.half(i+3, &c) == 0 && (p.is(i-1, "on", "the", "date") || weekday || a.n > 24 || b.figures < 2)
	}
	if a.n == 24 && b.n == 7 {
		return false
	}
	share := a.n < b.n && (b.n <= 4 || b.n == 10)
	return led || !share && b.n != 10
}

// inYear is a date with its year, or the next such day when year is 0.
func (p *parser) inYear(year int, month time.Month, day, n int) (time.Time, int) {
	t, ok := time.Time{}, false
	if year > 0 {
		t, ok = dated(year, month, day)
	} else {
		t, ok = upcoming(p.today, month, day)
	}
	if !ok {
		return time.Time{}, 0
	}
	return t, n
}

// monthFirst reads "November 27", "Nov 27th", "November the twenty seventh 2026".
func (p *parser) monthFirst(i int) (time.Time, int) {
	month, n := p.month(i)
	if n == 0 {
		return time.Time{}, 0
	}
	at := i + n
	if p.is(at, "the") {
		at++
	}
	t := p.at(at)
	if !t.number || t.n < 1 || t.n > 31 || t.figures > 2 || !t.ordinal && (p.is(at-1, "the") || p.counts(at+1) && !p.year(at+1) && !p.clockFollows(at+1) || p.hourAt(at)) {
		return time.Time{}, 0
	}
	return p.dayOf(i, at+1, month, t.n)
}

// month is the month that is named at token i.
func (p *parser) month(i int) (time.Month, int) {
	t := p.at(i)
	m, ok := months[t.text]
	if !ok || t.number || t.mark || t.glued && p.at(i-1).mark && i > 0 {
		return 0, 0
	}
	if p.mark(i+1, ".") && p.at(i+1).glued && len(t.text) < 5 {
		return m, 2
	}
	return m, 1
}

// hourAt reports whether the number at token i is an hour: "may 5 pm".
func (p *parser) hourAt(i int) bool {
	c := clock{open: true}
	return p.half(i+1, &c) > 0 || p.oclock(i+1, &c) > 0 || p.mark(i+1, ":") && p.at(i+1).glued
}

// year reports whether token i is one, after a date.
func (p *parser) year(i int) bool {
	t := p.at(i)
	return t.figures == 4 && t.n >= 1900 && t.n < 2200 && !p.counts(i+1) && !p.is(i+1, "hours")
}

// dayOf ends a date that was read from token i to end, with the year if it stands there.
func (p *parser) dayOf(i, end int, month time.Month, day int) (time.Time, int) {
	at := end
	if p.mark(at, ",") && p.year(at+1) {
		at++
	}
	if p.year(at) && !p.is(at-1, "at") {
		return p.inYear(p.at(at).n, month, day, at+1-i)
	}
	return p.inYear(0, month, day, end-i)
}

// dayFirst reads "27 November", "the 27th of November", "the 27th", "27th of next month".
func (p *parser) dayFirst(i int, weekday bool) (time.Time, int) {
	at := i
	the := p.is(at, "the")
	if the {
		at++
	}
	t := p.at(at)
	if !t.number || t.n < 1 || t.n > 31 || t.figures > 2 || t.glued && p.at(at-1).mark && at > 0 {
		return time.Time{}, 0
	}
	next := at + 1
	if p.mark(next, ".") && p.at(next).glued && !t.ordinal {
		next++
	}
	of := next
	if p.is(of, "of") {
		of++
	}
	if month, n := p.month(of); n > 0 && (of > next || p.dayBefore(at, of)) {
		return p.dayOf(i, of+n, month, t.n)
	}
	if of > next && t.ordinal && p.is(of, "next", "this") && p.is(of+1, "month") {
		m := 0
		if p.is(of, "next") {
			m = 1
		}
		day, ok := dated(p.today.Year(), p.today.Month()+time.Month(m), t.n)
		if !ok {
			return time.Time{}, 0
		}
		return day, of + 2 - i
	}
	if !p.ofMonth(at, the, weekday) {
		return time.Time{}, 0
	}
	day, ok := nextOfMonth(p.today, t.n)
	if !ok {
		return time.Time{}, 0
	}
	return day, at + 1 - i
}

// dayBefore reports whether the number at token i is the day of the month that follows: not in "at 5 may I come".
func (p *parser) dayBefore(i, month int) bool {
	word := p.at(month).text
	verb := (word == "may" || word == "march" || word == "mar" || word == "sun") && p.is(month+1, "i", "we", "you", "he", "she", "they")
	return !verb && !p.is(i-1, "at", "around") && !(word == "second")
}

// ofMonth reports whether an ordinal alone is a day: "the 27th", "on the 3rd", but not "the 2nd one", "my 30th birthday".
func (p *parser) ofMonth(i int, the, weekday bool) bool {
	t := p.at(i)
	if !t.ordinal {
		return weekday && t.figures == 2 && t.n > 24 && p.ends(i+1)
	}
	if weekday {
		return true
	}
	if p.is(i-1, "my", "a", "your", "his", "her") || units[p.at(i+1).text] || ordered[p.at(i+1).text] {
		return false
	}
	before := i - 1
	if the {
		before--
	}
	led := p.is(before, "on", "to", "for", "until", "till", "by", "from", "is", "and", "or", "about", "of", "it", "before", "after", "between")
	if t.figures > 0 {
		return t.n > 4 || led && the || p.clockFollows(i+1)
	}
	return the && (t.n > 12 || led && t.n > 3) || t.n > 20 || led && the && p.clockFollows(i+1)
}

// ordered are the things that an ordinal counts.
var ordered = setOf(`one ones birthday birthdays anniversary floor rep set exercise choice option place row attempt coach trainer slot grade percentile street avenue century meal opinion try of`)

func (p *parser) clockFollows(i int) bool {
	_, strong := p.front(i)
	if strong {
		return true
	}
	c, n := p.clock(i, false)
	return n > 0 && !c.bare
}
