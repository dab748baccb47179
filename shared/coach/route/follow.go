package route

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/coach/when"
	"github.com/intellifit/intellifit/shared/gym"
)

var dropForm = regexp.MustCompile(`^ (?:(?:oh|no|nah|ok|actually|well|hmm|sorry|please|ah|just|then) )*(?:never ?mind|forget it|forget that|forget about it|forget about that|leave it|drop it|not now|no thanks|no thank you|stop|cancel|cancel that|skip it|scratch that|i changed my mind|changed my mind|do not bother|no|nope|nothing|none of them|none|neither|it does not matter|not important)(?: (?:then|thanks|thank you|please|that|it|sorry|coach|anyway|for now))* $`)

// follow reads text as the answer to the open question. ok is false when it is no answer: then it is routed as any other.
func follow(text string, t Turn) (d Decision, ok bool) {
	prev := *t.Previous
	if prev.Action == "" || prev.Action == Reply || len(prev.Missing) == 0 {
		return Decision{}, false
	}
	if dropForm.MatchString(said(text).plain) {
		return talkOnly(ByRule, 1), true
	}
	found := judgeParts(text, t)
	if v := found[0].verdict; v.weight >= 5 && v.action != prev.Action && (v.action != Reply || v.weight == veto || strings.HasSuffix(strings.TrimSpace(t.Text), "?")) && !short1(text) {
		return Decision{}, false
	}
	d, filled := fill(prev, text, t)
	if !filled {
		return Decision{}, false
	}
	d.By, d.Sure = ByRule, 1
	return d, true
}

// short1 reports whether text is too short to be a request of its own: an answer of one to three words.
func short1(text string) bool { return len(said(text).words) <= 3 }

// fill puts what text says into the slots that prev lacks.
func fill(prev Decision, text string, t Turn) (d Decision, filled bool) {
	open := Open{}
	if prev.Open != nil {
		open = *prev.Open
	}
	r := &resolver{turn: t, talk: hear(text, t), d: Decision{Action: prev.Action, Slots: prev.Slots}}
	was := prev.Slots
	slots := &r.d.Slots
	for _, slot := range prev.Missing {
		switch slot {
		case "coach":
			if id := r.answerCoach(open); id != "" {
				slots.Coach, filled = id, true
			}
		case "appointment":
			if id := r.answerAppointment(open); id != "" {
				slots.Appointment, filled = id, true
			}
		case "starts_at":
			if s := r.answerTime(open); s != nil {
				later := &resolver{turn: t, d: Decision{Action: prev.Action}}
				later.startsAt(s)
				filled = true
				slots.StartsAt = later.d.Slots.StartsAt
				if slots.StartsAt == nil {
					r.d.Question, r.d.Open = later.d.Question, later.d.Open
				}
			}
		case "exercise":
			if m := findMove(r.talk.said.plain); m != "" {
				slots.Exercise, filled = m, true
			}
		case "sets", "reps":
			filled = r.answerSet() || filled
		default:
			again := &resolver{turn: t, talk: r.talk, d: Decision{Action: prev.Action}}
			again.answerProfile(slot)
			if len(again.d.Missing) == 0 {
				again.d.Slots.Coach = was.Coach
				*slots, filled = again.d.Slots, true
			}
		}
	}
	if !filled {
		return Decision{}, false
	}
	if ids := r.talk.who.ids; len(ids) == 1 && slots.Coach != "" { // whoever is named now counts, not the member's own, whom nobody named
		slots.Coach = ids[0]
	}
	if r.talk.length > 0 && slots.Minutes == 0 && (prev.Action == Schedule || prev.Action == Check) {
		slots.Minutes = r.talk.length
	}
	question, asked := r.d.Question, r.d.Open
	r.d.Question, r.d.Open = "", nil
	for _, slot := range prev.Missing {
		if !r.has(slot) {
			question := r.ask(slot)
			if slot == "starts_at" && len(open.Times) == 2 {
				question = "Which time do you mean: " + when.Spell(open.Times[0].In(t.Now.Location()), t.Now) + " or " + when.Spell(open.Times[1].In(t.Now.Location()), t.Now) + "?"
			}
			r.lack(slot, question, Open{Day: open.Day, Until: open.Until, Times: open.Times, Choices: r.offer(slot)})
		}
	}
	if question != "" && len(r.d.Missing) > 0 && asked.Slot == r.d.Missing[0] {
		r.d.Question, r.d.Open = question, asked
	}
	return r.d, true
}

func (r *resolver) has(slot string) bool {
	s := r.d.Slots
	switch slot {
	case "coach":
		return s.Coach != ""
	case "appointment":
		return s.Appointment != ""
	case "starts_at":
		return s.StartsAt != nil
	case "exercise":
		return s.Exercise != ""
	case "sets":
		return s.Sets > 0
	case "reps":
		return s.Reps > 0
	}
	return s.Injury != nil || s.Goal != "" || len(s.Allergies)+len(s.Likes)+len(s.Dislikes) > 0
}

func (r *resolver) ask(slot string) string {
	switch slot {
	case "coach":
		return r.whichCoach(nil)
	case "appointment":
		return "Which appointment do you mean?"
	case "starts_at":
		return "When would you like that? Please name a day and a time."
	case "exercise":
		return "Which exercise was it?"
	case "sets":
		return "How many sets, and how many repetitions?"
	case "reps":
		return "How many repetitions in each set?"
	}
	return "What shall I note?"
}

func (r *resolver) offer(slot string) []Choice {
	switch slot {
	case "coach":
		return choicesOf(r.turn.Coaches, nil)
	case "appointment":
		return r.choices(r.turn.Upcoming)
	}
	return nil
}

var ordinals = []struct {
	form *regexp.Regexp
	at   int // from the end when negative
}{
	{mustForm(`first|1st|1|one|former|earlier one|either|any|whichever|no preference|do not care|does not matter`), 0},
	{mustForm(`second|2nd|2|two|latter`), 1},
	{mustForm(`third|3rd|3|three`), 2},
	{mustForm(`fourth|4th|4|four`), 3},
	{mustForm(`last|latest|final|later one`), -1},
}

// ordinal is the place in a list of n that plain words name, -1 for none.
func ordinal(plain string, n int) int {
	for _, o := range slices.Backward(ordinals) { // "the second one" holds "one"
		if !o.form.MatchString(plain) {
			continue
		}
		at := o.at
		if at < 0 {
			at += n
		}
		if at >= 0 && at < n {
			return at
		}
	}
	return -1
}

func (r *resolver) answerCoach(open Open) string {
	choices := open.Choices
	if len(choices) == 0 {
		choices = choicesOf(r.turn.Coaches, nil)
	}
	var called []string // by a word of the name alone
	for _, c := range choices {
		if slices.ContainsFunc(parts(c.Name), func(part string) bool { return slices.Contains(r.talk.said.words, part) }) {
			called = append(called, c.ID)
		}
	}
	if len(called) == 1 {
		return called[0]
	}
	ids := slices.DeleteFunc(slices.Clone(r.talk.who.ids), func(id string) bool {
		return !slices.ContainsFunc(choices, func(c Choice) bool { return c.ID == id })
	})
	switch {
	case len(ids) == 1:
		return ids[0]
	case len(r.talk.who.ids) == 1:
		return r.talk.who.ids[0]
	case r.talk.who.own && r.turn.CoachID != "":
		return r.turn.CoachID
	case len(r.talk.times) == 0 || r.talk.who.any:
		if at := ordinal(r.talk.said.plain, len(choices)); at >= 0 {
			return choices[at].ID
		}
	}
	return ""
}

func (r *resolver) answerAppointment(open Open) string {
	choices := open.Choices
	if len(choices) == 0 {
		choices = r.choices(r.turn.Upcoming)
	}
	among := r.turn
	among.Upcoming = slices.DeleteFunc(slices.Clone(r.turn.Upcoming), func(a gym.Appointment) bool {
		return !slices.ContainsFunc(choices, func(c Choice) bool { return c.ID == a.ID })
	})
	if len(r.talk.times) > 0 || len(r.talk.who.ids) > 0 || nextForm.MatchString(r.talk.said.plain) {
		pick := &resolver{turn: among, talk: r.talk}
		if a := pick.appointment(pick.joined(r.talk.times, r.turn.Now)); a != nil && len(among.Upcoming) > 0 {
			return a.ID
		}
		if len(r.talk.who.ids) > 0 { // "the one with Anna, to Wednesday at two": the time is where it goes
			if a := pick.appointment(nil); a != nil {
				return a.ID
			}
		}
		if len(r.talk.times) > 0 {
			return ""
		}
	}
	if at := ordinal(r.talk.said.plain, len(choices)); at >= 0 {
		return choices[at].ID
	}
	return ""
}

// saying stands before the time that is an answer.
var saying = regexp.MustCompile(`^(?:(?:at|around|about|say|maybe|ok|let us say|how about|the|make it|for|then|well)[ ,]+)*`)

// answerTime is the time that was named, on the day that was named before when it names none.
func (r *resolver) answerTime(open Open) *spot {
	now := r.turn.Now
	times := r.talk.times
	if len(times) == 0 && open.Slot == "starts_at" {
		text := "at " + saying.ReplaceAllString(r.talk.said.text, "")
		if bare := when.FindAll(text, now); len(bare) > 0 && strings.HasPrefix(text, bare[0].Phrase) {
			times = []spot{{bare[0], 0}}
		}
	}
	s := pickTime(r.joined(times, now))
	if len(open.Times) == 2 && (s == nil || !s.Day) {
		if at := r.answerHalf(open, s); at != nil {
			return at
		}
	}
	switch {
	case s == nil || open.Day == nil:
		return s
	case open.Until != nil && open.Until.Sub(*open.Day) > 25*time.Hour:
		return r.withinDays(s, *open.Day, *open.Until)
	case s.Day:
		return s
	}
	return r.onDay(s, *open.Day)
}

var (
	firstHalf  = mustForm(`a ?m|morning|first|former|earlier|early|before work`)
	secondHalf = mustForm(`p ?m|evening|afternoon|night|tonight|second|latter|later|last|after work`)
	iAm        = mustForm(`i am`)
)

// answerHalf is the reading of an hour that was asked about, "7 am or 7 pm?". nil when the answer is none of them.
func (r *resolver) answerHalf(open Open, s *spot) *spot {
	times := open.Times
	if s != nil && s.At {
		for _, t := range times {
			if t = t.In(s.From.Location()); t.Hour() == s.From.Hour() && t.Minute() == s.From.Minute() {
				return exactly(t)
			}
		}
		return nil
	}
	if open.Slot != "starts_at" {
		return nil // "the first one" may be a coach
	}
	plain := iAm.ReplaceAllString(read(r.turn.Text, namesOf(r.turn.Coaches)).plain, " ")
	switch early, late := firstHalf.MatchString(plain), secondHalf.MatchString(plain); {
	case early && !late:
		return exactly(times[0].In(r.turn.Now.Location()))
	case late && !early:
		return exactly(times[1].In(r.turn.Now.Location()))
	}
	return nil
}

func exactly(t time.Time) *spot {
	return &spot{when.Span{From: t, To: t.Add(time.Hour), At: true, Day: true}, 0}
}

// onDay is a time of day on the day that was named before. When a part of that day was named, it tells morning from evening.
func (r *resolver) onDay(s *spot, named time.Time) *spot {
	named = named.In(r.turn.Now.Location())
	on := spot{s.On(named), s.at}
	switch {
	case len(on.Vague) == 0 || named.Hour() == 0:
	case named.Hour() < 12:
		return exactly(on.Times[0])
	default:
		return exactly(on.Times[1])
	}
	return &on
}

// byWeekday names a day that a week before decides: "next week", "Tuesday then".
var byWeekday = regexp.MustCompile(`^(?:on |at |\S+ )*(?:mon|tues|wednes|thurs|fri|satur|sun)day`)

// withinDays is a time of the days that were named before. Without a day of its own it is asked for again.
func (r *resolver) withinDays(s *spot, from, until time.Time) *spot {
	zone := r.turn.Now.Location()
	from, until = from.In(zone), until.In(zone)
	if !s.Day {
		return &spot{when.Span{From: from, To: until, Day: true}, s.at}
	}
	if !s.From.Before(from) && s.From.Before(until) || strings.Contains(s.Phrase, "next") || strings.Contains(s.Phrase, "this") || !byWeekday.MatchString(s.Phrase) {
		return s
	}
	for d := day(from); d.Before(until); d = when.OnDay(d.AddDate(0, 0, 1), 0) {
		if d.Weekday() == s.From.Weekday() {
			return &spot{s.On(d), s.at}
		}
	}
	return s
}

// answerSet reads the sets and repetitions that are missing from numbers alone.
func (r *resolver) answerSet() bool {
	s := &r.d.Slots
	found := false
	if r.talk.set.sets > 0 && s.Sets == 0 {
		s.Sets, found = r.talk.set.sets, true
	}
	if r.talk.set.reps > 0 && s.Reps == 0 {
		s.Reps, found = r.talk.set.reps, true
	}
	if r.talk.set.weight != nil && s.WeightKG == nil {
		s.WeightKG = r.talk.set.weight
	}
	if found {
		return true
	}
	var numbers []int
	for _, w := range digits(r.talk.said.words) {
		if n := atoi(w); n > 0 && n <= 500 {
			numbers = append(numbers, n)
		}
	}
	for _, n := range numbers[:min(len(numbers), 2)] {
		switch {
		case s.Sets == 0 && n <= 50:
			s.Sets, found = n, true
		case s.Reps == 0:
			s.Reps, found = n, true
		}
	}
	return found
}

// answerProfile reads a bare answer such as "my knee" or "peanuts" as the slot that was asked for.
func (r *resolver) answerProfile(slot string) {
	plain := r.talk.said.plain
	s := &r.d.Slots
	switch slot {
	case "allergies":
		if s.Allergies = findAllergens(plain); len(s.Allergies) > 0 {
			return
		}
	case "goal":
		if s.Goal = findGoal(plain); s.Goal != "" {
			return
		}
	case "injury":
		if site, injury := findInjury(plain); site != "" {
			s.Injury = &injury
			return
		}
	case "likes":
		if s.Likes = findThings(plain); len(s.Likes) > 0 {
			return
		}
	case "dislikes":
		if s.Dislikes = findThings(plain); len(s.Dislikes) > 0 {
			return
		}
	}
	r.profile()
}
