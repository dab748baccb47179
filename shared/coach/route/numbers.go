package route

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/intellifit/intellifit/shared/coach/numeral"
)

// digits writes the spoken numbers of words in digits: "eighty two point five" is 82.5, "a hundred and ten" is 110. Numbers
// that follow each other stay apart: "three ten" is "3 10".
func digits(words []string) []string {
	var out []string
	for i := 0; i < len(words); {
		value, n := numeral.Read(words[i:])
		if n == 0 {
			out = append(out, words[i])
			i++
			continue
		}
		i += n
		text := strconv.Itoa(value)
		if i+1 < len(words) && words[i] == "point" {
			fraction, k := "", i+1
			for k < len(words) {
				d, ok := numeral.Word(words[k])
				if !ok || d > 9 {
					break
				}
				fraction += strconv.Itoa(d)
				k++
			}
			if fraction != "" {
				text, i = text+"."+fraction, k
			}
		} else if i+2 < len(words) && words[i] == "and" && words[i+1] == "a" && words[i+2] == "half" {
			text, i = text+".5", i+3
		}
		out = append(out, text)
	}
	return out
}

// set is what was said of one exercise that was done.
type set struct {
	sets, reps int
	weight     *float64 // kg
	rir        *int
}

const amount = `(\d{1,4}(?:[.,]\d{1,2})?)`

var (
	setForms = []struct {
		form              *regexp.Regexp
		sets, reps, extra int // groups
	}{
		{regexp.MustCompile(` (\d{1,2}) ?(?:x|times|by) ?(\d{1,3}) ?(?:x|at) ?` + amount + `(?:kg| )`), 1, 2, 3},
		{regexp.MustCompile(` (\d{1,2})x(\d{1,3})x` + amount + ` `), 1, 2, 3},
		{regexp.MustCompile(` (\d{1,2}) ?(?:x|times|by) ?(\d{1,3})(?: reps)? `), 1, 2, 0},
		{regexp.MustCompile(` sets (\d{1,2})(?: \S+)? reps (\d{1,3}) `), 1, 2, 0},
		{regexp.MustCompile(` (\d{1,2}) ?(?:working |work |hard |full |straight |good |heavy |solid )?(?:sets?|rounds?)(?: \S+){0,6}? (?:of|x|with|at|for|by|a|each|and|doing|times|around) (\d{1,3})(?: reps?)?(?: each)? `), 1, 2, 0},
		{regexp.MustCompile(` (\d{1,2}) ?sets?(?: \S+){0,3}? (\d{1,3}) ?reps? `), 1, 2, 0},
		{regexp.MustCompile(` (\d{1,2}) ?sets? (\d{1,3}) `), 1, 2, 0},
		{regexp.MustCompile(` (\d{1,3}) ?reps?(?: each| per set| a set| \S+)? (?:for|in|x|times|over|by|across|on|and) (\d{1,2}) ?(?:sets?|rounds?)? `), 2, 1, 0},
		{regexp.MustCompile(` (\d{1,3}) ?reps? (\d{1,2}) ?(?:sets?|rounds?|times) `), 2, 1, 0},
		{regexp.MustCompile(` (\d{1,3}) (?:\S+ ){1,3}(?:for|in|times) (\d{1,2}) ?(?:sets|rounds) `), 2, 1, 0},
	}
	onlySets   = regexp.MustCompile(` (\d{1,2}) ?(?:sets?|rounds?) `)
	onlyReps   = regexp.MustCompile(` (\d{1,3}) ?reps? | (?:for|of) (\d{1,3}) (?:reps )?`)
	weightForm = regexp.MustCompile(` ` + amount + ` ?(kg|pounds|k) `)
	bareWeight = regexp.MustCompile(` (?:at|with|@|on|using|weight|load|loaded|holding|carrying|of) ` + amount + ` `)
	rirForms   = []*regexp.Regexp{
		regexp.MustCompile(` (?:rir|reserve|tank)(?: of| was| at| is)? (\d{1,2}) `), regexp.MustCompile(` (\d{1,2}) ?rir `),
		regexp.MustCompile(` (\d{1,2}|a couple|couple|no|none|nothing|a few)(?: of)?(?: more)?(?: reps?)?(?: were| was)?(?: still)?(?: left)? (?:in|left in|to) (?:the |my )?(?:tank|reserve|spare) `), regexp.MustCompile(` (\d{1,2}|a couple|couple|no)(?: more)? reps? (?:left|to go|to spare) `), regexp.MustCompile(` (?:left|leaving|had|with) (\d{1,2}|a couple|couple)(?: reps?)?(?: more)? (?:in (?:the )?(?:tank|reserve)|left) `),
		regexp.MustCompile(` could have done (\d{1,2}|a couple|couple)(?: reps?)? more `),
	}
	rpeForm = regexp.MustCompile(` rpe(?: of| was| at)? (\d{1,2}) `)
	failure = regexp.MustCompile(` (?:to|till|until|hit) failure | all out | nothing (?:left )?in the tank `)
)

// poundsToKG is kilograms per pound.
const poundsToKG = 0.45359237

// readSet finds sets, repetitions, weight and reserve in plain words and returns these with marks where it found them.
func readSet(said string) (s set, masked string) {
	plain := spread(" " + strings.Join(digits(strings.Fields(said)), " ") + " ")
	for _, form := range rirForms {
		if at := form.FindStringSubmatchIndex(plain); at != nil {
			n := few(plain[at[2]:at[3]])
			s.rir, plain = &n, plain[:at[0]]+" xrir "+plain[at[1]:]
			break
		}
	}
	if at := rpeForm.FindStringSubmatchIndex(plain); at != nil && s.rir == nil {
		if n := atoi(plain[at[2]:at[3]]); n >= 1 && n <= 10 {
			n = 10 - n
			s.rir, plain = &n, plain[:at[0]]+" xrir "+plain[at[1]:]
		}
	}
	if at := failure.FindStringIndex(plain); at != nil && s.rir == nil {
		n := 0
		s.rir, plain = &n, plain[:at[0]]+" xrir "+plain[at[1]:]
	}
	if at := weightForm.FindStringSubmatchIndex(plain); at != nil {
		w := weight(plain[at[2]:at[3]], plain[at[4]:at[5]] == "pounds")
		s.weight, plain = &w, plain[:at[0]]+" xweight "+plain[at[1]:]
	}
	for _, f := range setForms {
		at := f.form.FindStringSubmatchIndex(plain)
		if at == nil {
			continue
		}
		s.sets, s.reps = atoi(plain[at[2*f.sets]:at[2*f.sets+1]]), atoi(plain[at[2*f.reps]:at[2*f.reps+1]])
		if f.extra > 0 && s.weight == nil {
			w := weight(plain[at[2*f.extra]:at[2*f.extra+1]], false)
			s.weight = &w
		}
		plain = plain[:at[0]] + " xsets " + plain[at[1]:]
		break
	}
	if s.sets == 0 {
		if at := onlySets.FindStringSubmatchIndex(plain); at != nil {
			s.sets, plain = atoi(plain[at[2]:at[3]]), plain[:at[0]]+" xreps "+plain[at[1]:]
		}
		if at := onlyReps.FindStringSubmatchIndex(plain); at != nil && (s.weight != nil || s.sets > 0 || at[2] >= 0) {
			from, to := at[2], at[3]
			if from < 0 {
				from, to = at[4], at[5]
			}
			s.reps, plain = atoi(plain[from:to]), plain[:at[0]]+" xreps "+plain[at[1]:]
		}
	}
	if s.weight == nil && s.sets > 0 {
		if at := bareWeight.FindStringSubmatchIndex(plain); at != nil {
			w := weight(plain[at[2]:at[3]], false)
			s.weight, plain = &w, plain[:at[0]]+" xweight "+plain[at[1]:]
		}
	}
	if s == (set{}) {
		return s, said
	}
	return s, " " + strings.Join(strings.Fields(plain), " ") + " "
}

var stuck = regexp.MustCompile(`^(\d+(?:[.,]\d+)?)(kg|pounds|lbs|lb|kgs|reps|sets|rir|k|min|mins|minutes|h|hours|x)$`)

// spread puts a space between a number and the unit that sticks to it.
func spread(plain string) string {
	words := strings.Fields(plain)
	for i, w := range words {
		if m := stuck.FindStringSubmatch(w); m != nil {
			unit := m[2]
			if full, ok := short[unit]; ok {
				unit = full
			}
			words[i] = m[1] + " " + unit
		}
	}
	return " " + strings.Join(words, " ") + " "
}

func few(said string) int {
	switch said {
	case "a couple", "couple":
		return 2
	case "a few":
		return 3
	case "no", "none", "nothing":
		return 0
	}
	return atoi(said)
}

func weight(said string, pounds bool) float64 {
	w, err := strconv.ParseFloat(strings.Replace(said, ",", ".", 1), 64)
	if err != nil {
		return 0 // the form allows nothing that is no number
	}
	if pounds {
		w *= poundsToKG
		return float64(int(w*10+0.5)) / 10
	}
	return w
}

// atoi reads up to four digits, which the forms made sure of.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
