package spoken

import (
	"regexp"
	"strings"
)

var (
	setForm  = regexp.MustCompile(`^(\d{1,4})\s?[xX]\s?(?:` + anyNumber + `(?:` + to + anyNumber + `)?|((?i:amrap|max|failure))\b)`)
	setLoads = regexp.MustCompile(`^\s?[xX]\s?` + anyNumber)
	setList  = regexp.MustCompile(`^(?:[/,]\d{1,3}){1,9}\b`)
	timesPer = regexp.MustCompile(`^(\d{1,3})\s?[xX](?:\s|\b|$)`)
)

// sets words "3x12", "3x8-10", "4x400 m", "3x12x60", "3xAMRAP", and "3x per week".
func (s *speaker) sets(rest string) (string, int) {
	m := setForm.FindStringSubmatch(rest)
	if m == nil {
		if m = timesPer.FindStringSubmatch(rest); m == nil {
			return "", 0
		}
		if counted, k := per(rest[len(m[1])+1:]); k > 0 { // "3x/week"
			return say(m[1]) + " times" + counted, len(m[1]) + 1 + k
		}
		return say(m[1]) + " times", len(m[0])
	}
	n := len(m[0])
	if wordFollows(rest[n:]) && !setLoads.MatchString(rest[n:]) {
		if _, k := unitAfter(rest[n:]); k == 0 {
			return "", 0
		}
	}
	count := say(m[1])
	of := count + " sets of "
	if m[1] == "1" {
		of = count + " set of "
	}
	switch u, k := unitAfter(rest[n:]); {
	case m[4] != "":
		return of + map[string]string{"amrap": "as many reps as possible", "max": "max reps", "failure": "reps to failure"}[strings.ToLower(m[4])], n
	case k > 0 && u.kind == span:
		return of + sayRange(m[2], m[3]) + " " + u.after(m[2], m[3]), n + k
	case k > 0:
		if strings.HasPrefix(u.one, "centi") || strings.HasPrefix(u.one, "milli") {
			return count + " by " + say(m[2]) + " " + u.many, n + k
		}
		if m[3] == "" && s.describes(rest[n+k:]) {
			return count + " times " + say(m[2]) + " " + u.one, n + k
		}
		return count + " times " + sayRange(m[2], m[3]) + " " + u.after(m[2], m[3]), n + k
	case whole(m[1]) > 20 && whole(m[2]) > 20:
		return count + " by " + say(m[2]), n
	case whole(m[1]) > 20: // a load
		return count + " for " + sayRange(m[2], m[3]), n
	}
	said := of + sayRange(m[2], m[3])
	if list := setList.FindString(rest[n:]); list != "" && m[3] == "" {
		for reps := range strings.FieldsFuncSeq(list, func(r rune) bool { return !isFigure(r) }) {
			said += ", " + say(reps)
		}
		return said, n + len(list)
	}
	if counted, k := per(rest[n:]); k > 0 { // "3x12/side"
		return said + counted, n + k
	}
	if load := setLoads.FindStringSubmatch(rest[n:]); load != nil {
		n += len(load[0])
		said += " at " + say(load[1])
		if u, k := unitAfter(rest[n:]); k > 0 {
			return said + " " + u.after(load[1], ""), n + k
		}
	}
	return said, n
}
