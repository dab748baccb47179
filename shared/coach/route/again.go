package route

import (
	"regexp"
	"strings"
)

// fragment is talk that goes on from the last request: "and Priya?", "what about Monday", "no, at five", "65 kg".
var fragment = regexp.MustCompile(`^ ?(?:(?:and|or|what about|how about|ok|okay|then|actually|no|nope|sorry|make it|make that|make|rather|instead|only|just|also|not|it|it is|it would be|for|with|wait|i mean|i meant|it is about|about|say|let us say|but|on|at|maybe|perhaps|better) )*`)

// longestFragment is how many words may follow what a fragment begins with.
const longestFragment = 12

// again reads a fragment as the last request with other slots: the coach, time or amount that it names takes the place of the one
// before, and nothing else changes. ok is false when it names none.
func again(text string, t Turn) (d Decision, ok bool) {
	last := t.Last
	if last == nil || last.Action == Reply || last.Action == "" {
		return Decision{}, false
	}
	plain := said(text).plain
	opening := fragment.FindString(strings.TrimSpace(plain))
	rest := strings.Fields(strings.TrimPrefix(strings.TrimSpace(plain), strings.TrimSpace(opening)))
	if len(rest) == 0 || len(rest) > longestFragment || pastTalk.MatchString(plain) {
		return Decision{}, false
	}
	d, ok = amend(*last, text, t)
	d.By, d.Sure = ByRule, 1
	return d, ok
}

// pastTalk tells of something, thanks for it or asks another thing.
var pastTalk = mustForm(`thanks|thank you|cheers|was|were|did|had|why|who|how|price|cost|costs|think about it|let you know`)

// amend puts what text names into the slots of the last request; ok is false when it names nothing of it.
func amend(last Decision, text string, t Turn) (d Decision, ok bool) {
	action := last.Action
	r := &resolver{turn: t, talk: hear(text, t), d: Decision{Action: action, Slots: last.Slots}}
	fresh := resolve(action, text, t)
	names := len(r.talk.times) > 0 || len(r.talk.who.ids) > 0 || r.talk.who.unknown != "" || r.talk.length > 0
	s := &r.d.Slots
	switch action {
	case Check, List:
		if !names || action == List && len(r.talk.times) == 0 {
			return Decision{}, false
		}
		if len(r.talk.times) > 0 {
			s.From, s.To = fresh.Slots.From, fresh.Slots.To
		}
		if action == Check {
			r.newCoach(fresh)
		}
	case Schedule, Reschedule:
		if !names {
			return Decision{}, false
		}
		if len(r.talk.times) > 0 {
			r.newTime(last.Slots)
		}
		if action == Schedule {
			r.newCoach(fresh)
		}
	case Workout:
		if len(r.talk.times) == 0 {
			return Decision{}, false
		}
		s.Date = fresh.Slots.Date
	case Nutrition:
		if !nutrients.MatchString(r.talk.said.plain) {
			return Decision{}, false
		}
	case Plan:
		if n := fresh.Slots; n.DaysPerWeek == 0 && n.SessionMinutes == 0 && n.Goal == "" {
			return Decision{}, false
		}
		take(&s.DaysPerWeek, fresh.Slots.DaysPerWeek)
		take(&s.SessionMinutes, fresh.Slots.SessionMinutes)
		take(&s.Goal, fresh.Slots.Goal)
	case Escalate:
		if fresh.Slots.Reason == "" {
			return Decision{}, false
		}
		s.Reason = fresh.Slots.Reason
	default:
		return Decision{}, false
	}
	return r.d, true
}

var nutrients = mustForm(`protein|carbs|carbohydrates|fats?|calories|macros`)

// take replaces a value by one that was named.
func take[T comparable](old *T, named T) {
	var none T
	if named != none {
		*old = named
	}
}

// newCoach takes the coach that was named, with the question when it is not clear which.
func (r *resolver) newCoach(fresh Decision) {
	who := r.talk.who
	if len(who.ids) == 0 && who.unknown == "" && !who.any {
		return
	}
	r.d.Slots.Coach = fresh.Slots.Coach
	for i, slot := range fresh.Missing {
		if slot == "coach" {
			r.d.Missing = append(r.d.Missing, slot)
			if i == 0 {
				r.d.Question, r.d.Open = fresh.Question, fresh.Open
			}
		}
	}
}

// newTime takes the time that was named, on the day of the one before when it names none.
func (r *resolver) newTime(before Slots) {
	open := Open{}
	if before.StartsAt != nil {
		open.Day = before.StartsAt
	}
	r.d.Slots.StartsAt = nil
	r.startsAt(r.answerTime(open))
}
