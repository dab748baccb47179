package coach

import (
	"slices"
	"strings"
	"unicode"
)

// copied is a text that an answer must not repeat: what the model is led by, in letters alone.
type copied string

// copyLength is how many letters in a row make a sentence a copy: about five words.
const copyLength = 22

// in reports whether a sentence repeats a part, as it is, backwards, or shifted by thirteen letters. That is no secret's guard, since
// the instructions hold none; it keeps them from being taken for an answer.
func (c copied) in(sentence string) bool {
	source := letters(string(c))
	forward := letters(sentence)
	backward := []byte(forward)
	slices.Reverse(backward)
	for _, said := range []string{forward, string(backward), strings.Map(shifted, forward)} {
		for i := 0; i+copyLength <= len(said); i++ {
			if strings.Contains(source, said[i:i+copyLength]) {
				return true
			}
		}
	}
	return false
}

// letters keeps the letters a to z of a text, in lower case.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if r = unicode.ToLower(r); r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, text)
}

func shifted(r rune) rune { return 'a' + (r-'a'+13)%26 }
