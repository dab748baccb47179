// Package wording finds fixed phrases in what people write or say: with typos, without being alarmed by denials ("no chest
// pain"), never across commas. The planner's gate and the chat's safety screen read with it, each with its own list.
package wording

import "slices"

// Entry lists phrases that mean a finding. In a phrase, a|b are alternatives, a trailing * any ending, a leading = an
// exact word (no typos), ~N allows N words in between, and &N too, across commas. Text in which an Unless phrase overlaps does not count.
type Entry struct {
	Code    string   `json:"code"`
	Phrases []string `json:"phrases"`
	Unless  []string `json:"unless,omitempty"`
	Source  string   `json:"source"`
}

// Denials are the words that turn a finding into its absence: one of Words, then only words of Between or of other
// findings. Words of Turns end the reach of a denial. A word of Answers before one of Starts answers a question and denies
// nothing that follows: "no I have chest pain".
type Denials struct {
	Words   []string `json:"words"`
	Between []string `json:"between"`
	Turns   []string `json:"turns"`
	Answers []string `json:"answers,omitempty"`
	Starts  []string `json:"starts,omitempty"`
	Source  string   `json:"source"`
}

// Hit is a phrase that stands in a text: tokens Start to End, End excluded.
type Hit struct {
	Code       string
	Start, End int
}

// Lexicon is a compiled list. It is safe for concurrent use.
type Lexicon struct {
	entries []entry
	index   *index
	denials *denials
}

type entry struct {
	code            string
	phrases, unless []phrase
}

// Compile reads the list. Several entries may have the same code: each keeps its own Unless. The words of findings, nil for
// those of the list itself, may stand between a denial and what it denies.
func Compile(list []Entry, d Denials, findings []Entry) *Lexicon {
	if findings == nil {
		findings = list
	}
	l := &Lexicon{index: newIndex(), denials: newDenials(d, findings)}
	for _, e := range list {
		compiled := entry{code: e.Code}
		for _, s := range e.Phrases {
			compiled.phrases = append(compiled.phrases, l.index.phrase(s))
		}
		for _, s := range e.Unless {
			compiled.unless = append(compiled.unless, l.index.phrase(s))
		}
		l.entries = append(l.entries, compiled)
	}
	return l
}

// Find gives the codes that tokens report, in the order of the list. A hit counts when it is not denied, is no harmless use,
// and keep, where it is not nil, lets it.
func (l *Lexicon) Find(tokens []Token, keep func(Hit) bool) []string {
	t := l.index.read(tokens)
	var codes []string
	for _, e := range l.entries {
		if !slices.Contains(codes, e.code) && l.reports(e, t, keep) {
			codes = append(codes, e.code)
		}
	}
	return codes
}

func (l *Lexicon) reports(e entry, t text, keep func(Hit) bool) bool {
	var harmless []bool // once a phrase is found
	for _, p := range e.phrases {
		for _, i := range p.starts(t) {
			end := p.match(t, i, l.denials.words)
			if end < 0 {
				continue
			}
			if harmless == nil {
				harmless = e.harmless(t)
			}
			if slices.Contains(harmless[i:end], true) || l.denials.denies(t.tokens, i, end) {
				continue
			}
			if keep == nil || keep(Hit{e.code, i, end}) {
				return true
			}
		}
	}
	return false
}

// harmless tells of each token whether it is part of a harmless use.
func (e entry) harmless(t text) []bool {
	in := make([]bool, len(t.tokens))
	for _, p := range e.unless {
		for _, i := range p.starts(t) {
			for k, end := i, p.match(t, i, nil); k < end; k++ {
				in[k] = true
			}
		}
	}
	return in
}

// Denied reports whether a finding at tokens[start:end] that was found by other means is denied.
func (l *Lexicon) Denied(tokens []Token, start, end int) bool {
	return l.denials.denies(tokens, start, end)
}

// Knows reports whether word is spelled out in the list, typos and endings aside.
func (l *Lexicon) Knows(word string) bool { return l.index.exact[word] }

// Corrects gives the word of the list that word is a typo of, the first in order of their spelling.
func (l *Lexicon) Corrects(word string) (string, bool) {
	if word == "" || l.index.exact[word] {
		return word, word != ""
	}
	best := ""
	l.index.each(word, func(candidate *literal) {
		if best == "" || candidate.text < best {
			best = candidate.text
		}
	})
	return best, best != ""
}
