package wording

import (
	"strconv"
	"strings"
)

// phrase is a parsed line of the list: words in order, each with the number of words that may lie before it.
type phrase []step

type step struct {
	gap     int
	across  bool // the gap may lie across commas
	element int  // of the index
}

type literal struct {
	text     string
	exact    bool
	prefix   bool
	elements []int // that it is an alternative of
}

func parseLiteral(s string) literal {
	l := literal{text: s}
	l.text, l.exact = strings.CutPrefix(l.text, "=")
	l.text, l.prefix = strings.CutSuffix(l.text, "*")
	return l
}

func (l literal) matches(word string) bool {
	switch {
	case word == l.text, l.prefix && strings.HasPrefix(word, l.text):
		return true
	}
	return !l.exact && !l.prefix && near(word, l.text)
}

// index keeps every alternative of a list once, by its first letter, which typos leave alone: a word of a text is compared
// with its own letter's only, and once, however many phrases ask for it.
type index struct {
	elements map[string]int // by spelling: "a|=b|c*"
	letters  map[byte][]*literal
	literals map[string]*literal
	exact    map[string]bool
}

func newIndex() *index {
	return &index{elements: map[string]int{}, letters: map[byte][]*literal{}, literals: map[string]*literal{}, exact: map[string]bool{}}
}

func (x *index) phrase(s string) phrase {
	var p phrase
	var next step
	for field := range strings.FieldsSeq(s) {
		if gap, across, ok := parseGap(field); ok {
			next.gap, next.across = gap, across
			continue
		}
		next.element = x.element(field)
		p = append(p, next)
		next = step{}
	}
	return p
}

// parseGap reads "~3" and "&3".
func parseGap(field string) (gap int, across, ok bool) {
	if field[0] != '~' && field[0] != '&' {
		return 0, false, false
	}
	gap, err := strconv.Atoi(field[1:])
	return gap, field[0] == '&', err == nil
}

func (x *index) element(field string) int {
	if id, ok := x.elements[field]; ok {
		return id
	}
	id := len(x.elements)
	x.elements[field] = id
	for alt := range strings.SplitSeq(field, "|") {
		l := x.literals[alt]
		if l == nil {
			parsed := parseLiteral(alt)
			if parsed.text == "" {
				continue
			}
			l = &parsed
			x.literals[alt] = l
			x.letters[l.text[0]] = append(x.letters[l.text[0]], l)
			x.exact[l.text] = x.exact[l.text] || !l.prefix
		}
		l.elements = append(l.elements, id)
	}
	return id
}

// text is a list of tokens with the elements that each matches.
type text struct {
	tokens []Token
	marks  []map[int]bool
}

func (x *index) read(tokens []Token) text {
	t := text{tokens: tokens, marks: make([]map[int]bool, len(tokens))}
	known := map[string]map[int]bool{}
	for i, token := range tokens {
		marks, seen := known[token.Word]
		if !seen {
			for _, l := range x.letters[token.Word[0]] {
				if !l.matches(token.Word) {
					continue
				}
				if marks == nil {
					marks = map[int]bool{}
				}
				for _, id := range l.elements {
					marks[id] = true
				}
			}
			known[token.Word] = marks
		}
		t.marks[i] = marks
	}
	return t
}

// match finds p in the text starting at i and gives the index after its last word, or -1. The words of a phrase stand
// between two commas, where the gap does not allow them, and no word of never may lie between them ("chest day without pain").
func (p phrase) match(t text, i int, never map[string]bool) int {
	if len(p) == 0 || !t.marks[i][p[0].element] {
		return -1
	}
	return p[1:].rest(t, i+1, t.tokens[i], never)
}

func (p phrase) rest(t text, i int, last Token, never map[string]bool) int {
	if len(p) == 0 {
		return i
	}
	for skip := 0; skip <= p[0].gap && i+skip < len(t.tokens); skip++ {
		token := t.tokens[i+skip]
		if token.Clause != last.Clause || token.Comma != last.Comma && !p[0].across {
			return -1
		}
		if t.marks[i+skip][p[0].element] {
			if end := p[1:].rest(t, i+skip+1, token, never); end >= 0 {
				return end
			}
		}
		if never[token.Word] {
			return -1
		}
	}
	return -1
}
