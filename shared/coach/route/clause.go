package route

import (
	"regexp"
	"slices"
	"strings"
)

// piece is a part of what was said, with what it asks for.
type piece struct {
	text    string
	verdict verdict
}

var (
	sentenceEnd = regexp.MustCompile(`[.!?;\n]+(?:\s+|$)`)
	clauseEnd   = regexp.MustCompile(`(?:, | - |: )?(?:\b(?:and then|and also|and after that|after that|but also|and while you are at it|and can you|and could you|and please|and|also|then|plus|but|so|because|since|as well as|oh and)\b ?)+|, | - `)
)

// sentences splits text where sentences end, never inside a number.
func sentences(text string) []string {
	return slices.DeleteFunc(split(text, sentenceEnd), func(s string) bool { return strings.TrimSpace(s) == "" })
}

func split(text string, at *regexp.Regexp) []string {
	var out []string
	from := 0
	for _, m := range at.FindAllStringIndex(text, -1) {
		out = append(out, strings.TrimSpace(text[from:m[0]]))
		from = m[1]
	}
	return append(out, strings.TrimSpace(text[from:]))
}

// most is how many parts of an utterance are looked at; who says more is asked to say it again.
const mostParts = 12

// judgeParts asks the rules about every part of text and returns the requests in their order: neighbours that ask for the
// same belong together. Without a request it returns what the rules make of the whole.
func judgeParts(text string, t Turn) []piece {
	var out []piece
	whole := verdict{}
	all := sentences(text)
	for i, s := range all[:min(len(all), mostParts)] {
		got := judgeSentence(s, t)
		for _, p := range got {
			if p.verdict.weight > whole.weight || p.verdict.action != Reply && whole.action == Reply {
				whole = p.verdict
			}
			if p.verdict.action == Reply || p.verdict.weight < sure {
				// What says nothing of its own adds to the request before it: "Book me in. Friday at five."
				if n := len(out); n > 0 && p.verdict.weight < sure {
					out[n-1].text += ". " + p.text
				} else if i+1 < len(all) && p.verdict.weight < sure {
					all[i+1] = s + ". " + all[i+1]
				}
				continue
			}
			out = append(out, p)
		}
	}
	out = combine(out, t)
	if len(out) == 0 {
		return []piece{{text, whole}}
	}
	return out
}

// judgeSentence finds the requests of one sentence.
func judgeSentence(s string, t Turn) []piece {
	whole := piece{s, judge(hear(s, t).masked)}
	clauses := split(s, clauseEnd)
	if len(clauses) < 2 || len(clauses) > mostParts {
		return []piece{whole}
	}
	var found []piece
	for i, c := range clauses {
		if c == "" {
			continue
		}
		v := judge(hear(c, t).masked)
		if v.action == Reply || v.weight < 4 {
			if n := len(found); n > 0 && i > 0 {
				found[n-1].text += ", " + c
			}
			continue
		}
		found = append(found, piece{c, v})
	}
	found = combine(found, t)
	switch {
	case len(found) == 0:
		return []piece{whole}
	case len(found) == 1:
		lighter := whole.verdict.weight > found[0].verdict.weight+1
		if whole.verdict.action == Reply && whole.verdict.weight == veto {
			lighter = !vetoedElsewhere(clauses, found[0].text, t)
		}
		if whole.verdict.action == Reply && lighter || whole.verdict.action != Reply && whole.verdict.weight >= found[0].verdict.weight {
			return []piece{whole}
		}
		return []piece{{s, found[0].verdict}}
	}
	// "I cannot come on Friday, does Saturday work instead?" is no cancellation and no question.
	if whole.verdict.action == Reschedule && found[0].verdict.action == Cancel && !spelled.MatchString(said(found[0].text).plain) {
		return []piece{whole}
	}
	if whole.verdict.weight == veto && whole.verdict.action == Reply && whole.text == found[0].text {
		return []piece{whole}
	}
	// What stands before the first request belongs to it.
	at := strings.Index(s, found[0].text)
	if at > 0 && at+len(found[0].text) <= len(s) {
		found[0].text = s[:at+len(found[0].text)]
	}
	return found
}

// vetoedElsewhere reports whether the veto on a sentence comes from a clause of its own, as in "do not cancel, just move it".
func vetoedElsewhere(clauses []string, request string, t Turn) bool {
	return slices.ContainsFunc(clauses, func(c string) bool {
		if c == "" || strings.HasPrefix(request, c) {
			return false
		}
		v := judge(hear(c, t).masked)
		return v.action == Reply && v.weight >= 5
	})
}

// veto is the weight of talk that asks for no tool whatever else it holds.
const veto = 7

var (
	cannotCome = mustForm(`cannot|can not|will not|not able|unable|cannot make|might not|am not going|no longer`)
	spelled    = mustForm(`cancel|cancelling|call off|delete|drop|scrap|remove`)
	asReason   = mustForm(`^(?:because|since|as|cause)`)
)

// combine joins neighbours that are one request.
func combine(found []piece, t Turn) []piece {
	var out []piece
	for _, p := range found {
		n := len(out)
		if n == 0 {
			out = append(out, p)
			continue
		}
		last := &out[n-1]
		a, b := last.verdict.action, p.verdict.action
		switch {
		case a == b && !twice(*last, p, t):
			last.text += ", " + p.text
			last.verdict.weight = max(last.verdict.weight, p.verdict.weight)
		case a == Cancel && b == Reschedule && !spelled.MatchString(said(last.text).plain), // "I cannot make Friday, can we move it"
			a == Profile && b == Plan && !injured(last.text), a == Log && b == Profile:
			last.text += ", " + p.text
			if b != Profile {
				last.verdict = p.verdict
			}
		case a == Plan && b == Profile && !injured(p.text), a == Reschedule && b == Cancel && cannotCome.MatchString(said(p.text).plain), a == Reschedule && b == Check, a == Reschedule && b == Schedule:
			last.text += ", " + p.text
		default:
			out = append(out, p)
		}
	}
	return out
}

// injured reports whether text tells of a complaint, which is worth a note of its own.
func injured(text string) bool {
	site, _ := findInjury(said(text).plain)
	return site != "" || len(findAllergens(said(text).plain)) > 0
}

// twice reports whether two parts that ask for the same tool are two requests: each has an object of its own.
func twice(a, b piece, t Turn) bool {
	x, y := hear(a.text, t), hear(b.text, t)
	switch a.verdict.action {
	case Log:
		return x.set.sets > 0 && y.set.sets > 0
	case Schedule, Cancel:
		return len(x.times) > 0 && len(y.times) > 0 && b.verdict.weight >= 4
	}
	return false
}
