package wording

import (
	"math/bits"
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
	letters  uint32 // that it has
	elements []int  // that it is an alternative of
}

func parseLiteral(s string) literal {
	l := literal{text: s}
	l.text, l.exact = strings.CutPrefix(l.text, "=")
	l.text, l.prefix = strings.CutSuffix(l.text, "*")
	l.letters = letters(l.text)
	return l
}

// letters is the set of the letters a to z in word. A typo adds or takes away two of them at most, which is told sooner than
// how many typos there are.
func letters(word string) uint32 {
	var set uint32
	for _, c := range []byte(word) {
		if c >= 'a' && c <= 'z' {
			set |= 1 << (c - 'a')
		}
	}
	return set
}

// index keeps every alternative of a list once, by the way it is looked up: a word of a text is compared only with what it can
// be, and once, however many phrases ask for it.
type index struct {
	elements map[string]int // by spelling: "a|=b|c*"
	literals map[string]*literal
	whole    map[string][]*literal // of one exact spelling
	prefixes map[string][]*literal
	typos    map[shape][]*literal // that tolerate typos
	exact    map[string]bool
}

// shape is what a typo leaves alone or nearly so: the first letter, and the length.
type shape struct {
	first  byte
	length int
}

func newIndex() *index {
	return &index{
		elements: map[string]int{}, literals: map[string]*literal{}, whole: map[string][]*literal{}, prefixes: map[string][]*literal{},
		typos: map[shape][]*literal{}, exact: map[string]bool{},
	}
}

// each calls yield for every alternative that word is.
func (x *index) each(word string, yield func(*literal)) {
	for _, l := range x.whole[word] {
		yield(l)
	}
	for end := 1; end <= len(word); end++ {
		for _, l := range x.prefixes[word[:end]] {
			yield(l)
		}
	}
	has := letters(word)
	for length := max(1, len(word)-maxTypos); length <= len(word)+maxTypos; length++ {
		for _, l := range x.typos[shape{word[0], length}] {
			if bits.OnesCount32(has^l.letters) <= 2*typos(l.text) && l.text != word && near(word, l.text) {
				yield(l)
			}
		}
	}
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
			x.add(l)
		}
		l.elements = append(l.elements, id)
	}
	return id
}

func (x *index) add(l *literal) {
	if l.prefix {
		x.prefixes[l.text] = append(x.prefixes[l.text], l)
		return
	}
	x.exact[l.text] = true
	x.whole[l.text] = append(x.whole[l.text], l)
	if !l.exact && typos(l.text) > 0 {
		key := shape{l.text[0], len(l.text)}
		x.typos[key] = append(x.typos[key], l)
	}
}

// text is a list of tokens with the elements that each matches.
type text struct {
	tokens []Token
	marks  []marks
	at     [][]int // where each element stands
}

// marks is a set of elements.
type marks []uint64

func (m marks) has(element int) bool { return m != nil && m[element/64]&(1<<(element%64)) != 0 }

func (x *index) read(tokens []Token) text {
	t := text{tokens: tokens, marks: make([]marks, len(tokens)), at: make([][]int, len(x.elements))}
	type found struct {
		marks    marks
		elements []int
	}
	known := map[string]found{}
	for i, token := range tokens {
		f, seen := known[token.Word]
		if !seen {
			x.each(token.Word, func(l *literal) {
				if f.marks == nil {
					f.marks = make(marks, len(x.elements)/64+1)
				}
				for _, id := range l.elements {
					if !f.marks.has(id) {
						f.marks[id/64] |= 1 << (id % 64)
						f.elements = append(f.elements, id)
					}
				}
			})
			known[token.Word] = f
		}
		t.marks[i] = f.marks
		for _, id := range f.elements {
			t.at[id] = append(t.at[id], i)
		}
	}
	return t
}

// starts gives where p may begin: nowhere when the text lacks one of its words.
func (p phrase) starts(t text) []int {
	for _, s := range p {
		if len(t.at[s.element]) == 0 {
			return nil
		}
	}
	if len(p) == 0 {
		return nil
	}
	return t.at[p[0].element]
}

// match finds p in the text, its first word at i, and gives the index after its last word, or -1. The words of a phrase stand
// between two commas, where the gap does not allow them, and no word of never may lie between them ("chest day without pain").
func (p phrase) match(t text, i int, never map[string]bool) int {
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
		if t.marks[i+skip].has(p[0].element) {
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
