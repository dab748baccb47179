package speak

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// cut divides a text into parts of at most most characters: at the end of a sentence where one ends in the second half of a part, else
// between words. What has neither letters nor digits is no part.
func cut(text string, most int) []string {
	var parts []string
	add := func(part string) {
		if strings.ContainsFunc(part, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			parts = append(parts, strings.TrimSpace(part))
		}
	}
	for utf8.RuneCountInString(text) > most {
		at := place(text, most)
		add(text[:at])
		text = text[at:]
	}
	add(text)
	return parts
}

// place is where to divide a text that has more characters than one part takes.
func place(text string, most int) int {
	sentence, word, end, n := 0, 0, 0, 0
	last := ' '
	for i, r := range text {
		if unicode.IsSpace(r) && i > 0 {
			word = i
			if n > most/2 && (r == '\n' || strings.ContainsRune(".!?:;", last)) {
				sentence = i
			}
		}
		if n == most {
			end = i
			break
		}
		last = r
		n++
	}
	switch {
	case sentence > 0:
		return sentence
	case word > 0:
		return word
	}
	return end
}
