package spoken

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/intellifit/intellifit/shared/coach/numeral"
)

const (
	anyNumber = `(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)`       // "2,200", "62.5"
	anyAmount = `(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d{1,3})?)` // also "62,5", before a unit
	to        = `\s?[-–—]\s?`                                        // of a range
	spanForm  = `^` + anyNumber + `(?:` + to + anyNumber + `)?`      // "8", "8-12"
	spanUnits = `^` + anyAmount + `(?:` + to + anyAmount + `)?`      // "2,5-5", before a unit
)

// say words a number as it is written: "62.5" is "sixty two point five".
func say(number string) string {
	switch comma := strings.IndexByte(number, ','); {
	case comma < 0:
	case len(number)-comma == 4 || strings.Count(number, ",") > 1 || strings.Contains(number, "."):
		number = strings.ReplaceAll(number, ",", "")
	default:
		number = strings.Replace(number, ",", ".", 1)
	}
	front, fraction, decimal := strings.Cut(number, ".")
	out := digitByDigit(front)
	if len(front) == 1 || front[0] != '0' {
		if words := numeral.Write(whole(front)); words != "" {
			out = words
		}
	}
	if decimal {
		out += " point " + digitByDigit(fraction)
	}
	return out
}

// whole is the value of a few figures; more than numbers have in words are -1.
func whole(figures string) int {
	n, err := strconv.Atoi(figures)
	if err != nil || len(figures) > 6 {
		return -1
	}
	return n
}

func digitByDigit(figures string) string {
	var words []string
	for _, r := range figures {
		words = append(words, numeral.Write(int(r-'0')))
	}
	return strings.Join(words, " ")
}

// sayRange words one number, or two with "to" between them.
func sayRange(from, until string) string {
	if until == "" {
		return say(from)
	}
	return say(from) + " to " + say(until)
}

var rowForm = regexp.MustCompile(`^\d{1,4}(?:-\d{1,4}){2,9}\b`)

// row words figures in a row: a tempo "3-1-1-0", a telephone number. A date came before.
func (s *speaker) row(rest string) (string, int) {
	m := rowForm.FindString(rest)
	if m == "" || wordFollows(rest[len(m):]) {
		return "", 0
	}
	var words []string
	for part := range strings.SplitSeq(m, "-") {
		if len(part) > 2 {
			words = append(words, digitByDigit(part))
		} else {
			words = append(words, say(part))
		}
	}
	return strings.Join(words, " "), len(m)
}

var repMaxForm = regexp.MustCompile(`^(\d{1,2})[ -]?(?:RM|rm|Rm)\b`)

// repMax words "1RM".
func (s *speaker) repMax(rest string) (string, int) {
	m := repMaxForm.FindStringSubmatch(rest)
	if m == nil {
		return "", 0
	}
	return say(m[1]) + " rep max", len(m[0])
}

var ordinalForm = regexp.MustCompile(`^(\d{1,3})(?:st|nd|rd|th|ST|ND|RD|TH)\b`)

// ordinal words "3rd".
func (s *speaker) ordinal(rest string) (string, int) {
	m := ordinalForm.FindStringSubmatch(rest)
	if m == nil {
		return "", 0
	}
	return numeral.WriteOrdinal(whole(m[1])), len(m[0])
}

var orMoreForm = regexp.MustCompile(`^` + anyNumber + `\+(?:\s|[.,;:!?)]|$)`)

// orMore words "5+".
func (s *speaker) orMore(rest string) (string, int) {
	m := orMoreForm.FindStringSubmatch(rest)
	if m == nil {
		return "", 0
	}
	return say(m[1]) + " or more", len(m[1]) + 1
}

var ratioForm = regexp.MustCompile(`^(\d{1,3}):(\d{1,3})\b`)

// ratio words "2:1", which is no time.
func (s *speaker) ratio(rest string) (string, int) {
	m := ratioForm.FindStringSubmatch(rest)
	if m == nil || strings.HasPrefix(rest[len(m[0]):], ":") {
		return "", 0
	}
	return say(m[1]) + " to " + say(m[2]), len(m[0])
}

var pluralForm = regexp.MustCompile(`^(\d{1,4})'?s\b`)

// plural words "180's" and "20s", which are no seconds: amounts with a unit came before.
func (s *speaker) plural(rest string) (string, int) {
	m := pluralForm.FindStringSubmatch(rest)
	if m == nil {
		return "", 0
	}
	said := say(m[1])
	if stem, ok := strings.CutSuffix(said, "y"); ok {
		return stem + "ies", len(m[0])
	}
	return said + "s", len(m[0])
}

var numberForm = regexp.MustCompile(spanForm)

// dials reports whether the number that comes is one to call: nobody finds "one hundred twelve" on a telephone.
func (s *speaker) dials() bool {
	for _, w := range s.words(4) {
		if is(w, "call", "calling", "dial", "ring", "phone", "telephone") {
			return true
		}
	}
	return false
}

// number words ranges, decimals, thousands and long figures. A whole number stays as it is, and so does one that goes on as something
// else: an address, a version.
func (s *speaker) number(rest string) (string, int) {
	m := numberForm.FindStringSubmatch(rest)
	n := len(m[0])
	after := rest[n:]
	switch {
	case m[2] != "" && wordFollows(after), m[2] != "" && strings.HasPrefix(after, "-") && len(after) > 1 && isFigure(rune(after[1])):
		return say(m[1]), len(m[1])
	case m[2] != "":
		return sayRange(m[1], m[2]), n
	case len(m[1]) >= 3 && whole(m[1]) >= 0 && s.dials():
		return digitByDigit(m[1]), n
	case strings.ContainsAny(m[1], ".,"), len(m[1]) > 4, len(m[1]) > 1 && m[1][0] == '0':
		return say(m[1]), n
	}
	return "", 0
}
