package spoken

import (
	"regexp"
	"strings"
)

func (u unit) after(from, until string) string {
	if from == "1" && until == "" {
		return u.one
	}
	return u.many
}

var spanWithUnit = regexp.MustCompile(spanUnits)

// amount words a number or range with its unit: "62.5 kg", "2-3 min", "1.6 g/kg", "30-min".
func (s *speaker) amount(rest string) (string, int) {
	m := spanWithUnit.FindStringSubmatch(rest)
	if m == nil {
		return "", 0
	}
	n := len(m[0])
	if after := rest[n:]; strings.HasPrefix(after, "-") { // "a 30-min session"
		if u, k := unitAt(after[1:]); k > 0 && u.kind != other && m[2] == "" {
			return say(m[1]) + " " + u.one, n + 1 + k
		}
		return "", 0
	}
	if after := rest[n:]; m[2] == "" && strings.HasPrefix(after, "k ") && !is(strings.ToLower(after[2:2+wordLength(after[2:])]), "run", "race", "row") {
		return say(m[1]) + " thousand", n + 1 // "10k steps"
	}
	u, k := unitAfter(rest[n:])
	if k == 0 || strings.HasPrefix(rest[n:], "s") && is(s.last(), "their", "his", "her", "my", "your", "the") { // "in their 20s"
		return "", 0
	}
	said := sayRange(m[1], m[2]) + " " + u.after(m[1], m[2])
	if u.kind != other && m[2] == "" && s.describes(rest[n+k:]) {
		said = say(m[1]) + " " + u.one // "a 5 kg plate"
	}
	n += k
	if counted, k := per(rest[n:]); k > 0 {
		said, n = said+counted, n+k
	}
	if is(u.many, "grams", "milligrams", "milliliters", "liters") && countsStuff(rest[n:]) { // "140 g protein"
		said += " of"
	}
	if strings.HasSuffix(rest[:n], "%") && percentOf.MatchString(rest[n:]) { // "80% 1RM"
		said += " of"
	}
	return said, n
}

// described are things that an amount stands before without "of".
var described = setOf(`dumbbell dumbbells kettlebell kettlebells barbell barbells plate plates bar bars vest ball disc discs weights run runs row walk ride swim jog session sessions workout workouts class classes
	break breaks plank planks hold holds sprint sprints circuit circuits interval intervals slot slots appointment appointments warm`)

// describes reports whether an amount before after describes what is named there: "a 60 min session", "two 20 kg dumbbells".
func (s *speaker) describes(after string) bool {
	if !strings.HasPrefix(after, " ") {
		return false
	}
	next := strings.ToLower(after[1 : 1+wordLength(after[1:])])
	return described[next] || is(s.last(), "a", "an") && next != "" && !is(next, "of", "per", "a", "and", "or", "in", "at", "on", "for", "to", "more", "less", "is", "each", "every", "with", "from")
}

var stuff = regexp.MustCompile(`^ ([a-z]{3,})\b`)

// countsStuff reports whether something to eat or drink follows an amount without "of".
func countsStuff(after string) bool {
	m := stuff.FindStringSubmatch(after)
	return m != nil && !is(m[1], "per", "and", "each", "for", "with", "more", "less", "from", "before", "after", "every", "than", "too", "over", "under", "instead", "right", "then", "now", "but", "while", "when", "until", "was", "are", "daily", "today", "tomorrow", "the", "your", "which", "that", "this", "about")
}

var percentOf = regexp.MustCompile(`^ ?(?:\d{1,2} ?)?(?:RM|rm|max)\b`)
