package catalogue

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
)

// vocabularyFile lists the words that say no more than what a plain food is, which part of it, and how it was grown, cut
// or cooked. Brands, recipes and words that could hide an ingredient are not among them.
//
//go:embed vocabulary.txt
var vocabularyFile string

var vocabulary = sync.OnceValue(func() map[string]bool {
	known := map[string]bool{}
	for _, word := range strings.Fields(vocabularyFile) {
		known[word] = true
	}
	return known
})

// understood reports whether every word of a folded name is in the vocabulary. A name with a brand, a misspelling or a
// word of another language is not: nobody may rely on what it does not say.
func understood(name string) bool {
	known := vocabulary()
	found := false
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) }) {
		found = true
		if !known[word] && !known[strings.TrimSuffix(word, "s")] && !known[strings.TrimSuffix(word, "es")] &&
			!(strings.HasSuffix(word, "ies") && known[strings.TrimSuffix(word, "ies")+"y"]) {
			return false
		}
	}
	return found
}
