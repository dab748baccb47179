package when

import "time"

// Join puts together what stands apart in a sentence, as in "Friday with Jonas at five". It is false when both say the same
// kind of thing, a day or a time of day, or when they do not fit.
func Join(a, b Span, now time.Time) (Span, bool) {
	e, o := a.read, b.read
	if e.moment != nil || o.moment != nil || e.days != nil && o.days != nil || e.timed() && o.timed() {
		return Span{}, false
	}
	if e.days == nil {
		e.days = o.days
	}
	if e.clock == nil {
		e.clock = o.clock
	}
	if e.window == nil {
		e.window = o.window
	}
	if !e.narrow(o.part) {
		return Span{}, false
	}
	e.early = e.early || o.early
	p := parser{now: now, today: civil(now)}
	s, ok := p.resolve(e)
	s.Phrase, s.read = a.Phrase+" "+b.Phrase, e
	return s, ok
}

func (e expression) timed() bool { return e.clock != nil || e.window != nil }

// narrow leaves of the part of the day what it shares with another. It is false when that is nothing.
func (e *expression) narrow(other *part) bool {
	if e.part == nil || other == nil {
		if other != nil {
			e.part = other
		}
		return true
	}
	shared := part{max(e.part.from, other.from), min(e.part.to, other.to), e.part.evening, e.part.night || other.night}
	if shared.from >= shared.to || e.part.evening != other.evening {
		return false
	}
	e.part = &shared
	return true
}

// On is what was named, on the day of t instead of today's or the one that was named. A time that is counted from now stays.
func (s Span) On(t time.Time) Span {
	e := s.read
	if e.empty() || e.moment != nil {
		return s
	}
	e.days = &stretch{civil(t), after(civil(t), 1)}
	p := parser{now: t, today: civil(t)}
	out, ok := p.resolve(e)
	if !ok {
		return s
	}
	out.Phrase, out.read = s.Phrase, e
	return out
}
