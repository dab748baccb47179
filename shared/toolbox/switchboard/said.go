package switchboard

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// said is an utterance as a source of arguments: its words, its numbers, the spans that can be a name or a phrase.
type said struct {
	text    string
	words   []string // lower case, letters and digits
	numbers []float64
	spans   []string
}

func hear(text string) said {
	return said{text: text, words: split(text), numbers: numbersIn(text), spans: spansOf(text)}
}

// split gives the words of a text in lower case.
func split(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

var (
	digitForm = regexp.MustCompile(`\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+`)
	afterForm = regexp.MustCompile(`^[ -]?(%|percent|hundred|thousand|k\b|million|billion|trillion)`)
	scales    = map[string]float64{"hundred": 1e2, "thousand": 1e3, "k": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
	numerals  = func() map[string]float64 {
		m := map[string]float64{"dozen": 12}
		for i, w := range strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen") {
			m[w] = float64(i)
		}
		for i, w := range strings.Fields("twenty thirty forty fifty sixty seventy eighty ninety") {
			m[w] = float64(10 * (i + 2))
		}
		return m
	}()
)

// numbersIn lists the numbers that a text says, in digits or words; "5 %" is 5 and 0.05, "2 million" is 2 and 2000000.
func numbersIn(text string) []float64 {
	var out []float64
	add := func(n float64) {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	lower := strings.ToLower(text)
	for _, at := range digitForm.FindAllStringIndex(lower, -1) {
		n, err := strconv.ParseFloat(strings.ReplaceAll(lower[at[0]:at[1]], ",", ""), 64)
		if err != nil {
			continue
		}
		if negative(lower, at[0]) {
			n = -n
		}
		scaled(lower[at[1]:], n, add)
	}
	words := split(text)
	for i, w := range words {
		n, ok := numerals[w]
		if !ok {
			continue
		}
		if i+1 < len(words) && n >= 20 && n < 100 { // "twenty five"
			if unit, ok := numerals[words[i+1]]; ok && unit > 0 && unit < 10 {
				n += unit
			}
		}
		scaled(" "+strings.Join(words[i+1:], " "), n, add)
	}
	return out
}

// scaled adds a number, and what the word behind it makes of it.
func scaled(after string, n float64, add func(float64)) {
	m := afterForm.FindStringSubmatch(after)
	switch {
	case m == nil:
	case m[1] == "%" || m[1] == "percent":
		defer add(n / 100)
	default:
		add(n * scales[m[1]])
	}
	add(n)
}

// negative reports whether the number at i has a minus of its own, and not the dash of a range or a date.
func negative(text string, i int) bool {
	if i == 0 || text[i-1] != '-' {
		return false
	}
	return i == 1 || strings.ContainsRune(" (=[,:", rune(text[i-2]))
}

// maxSpan is how many words a span has at most, maxSpans how many spans are offered to the model.
const (
	maxSpan  = 6
	maxSpans = 160
)

// edges are words that no name begins or ends with.
var edges = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`a an the of with for in on at to from and or is are was were be been do does did can could would should will what which who when where how
		me my i you your it its this that these those please given using by as if then than there their has have had between into find calculate get tell show give`) {
		m[w] = true
	}
	return m
}()

var quoted = regexp.MustCompile(`'([^']{1,80})'|"([^"]{1,80})"|“([^”]{1,80})”`)

// spansOf lists what a text argument may be: what stands in quotes, then runs of words with no small word at an edge and
// no full stop inside.
func spansOf(text string) []string {
	var out []string
	add := func(span string) {
		if span = strings.TrimSpace(span); span != "" && len(out) < maxSpans && !slices.Contains(out, span) {
			out = append(out, span)
		}
	}
	for _, m := range quoted.FindAllStringSubmatch(text, -1) {
		add(m[1] + m[2] + m[3])
	}
	fields := strings.Fields(text)
	for n := 1; n <= maxSpan; n++ {
		for i := 0; i+n <= len(fields); i++ {
			inner := strings.Join(fields[i:i+n], " ")
			span := strings.TrimFunc(inner, func(r rune) bool { return strings.ContainsRune(`.,;:!?()[]{}"'“”`, r) })
			words := split(span)
			if len(words) == 0 || edges[words[0]] || edges[words[len(words)-1]] || strings.ContainsAny(span, "?!;") || strings.Contains(span, ". ") {
				continue
			}
			add(strings.TrimSuffix(span, "'s"))
		}
	}
	return out
}

// holds reports whether every word of value was said.
func (s said) holds(value string) bool {
	words := split(value)
	if len(words) == 0 {
		return false
	}
	return !slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(s.words, w) })
}

// mentions reports whether a word of a parameter's name was said, however it ends.
func (s said) mentions(name string) bool {
	for _, w := range split(spell(name)) {
		if len(w) < 3 || edges[w] {
			continue
		}
		stem := w[:min(len(w), max(3, len(w)-2))]
		if slices.ContainsFunc(s.words, func(said string) bool { return strings.HasPrefix(said, stem) }) {
			return true
		}
	}
	return false
}
