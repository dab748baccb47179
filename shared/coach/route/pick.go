package route

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
)

var dayWords = regexp.MustCompile(`(?:mon|tues|wednes|thurs|fri|satur|sun)day|to(?:day|morrow|night)|yesterday|week|month|january|february|march|april|may|june|july|august|september|october|november|december|\d(?:st|nd|rd|th)\b|\d[./]\d|\d{4}-\d|christmas|new year|eve\b|\bday\b|days`)

// hasDay reports whether a time phrase names a day.
func hasDay(phrase string) bool { return dayWords.MatchString(phrase) }

// joined puts together a day and a time of day that stand apart, as in "Friday with Jonas at five".
func (r *resolver) joined(spans []spot, now time.Time) []spot {
	var out []spot
	for _, s := range spans {
		if n := len(out); n > 0 {
			last := &out[n-1]
			dayThenTime := hasDay(last.Phrase) && !last.At && !hasDay(s.Phrase)
			timeThenDay := !hasDay(last.Phrase) && hasDay(s.Phrase) && !s.At
			first, second := last.Phrase, s.Phrase
			if timeThenDay {
				first, second = second, first
			}
			if end := last.at + len(last.Phrase); r.d.Action == Reschedule && end <= s.at && s.at <= len(r.talk.said.text) && apartForm.MatchString(r.talk.said.text[end:s.at]) {
				dayThenTime, timeThenDay = false, false // "my Friday session to six"
			}
			if dayThenTime || timeThenDay {
				if both := when.FindAll(first+" "+second, now); len(both) == 1 {
					*last = spot{both[0], last.at}
					continue
				} else if base := when.FindAll(first, now); len(base) == 1 && !base[0].At {
					if on := when.FindAll(second, day(base[0].From)); len(on) == 1 {
						*last = spot{on[0], last.at}
						last.Phrase = first + " " + second
						continue
					}
				}
			}
		}
		out = append(out, s)
	}
	return out
}

// apartForm stands between the time of an appointment and the time that it moves to.
var apartForm = regexp.MustCompile(`\b(?:to|until|till|from|instead|than|session|sessions|appointment|booking|slot|one|training|class|for)\b`)

// toForm marks the time that an appointment moves to.
var toForm = regexp.MustCompile(`(?:\bto|\buntil|\btill|\binto|\bonto|\bfor|\bmake it|\bdo|\bwith|\bby|\bat|\bhave it|\btake|\bprefer|\blike|\babout|\bbe)(?: the| a| maybe| like| be| say| around| next| sometime| on| at| it| something| somewhere| anything| any)*\s*$`)

// fromForm marks the time that it moves from.
var fromForm = regexp.MustCompile(`(?:\bfrom|\binstead of|\brather than|\bnot|\bmake|\bmy|\bthe|\battend|\bcome in|\bcome|\bthere|\bthis|\bcancel)(?: the| my| on| at| it| to)*\s*$`)

func (r *resolver) cancel() {
	r.appointment(r.joined(r.talk.times, r.turn.Now))
}

func (r *resolver) reschedule() {
	spans := r.joined(r.talk.times, r.turn.Now)
	var from, to []spot
	for i, s := range spans {
		before := r.talk.said.text[:s.at]
		switch {
		case fromForm.MatchString(before) && (len(spans) > 1 || r.booked(s.Span)):
			from = append(from, s)
		case toForm.MatchString(before), i == len(spans)-1 && i > 0:
			to = append(to, s)
		case len(spans) > 1 && i == 0 || r.booked(s.Span):
			from = append(from, s)
		default:
			to = append(to, s)
		}
	}
	if len(to) == 0 && len(from) > 1 {
		from, to = from[:len(from)-1], from[len(from)-1:]
	}
	found := r.appointment(from)
	var target *spot
	if target = pickTime(to); target != nil && found != nil && !hasDay(target.Phrase) {
		// "move it to six": on the day that it is on
		if on := when.FindAll(target.Phrase, day(found.StartsAt.In(r.turn.Now.Location()))); len(on) > 0 {
			target = &spot{on[0], target.at}
		}
	}
	if target == nil && found != nil {
		if by := shift(r.talk.said.words); by != 0 {
			at := found.StartsAt.In(r.turn.Now.Location()).Add(by)
			r.d.Slots.StartsAt = &at
			return
		}
	}
	if target != nil && !target.At && found != nil && sameTime.MatchString(r.talk.said.plain) {
		start, old := target.From, found.StartsAt.In(r.turn.Now.Location())
		at := time.Date(start.Year(), start.Month(), start.Day(), old.Hour(), old.Minute(), 0, 0, start.Location())
		target = &spot{Span{From: at, To: at.Add(time.Hour), At: true}, target.at}
	}
	if target == nil {
		r.lack("starts_at", "To which day and time shall I move it?", Open{})
		return
	}
	r.startsAt(target)
}

var sameTime = mustForm(`same (?:time|hour)`)

// booked reports whether the member has an appointment within s.
func (r *resolver) booked(s Span) bool {
	return slices.ContainsFunc(r.turn.Upcoming, func(a gym.Appointment) bool { return within(a, s) })
}

func within(a gym.Appointment, s Span) bool {
	if s.At {
		return a.StartsAt.Equal(s.From)
	}
	return !a.StartsAt.Before(s.From) && a.StartsAt.Before(s.To)
}

var shiftForm = regexp.MustCompile(` (?:(?:back|forward|up|out|by|an?|half an?|it) )*(\d{1,3}|an|half an|a|one|half) ?(hours?|minutes?)(?: and a half)? ?(?:\S+ )?(later|earlier|back|forward|before|after|up)? `)

// shift reads "an hour later" and "by 30 minutes", 0 when it is neither.
func shift(words []string) time.Duration {
	plain := spread(" " + strings.Join(digits(words), " ") + " ")
	m := shiftForm.FindStringSubmatch(plain)
	if m == nil {
		return 0
	}
	unit := time.Minute
	if strings.HasPrefix(m[2], "hour") {
		unit = time.Hour
	}
	by := unit
	switch {
	case strings.Contains(m[0], " half "):
		by = unit / 2
	case atoi(m[1]) > 0:
		by = time.Duration(atoi(m[1])) * unit
	}
	if strings.Contains(m[0], "and a half") {
		by += unit / 2
	}
	if earlier.MatchString(plain) {
		by = -by
	}
	return by
}

var earlier = mustForm(`earlier|forward|sooner|before|up`)

var (
	nextForm = mustForm(`next (?:\S+ )?(?:one|appointment|session|booking|training|class|meeting|workout|lesson|slot|consultation)|the next|upcoming one|(?:my|the) (?:first|earliest|soonest|nearest|closest|following)(?: \S+)?|next up`)
	lastForm = mustForm(`(?:my|the) (?:last|latest|final)(?: \S+)?|(?:the|my) later (?:one|session|appointment)`)
	nthForm  = mustForm(`(?:my|the) (?:second|2nd) (?:one|appointment|session|booking)?`)
)

// appointment finds which appointment is meant: by its time, its coach, or as the only one. It returns it, or asks.
func (r *resolver) appointment(times []spot) *gym.Appointment {
	var open []gym.Appointment
	for _, a := range r.turn.Upcoming {
		if a.Status != gym.Cancelled && !a.StartsAt.Before(r.turn.Now) {
			open = append(open, a)
		}
	}
	slices.SortFunc(open, func(a, b gym.Appointment) int { return a.StartsAt.Compare(b.StartsAt) })
	if len(open) == 0 {
		r.lack("appointment", "You have no upcoming appointment that I could find.", Open{})
		return nil
	}
	fits := open
	narrowed := false
	for _, s := range times {
		if got := r.at(fits, s.Span); len(got) > 0 {
			fits, narrowed = got, true
		} else {
			fits = nil
		}
	}
	if who := r.talk.who; len(fits) > 0 {
		ids := who.ids
		if len(ids) == 0 && who.own && r.turn.CoachID != "" && len(fits) > 1 {
			ids = []string{r.turn.CoachID}
		}
		if len(ids) > 0 {
			got := slices.DeleteFunc(slices.Clone(fits), func(a gym.Appointment) bool { return !slices.Contains(ids, a.CoachID) })
			if len(got) > 0 || len(who.ids) > 0 && r.d.Action == Cancel {
				fits, narrowed = got, true
			}
		}
	}
	plain := r.talk.said.plain
	switch {
	case len(fits) == 1 && (narrowed || len(open) == 1):
		return r.take(fits[0])
	case len(fits) > 1 && nextForm.MatchString(plain):
		return r.take(fits[0])
	case len(fits) > 1 && lastForm.MatchString(plain):
		return r.take(fits[len(fits)-1])
	case len(fits) > 1 && nthForm.MatchString(plain):
		return r.take(fits[1])
	case len(fits) == 0:
		r.lack("appointment", "I find no such appointment. You have "+r.spoken(open, "and")+". Which one do you mean?", Open{Choices: r.choices(open)})
		return nil
	}
	r.lack("appointment", "Which one do you mean: "+r.spoken(fits, "or")+"?", Open{Choices: r.choices(fits)})
	return nil
}

// at are the appointments at a named time. A time of day alone, "my five o'clock", fits on any day.
func (r *resolver) at(list []gym.Appointment, s Span) []gym.Appointment {
	var out []gym.Appointment
	for _, a := range list {
		local := a.StartsAt.In(r.turn.Now.Location())
		anyDay := s.At && !hasDay(s.Phrase)
		same := local.Hour()%12 == s.From.Hour()%12 && local.Minute() == s.From.Minute()
		if len(s.Vague) == 0 {
			same = local.Hour() == s.From.Hour() && local.Minute() == s.From.Minute()
		}
		switch {
		case within(a, s), anyDay && same, s.At && len(s.Vague) > 0 && same && day(local).Equal(day(s.From)):
			out = append(out, a)
		case !s.At && !hasDay(s.Phrase): // "my morning session"
			if from, to := s.From.Hour()*60+s.From.Minute(), int(s.To.Sub(day(s.From)).Minutes()); s.To.Sub(s.From) < 24*time.Hour {
				if m := local.Hour()*60 + local.Minute(); m >= from && m < to {
					out = append(out, a)
				}
			}
		}
	}
	return out
}

func (r *resolver) take(a gym.Appointment) *gym.Appointment {
	r.d.Slots.Appointment = a.ID
	return &a
}

func (r *resolver) choices(list []gym.Appointment) []Choice {
	out := make([]Choice, len(list))
	for i, a := range list {
		out[i] = Choice{a.ID, when.Spell(a.StartsAt.In(r.turn.Now.Location()), r.turn.Now) + " with " + a.CoachName}
	}
	return out
}

func (r *resolver) spoken(list []gym.Appointment, conjunction string) string {
	names := make([]string, len(list))
	for i, c := range r.choices(list) {
		names[i] = c.Name
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " " + conjunction + " " + names[len(names)-1]
}
