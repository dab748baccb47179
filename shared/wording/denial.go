package wording

import "strings"

// denials tell a finding from its absence, after NegEx (Chapman 2001) but narrower: between the denial and the finding only
// filler words and the words of other findings may stand. What they cannot read counts as said.
type denials struct {
	words, between, turns, answers, starts, findings map[string]bool
	prefixes                                         []literal
}

func newDenials(d Denials, findings []Entry) *denials {
	n := &denials{words: set(d.Words), between: set(d.Between), turns: set(d.Turns), answers: set(d.Answers), starts: set(d.Starts), findings: map[string]bool{}}
	for _, e := range findings {
		for _, s := range e.Phrases {
			for field := range strings.FieldsSeq(s) {
				if _, _, gap := parseGap(field); gap {
					continue
				}
				for alt := range strings.SplitSeq(field, "|") {
					if l := parseLiteral(alt); l.prefix {
						n.prefixes = append(n.prefixes, l)
					} else {
						n.findings[l.text] = true
					}
				}
			}
		}
	}
	return n
}

func set(list []string) map[string]bool {
	m := make(map[string]bool, len(list))
	for _, w := range list {
		m[w] = true
	}
	return m
}

// reach is how many words a denial may stand before the finding.
const reach = 10

// denies reports whether the finding at list[start:end] is denied, before ("no dizziness or chest pain") or right
// after ("chest pain: no").
func (n *denials) denies(list []Token, start, end int) bool {
	for i := start - 1; i >= 0 && i >= start-reach; i-- {
		t := list[i]
		if t.Clause != list[start].Clause || n.turns[t.Word] {
			break
		}
		if n.words[t.Word] {
			if n.answers[t.Word] && n.starts[list[i+1].Word] {
				break
			}
			return i == 0 || !n.words[list[i-1].Word] || n.answers[list[i-1].Word] || list[i-1].Comma != t.Comma
		}
		if !n.between[t.Word] && !n.finding(t.Word) {
			break
		}
	}
	return n.answeredNo(list, end)
}

func (n *denials) finding(word string) bool {
	if n.findings[word] {
		return true
	}
	for _, l := range n.prefixes {
		if strings.HasPrefix(word, l.text) {
			return true
		}
	}
	return false
}

// answeredNo reads a questionnaire's style: the finding, then a lone no.
func (n *denials) answeredNo(list []Token, end int) bool {
	if end >= len(list) {
		return false
	}
	switch list[end].Word {
	case "no", "none", "nein", "never", "negative", "non", "nope", "nie":
		return end+1 == len(list) || list[end+1].Comma != list[end].Comma
	}
	return false
}
