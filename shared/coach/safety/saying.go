package safety

import "github.com/intellifit/intellifit/shared/wording"

// codeOther is somebody else's emergency.
const codeOther = "other_in_danger"

// reach is how many words around a finding tell whose it is, and when.
const reach = 14

// saying is a message as words. It tells what the member has now from what others have and from what was long ago: doubt
// counts as the member's own, now.
type saying struct {
	tokens    []wording.Token
	emergency bool // somebody else is in danger now
}

// counts reports whether a hit is a finding.
func (s *saying) counts(h wording.Hit) bool {
	rule := book.Verdicts[h.Code]
	if rule.Own && s.ofOther(h) {
		if rule.Emergency && !s.longAgo(h) && (s.now(h) || h.Code == "self_harm" || h.Code == "crisis") {
			s.emergency = true
		}
		return false
	}
	return !rule.Present || !s.longAgo(h)
}

// ofOther reports whether the subject before the hit is somebody else: a person at the beginning of a clause, with no word
// of the member's own after it. "My dad had chest pain", but not "I ran with my dad and had chest pain".
func (s *saying) ofOther(h wording.Hit) bool {
	for _, t := range s.tokens[h.Start:h.End] {
		if self[t.Word] {
			return false // "they operated on my back"
		}
	}
	start := s.tokens[h.Start]
	for i := h.Start - 1; i >= max(0, h.Start-reach); i-- {
		t := s.tokens[i]
		if t.Comma != start.Comma {
			return false
		}
		switch {
		case others[t.Word]:
			if s.subject(i) {
				return !s.meToo(h)
			}
		case breaks[t.Word], reporters[t.Word]:
			return false
		case self[t.Word] && !s.possessive(i):
			return false
		}
	}
	return false
}

// subject reports whether the person at i begins a clause.
func (s *saying) subject(i int) bool {
	person := s.tokens[i]
	for i--; i >= 0; i-- {
		t := s.tokens[i]
		switch {
		case t.Comma != person.Comma, openers[t.Word]:
			return true
		case !adjuncts[t.Word]:
			return false
		}
	}
	return true
}

// possessive reports whether the word of the member's own at i only says whose relative somebody is: "my dad".
func (s *saying) possessive(i int) bool {
	for k := i + 1; k < len(s.tokens) && k <= i+3; k++ {
		if others[s.tokens[k].Word] {
			return true
		}
		if !adjuncts[s.tokens[k].Word] {
			return false
		}
	}
	return false
}

// meToo reports whether the member goes on to say the same of himself.
func (s *saying) meToo(h wording.Hit) bool {
	own := -1
	for i := h.End; i < min(len(s.tokens), h.End+reach); i++ {
		switch w := s.tokens[i].Word; {
		case self[w] && !s.possessive(i):
			own = i
		case own >= 0 && i-own <= 4 && (w == "too" || w == "also" || w == "same" || w == "it"):
			return true
		}
	}
	return false
}

// longAgo reports whether the clause of the hit tells of a time long past, and of nothing that lasts.
func (s *saying) longAgo(h wording.Hit) bool {
	return s.near(past, h) && !s.near(lasting, h)
}

// near looks for a phrase in the sentence of the hit.
func (s *saying) near(list *wording.Lexicon, h wording.Hit) bool {
	from, to := h.Start, h.End
	for from > 0 && h.Start-from < reach && s.tokens[from-1].Clause == s.tokens[h.Start].Clause {
		from--
	}
	for to < len(s.tokens) && to-h.End < reach && s.tokens[to].Clause == s.tokens[h.Start].Clause {
		to++
	}
	return len(list.Find(s.tokens[from:to], nil)) > 0
}

func (s *saying) now(h wording.Hit) bool {
	for _, t := range s.tokens[max(0, h.Start-reach):min(len(s.tokens), h.End+reach)] {
		if nowWords[t.Word] {
			return true
		}
	}
	return false
}
