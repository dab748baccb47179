package spoken

import (
	"strconv"
	"strings"

	"github.com/intellifit/intellifit/shared/coach/numeral"
)

// token is a word of what was heard, with what stands before it.
type token struct {
	before string // spaces and marks
	word   string
	lower  string
}

// tokens cuts text into words; what follows the last one is rest. Hyphens part words: "twenty-five".
func tokens(text string) (list []token, rest string) {
	start := 0
	for i := 0; i < len(text); {
		n := wordLength(text[i:])
		if n == 0 {
			i++
			continue
		}
		end := i + n
		for end+1 < len(text) && text[end] == '\'' { // "don't"
			k := wordLength(text[end+1:])
			if k == 0 {
				break
			}
			end += 1 + k
		}
		list = append(list, token{before: text[start:i], word: text[i:end], lower: strings.ToLower(text[i:end])})
		i, start = end, end
	}
	return list, text[start:]
}

// counted are what members count in figures. A small number is written in figures before them only: "two lines", "for three days" and
// "that one" are words of their own, which the safety screen knows as words.
var counted = setOf(`kilo kilos kg kilogram kilograms kilogramme kilogrammes pound pounds lbs lb rep reps repetition repetitions set sets round rounds percent gram grams milligram milligrams calorie calories kcal rm
	liter liters litre litres milliliter milliliters millilitre millilitres kilometer kilometers kilometre kilometres meter meters metre metres mile miles minute minutes second seconds hour hours euro euros dollar dollars watts beats
	burpees squats lunges planks deadlifts pushups pullups`)

// counts are those of them that make figures of "one" and "zero" too: not "one second, please".
var counts = setOf(`kilo kilos kg kilogram kilograms kilogramme pound pounds lbs lb rep reps repetition repetitions set sets round rounds percent gram grams calorie calories liter litre kilometer kilometre kilometers euro euros dollar dollars rm`)

// loads are units before which "one thirty five" is a hundred and thirty five.
var loads = setOf(`pounds pound lbs lb kilos kilo kg kilograms kilogram calories`)

// leads are words behind which a number is always meant: of exertion, in letters too, and of sets by repetitions.
var leads = setOf(`rpe rir by e r x`)

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

// inFigures writes number words in figures, those that read finds: "sixty two point five" is "62.5".
func inFigures(text string, read func(list []token, i int) (said string, n int)) string {
	list, rest := tokens(text)
	var b strings.Builder
	for i := 0; i < len(list); {
		said, n := read(list, i)
		if n == 0 {
			b.WriteString(list[i].before + list[i].word)
			i++
			continue
		}
		b.WriteString(list[i].before + said)
		i += n
	}
	return b.String() + rest
}

// sureNumber is the day of a month, the year or the number of repetitions or of effort that begins at word i, in figures, and how many
// words it takes: "the twenty seventh of November twenty twenty six", "sets of five". These look like times of day to who reads on: "five to
// seven".
func sureNumber(list []token, i int) (said string, n int) {
	if said, n := ordinalAt(list, i); n > 0 {
		return said, n
	}
	if said, n := yearAt(list, i); n > 0 {
		return said, n
	}
	if i > 0 && led(list, i) && numeralAt(list, i) {
		return everyNumber(list, i)
	}
	return "", 0
}

func numeralAt(list []token, i int) bool {
	_, ok := numeral.Word(list[i].lower)
	return ok && list[i].lower != "dozen"
}

// everyNumber is the number that begins at word i, in figures, and how many words it takes.
func everyNumber(list []token, i int) (said string, n int) {
	words := joined(list, i)
	if _, n := numeral.Ordinal(words); n > 1 { // of no month: "the twenty second try"
		return list[i].word + list[i+1].before + list[i+1].word, n
	}
	if row, n := rowAt(list, words, i); n > 0 {
		return row, n
	}
	value, n := numeral.ReadLarge(words)
	if n == 0 || hasDozen(words[:n]) || (words[0] == "a" || words[0] == "hundred") && !firm(list, i, n) {
		return "", 0
	}
	next := at(list, i+n)
	if load, k := loadAt(list, i, n, value); k > 0 {
		return load, k
	}
	fraction, k := fractionAt(list, i+n)
	switch {
	case k > 0:
		return strconv.Itoa(value) + "." + fraction, n + k
	case value < 13 && n == 1 && !meant(list, i, value), staysWord[next], aside(list, i) && !counted[next]:
		return wordsOf(list[i : i+n]), n
	}
	return strconv.Itoa(value), n
}

// meant reports whether the small number at i is meant as a figure: it counts something, or what stands beside it does.
func meant(list []token, i, value int) bool {
	next, last := at(list, i+1), at(list, i-1)
	units := counted
	if value < 2 {
		units = counts
	}
	_, hyphened := numeral.Word(next)
	switch {
	case i+1 < len(list) && list[i+1].before == "-" && (hyphened || !units[next]), i > 0 && list[i].before == "-" && !isNumber(last):
		return false // "five-eight", "one-on-one"
	case units[next], led(list, i), beginsRange(list, i), endsRange(list, i), lasts(list, i), fullMonth(next) && next != "may" && next != "march", fullMonth(last) && last != "may" && last != "march":
		return true
	case is(next, "by", "times", "x") && isNumber(at(list, i+2)):
		return true
	case is(last, "times") && isNumber(at(list, i-2)):
		return true
	case is(next, "push", "pull", "sit", "chin") && is(at(list, i+2), "up", "ups"), next == "times" && is(at(list, i+2), "a", "per", "each", "every", "this"), last == "for" && loads[at(list, i-2)]:
		return true
	case is(next, "noon", "midnight", "midday"), next == "rep" && at(list, i+2) == "max", next == "r" && at(list, i+2) == "m", next == "and" && at(list, i+2) == "a" && at(list, i+3) == "half" && units[at(list, i+4)]:
		return true
	}
	return false
}

func isNumber(word string) bool {
	if word != "" && isFigure(rune(word[0])) {
		return true
	}
	_, ok := numeral.Word(word)
	return ok
}

// aside reports whether the number at i goes on from a small one that stays a word: "one seventy four", a height.
func aside(list []token, i int) bool {
	if i == 0 || list[i].before != " " && list[i].before != "-" {
		return false
	}
	last := at(list, i-1)
	v, ok := numeral.Word(last)
	return ok && v < 10 && !led(list, i-1)
}

func wordsOf(list []token) string {
	said := list[0].word
	for _, t := range list[1:] {
		said += t.before + t.word
	}
	return said
}

// staysWord are words behind which a number is no amount: "six pack", "three quarters", "one hundred eighties".
var staysWord = setOf(`pack packs quarter quarters thirds halves something twenties thirties forties fifties sixties seventies eighties nineties hundreds thousands`)

// rowAt reads single figures in a row, three and more: "five three one", and as one number where that is to be called: "call one one two".
func rowAt(list []token, words []string, i int) (said string, n int) {
	dialled := is(at(list, i-1), "call", "dial", "ring", "phone")
	for n < len(words) {
		d, ok := numeral.Word(words[n])
		if !ok || d > 9 {
			break
		}
		if n > 0 && !dialled {
			said += list[i+n].before
		}
		said += strconv.Itoa(d)
		n++
	}
	if n < 3 || n < len(words) && (is(words[n], "hundred", "thousand", "point") || !apart(words[n-1:])) {
		return "", 0
	}
	if is(said, "9 1 1", "1 1 2", "9 9 9") {
		said = strings.ReplaceAll(said, " ", "")
	}
	return said, n
}

// apart reports whether the first word is a number of its own, and not a part of a larger one with the next.
func apart(words []string) bool {
	_, n := numeral.ReadLarge(words)
	return n == 1
}

// lasts reports whether "one" at i counts time: "for one minute", "one minute thirty", but not "one minute, please".
func lasts(list []token, i int) bool {
	if !is(at(list, i+1), "minute", "hour") || list[i].lower != "one" {
		return false
	}
	_, n := numeral.Read(joined(list, i+2))
	return n > 0 || is(at(list, i-1), "for", "of", "rest", "hold", "to", "about", "every", "least", "most", "after", "within") || i+2 < len(list) && isFigure(rune(list[i+2].word[0]))
}

// joined are the words from i on that nothing but a space or a hyphen parts, as far as numbers go.
func joined(list []token, i int) []string {
	var words []string
	for j := i; j < len(list) && len(words) < 9; j++ {
		if j > i && list[j].before != " " && list[j].before != "-" {
			break
		}
		words = append(words, list[j].lower)
	}
	return words
}

// at is the word at i in lower case, empty where a mark stands before it or there is none.
func at(list []token, i int) string {
	if i < 0 || i >= len(list) {
		return ""
	}
	return list[i].lower
}

func hasDozen(words []string) bool {
	for _, w := range words {
		if w == "dozen" {
			return true
		}
	}
	return false
}

// firm reports whether "a hundred" is an amount: it counts something, or more of the number follows.
func firm(list []token, i, n int) bool {
	return n > 2 || counted[at(list, i+n)] || at(list, i+n) == "and"
}

// beginsRange reports whether the number at i begins a range of something that is counted: "one to two reps".
func beginsRange(list []token, i int) bool {
	if !is(at(list, i+1), "to", "or") || i+2 >= len(list) {
		return false
	}
	_, n := numeral.Read(joined(list, i+2))
	if isFigure(rune(list[i+2].word[0])) {
		n = 1
	}
	return n > 0 && (counted[at(list, i+2+n)] || led(list, i))
}

// led reports whether what stands before the number at i makes a figure of it: "sets of", "RPE", "RPE of".
func led(list []token, i int) bool {
	last, before := at(list, i-1), at(list, i-2)
	return leads[last] || last == "of" && is(before, "sets", "set", "rounds", "reps") || is(last, "of", "was", "is", "at") && is(before, "rpe", "rir", "e", "r")
}

// endsRange reports whether the number at i ends a range that is written in figures already.
func endsRange(list []token, i int) bool {
	return is(at(list, i-1), "to", "or") && isNumber(at(list, i-2)) && (counted[at(list, i+1)] || led(list, i-2))
}

// fractionAt reads "point five" and "point two five".
func fractionAt(list []token, i int) (digits string, n int) {
	if at(list, i) != "point" || i >= len(list) || list[i].before != " " {
		return "", 0
	}
	for k := i + 1; k < len(list) && list[k].before == " " && len(digits) < 3; k++ {
		d, ok := numeral.Word(list[k].lower)
		if list[k].lower == "oh" {
			d, ok = 0, true
		}
		if !ok || d > 9 {
			break
		}
		digits += strconv.Itoa(d)
	}
	if digits == "" {
		return "", 0
	}
	return digits, 1 + len(digits)
}

// loadAt reads hundreds without that word before a unit: "one thirty five pounds", "two oh five pounds", "eighteen fifty calories". The number
// that begins takes n words.
func loadAt(list []token, i, n, value int) (said string, k int) {
	words := joined(list, i)[n:]
	if len(words) < 2 || value < 1 || value > 99 || value > 5 && value < 10 || is(at(list, i-1), "of", "by", "for", "times") {
		return "", 0
	}
	low, k := numeral.Read(words)
	if is(words[0], "oh", "o") {
		low, k = numeral.Read(words[1:])
		if k != 1 || low > 9 {
			return "", 0
		}
		k++
	} else if low < 10 || low > 99 {
		return "", 0
	}
	switch next := at(list, i+n+k); {
	case value < 6 && loads[next] && !is(at(list, i+n+k+1), "dumbbell", "dumbbells", "kettlebell", "kettlebells", "plates"):
	case value > 9 && is(next, "calories", "kcal", "steps"):
	case is(list[i].lower, "twenty", "nineteen") && n == 1 && !counted[next] && !isNumber(next) && next != "to": // a year
	default:
		return "", 0
	}
	return strconv.Itoa(value*100 + low), n + k
}
