package spoken

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	mixedForm = regexp.MustCompile(`^(\d{1,3})\s+([1-9])/([1-9])\b`)
	partsForm = regexp.MustCompile(`^(\d{1,3})((?:/\d{1,3}){1,9})\b`)
	fractions = map[string]string{"2": "half", "3": "third", "4": "quarter", "5": "fifth", "8": "eighth"}
)

// parts words what is written with a slash between figures: "1/2", "2 1/2", "3/4", "7/10", "90/90", "5/3/1", "120/80".
func (s *speaker) parts(rest string) (string, int) {
	if m := mixedForm.FindStringSubmatch(rest); m != nil && fractions[m[3]] != "" && m[2] < m[3] {
		said, n := say(m[1])+" and "+fraction(m[2], m[3]), len(m[0])
		if m[2] == "1" && m[3] != "3" {
			said = say(m[1]) + " and a " + fractions[m[3]]
		}
		if u, k := unitAfter(rest[n:]); k > 0 {
			return said + " " + u.many, n + k
		}
		return said, n
	}
	m := partsForm.FindStringSubmatch(rest)
	if m == nil {
		return "", 0
	}
	n := len(m[0])
	if strings.HasPrefix(rest[n:], "/") || strings.HasPrefix(rest[n:], ".") && n+1 < len(rest) && isFigure(rune(rest[n+1])) {
		return "", 0
	}
	numbers := strings.Split(m[0], "/")
	u, k := unitAfter(rest[n:])
	if len(numbers) == 2 {
		a, b := numbers[0], numbers[1]
		switch {
		case b == "10" && whole(a) <= 10 && k == 0:
			return say(a) + " out of ten", n
		case a < b && len(a) == 1 && len(b) == 1 && fractions[b] != "":
			return s.share(a, b, rest[n:], u, k, n)
		case whole(a) >= 90 && whole(b) >= 50 && whole(b) < whole(a) && k == 0:
			return say(a) + " over " + say(b), n
		}
	}
	between := " "
	switch {
	case k > 0 && len(numbers) == 2:
		between = " or "
	case k > 0, strings.HasPrefix(rest[n:], " reps"):
		between = ", "
	}
	for i := range numbers {
		numbers[i] = say(numbers[i])
	}
	said := strings.Join(numbers, between)
	if k > 0 {
		return said + " " + u.many, n + k
	}
	return said, n
}

// share words a fraction by what follows it: "half a liter", "three quarter Sit-Up", "two thirds of it".
func (s *speaker) share(a, b, after string, u unit, k, n int) (string, int) {
	said := fraction(a, b)
	next, _ := utf8.DecodeRuneInString(strings.TrimLeft(after, " -"))
	word := strings.TrimLeft(after, " ")
	word = strings.ToLower(word[:wordLength(word)])
	switch {
	case k > 0 && a == "1" && b == "2":
		return "half a " + u.one, n + k
	case k > 0:
		return said + " of a " + u.one, n + k
	case a != "1" && unicode.IsUpper(next) && after != "" && !strings.HasPrefix(after, "."):
		return say(a) + " " + fractions[b], n // an adjective
	case said == "half" && unicode.IsLower(next) && strings.HasPrefix(after, " ") && !is(word, "of", "the", "a", "an", "to", "my", "your", "and", "or", "is", "as", "way"):
		return "half a", n
	}
	return said, n
}

func fraction(a, b string) string {
	switch {
	case a == "1" && b == "2":
		return "half"
	case a == "1":
		return "one " + fractions[b]
	case b == "2":
		return say(a) + " halves"
	}
	return say(a) + " " + fractions[b] + "s"
}
