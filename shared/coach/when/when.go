// Package when reads the times that gym members name in English: "Friday at 5", "a week on Tuesday after work", "between 4 and
// 6 pm", "in an hour and a half". The text is lower case, its typos and its slang are put right. Times are those of the zone of
// the now that is passed in, and days are counted by the calendar, so that nights when the clocks change are right.
//
// A text is cut into tokens. From each on, an expression takes as many elements as there are, in any order: a day, a time of
// day or a window of it, and a part of the day. What a member leaves out is filled in by one convention each:
//
//   - a weekday is the next one after today, with "next" the one of the next week; weeks begin on Monday
//   - a date without a year is the next such day, today counts
//   - an hour without am and pm is in the afternoon from 1 to 5 and in the morning from 10 to 11; from 6 to 9 it is Vague
//   - a time of day without a day is today when it is ahead, else tomorrow; a window or a part of the day is today's
//
// A number is a time only where its neighbours say so: "at 5", but not "at 5 kg", "3 sets of 5", "for 45 minutes".
package when

import "time"

// Span is a time that was named. It is a point in time (At), which ends an hour later, or a stretch: a part of a day, a day, a
// week.
type Span struct {
	From, To time.Time
	At       bool
	Day      bool   // a day was named; else it is today or tomorrow by convention
	Phrase   string // as it stands in the text
	// Vague holds the readings of an hour that may be morning or evening, "7 am" and "7 pm", and Times when they are. The
	// span is the day then.
	Vague []string
	Times []time.Time
	read  expression
}

// FindAll returns the times of text, relative to now, in their order.
func FindAll(text string, now time.Time) []Span {
	p := &parser{tokens: tokenize(text), now: now, today: civil(now), american: american(now.Location())}
	var out []Span
	for i := 0; i < len(p.tokens); {
		if !p.opens(i) {
			i++
			continue
		}
		s, n := p.expression(i)
		if n == 0 {
			i++
			continue
		}
		s.Phrase = text[p.tokens[i].from:p.tokens[i+n-1].to]
		out = append(out, s)
		i += n
	}
	return out
}

// parser reads the elements of the text of one call.
type parser struct {
	tokens   []token
	now      time.Time
	today    time.Time // civil
	american bool
}

// openers are the words that a time may begin with, beside numbers. Most words of a text are none of them.
var openers = func() map[string]bool {
	out := setOf(`the on at in a an this next last past coming following upcoming within during over early late today tomorrow tonight yesterday day week fortnight weekend around about approximately
		approx roughly exactly circa noon noonish midday mid midnight half quarter between btw from few couple`)
	for _, list := range [][][]string{partFronts, fronts, afterWords, beforeWords, restOf, endOf, startOf, midOf, weekAfterNext, comingWeek, weekendFronts, overmorrow, ereyesterday, couple, few} {
		for _, words := range list {
			out[words[0]] = true
		}
	}
	for _, name := range partNames {
		out[name.words[0]] = true
	}
	for _, h := range holidays {
		out[h.words[0]] = true
	}
	for w := range weekdays {
		out[w] = true
	}
	for w := range months {
		out[w] = true
	}
	return out
}()

func (p *parser) opens(i int) bool {
	t := p.at(i)
	return t.number || openers[t.text] || t.text == "@" || t.text == "~"
}

// expression is what has been read of one time.
type expression struct {
	days   *stretch   // that were named
	moment *time.Time // counted from now
	part   *part
	clock  *clock
	window *window
	early  bool // "early on Friday"
}

// stretch are civil days, without the last one.
type stretch struct{ from, to time.Time }

func (s stretch) long() bool { return s.to.Sub(s.from) > 24*time.Hour }

// expression reads the time that begins at token i and how many tokens it takes, 0 when none begins there.
func (p *parser) expression(i int) (Span, int) {
	var e expression
	end := i
	for {
		at := end
		if !e.empty() {
			at = p.joint(end)
		}
		n := p.element(at, &e)
		if n == 0 && !e.early && e.clock == nil && e.window == nil && e.part == nil && p.is(at, "early") {
			n, e.early = 1, true
		}
		if n == 0 {
			break
		}
		end = at + n
	}
	if e.empty() || e.early && e.days == nil {
		return Span{}, 0
	}
	if e.early && e.part == nil && !e.days.long() {
		e.part = &dawn
	}
	s, ok := p.resolve(e)
	if !ok {
		return Span{}, 0
	}
	s.read = e
	return s, end - i
}

func (e expression) empty() bool {
	return e.days == nil && e.moment == nil && e.part == nil && e.clock == nil && e.window == nil
}

// element reads one more element into e.
func (p *parser) element(i int, e *expression) int {
	if e.moment != nil {
		return 0
	}
	if e.days == nil {
		if n := p.day(i, e); n > 0 {
			return n
		}
	}
	if e.clock == nil && e.window == nil {
		if n := p.hours(i, e); n > 0 {
			return n
		}
		if n := p.timeOfDay(i, e); n > 0 {
			return n
		}
	}
	return p.partOfDay(i, e)
}

// joint skips the words that may stand between two elements of one time: "Friday, ideally at 5".
func (p *parser) joint(i int) int {
	for range 3 {
		switch {
		case p.mark(i, ",") || p.mark(i, "-"), p.is(i, "on", "for", "from", "sometime", "anytime", "preferably", "ideally", "maybe", "say", "then", "of"):
			i++
		case p.is(i, "some", "any") && p.is(i+1, "time"):
			i += 2
		default:
			return i
		}
	}
	return i
}

// resolve turns what was read into a span. It is false for what does not fit together.
func (p *parser) resolve(e expression) (Span, bool) {
	if e.moment != nil {
		return Span{From: *e.moment, To: e.moment.Add(time.Hour), At: true, Day: true}, true
	}
	days, named := stretch{p.today, after(p.today, 1)}, e.days != nil
	if named {
		days = *e.days
	}
	whole := Span{From: p.wall(days.from, 0), To: p.wall(days.to, 0), Day: named}
	switch {
	case named && days.long():
		if e.early {
			whole.To = p.wall(after(days.from, 2), 0)
		}
		return whole, true // "next week at 5" does not say when
	case e.clock != nil:
		return p.point(e, days.from, whole)
	case e.window != nil:
		from, to, ok := e.window.minutes(e.part)
		if !ok {
			return whole, true
		}
		whole.From, whole.To = p.wall(days.from, from), p.wall(days.from, to)
		return whole, whole.From.Before(whole.To)
	case e.part != nil:
		from, to := e.stretchOfDay()
		whole.From, whole.To = p.wall(days.from, from), p.wall(days.from, to)
	}
	return whole, true
}

// point is a time of day, or the day of one that may be morning or evening.
func (p *parser) point(e expression, day time.Time, whole Span) (Span, bool) {
	minutes := e.clock.minutes(e.part)
	times := make([]time.Time, len(minutes))
	for i, m := range minutes {
		times[i] = p.wall(day, m)
		if !whole.Day && !times[i].After(p.now) {
			times[i] = p.wall(after(day, 1), m)
		}
	}
	if len(times) == 1 {
		return Span{From: times[0], To: times[0].Add(time.Hour), At: true, Day: whole.Day}, true
	}
	for _, m := range minutes {
		whole.Vague = append(whole.Vague, spellHour(m))
	}
	whole.Times = times
	return whole, true
}

func (p *parser) wall(day time.Time, minute int) time.Time {
	return wall(day, minute, p.now.Location())
}

// at is token i, an empty mark beyond the text.
func (p *parser) at(i int) token {
	if i < 0 || i >= len(p.tokens) {
		return token{mark: true}
	}
	return p.tokens[i]
}

// is reports whether token i is one of the words.
func (p *parser) is(i int, words ...string) bool {
	t := p.at(i)
	if t.figures > 0 || t.mark {
		return false
	}
	for _, w := range words {
		if t.text == w {
			return true
		}
	}
	return false
}

func (p *parser) mark(i int, mark string) bool { return p.at(i).mark && p.at(i).text == mark }

// said is how many tokens the words of phrase take at token i, 0 when they do not stand there.
func (p *parser) said(i int, phrases ...[]string) int {
	for _, phrase := range phrases {
		n := 0
		for n < len(phrase) && p.is(i+n, phrase[n]) {
			n++
		}
		if n == len(phrase) {
			return n
		}
	}
	return 0
}
