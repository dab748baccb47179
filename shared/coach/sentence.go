package coach

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/intellifit/intellifit/shared/gym"
)

// errEnough ends a generation: the answer is long enough, or goes where it must not.
var errEnough = errors.New("enough was said")

// The bounds of a worded answer.
const (
	maxSentences = 4
	maxAnswer    = 800 // characters
)

// sentences collects a streamed answer and lets whole sentences out that pass. What was let out was said: nothing can be
// taken back, so nothing is let out before it is judged.
type sentences struct {
	pass func(sentence string) bool
	emit func(text string) error

	pending strings.Builder
	said    strings.Builder
	n       int
	refused int
}

// write takes the next part of the answer. It returns errEnough when no more is wanted.
func (s *sentences) write(part string) error {
	s.pending.WriteString(part)
	for {
		text := s.pending.String()
		end := sentenceEnd(text)
		if end < 0 {
			if len(text) > maxAnswer { // no end in sight
				s.refused++
				return errEnough
			}
			return nil
		}
		s.pending.Reset()
		s.pending.WriteString(text[end:])
		if err := s.let(text[:end]); err != nil {
			return err
		}
	}
}

// end judges what is left when the model itself ended the answer. A rest that was cut is dropped instead.
func (s *sentences) end() error {
	rest := s.pending.String()
	s.pending.Reset()
	return s.let(rest)
}

func (s *sentences) let(sentence string) error {
	sentence = strings.Join(strings.Fields(sentence), " ")
	if !hasLetter(sentence) {
		return nil
	}
	if strings.Contains(s.said.String(), sentence) { // small models go in circles
		return errEnough
	}
	if !s.pass(sentence) {
		s.refused++
		return errEnough
	}
	if s.n > 0 {
		sentence = " " + sentence
	}
	s.n++
	s.said.WriteString(sentence)
	if err := s.emit(sentence); err != nil {
		return err
	}
	if s.n >= maxSentences || s.said.Len() >= maxAnswer {
		return errEnough
	}
	return nil
}

// sentenceEnd is the index after the first sentence of text that is known to be whole, -1 when there is none yet. A mark at
// the very end may be the point of "2.5": what comes next decides.
func sentenceEnd(text string) int {
	for i, r := range text {
		if r == '\n' {
			return i + 1
		}
		if r != '.' && r != '!' && r != '?' {
			continue
		}
		rest := text[i+1:]
		if rest == "" {
			return -1
		}
		if next := rune(rest[0]); unicode.IsSpace(next) && !abbreviated(text[:i+1]) {
			return i + 1
		}
	}
	return -1
}

var abbreviation = regexp.MustCompile(`(?i)(^|[\s(])(e\.g|i\.e|etc|vs|approx|dr|mr|mrs|ms|no|min|max|[a-z])\.$`)

func abbreviated(text string) bool { return abbreviation.MatchString(text) }

func hasLetter(text string) bool { return strings.ContainsFunc(text, unicode.IsLetter) }

var number = regexp.MustCompile(`\d+(?:[.,:]\d+)*`)

// grounded reports whether every number of a sentence is in the sources: the member's words, the notes, the plan. A
// model that adds one invents it.
func grounded(sentence string, sources ...string) bool {
	known := map[string]bool{}
	for _, source := range sources {
		for _, n := range number.FindAllString(source, -1) {
			known[n] = true
		}
	}
	for _, n := range number.FindAllString(sentence, -1) {
		if !known[n] {
			return false
		}
	}
	return true
}

// names reports whether a sentence names a coach of the gym. A model is told of none, so it makes up what it says of one.
func names(sentence string, coaches []gym.Coach) bool {
	said := map[string]bool{}
	for _, word := range words(sentence) {
		said[word] = true
	}
	for _, c := range coaches {
		if slices.ContainsFunc(words(c.Name), func(word string) bool { return len(word) > 2 && said[word] }) {
			return true
		}
	}
	return false
}

func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
}
