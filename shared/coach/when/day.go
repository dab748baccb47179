package when

import (
	"strings"
	"time"
)

func (e *expression) name(from time.Time, days int) { e.days = &stretch{from, after(from, days)} }

// day reads the days that are named at token i.
func (p *parser) day(i int, e *expression) int {
	for _, read := range []func(int, *expression) int{p.counted, p.near, p.weekday, p.holiday, p.date, p.period} {
		if n := read(i, e); n > 0 {
			return n
		}
	}
	return 0
}

var (
	overmorrow   = [][]string{strings.Fields("the day after tomorrow"), strings.Fields("day after tomorrow"), strings.Fields("overmorrow")}
	ereyesterday = [][]string{strings.Fields("the day before yesterday"), strings.Fields("day before yesterday")}
)

// near reads the days around today.
func (p *parser) near(i int, e *expression) int {
	if n := p.said(i, overmorrow...); n > 0 {
		e.name(after(p.today, 2), 1)
		return n
	}
	if n := p.said(i, ereyesterday...); n > 0 {
		e.name(after(p.today, -2), 1)
		return n
	}
	days, n := 0, 1
	switch {
	case p.is(i, "today"):
	case p.is(i, "tomorrow"):
		days = 1
	case p.is(i, "yesterday"):
		days = -1
	case p.is(i, "last") && p.is(i+1, "night"):
		e.name(after(p.today, -1), 1)
		e.part = &part{20 * hour, 24 * hour, true, true}
		return 2
	case p.is(i, "late") && p.is(i+1, "tonight") && e.part == nil:
		e.name(p.today, 1)
		e.part = &part{20 * hour, 24 * hour, true, false}
		return 2
	case p.is(i, "tonight") && (e.part == nil || e.part.evening):
		e.part = &part{17 * hour, 22 * hour, true, false}
	default:
		return 0
	}
	if days >= 0 && p.is(i+1, "week") && !p.is(i, "tonight") { // "tomorrow week"
		days, n = days+7, 2
	}
	e.name(after(p.today, days), 1)
	return n
}

var fronts = [][]string{
	strings.Fields("on this coming"), strings.Fields("this coming"), strings.Fields("this upcoming"), strings.Fields("on the coming"), strings.Fields("the coming"), strings.Fields("coming"), strings.Fields("upcoming"),
	strings.Fields("on the next"), strings.Fields("on next"), strings.Fields("the next"), strings.Fields("next"),
	strings.Fields("on this past"), strings.Fields("this past"), strings.Fields("on last"), strings.Fields("last"), strings.Fields("past"),
	strings.Fields("on this"), strings.Fields("this"), strings.Fields("on a"), strings.Fields("on"),
}

// weekday reads "Friday" with what stands around it: "next Friday", "Friday week", "the Friday after next", "Friday the 27th".
func (p *parser) weekday(i int, e *expression) int {
	if n := p.nthWeekday(i, e); n > 0 {
		return n
	}
	front := p.said(i, fronts...)
	if front == 0 && p.is(i, "the") && p.said(i+2, afterNext) > 0 {
		front = 1
	}
	w, ok := weekdays[p.at(i+front).text]
	if !ok || !p.isWeekday(i+front, front > 0) {
		return 0
	}
	at := i + front + 1
	said := strings.TrimPrefix(p.words(i, i+front), "on ")
	day := coming(p.today, w)
	switch strings.TrimPrefix(said, "the ") {
	case "this":
		if p.today.Weekday() == w {
			day = p.today
		}
	case "next":
		day = inWeek(after(p.today, 7), w)
	case "last", "past", "this past":
		day = coming(after(p.today, -8), w)
	}
	more := p.afterWeekday(at, w, &day)
	e.name(day, 1)
	return front + 1 + more
}

// nthWeekday reads "the first Monday of December", "the last Friday in November".
func (p *parser) nthWeekday(i int, e *expression) int {
	at := i + p.said(i, []string{"on", "the"}, []string{"the"}, []string{"on"})
	w, ok := weekdays[p.at(at+1).text]
	t, last := p.at(at), p.is(at, "last")
	if !ok || !last && (!t.ordinal || t.n > 5) || !p.is(at+2, "of", "in") {
		return 0
	}
	start, n := p.monthOf(at + 3)
	if n == 0 {
		return 0
	}
	of := func(start time.Time) time.Time {
		if last {
			return coming(after(first(start, 1), -8), w)
		}
		return after(coming(after(start, -1), w), 7*(t.n-1))
	}
	day := of(start)
	if _, named := p.month(at + 3); day.Before(p.today) && named > 0 {
		day = of(start.AddDate(1, 0, 0))
	}
	e.name(day, 1)
	return at + 3 + n - i
}

// inWeek is the weekday of the week that day is in.
func inWeek(day time.Time, w time.Weekday) time.Time { return after(monday(day), (int(w)+6)%7) }

// isWeekday tells the day from the verb and the star: "we sat down", "in the sun".
func (p *parser) isWeekday(i int, led bool) bool {
	if p.is(i-1, "easter", "whit", "cyber", "shrove", "ash", "palm", "black") || p.is(i-1, "good") && p.is(i, "friday") {
		return false // another day than the next one
	}
	switch p.at(i).text {
	case "saturday", "sat":
		return !p.is(i-1, "i", "we", "he", "she", "they", "just")
	case "sun":
		return led || p.mark(i-1, "-") || p.is(i-1, "or", "and", "to", "for", "from", "by", "until") || i == 0 && (p.is(i+1, "at", "morning", "evening", "afternoon") || p.at(i+1).number)
	case "wed":
		return !p.is(i-1, "got", "was", "be", "were", "newly")
	}
	return true
}

var afterNext = strings.Fields("after next")

// afterWeekday reads what moves a weekday, "week" and "after next", or dates it.
func (p *parser) afterWeekday(i int, w time.Weekday, day *time.Time) int {
	of := i
	if p.is(of, "of", "in") {
		of++
	}
	switch {
	case p.is(i, "week") && !p.is(i+1, "after"):
		*day = after(*day, 7)
		return 1
	case p.is(i, "fortnight"):
		*day = after(*day, 14)
		return 1
	case p.said(i, afterNext) > 0:
		*day = after(coming(p.today, w), 7)
		return 2
	case p.is(of, "next") && p.is(of+1, "week"):
		*day = inWeek(after(p.today, 7), w)
		return of + 2 - i
	case p.is(of, "this") && p.is(of+1, "week"):
		*day = inWeek(p.today, w)
		return of + 2 - i
	case p.is(of, "last") && p.is(of+1, "week"):
		*day = inWeek(after(p.today, -7), w)
		return of + 2 - i
	case p.is(i, "in"):
		if a, n := p.amount(i + 1); n > 0 && a.unit == inWeeks {
			*day = after(*day, 7*a.whole())
			return n + 1
		}
	}
	at := i
	if p.mark(at, ",") || p.mark(at, "(") || p.mark(at, ".") && p.at(at).glued {
		at++
	}
	dated, n := p.calendarDate(at, true)
	if n == 0 {
		return 0
	}
	*day = dated
	if p.mark(at-1, "(") && p.mark(at+n, ")") {
		n++
	}
	return at + n - i
}

// words are the tokens from i to end, with spaces.
func (p *parser) words(i, end int) string {
	var out []string
	for ; i < end; i++ {
		out = append(out, p.at(i).text)
	}
	return strings.Join(out, " ")
}

// dateFollows reports whether "on" before token i belongs to a day.
func (p *parser) dateFollows(i int) bool {
	var e expression
	return p.is(i, "the", "a", "this", "next") || p.day(i, &e) > 0
}
