package planner

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Wishes is what the rules understood of a member's free text. It can only add likes, take things away and move days; no
// text reaches a filter, so none can lift one.
type Wishes struct {
	Likes     []string
	Dislikes  []string
	FixedDays []time.Weekday
	AvoidDays []time.Weekday
	Unclear   []string // clauses that no rule understood, or that ask for what a wish may not change
}

// maxWishWords bounds what one clause may name, and maxWishClauses what is read at all.
const (
	maxWishWords   = 6
	maxAdded       = 2 // words of a bare thing that continues the clause before
	maxWishClauses = 20
)

var (
	clauseEnd = regexp.MustCompile(`[.;!?\n,]+|\b(?:and|but|und|aber|y|pero|et|mais)\b`)
	adds      = regexp.MustCompile(`^(?:,\s*|and|und|y|et)$`)
	likeVerb  = regexp.MustCompile(`^(?:i |we |ich |me )?(?:really |would |also )*(?:love|like|enjoy|prefer|want|wish for|more|lots of|plenty of|mag|liebe|gerne?|gusta|j'aime|please add|add|include)\s+(?:to (?:eat|do|have)\s+)?(.+)$`)
	hateVerb  = regexp.MustCompile(`^(?:i |we |ich |please )?(?:really )?(?:hate|dislike|don'?t (?:like|want|eat)|do not (?:like|want|eat)|can'?t stand|avoid|skip|no more|no|without|never|not|less|kein(?:e|en)?|ohne|sin|odio|pas de)\s+(.+)$`)
	dayOff    = regexp.MustCompile(`\b(?:no|not|never|off|free|rest|except|avoid|without|can'?t|cannot|kein\w*|nicht|frei|sin|pas)\b`)
	lifts     = regexp.MustCompile(`\b(?:ignore|forget|forgot|override|bypass|disable|void|pretend|system|previous|instruction\w*|allerg\w*|diet|vegan|vegetarian|limit\w*|filter\w*|rule\w*|doctor|coach|approved|injur\w*|knee|back|shoulder|member|vergiss|olvida|oublie|role|assistant)\b`)
	filler    = regexp.MustCompile(`\b(?:please|every day|every week|a lot|at all|any|some|the|a|an|my|more|of|in my plan|really|very|much|bitte|daily|for (?:breakfast|lunch|dinner))\b`)
)

var weekdays = map[string]time.Weekday{
	"monday": time.Monday, "mondays": time.Monday, "mon": time.Monday, "montag": time.Monday, "lunes": time.Monday, "lundi": time.Monday,
	"tuesday": time.Tuesday, "tuesdays": time.Tuesday, "tue": time.Tuesday, "dienstag": time.Tuesday, "martes": time.Tuesday, "mardi": time.Tuesday,
	"wednesday": time.Wednesday, "wednesdays": time.Wednesday, "wed": time.Wednesday, "mittwoch": time.Wednesday, "mercredi": time.Wednesday,
	"thursday": time.Thursday, "thursdays": time.Thursday, "thu": time.Thursday, "donnerstag": time.Thursday, "jueves": time.Thursday, "jeudi": time.Thursday,
	"friday": time.Friday, "fridays": time.Friday, "fri": time.Friday, "freitag": time.Friday, "viernes": time.Friday, "vendredi": time.Friday,
	"saturday": time.Saturday, "saturdays": time.Saturday, "sat": time.Saturday, "samstag": time.Saturday, "samedi": time.Saturday,
	"sunday": time.Sunday, "sundays": time.Sunday, "sun": time.Sunday, "sonntag": time.Sunday, "domingo": time.Sunday, "dimanche": time.Sunday,
}

// ParseWishes reads free text by fixed rules. Weekdays in one clause become training days, or days off when the clause
// negates; "love X" and "no X" become likes and dislikes, and so does what a comma or an "and" adds to them; everything else
// is reported as unclear.
func ParseWishes(text string) Wishes {
	var w Wishes
	text = strings.ToLower(printable(text))
	ends := append(clauseEnd.FindAllStringIndex(text, -1), []int{len(text), len(text)})
	negated, from := false, 0
	var list *[]string // of the clause before, when this one may add to it
	for i, end := range ends {
		clause := strings.Join(strings.Fields(text[from:end[0]]), " ")
		joined := i > 0 && adds.MatchString(text[ends[max(i-1, 0)][0]:from])
		from = end[1]
		if clause == "" || i >= 4*maxWishClauses {
			continue
		}
		if !joined {
			list = nil
		}
		negated, list = w.clause(clause, negated, list)
	}
	return w
}

// clause reads one clause. A clause that names nothing but days continues the one before ("not monday, tuesday"), and so
// does a bare thing ("I love squats and rice").
func (w *Wishes) clause(clause string, negated bool, before *[]string) (off bool, list *[]string) {
	if days := daysIn(clause); len(days) > 0 {
		off := dayOff.MatchString(clause) || negated && len(strings.Fields(clause)) == len(days)
		if food := likeVerb.FindStringSubmatch(clause); food == nil || off {
			if !off && !trains(clause, len(days)) {
				w.Unclear = append(w.Unclear, clause)
				return false, nil
			}
			w.addDays(days, off)
			return off, nil
		}
	}
	switch m := hateVerb.FindStringSubmatch(clause); {
	case lifts.MatchString(clause):
		w.Unclear = append(w.Unclear, clause)
		return false, nil
	case m != nil:
		w.Dislikes = appendWish(w.Dislikes, m[1])
		return false, &w.Dislikes
	}
	if m := likeVerb.FindStringSubmatch(clause); m != nil {
		w.Likes = appendWish(w.Likes, m[1])
		return false, &w.Likes
	}
	if before != nil && len(strings.Fields(clause)) <= maxAdded {
		*before = appendWish(*before, clause)
		return false, before
	}
	w.Unclear = append(w.Unclear, clause)
	return false, nil
}

// trains reports whether a clause with days speaks of training, or of nothing but the days.
func trains(clause string, days int) bool {
	if len(strings.Fields(clause)) <= days+1 {
		return true
	}
	for _, word := range []string{"train", "gym", "workout", "session", "come", "only", "available", "time", "lift", "exercise"} {
		if strings.Contains(clause, word) {
			return true
		}
	}
	return false
}

func (w *Wishes) addDays(days []time.Weekday, off bool) {
	for _, d := range days {
		if off && !slices.Contains(w.AvoidDays, d) {
			w.AvoidDays = append(w.AvoidDays, d)
		}
		if !off && !slices.Contains(w.FixedDays, d) {
			w.FixedDays = append(w.FixedDays, d)
		}
	}
	w.FixedDays = slices.DeleteFunc(w.FixedDays, func(d time.Weekday) bool { return slices.Contains(w.AvoidDays, d) })
}

func daysIn(clause string) []time.Weekday {
	var out []time.Weekday
	for _, word := range strings.FieldsFunc(clause, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if d, ok := weekdays[word]; ok {
			out = append(out, d)
		}
	}
	return out
}

func appendWish(list []string, object string) []string {
	for _, thing := range regexp.MustCompile(`\s+or\s+|/`).Split(object, -1) {
		words := strings.Fields(filler.ReplaceAllString(thing, " "))
		if len(words) == 0 || len(words) > maxWishWords || len(list) >= maxWishClauses {
			continue
		}
		if thing := strings.Join(words, " "); !slices.Contains(list, thing) {
			list = append(list, thing)
		}
	}
	return list
}

// printable drops control and format characters, which can hide text from a reader.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return '\n'
		}
		if unicode.Is(unicode.Cf, r) || unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}

// wishReport says what became of every wish in the finished plan.
func wishReport(w Wishes, p Plan, fixedDays []string) []WishResult {
	var out []WishResult
	names := namesOf(p)
	for _, like := range w.Likes {
		r := WishResult{Wish: "more " + like, Honored: slices.ContainsFunc(names, func(n string) bool { return mentions(n, []string{like}) })}
		if !r.Honored {
			r.Reason = "nothing of that name is both in the catalogue and allowed for this member in this plan"
		}
		out = append(out, r)
	}
	for _, dislike := range w.Dislikes {
		r := WishResult{Wish: "no " + dislike, Honored: !slices.ContainsFunc(names, func(n string) bool { return mentions(n, []string{dislike}) })}
		if !r.Honored {
			r.Reason = "nothing else that is allowed fits this place"
		}
		out = append(out, r)
	}
	for _, d := range w.FixedDays {
		out = append(out, dayResult("train on "+d.String(), slices.Contains(fixedDays, strings.ToLower(d.String()))))
	}
	for _, d := range w.AvoidDays {
		out = append(out, dayResult("no training on "+d.String(), !slices.Contains(fixedDays, strings.ToLower(d.String()))))
	}
	for _, clause := range w.Unclear {
		out = append(out, WishResult{Wish: clause, Reason: "not understood as a like, a dislike or a day; safety rules, diet, allergies and injuries are changed in the profile only"})
	}
	return out
}

func dayResult(wish string, honored bool) WishResult {
	if honored {
		return WishResult{Wish: wish, Honored: true}
	}
	return WishResult{Wish: wish, Reason: "the number of sessions and the rest between them leave no other day"}
}

func namesOf(p Plan) []string {
	var out []string
	for _, d := range p.Workout.Days {
		for _, it := range d.Items {
			out = append(out, it.Name)
		}
	}
	for _, d := range p.Nutrition.Days {
		for _, m := range d.Meals {
			for _, it := range m.Items {
				out = append(out, it.Name)
			}
		}
	}
	return out
}
