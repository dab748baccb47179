package route

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/coach/when"
	"github.com/intellifit/intellifit/shared/gym"
)

// joined puts together a day and a time of day that stand apart, as in "Friday with Jonas at five".
func (r *resolver) joined(spans []spot, now time.Time) []spot {
	var out []spot
	for _, s := range spans {
		if n := len(out); n > 0 && !r.apart(out[n-1], s) {
			if both, ok := when.Join(out[n-1].Span, s.Span, now); ok {
				out[n-1].Span = both
				continue
			}
		}
		out = append(out, s)
	}
	return out
}

// apart reports whether two times belong to the two ends of a move, as in "my Friday session to six".
func (r *resolver) apart(a, b spot) bool {
	end := a.at + len(a.Phrase)
	return r.d.Action == Reschedule && end <= b.at && b.at <= len(r.talk.said.text) && apartForm.MatchString(r.talk.said.text[end:b.at])
}

// apartForm stands between the time of an appointment and the time that it moves to.
var apartForm = regexp.MustCompile(`\b(?:to|until|till|from|instead|than|session|sessions|appointment|booking|slot|one|training|class|for)\b`)

// toForm marks the time that an appointment moves to.
var toForm = regexp.MustCompile(`(?:\bto|\buntil|\btill|\binto|\bonto|\bfor|\bmake it|\bdo|\bwith|\bby|\bat|\bhave it|\btake|\bprefer|\blike|\babout|\bbe)(?: the| a| maybe| like| be| say| around| next| sometime| on| at| it| something| somewhere| anything| any)*\s*$`)

// fromForm marks the time that it moves from.
var fromForm = regexp.MustCompile(`(?:\bfrom|\binstead of|\brather than|\bnot|\bmake|\bmy|\bthe|\battend|\bcome in|\bcome|\bthere|\bthis|\bcancel)(?: the| my| on| at| it| to)*\s*$`)

var (
	insteadForm = regexp.MustCompile(`\b(?:instead of|rather than)(?: the| my| on| at)*\s*$`)
	ownTime     = regexp.MustCompile(`\b(?:my|from)(?: the| on| at)*\s*$`)
)

func (r *resolver) cancel() {
	r.appointment(r.joined(r.talk.times, r.turn.Now))
}

// bareHour reads "to eleven" as a time: nothing else goes to a number.
func (r *resolver) bareHour() []spot {
	at := toHour.FindStringSubmatchIndex(r.talk.said.text)
	if at == nil {
		return nil
	}
	var out []spot
	for _, s := range when.FindAll("at "+r.talk.said.text[at[2]:at[3]], r.turn.Now) {
		s.Phrase = r.talk.said.text[at[2]:at[3]]
		out = append(out, spot{s, at[2]})
	}
	return out
}

var toHour = regexp.MustCompile(`\b(?:to|until|till) (1?\d|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?: same day| that day| instead| please|[.!?]|$)`)

func (r *resolver) reschedule() {
	spans := r.joined(r.ends(), r.turn.Now)
	if len(spans) == 0 {
		spans = r.bareHour()
	}
	instead := slices.ContainsFunc(spans, func(s spot) bool { return insteadForm.MatchString(r.talk.said.text[:s.at]) })
	var from, to []spot
	for i, s := range spans {
		before := r.talk.said.text[:s.at]
		switch {
		case instead && !insteadForm.MatchString(before) && !ownTime.MatchString(before): // "come at 6 instead of 5"
			to = append(to, s)
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
	if target = pickTime(to); target != nil && found != nil && !target.Day {
		// "move it to six": on the day that it is on
		target = &spot{target.On(found.StartsAt.In(r.turn.Now.Location())), target.at}
	}
	if target == nil && found != nil {
		if by, days := shift(r.talk.said.words); by != 0 || days != 0 {
			at := found.StartsAt.In(r.turn.Now.Location())
			if days != 0 {
				at = when.OnDay(at.AddDate(0, 0, days), at.Hour()*60+at.Minute())
			}
			r.startsAt(exactly(at.Add(by)))
			return
		}
	}
	if target != nil && !target.At && found != nil && sameTime.MatchString(r.talk.said.plain) {
		old := found.StartsAt.In(r.turn.Now.Location())
		if start, ok := sameDay(target.Span, old); ok {
			at := when.OnDay(start, old.Hour()*60+old.Minute())
			target = &spot{when.Span{From: at, To: at.Add(time.Hour), At: true, Day: true}, target.at}
		}
	}
	if target == nil {
		r.lack("starts_at", "To which day and time shall I move it?", Open{})
		return
	}
	r.startsAt(target)
}

var fromTo = regexp.MustCompile(`^(?:from )?(.+?) (?:to|until|till) (.+)$`)

// ends are the times of a move. What elsewhere is a window, "from 5 to 6 pm", are the two ends of it here.
func (r *resolver) ends() []spot {
	var out []spot
	for _, s := range r.talk.times {
		at := fromTo.FindStringSubmatchIndex(s.Phrase)
		if at == nil || s.At || toForm.MatchString(r.talk.said.text[:s.at]) {
			out = append(out, s)
			continue
		}
		a, b := when.FindAll("at "+s.Phrase[at[2]:at[3]], r.turn.Now), when.FindAll("at "+s.Phrase[at[4]:at[5]], r.turn.Now)
		if len(a) != 1 || len(b) != 1 {
			out = append(out, s)
			continue
		}
		a[0].Phrase, b[0].Phrase = s.Phrase[at[2]:at[3]], s.Phrase[at[4]:at[5]]
		out = append(out, spot{a[0], s.at + at[2]}, spot{b[0], s.at + at[4]})
	}
	return out
}

var sameTime = mustForm(`same (?:time|tim|hour)`)

// sameDay is the day of s, or of its week the weekday of old.
func sameDay(s when.Span, old time.Time) (time.Time, bool) {
	if !long(s) {
		return s.From, true
	}
	for d := s.From; d.Before(s.To) && d.Before(s.From.AddDate(0, 0, 7)); d = d.AddDate(0, 0, 1) {
		if d.Weekday() == old.Weekday() && s.To.Sub(s.From) < 8*24*time.Hour {
			return d, true
		}
	}
	return time.Time{}, false
}

// booked reports whether the member has an appointment within s.
func (r *resolver) booked(s when.Span) bool {
	return slices.ContainsFunc(r.turn.Upcoming, func(a gym.Appointment) bool { return within(a, s) })
}

func within(a gym.Appointment, s when.Span) bool {
	if s.At {
		return a.StartsAt.Equal(s.From)
	}
	return !a.StartsAt.Before(s.From) && a.StartsAt.Before(s.To)
}

var shiftForm = regexp.MustCompile(` (?:(?:back|forward|up|out|by|an?|half an?|it) )*(\d{1,3}(?:\.5)?|an|half an|a|one|half) ?(hours?|minutes?)(?: and a half)? ?(?:\S+ )?(later|earlier|back|forward|before|after|up)? `)

// daysForm moves by days: "two days later", "by a week".
var daysForm = regexp.MustCompile(` (by )?(\d{1,2}|an?|one) (days?|weeks?) (later|earlier|sooner|back|forward|before|after)? ?`)

// shift reads "an hour later", "by 30 minutes" and "a day earlier"; both are 0 when it is none of them.
func shift(words []string) (by time.Duration, days int) {
	plain := spread(" " + strings.Join(digits(words), " ") + " ")
	if m := daysForm.FindStringSubmatch(plain); m != nil && (m[1] != "" || m[4] != "") {
		days = max(1, atoi(m[2]))
		if strings.HasPrefix(m[3], "week") {
			days *= 7
		}
		if earlier.MatchString(plain) {
			days = -days
		}
		return 0, days
	}
	m := shiftForm.FindStringSubmatch(plain)
	if m == nil {
		return 0, 0
	}
	unit := time.Minute
	if strings.HasPrefix(m[2], "hour") {
		unit = time.Hour
	}
	by = unit
	switch {
	case strings.Contains(strings.Replace(m[0], " and a half", "", 1), " half "):
		by = unit / 2
	case strings.HasSuffix(m[1], ".5"):
		by = time.Duration(atoi(strings.TrimSuffix(m[1], ".5")))*unit + unit/2
	case atoi(m[1]) > 0:
		by = time.Duration(atoi(m[1])) * unit
	}
	if strings.Contains(m[0], "and a half") {
		by += unit / 2
	}
	if earlier.MatchString(plain) {
		by = -by
	}
	return by, 0
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
func (r *resolver) at(list []gym.Appointment, s when.Span) []gym.Appointment {
	var out []gym.Appointment
	for _, a := range list {
		if r.fits(a, s) {
			out = append(out, a)
		}
	}
	return out
}

func (r *resolver) fits(a gym.Appointment, s when.Span) bool {
	local := a.StartsAt.In(r.turn.Now.Location())
	clock := func(t time.Time) int { return t.Hour()*60 + t.Minute() }
	switch {
	case len(s.Vague) > 0: // "my eight o'clock"
		return slices.ContainsFunc(s.Times, func(t time.Time) bool { return clock(t) == clock(local) && (!s.Day || day(t).Equal(day(local))) })
	case s.Day || within(a, s):
		return within(a, s)
	case s.At:
		return clock(s.From) == clock(local)
	case s.To.Sub(s.From) < 24*time.Hour: // "my morning session"
		from, to := clock(s.From), int(s.To.Sub(day(s.From)).Minutes())
		return clock(local) >= from && clock(local) < to
	}
	return false
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
