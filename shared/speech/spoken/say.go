package spoken

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// speaker words a text from its beginning to its end. What was worded is not read again.
type speaker struct {
	text string
	at   int
	out  []byte
}

// rule words what the text goes on with, and tells how many bytes that takes: none when it is not its business.
type rule func(s *speaker, rest string) (said string, n int)

// The rules by what they begin with, the more special before the more general.
var (
	figureRules = []rule{(*speaker).isoDate, (*speaker).timeOfDay, (*speaker).numericDate, (*speaker).dayFirst, (*speaker).sets, (*speaker).row, (*speaker).parts, (*speaker).moneyBehind,
		(*speaker).repMax, (*speaker).amount, (*speaker).ordinal, (*speaker).orMore, (*speaker).ratio, (*speaker).plural, (*speaker).year, (*speaker).number}
	letterRules = []rule{(*speaker).exertion, (*speaker).monthFirst, (*speaker).weekday, (*speaker).timesMark, (*speaker).word}
	markRules   = []rule{(*speaker).moneyBefore, (*speaker).sign, (*speaker).slash, (*speaker).mark}
)

func (s *speaker) run() {
	for s.at < len(s.text) {
		r, size := utf8.DecodeRuneInString(s.text[s.at:])
		if said, n := s.apply(r); n > 0 {
			s.out = append(append(append(s.out, ' '), said...), ' ')
			s.at += n
			continue
		}
		if r == '-' && !unicode.IsSpace(s.before()) && !unicode.IsSpace(s.next(size)) { // "push-up"
			r = ' '
		}
		s.out = utf8.AppendRune(s.out, r)
		s.at += size
	}
}

func (s *speaker) apply(r rune) (said string, n int) {
	rules := markRules
	switch last := s.before(); {
	case isFigure(r):
		if isFigure(last) || unicode.IsLetter(last) {
			return "", 0 // inside "B12"
		}
		rules = figureRules
	case unicode.IsLetter(r):
		if unicode.IsLetter(last) || last == '\'' {
			return "", 0
		}
		rules = letterRules
	}
	rest := s.text[s.at:]
	for _, try := range rules {
		if said, n := try(s, rest); n > 0 {
			return said, n
		}
	}
	return "", 0
}

// before is the rune before the place, a space at the beginning.
func (s *speaker) before() rune {
	if s.at == 0 {
		return ' '
	}
	r, _ := utf8.DecodeLastRuneInString(s.text[:s.at])
	return r
}

// next is the rune that comes ahead bytes later, a space at the end.
func (s *speaker) next(ahead int) rune {
	if s.at+ahead >= len(s.text) {
		return ' '
	}
	r, _ := utf8.DecodeRuneInString(s.text[s.at+ahead:])
	return r
}

// words are the last words before the place, in lower case, the nearest first, without the marks between them.
func (s *speaker) words(most int) []string {
	text := s.text[max(0, s.at-60):s.at]
	fields := strings.FieldsFunc(strings.ToLower(strings.ToValidUTF8(text, "")), func(r rune) bool { return !unicode.IsLetter(r) && !isFigure(r) && r != '\'' && r != ':' && r != '@' })
	var out []string
	for i := len(fields) - 1; i >= 0 && len(out) < most; i-- {
		out = append(out, strings.Trim(fields[i], ":"))
	}
	return out
}

// last is the last word before the place.
func (s *speaker) last() string {
	if words := s.words(1); len(words) > 0 {
		return words[0]
	}
	return ""
}

func isFigure(r rune) bool { return r >= '0' && r <= '9' }

// wordFollows reports whether a word goes on at rest.
func wordFollows(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return rest != "" && (unicode.IsLetter(r) || isFigure(r))
}

// wordLength is how many bytes the word takes that text begins with.
func wordLength(text string) int {
	for i, r := range text {
		if !unicode.IsLetter(r) && !isFigure(r) {
			return i
		}
	}
	return len(text)
}

// is reports whether the word is one of the list.
func is(word string, list ...string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}
