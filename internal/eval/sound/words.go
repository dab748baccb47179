// Package sound holds what measurements of speech need beside clips and texts: the rate of wrong words, clips in which nobody speaks,
// and the quantities in a sentence.
package sound

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/intellifit/intellifit/shared/coach/numeral"
)

// The rate of wrong words is counted over words that are alike however they are written: small letters, no punctuation, numbers as
// digits, and the few contractions that one speaker writes out and another does not.
var (
	notWord  = regexp.MustCompile(`[^a-z0-9' ]+`)
	alike    = map[string]string{"mr": "mister", "mrs": "missus", "dr": "doctor", "okay": "ok", "kilos": "kg", "kilo": "kg", "kilograms": "kg", "kilogram": "kg", "percent": "%"}
	joinedTo = strings.NewReplacer("-", " ", "–", " ", "—", " ", "’", "'", "%", " percent ")
)

// words cuts a text into the words that are compared.
func words(text string) []string {
	text = notWord.ReplaceAllString(strings.ToLower(joinedTo.Replace(text)), " ")
	in := strings.Fields(text)
	var out []string
	for i := 0; i < len(in); {
		if value, n := numeral.Read(in[i:]); n > 0 {
			out = append(out, strconv.Itoa(value))
			i += n
			continue
		}
		word := strings.Trim(in[i], "'")
		if same, ok := alike[word]; ok {
			word = same
		}
		if word != "" {
			out = append(out, word)
		}
		i++
	}
	return out
}

// WrongWords is the number of words that must be put in, left out or changed to make one text of the other, and the number of
// words that there should be (Levenshtein 1966; the word error rate is their quotient).
func WrongWords(want, got string) (wrong, of int) {
	a, b := words(want), words(got)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, word := range a {
		before := row[0]
		row[0] = i + 1
		for j, other := range b {
			change := before
			if word != other {
				change++
			}
			before = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)], len(a)
}
