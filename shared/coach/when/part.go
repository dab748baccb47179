package when

import "strings"

// part is a part of the day, in minutes of it.
type part struct {
	from, to int
	evening  bool // its hours are those of pm
	night    bool
}

const hour = 60

// dawn is "early", of a day.
var dawn = part{6 * hour, 9 * hour, false, false}

// partNames are the parts of the day by what they are called, longer names first. What is only called so after "at" or a day,
// because the word also means a meal or a shift, is in needs.
var partNames = []struct {
	words []string
	part  part
	needs bool
}{
	{strings.Fields("early in the morning"), part{6 * hour, 9 * hour, false, false}, false},
	{strings.Fields("early in the afternoon"), part{12 * hour, 15 * hour, true, false}, false},
	{strings.Fields("early in the evening"), part{17 * hour, 19 * hour, true, false}, false},
	{strings.Fields("late in the morning"), part{10 * hour, 12 * hour, false, false}, false},
	{strings.Fields("late in the afternoon"), part{16 * hour, 18 * hour, true, false}, false},
	{strings.Fields("late in the evening"), part{20 * hour, 24 * hour, true, false}, false},
	{strings.Fields("first thing"), part{6 * hour, 9 * hour, false, false}, false},
	{strings.Fields("before work"), part{6 * hour, 9 * hour, false, false}, false},
	{strings.Fields("early morning"), part{6 * hour, 9 * hour, false, false}, false},
	{strings.Fields("mid morning"), part{9 * hour, 11 * hour, false, false}, false},
	{strings.Fields("late morning"), part{10 * hour, 12 * hour, false, false}, false},
	{strings.Fields("morning"), part{6 * hour, 12 * hour, false, false}, false},
	{strings.Fields("before lunch"), part{6 * hour, 12 * hour, false, false}, false},
	{strings.Fields("after lunch"), part{14 * hour, 18 * hour, true, false}, false},
	{strings.Fields("lunch time"), part{12 * hour, 14 * hour, true, false}, false},
	{strings.Fields("lunch break"), part{12 * hour, 14 * hour, true, false}, false},
	{strings.Fields("lunch hour"), part{12 * hour, 14 * hour, true, false}, false},
	{strings.Fields("lunchtime"), part{12 * hour, 14 * hour, true, false}, false},
	{strings.Fields("lunchbreak"), part{12 * hour, 14 * hour, true, false}, false},
	{strings.Fields("lunch"), part{12 * hour, 14 * hour, true, false}, true},
	{strings.Fields("early afternoon"), part{12 * hour, 15 * hour, true, false}, false},
	{strings.Fields("mid afternoon"), part{14 * hour, 16 * hour, true, false}, false},
	{strings.Fields("late afternoon"), part{16 * hour, 18 * hour, true, false}, false},
	{strings.Fields("afternoon"), part{12 * hour, 18 * hour, true, false}, false},
	{strings.Fields("early evening"), part{17 * hour, 19 * hour, true, false}, false},
	{strings.Fields("late evening"), part{20 * hour, 24 * hour, true, false}, false},
	{strings.Fields("evening"), part{17 * hour, 22 * hour, true, false}, false},
	{strings.Fields("after work"), part{17 * hour, 21 * hour, true, false}, false},
	{strings.Fields("late at night"), part{20 * hour, 24 * hour, true, true}, false},
	{strings.Fields("late night"), part{20 * hour, 24 * hour, true, true}, true},
	{strings.Fields("night"), part{20 * hour, 24 * hour, true, true}, true},
	{strings.Fields("mornings"), part{6 * hour, 12 * hour, false, false}, true},
	{strings.Fields("afternoons"), part{12 * hour, 18 * hour, true, false}, true},
	{strings.Fields("evenings"), part{17 * hour, 22 * hour, true, false}, true},
	{strings.Fields("eve"), part{17 * hour, 22 * hour, true, false}, true},
}

var partFronts = [][]string{
	strings.Fields("in the"), strings.Fields("during the"), strings.Fields("over the"), strings.Fields("at the"), strings.Fields("in my"), strings.Fields("during my"), strings.Fields("over my"), strings.Fields("on my"), strings.Fields("in"),
	strings.Fields("at"), strings.Fields("around"), strings.Fields("about"), strings.Fields("over"), strings.Fields("during"),
}

// partOfDay reads "in the evening", "morning", "this afternoon", "after work". A second one narrows the first: "tomorrow evening
// after work".
func (p *parser) partOfDay(i int, e *expression) int {
	front := p.said(i, partFronts...)
	this := p.is(i, "this") && e.days == nil
	if this {
		front = 1
	}
	if p.is(i-1, "good") || front > 0 && p.is(i+front-1, "at") && p.is(i+front, "morning", "afternoon", "evening") {
		return 0
	}
	for _, name := range partNames {
		n := p.said(i+front, name.words)
		if n == 0 || name.needs && front == 0 && (e.days == nil || p.is(i+1, "shift", "shifts")) {
			continue
		}
		if (name.words[0] == "lunch" || name.words[0] == "night") && front > 0 && !p.is(i+front-1, "at", "over", "during", "the", "around", "this") {
			continue
		}
		if !e.narrow(&name.part) {
			return 0
		}
		if this {
			e.days = &stretch{p.today, after(p.today, 1)}
		}
		return front + n
	}
	return 0
}

// stretchOfDay is the part of the day that was named, its beginning when it is said to be early.
func (e expression) stretchOfDay() (from, to int) {
	switch {
	case !e.early:
		return e.part.from, e.part.to
	case e.part.evening && e.part.from >= 17*hour:
		return e.part.from, min(e.part.to, e.part.from+2*hour)
	}
	return e.part.from, min(e.part.to, e.part.from+3*hour)
}
