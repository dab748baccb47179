package wording

import (
	"strings"
	"unicode"
)

// Token is one word of a text, folded: lower case, without diacritics or apostrophes. Clause and Comma count the
// punctuation before it, so that words of different clauses can be told apart.
type Token struct {
	Word   string
	Clause int // raised by . ; ! ? : and line ends
	Comma  int // raised by commas too
	At     int // byte offset in the folded text
}

// maxText bounds how much of a text is read, in bytes; the limits of requests are lower.
const maxText = 10_000

// Read folds a text and splits it into words.
func Read(text string) []Token {
	if len(text) > maxText {
		text = text[:maxText]
	}
	return words(Fold(text))
}

// Fold lower-cases, drops diacritics and invisible runes, and writes ligatures out.
func Fold(text string) string {
	var b strings.Builder
	for _, r := range text {
		r = unicode.ToLower(r)
		if s, ok := folded[r]; ok {
			b.WriteString(s)
			continue
		}
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r) || r == '\'' || r == '’' || r == '`' || r == '´':
			// combining marks, zero-width runes and apostrophes vanish: "don't" reads dont
		case r >= 0xFF21 && r <= 0xFF5A: // full-width Latin letters
			b.WriteRune(unicode.ToLower(r - 0xFEE0))
		case unicode.IsSpace(r) && r != '\n':
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

var folded = func() map[rune]string {
	m := map[rune]string{'%': " percent ", 'ß': "ss", 'œ': "oe", 'æ': "ae", 'ø': "o", 'ı': "i", 'ł': "l"}
	for plain, marked := range map[string]string{
		"a": "àáâãäåāăą", "c": "çćč", "e": "èéêëēęě", "i": "ìíîïī", "n": "ñńň", "o": "òóôõöō", "s": "śšş", "u": "ùúûüū",
		"y": "ýÿ", "z": "źżž",
	} {
		for _, r := range marked {
			m[r] = plain
		}
	}
	return m
}()

// words splits folded text. Digits and letters part ("500kcal" is two words).
func words(text string) []Token {
	var list []Token
	clause, comma, start := 0, 0, -1
	flush := func(end int) {
		if start >= 0 {
			list = append(list, Token{Word: text[start:end], Clause: clause, Comma: comma, At: start})
			start = -1
		}
	}
	class := func(r rune) int {
		switch {
		case unicode.IsDigit(r):
			return 1
		case unicode.IsLetter(r):
			return 2
		}
		return 0
	}
	last := 0
	for i, r := range text {
		c := class(r)
		if c != last {
			flush(i)
		}
		if c != 0 && start < 0 {
			start = i
		}
		last = c
		if c == 0 {
			switch r {
			case '.', ';', '!', '?', ':', '\n', '(', ')', '—', '–':
				clause++
				comma++
			case ',':
				comma++
			}
		}
	}
	flush(len(text))
	return list
}

// near reports whether a word is meant to be want, give or take a typo: none under five letters, one up to eight, two
// from nine. The first letter has to be right, which keeps painting apart from fainting.
func near(word, want string) bool {
	if word == want {
		return true
	}
	allowed := typos(want)
	if allowed == 0 || word == "" || word[0] != want[0] {
		return false
	}
	if d := len(word) - len(want); d > allowed || -d > allowed {
		return false
	}
	return distance(word, want) <= allowed
}

// maxTypos is the most that near tolerates.
const maxTypos = 2

// typos is how many near tolerates in want.
func typos(want string) int {
	switch n := len(want); {
	case n >= 9:
		return maxTypos
	case n >= 5:
		return 1
	}
	return 0
}

// distance is the optimal string alignment distance: insertions, deletions, substitutions and swapped neighbours.
func distance(a, b string) int {
	var space [3][32]int // words are short
	before, last, row := space[0][:], space[1][:], space[2][:]
	if len(b) >= len(row) {
		before, last, row = make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	}
	for j := range b {
		last[j+1] = j + 1
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
