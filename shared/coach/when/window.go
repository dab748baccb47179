package when

import "strings"

// window is a stretch of a day between times of day. Without from or to it begins or ends with the day.
type window struct{ from, to *clock }

// minutes are the beginning and the end of a window. The hour that is said with am or pm lends it to the other. They are
// unknown when nothing tells morning from evening: then it is the day that was named.
func (w window) minutes(within *part) (from, to int, ok bool) {
	switch {
	case w.to == nil:
		m := w.from.minutes(within)
		return m[0], 24 * hour, len(m) == 1
	case w.from == nil:
		m := w.to.minutes(within)
		return 0, m[0], len(m) == 1
	}
	start, end := w.from.minutes(within), w.to.minutes(within)
	switch {
	case !w.to.open || len(start) > 1 && len(end) == 1:
		to = end[0]
		if from, ok = w.from.latest(to); !ok && !w.from.open {
			return w.from.minute, to + 24*hour, true // over midnight
		}
		return from, to, ok
	case len(start) == 1:
		return start[0], w.to.earliest(start[0]), true
	}
	return 0, 0, false
}

var (
	afterWords  = [][]string{strings.Fields("any time after"), strings.Fields("anytime after"), strings.Fields("some time after"), strings.Fields("sometime after"), strings.Fields("not before"), strings.Fields("no earlier than"), strings.Fields("not earlier than"), strings.Fields("later than"), strings.Fields("any time from"), strings.Fields("anytime from"), strings.Fields("after")}
	beforeWords = [][]string{strings.Fields("any time before"), strings.Fields("anytime before"), strings.Fields("some time before"), strings.Fields("sometime before"), strings.Fields("not after"), strings.Fields("no later than"), strings.Fields("not later than"), strings.Fields("earlier than"), strings.Fields("before")}
	onwards     = [][]string{strings.Fields("onwards"), strings.Fields("onward"), strings.Fields("on wards"), strings.Fields("or later"), strings.Fields("or after"), strings.Fields("at the earliest"), strings.Fields("and later")}
	upTo        = [][]string{strings.Fields("or earlier"), strings.Fields("or before"), strings.Fields("at the latest")}
)

// hours reads a window: "after 5", "before 10 am", "between 4 and 6 pm", "from 4 to 6", "4-6pm", "from 5 on".
func (p *parser) hours(i int, e *expression) int {
	if n := p.said(i, afterWords...); n > 0 {
		return p.bound(i, n, e, func(c *clock) window { return window{from: c} })
	}
	if n := p.said(i, beforeWords...); n > 0 {
		return p.bound(i, n, e, func(c *clock) window { return window{to: c} })
	}
	if n := p.between(i, e); n > 0 {
		return n
	}
	return p.onward(i, e)
}

// bound reads the time of day after "after" or "before", which take n tokens.
func (p *parser) bound(i, n int, e *expression, of func(*clock) window) int {
	front, _ := p.front(i + n)
	c, k := p.clock(i+n+front, false)
	next := i + n + front + k
	if k == 0 || c.bare && (p.counts(next) || !p.ends(next) || c.spoken && c.minute == hour && !p.at(next).mark) {
		return 0
	}
	w := of(&c)
	e.window = &w
	return next - i
}

// between reads two times of day with a word or a dash between them. Without "between" or "from", one of them must look like a
// time, or a day stand before.
func (p *parser) between(i int, e *expression) int {
	at := i
	led := p.is(at, "between", "from")
	if led {
		at++
	}
	front, _ := p.front(at)
	at += front
	from, n := p.clock(at, true)
	at += n
	if n == 0 || !p.mark(at, "-") && !p.is(at, "to", "until", "till", "til", "and", "through") || p.is(at, "and") && !p.is(i, "between") {
		return 0
	}
	if !led && from.bare && p.at(at-1).n < hour && p.toTheHour(at-1, at) {
		return 0 // "ten to six" is a time
	}
	at++
	front, _ = p.front(at)
	at += front
	to, n := p.clock(at, true)
	at += n
	sure := led || !from.bare && !to.bare || !to.bare && !to.open || !from.bare && !from.open || e.days != nil && !e.days.long() || e.part != nil || p.partFollows(at)
	if n == 0 || !sure || to.bare && (p.counts(at) || !p.ends(at) && !p.partFollows(at)) {
		return 0
	}
	e.window = &window{&from, &to}
	return at - i
}

// onward reads "from 5 on", "5 pm or later", "6 at the latest".
func (p *parser) onward(i int, e *expression) int {
	at := i
	from := p.is(at, "from")
	if from {
		at++
	}
	front, strong := p.front(at)
	at += front
	c, n := p.clock(at, false)
	at += n
	if n == 0 {
		return 0
	}
	if k := p.said(at, onwards...); k > 0 && (from || strong || !c.bare || e.days != nil) {
		e.window = &window{from: &c}
		return at + k - i
	}
	if from && p.is(at, "on") && !p.dateFollows(at+1) {
		e.window = &window{from: &c}
		return at + 1 - i
	}
	if k := p.said(at, upTo...); k > 0 && (strong || !c.bare || e.days != nil) {
		e.window = &window{to: &c}
		return at + k - i
	}
	return 0
}
