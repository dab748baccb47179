package when

import (
	"strings"
	"time"
)

const endless = 1000 // days or weeks: what is farther away is no time of an appointment

// amount is so much time, in halves of a unit.
type amount struct {
	halves int
	unit   unit
}

type unit int

const (
	inMinutes unit = iota + 1
	inHours
	inDays
	inWeeks
	inFortnights
	inMonths
)

var unitNames = map[string]unit{
	"minute": inMinutes, "minutes": inMinutes, "min": inMinutes, "mins": inMinutes, "hour": inHours, "hours": inHours, "hr": inHours, "hrs": inHours, "h": inHours, "day": inDays, "days": inDays,
	"week": inWeeks, "weeks": inWeeks, "fortnight": inFortnights, "fortnights": inFortnights, "month": inMonths, "months": inMonths,
}

func (a amount) whole() int { return a.halves / 2 }

// amount reads "two hours", "an hour and a half", "half an hour", "1.5 hours", "a couple of days", "90min".
func (p *parser) amount(i int) (amount, int) {
	at, halves := i, 0
	t := p.at(i)
	switch {
	case p.is(i, "half") && p.is(i+1, "an", "a"):
		halves, at = 1, i+2
	case p.said(i, strings.Fields("a couple of"), strings.Fields("a couple"), strings.Fields("couple of"), strings.Fields("couple")) > 0:
		halves, at = 4, i+p.said(i, strings.Fields("a couple of"), strings.Fields("a couple"), strings.Fields("couple of"), strings.Fields("couple"))
	case p.said(i, strings.Fields("a few"), strings.Fields("few")) > 0:
		halves, at = 6, i+p.said(i, strings.Fields("a few"), strings.Fields("few"))
	case p.is(i, "a", "an") && p.is(i+1, "half"):
		halves, at = 1, i+2
	case p.is(i, "a", "an"):
		halves, at = 2, i+1
	case t.number && !t.ordinal && t.n < endless && t.n > 0:
		halves, at = 2*t.n, i+1
		if (p.mark(at, ".") || p.mark(at, ",")) && p.at(at).glued && p.at(at+1).glued && p.at(at+1).number {
			if p.at(at+1).text != "5" {
				return amount{}, 0
			}
			halves, at = halves+1, at+2
		} else if p.said(at, andAHalf) > 0 {
			halves, at = halves+1, at+3
		}
	default:
		return amount{}, 0
	}
	u, ok := unitNames[strings.TrimSuffix(p.at(at).text, "'s")]
	if !ok || p.at(at).number {
		return amount{}, 0
	}
	at++
	if n := p.said(at, andAHalf); n > 0 && halves%2 == 0 {
		halves, at = halves+1, at+n
	}
	return amount{halves, u}, at - i
}

var andAHalf = strings.Fields("and a half")

// add moves the expression by a from a day, or from now when a is minutes or hours. It is false for half days.
func (p *parser) add(e *expression, a amount, from time.Time, sign int) bool {
	switch a.unit {
	case inMinutes, inHours:
		by := time.Duration(a.halves) * 30 * time.Second
		if a.unit == inHours {
			by *= 60
		}
		t := p.now.Add(time.Duration(sign) * by)
		e.moment = &t
		return e.empty() || e.days == nil && e.part == nil && e.clock == nil && e.window == nil
	case inDays:
		e.name(after(from, sign*a.whole()), 1)
	case inWeeks:
		e.name(after(from, sign*7*a.whole()), 1)
	case inFortnights:
		e.name(after(from, sign*14*a.whole()), 1)
	case inMonths:
		e.name(clamped(from, sign*a.whole()), 1)
	}
	return a.halves%2 == 0
}

// counted reads days and times that are counted: "in three days", "two hours from now", "a week from Friday", "3 days ago".
func (p *parser) counted(i int, e *expression) int {
	in := i
	if p.is(i, "in") {
		in++
	}
	on := p.is(i, "on") && p.is(i+1, "a")
	if on {
		in++
	}
	var trial expression
	if e.part != nil || e.clock != nil || e.window != nil {
		trial.part = e.part
	}
	if p.is(i-1, "times", "time", "days", "sessions", "workouts", "twice", "once", "x", "thrice", "hours") {
		return 0 // "5 times a week"
	}
	if in > i && p.is(in, "about", "around", "roughly", "approximately") {
		in++
	}
	a, n := p.amount(in)
	if n == 0 && p.is(in, "week", "fortnight") {
		var of time.Time
		if in > i || p.is(i-1, "a", "per", "the", "every", "each", "this", "next", "last") || !p.is(in+1, "on", "from") || p.anchor(in+2, &of) == 0 {
			return 0
		}
		a, n = amount{2, unitNames[p.at(in).text]}, 1 // "week on Friday"
	}
	if n == 0 {
		return 0
	}
	at := in + n
	from, sign := p.today, 1
	switch {
	case p.is(at, "from", "on") && a.unit >= inDays:
		k := 0
		if p.is(at, "from") && p.is(at+1, "now") {
			k = 1
		} else if k = p.anchor(at+1, &from); k == 0 && in > i && p.is(i, "in") {
			at--
		} else if k == 0 {
			return 0
		}
		at += 1 + k
	case p.is(at, "from") && p.is(at+1, "now"):
		at += 2
	case a.unit >= inDays && a.halves%2 == 0 && !p.is(i, "in") && p.anchor(at, &from) > 0 && (a.unit > inDays || p.is(at, "today")):
		at += p.anchor(at, &from) // "a week today"
	case p.is(at, "ago") && a.unit < inMonths:
		sign = -1
		at++
	case p.is(i, "in") && !p.is(i-1, "do", "done", "finish", "finished", "complete") && !(a.unit == inMinutes && a.halves <= 2):
		if p.at(at).mark && (p.at(at).text == "'" || p.at(at).text == "’") {
			at++
		}
		at += p.said(at, []string{"time"}, []string{"from", "now"})
	default:
		return 0
	}
	if !p.add(&trial, a, from, sign) || trial.moment != nil && (e.part != nil || e.clock != nil || e.window != nil) {
		return 0
	}
	e.days, e.moment = trial.days, trial.moment
	return at - i
}

// anchor reads the day that weeks are counted from.
func (p *parser) anchor(i int, from *time.Time) int {
	for _, read := range []func(int, *expression) int{p.near, p.weekday, p.date} {
		var e expression
		if n := read(i, &e); n > 0 && e.days != nil && e.part == nil {
			*from = e.days.from
			return n
		}
	}
	return 0
}

var (
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
	case p.said(i, strings.Fields("the week after next"), strings.Fields("week after next")) > 0:
		return after(monday(p.today), 14), p.said(i, strings.Fields("the week after next"), strings.Fields("week after next"))
	case p.said(i, strings.Fields("the following week"), strings.Fields("the coming week"), strings.Fields("this coming week"), strings.Fields("the next week")) > 0:
		return after(monday(p.today), 7), p.said(i, strings.Fields("the following week"), strings.Fields("the coming week"), strings.Fields("this coming week"), strings.Fields("the next week"))
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
	front := p.said(i, strings.Fields("at the"), strings.Fields("on the"), strings.Fields("over the"), strings.Fields("the"), strings.Fields("on this"), strings.Fields("this coming"), strings.Fields("this"))
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
