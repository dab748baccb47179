package when

import "strings"

// hourStands reports whether a bare number between tokens i and next is a time of day.
func (p *parser) hourStands(i, front, next int, strong bool, c clock, e *expression) bool {
	if p.counts(next) {
		return false
	}
	if p.partFollows(next) && p.at(next-1).n <= 12 {
		return true
	}
	one := c.spoken && c.minute == hour // "one" is mostly no hour: "my Friday one"
	beside := e.days != nil && !e.days.long() || e.part != nil
	late := c.minute > 12*hour || c.minute == 0
	switch {
	case strong && beside:
		return true
	case strong:
		return !(one && !p.ends(next)) && !(late && p.aged(i))
	case beside && front > 0:
		return p.ends(next)
	case beside:
		return !one && p.ends(next) && !p.mark(next, "-")
	case front > 0:
		return p.ends(next) && !late
	case p.is(i-1, "to", "until", "till", "by", "it", "say"), i == 0 && p.dayFollows(next):
		return !one && p.ends(next) && (!p.is(i-1, "it") || p.is(i-2, "make"))
	case p.is(i-1, "of") && p.is(i-2, "instead"), p.is(i-1, "than") && p.is(i-2, "rather"):
		return !one && p.ends(next) && p.hourBefore(i-2)
	case p.is(i-1, "for", "from"):
		return !one && p.dayFollows(next)
	}
	return false
}

// aged reports whether the words before token i make a number the age of somebody: "I started at 17".
func (p *parser) aged(i int) bool {
	for k := i - 1; k >= i-4; k-- {
		if p.is(k, "started", "began", "was", "born", "since", "aged", "age", "turned", "quit", "retired", "when") {
			return true
		}
	}
	return false
}

// hourBefore reports whether a time of day was named shortly before token i.
func (p *parser) hourBefore(i int) bool {
	for k := i - 1; k >= i-6; k-- {
		if p.is(k, "at", "to", "am", "pm", "o'clock", "h") || p.mark(k, ":") {
			return true
		}
	}
	return false
}

func (p *parser) partFollows(i int) bool {
	return p.said(i, []string{"in", "the", "morning"}, []string{"in", "the", "afternoon"}, []string{"in", "the", "evening"}, []string{"in", "the", "early"}, []string{"at", "night"}, []string{"tonight"}) > 0
}

func (p *parser) dayFollows(i int) bool {
	if p.is(i, "on") {
		i++
	}
	_, weekday := weekdays[p.at(i).text]
	return weekday || p.is(i, "today", "tomorrow", "tonight")
}

// counts reports whether token i is a thing that the number before it counts or measures, or a mark inside a larger number.
func (p *parser) counts(i int) bool {
	t := p.at(i)
	if t.mark {
		switch t.text {
		case "%", "$", "€", "£", "°":
			return true
		case ".", ",", "/", ":", "x", "×", "*", "+":
			return p.at(i+1).number && p.at(i+1).glued
		}
		return false
	}
	if t.number {
		return t.glued || !t.ordinal
	}
	return t.glued || units[t.text]
}

// units are what numbers of a gym count.
var units = setOf(`past kg kgs kilo kilos kilograms k pounds lb lbs reps rep repetitions sets set x times time minutes minute min mins seconds sec secs hours hour hr hrs days day weeks week months
	month years year people persons person guys of us friends km kms miles mile meters metres m cm percent calories kcal cals grams gram g rir rpe rounds round exercises exercise session sessions
	appointment appointments workouts workout trainings training classes euros euro dollars bucks pounds degrees plates plate hundred thousand more less other others different point points litres liters
	eggs bananas push pull pushups pullups squats burpees lunges steps laps per each star stars left slots slot spots bookings coaches trainers members kids children meals
	stage side sit chin dips curls planks machines inches feet stone`)

func setOf(list string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		out[w] = true
	}
	return out
}

// ends reports whether the phrase of a number may end before token i: with the text, at a mark or before a word that begins
// something else.
func (p *parser) ends(i int) bool {
	t := p.at(i)
	if t.mark {
		return !p.counts(i)
	}
	_, weekday := weekdays[t.text]
	return !t.number && !t.glued && (weekday || enders[t.text])
}

var enders = setOf(`on with at in please and or if for instead today tomorrow tonight this next works work would is can could then sharp so because when as to until till but not the my i you we thanks thank ok okay
	maybe from too also latest earliest it that will was are does do should may free available rather than good fine great perfect works suits possible now here there coach around about he she his her her's him after before
	alright all either somehow sometime preferably ideally since while though tho be`)
