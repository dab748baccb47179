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
	case p.said(i, couple...) > 0:
		halves, at = 4, i+p.said(i, couple...)
	case p.said(i, few...) > 0:
		halves, at = 6, i+p.said(i, few...)
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

var (
	andAHalf = strings.Fields("and a half")
	couple   = [][]string{strings.Fields("a couple of"), strings.Fields("a couple"), strings.Fields("couple of"), strings.Fields("couple")}
	few      = [][]string{strings.Fields("a few"), strings.Fields("few")}
)

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
