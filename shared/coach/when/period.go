package when

import (
	"strings"
	"time"
)

var (
	weekAfterNext = [][]string{strings.Fields("the week after next"), strings.Fields("week after next")}
	comingWeek    = [][]string{strings.Fields("the following week"), strings.Fields("the coming week"), strings.Fields("this coming week"), strings.Fields("the next week")}
	weekendFronts = [][]string{strings.Fields("at the"), strings.Fields("on the"), strings.Fields("over the"), strings.Fields("the"), strings.Fields("on this"), strings.Fields("this coming"), strings.Fields("this")}

	restOf  = [][]string{strings.Fields("the rest of the week"), strings.Fields("rest of the week"), strings.Fields("the rest of this week"), strings.Fields("rest of this week"), strings.Fields("the remainder of the week")}
	endOf   = [][]string{strings.Fields("at the end of"), strings.Fields("the end of"), strings.Fields("end of"), strings.Fields("late")}
	startOf = [][]string{strings.Fields("at the start of"), strings.Fields("at the beginning of"), strings.Fields("the start of"), strings.Fields("the beginning of"), strings.Fields("start of"), strings.Fields("beginning of"), strings.Fields("in early"), strings.Fields("early")}
	midOf   = [][]string{strings.Fields("in mid"), strings.Fields("in the middle of"), strings.Fields("the middle of"), strings.Fields("middle of"), strings.Fields("mid")}
)

// period reads weeks, weekends and months.
func (p *parser) period(i int, e *expression) int {
	if n := p.said(i, restOf...); n > 0 {
		e.days = &stretch{p.today, after(monday(p.today), 7)}
		return n
	}
	if n := p.nextDays(i, e); n > 0 {
		return n
	}
	for k, fronts := range [][][]string{endOf, startOf, midOf} {
		n := p.said(i, fronts...)
		if n == 0 {
			continue
		}
		start, w := p.week(i + n)
		if w == 0 {
			if start, w = p.monthOf(i + n); w > 0 {
				e.days = third(start, k)
				return n + w
			}
			continue
		}
		switch k {
		case 0:
			e.name(after(start, 4), 3)
		case 1:
			e.name(start, 2)
		default:
			e.name(after(start, 2), 2)
		}
		if e.days.from.Before(p.today) && e.days.to.After(p.today) {
			e.days.from = p.today
		}
		return n + w
	}
	if n := p.weekend(i, e); n > 0 {
		return n
	}
	if n := p.wholeWeek(i, e); n > 0 {
		return n
	}
	return p.wholeMonth(i, e)
}

// monthOf is the first day of the month that is named at token i: "December", "next month", "the month".
func (p *parser) monthOf(i int) (time.Time, int) {
	switch {
	case p.is(i, "the", "this") && p.is(i+1, "month"):
		return first(p.today, 0), 2
	case p.is(i, "next") && p.is(i+1, "month"):
		return first(p.today, 1), 2
	}
	m, n := p.month(i)
	if n == 0 || len(p.at(i).text) < 4 && p.at(i).text != "may" {
		return time.Time{}, 0
	}
	start := time.Date(p.today.Year(), m, 1, 0, 0, 0, 0, time.UTC)
	if !first(start, 1).After(p.today) {
		start = start.AddDate(1, 0, 0)
	}
	return start, n
}

// third is the end, the start or the middle of a month: ten days, or what is left.
func third(start time.Time, which int) *stretch {
	switch which {
	case 0:
		return &stretch{after(start, 20), first(start, 1)}
	case 1:
		return &stretch{start, after(start, 10)}
	}
	return &stretch{after(start, 10), after(start, 20)}
}

// nextDays reads "the next few days".
func (p *parser) nextDays(i int, e *expression) int {
	at := i + p.said(i, []string{"in", "the"}, []string{"over", "the"}, []string{"within", "the"}, []string{"during", "the"}, []string{"the"}, []string{"within"})
	if !p.is(at, "next", "coming", "following") && !p.is(at-1, "within") {
		return 0
	}
	if p.is(at, "next", "coming", "following") {
		at++
	}
	if p.is(at, "days") && !p.is(at-1, "within") {
		e.name(p.today, 3)
		return at + 1 - i
	}
	a, n := p.amount(at)
	if n == 0 || a.halves < 4 && !p.is(at-1, "within") {
		return 0
	}
	switch a.unit {
	case inDays:
		e.name(p.today, a.whole())
	case inWeeks:
		e.name(p.today, 7*a.whole())
	case inFortnights:
		e.name(p.today, 14*a.whole())
	default:
		return 0
	}
	return at + n - i
}

// week is the Monday of the week that is named at token i.
func (p *parser) week(i int) (time.Time, int) {
	switch {
	case p.said(i, weekAfterNext...) > 0:
		return after(monday(p.today), 14), p.said(i, weekAfterNext...)
	case p.said(i, comingWeek...) > 0:
		return after(monday(p.today), 7), p.said(i, comingWeek...)
	case p.is(i, "next", "following") && p.is(i+1, "week"):
		return after(monday(p.today), 7), 2
	case p.is(i, "this", "the") && p.is(i+1, "week"):
		return monday(p.today), 2
	case p.is(i, "last") && p.is(i+1, "week"):
		return after(monday(p.today), -7), 2
	}
	return time.Time{}, 0
}

// wholeWeek reads "this week", "next week", "next week on Friday".
func (p *parser) wholeWeek(i int, e *expression) int {
	start, n := p.week(i)
	if n == 0 || p.is(i, "the") && p.is(i+1, "week") && n == 2 {
		return 0
	}
	at := i + n
	if p.is(at, "on") || p.mark(at, ",") {
		at++
	}
	if w, ok := weekdays[p.at(at).text]; ok && p.isWeekday(at, true) && !p.is(at+1, "week") {
		e.name(inWeek(start, w), 1)
		return at + 1 - i
	}
	e.name(start, 7)
	if e.days.from.Before(p.today) && e.days.to.After(p.today) {
		e.days.from = p.today
	}
	return n
}

// weekend reads "this weekend", "at the weekend".
func (p *parser) weekend(i int, e *expression) int {
	front := p.said(i, weekendFronts...)
	saturday := inWeek(p.today, time.Saturday)
	at := i + front
	switch {
	case p.is(at, "next"):
		saturday, at = after(saturday, 7), at+1
	case p.is(at, "last"):
		saturday, at = after(saturday, -7), at+1
	}
	if !p.is(at, "weekend") {
		return 0
	}
	e.name(saturday, 2)
	if p.said(at+1, afterNext) > 0 {
		e.name(after(saturday, 7), 2)
		return at + 3 - i
	}
	return at + 1 - i
}

// wholeMonth reads "next month", "this month", "in January".
func (p *parser) wholeMonth(i int, e *expression) int {
	switch {
	case p.is(i, "next") && p.is(i+1, "month"):
		e.days = &stretch{first(p.today, 1), first(p.today, 2)}
		return 2
	case p.is(i, "this") && p.is(i+1, "month"):
		e.days = &stretch{p.today, first(p.today, 1)}
		return 2
	case p.is(i, "last") && p.is(i+1, "month"):
		e.days = &stretch{first(p.today, -1), first(p.today, 0)}
		return 2
	}
	if !p.is(i, "in", "this", "next", "during") {
		return 0
	}
	start, n := p.monthOf(i + 1)
	if n == 0 || p.is(i+1, "the", "this", "next") || p.is(i+2, "i", "we", "you") {
		return 0
	}
	to := first(start, 1)
	if y := i + 1 + n; p.year(y) {
		start = time.Date(p.at(y).n, start.Month(), 1, 0, 0, 0, 0, time.UTC)
		to = first(start, 1)
		n++
	}
	e.days = &stretch{start, to}
	return n + 1
}
