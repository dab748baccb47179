package gate

import (
	"strconv"
	"strings"
)

// phrase is a parsed line of the wording rules: words in order, each with the number of words that may lie before it.
type phrase []element

type element struct {
	gap  int
	alts []literal
}

type literal struct {
	text   string
	exact  bool
	prefix bool
}

func parsePhrase(s string) phrase {
	var p phrase
	gap := 0
	for field := range strings.FieldsSeq(s) {
		if n, ok := strings.CutPrefix(field, "~"); ok {
			gap, _ = strconv.Atoi(n)
			continue
		}
		e := element{gap: gap}
		gap = 0
		for alt := range strings.SplitSeq(field, "|") {
			l := literal{text: alt}
			l.text, l.exact = strings.CutPrefix(l.text, "=")
			l.text, l.prefix = strings.CutSuffix(l.text, "*")
			e.alts = append(e.alts, l)
		}
		p = append(p, e)
	}
	return p
}

func (e element) matches(word string) bool {
	for _, l := range e.alts {
		switch {
		case word == l.text, l.prefix && strings.HasPrefix(word, l.text):
			return true
		case !l.exact && !l.prefix && near(word, l.text):
			return true
		}
	}
	return false
}

// match finds p in list starting at i and gives the index after its last word, or -1. The words of a phrase stand
// between two commas, and no word of never may lie between them ("chest day without pain").
func (p phrase) match(list []token, i int, never map[string]bool) int {
	if !p[0].matches(list[i].word) {
		return -1
	}
	return p[1:].rest(list, i+1, list[i].comma, never)
}

func (p phrase) rest(list []token, i, comma int, never map[string]bool) int {
	if len(p) == 0 {
		return i
	}
	for skip := 0; skip <= p[0].gap && i+skip < len(list); skip++ {
		t := list[i+skip]
		if t.comma != comma {
			return -1
		}
		if p[0].matches(t.word) {
			if end := p[1:].rest(list, i+skip+1, comma, never); end >= 0 {
				return end
			}
		}
		if never[t.word] {
			return -1
		}
	}
	return -1
}
