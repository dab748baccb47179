package gate

import "github.com/intellifit/intellifit/shared/planner/rules"

// negation tells a finding from its denial, after NegEx (Chapman 2001) but narrower: between the negation and the
// finding only filler words and the words of other findings may stand. What it cannot read counts as said.
type negation struct {
	words, between, turns, findings map[string]bool
	prefixes                        []literal
}

func newNegation(g rules.Gate) *negation {
	n := &negation{
		words: set(g.Negations.Words), between: set(g.Negations.Between), turns: set(g.Negations.Turns),
		findings: map[string]bool{},
	}
	for _, w := range g.Wording {
		for _, s := range w.Phrases {
			for _, e := range parsePhrase(s) {
				for _, l := range e.alts {
					if l.prefix {
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

// reach is how many words a negation may stand before the finding.
const reach = 10

// denies reports whether the finding at list[start:end] is denied, before ("no dizziness or chest pain") or right
// after ("chest pain: no").
func (n *negation) denies(list []token, start, end int) bool {
	for i := start - 1; i >= 0 && i >= start-reach; i-- {
		t := list[i]
		if t.clause != list[start].clause || n.turns[t.word] {
			break
		}
		if n.words[t.word] {
			return i == 0 || !n.words[list[i-1].word] || list[i-1].comma != t.comma
		}
		if !n.between[t.word] && !n.finding(t.word) {
			break
		}
	}
	return n.answeredNo(list, end)
}

func (n *negation) finding(word string) bool {
	if n.findings[word] {
		return true
	}
	for _, l := range n.prefixes {
		if (element{alts: []literal{l}}).matches(word) {
			return true
		}
	}
	return false
}

// answeredNo reads a questionnaire's style: the finding, then a lone no.
func (n *negation) answeredNo(list []token, end int) bool {
	if end >= len(list) {
		return false
	}
	switch list[end].word {
	case "no", "none", "nein", "never", "negative", "non", "nope", "nie":
		return end+1 == len(list) || list[end+1].comma != list[end].comma
	}
	return false
}
