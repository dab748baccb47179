package spoken

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

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

// span words one number or two with "to" between them.
func sayRange(from, until string) string {
	if until == "" {
		return say(from)
	}
	return say(from) + " to " + say(until)
}

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
	if strings.HasSuffix(rest[:n], "%") {
		if max := percentOf.FindString(rest[n:]); max != "" { // "80% 1RM"
			said += " of"
		}
	}
	return said, n
}

// described are things that an amount stands before without "of".
var described = map[string]bool{
	"dumbbell": true, "dumbbells": true, "kettlebell": true, "kettlebells": true, "barbell": true, "barbells": true, "plate": true, "plates": true, "bar": true, "bars": true, "vest": true, "ball": true, "disc": true, "discs": true, "weights": true,
	"run": true, "runs": true, "row": true, "walk": true, "ride": true, "swim": true, "jog": true, "session": true, "sessions": true, "workout": true, "workouts": true, "class": true, "classes": true, "break": true, "breaks": true, "plank": true, "planks": true,
	"hold": true, "holds": true, "sprint": true, "sprints": true, "circuit": true, "circuits": true, "interval": true, "intervals": true, "slot": true, "slots": true, "appointment": true, "appointments": true, "warm": true,
}

// describes reports whether an amount before after describes what is named there: "a 60 min session", "two 20 kg dumbbells".
func (s *speaker) describes(after string) bool {
	if !strings.HasPrefix(after, " ") {
		return false
	}
	next := strings.ToLower(after[1 : 1+wordLength(after[1:])])
	return described[next] || is(s.last(), "a", "an") && next != "" && !is(next, "of", "per", "a", "and", "or", "in", "at", "on", "for", "to", "more", "less", "is", "each", "every", "with", "from")
}

var percentOf = regexp.MustCompile(`^ ?(?:\d{1,2} ?)?(?:RM|rm|max)\b`)

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

var (
	currencies  = map[string][4]string{"€": {"euro", "euros", "cent", "cents"}, "$": {"dollar", "dollars", "cent", "cents"}, "£": {"pound", "pounds", "penny", "pence"}}
	codes       = map[string]string{"EUR": "€", "USD": "$", "GBP": "£", "Euro": "€", "euros": "€", "euro": "€"}
	moneyFirst  = regexp.MustCompile(`^([€$£])\s?` + anyNumber + `([kK]\b)?`)
	moneySecond = regexp.MustCompile(`^(\d{1,3}(?:,\d{3})+(?:\.\d{2})?|\d+(?:[.,]\d{2})?)\s?(€|\$|£|EUR\b|USD\b|GBP\b)`)
)

// moneyBefore words "€45", "$9.99".
func (s *speaker) moneyBefore(rest string) (string, int) {
	m := moneyFirst.FindStringSubmatch(rest)
	if m == nil {
		return "", 0
	}
	said, n := money(m[2], m[1]), len(m[0])
	if m[3] != "" {
		said = say(m[2]) + " thousand " + currencies[m[1]][1]
	}
	counted, k := per(rest[n:])
	return said + counted, n + k
}

// moneyBehind words "45 €", "45,50 EUR".
func (s *speaker) moneyBehind(rest string) (string, int) {
	m := moneySecond.FindStringSubmatch(rest)
	if m == nil {
		return "", 0
	}
	sign := m[2]
	if known, ok := codes[sign]; ok {
		sign = known
	}
	n := len(m[0])
	counted, k := per(rest[n:])
	return money(m[1], sign) + counted, n + k
}

func money(number, sign string) string {
	if comma := strings.LastIndexByte(number, ','); comma >= 0 && len(number)-comma == 3 {
		number = number[:comma] + "." + number[comma+1:]
	}
	front, small, ok := strings.Cut(number, ".")
	c := currencies[sign]
	said := say(front) + " " + c[1]
	if front == "1" {
		said = "one " + c[0]
	}
	switch {
	case !ok || strings.Trim(small, "0") == "":
		return said
	case len(small) != 2:
		return say(number) + " " + c[1]
	case front == "0" && small == "01":
		return "one " + c[2]
	case front == "0":
		return say(strings.TrimLeft(small, "0")) + " " + c[3]
	}
	return said + " " + say(strings.TrimLeft(small, "0"))
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
