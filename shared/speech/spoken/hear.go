package spoken

import (
	"regexp"
	"strings"

	"github.com/intellifit/intellifit/shared/coach/when"
)

// hear does one round: what hangs together is read in the order in which it depends on each other.
func hear(text string) string {
	text = withoutFillers(text)
	text = meantWords(text)
	text = inFigures(text, sureNumber) // before times, which these look like
	text = partedYear.ReplaceAllString(text, "$1 20$3")
	text = gluedTimes(text)
	text = when.Figures(text)
	text = inFigures(text, everyNumber)
	text = thousands.ReplaceAllString(text, "$1$2 $3")
	text = decimals.ReplaceAllString(text, "$1.$2")
	text = andAHalf.ReplaceAllString(text, "$1.5 $2")
	text = ranges.ReplaceAllString(text, "$1 to $2 $3")
	text = setRanges.ReplaceAllString(text, "$1 $2 to $3")
	text = kilos.ReplaceAllString(text, "$1 kg")
	text = sets(text)
	for _, e := range efforts {
		text = e.heard.ReplaceAllString(text, e.meant)
	}
	return strings.Join(strings.Fields(text), " ")
}

// filler is a sound that says nothing. "uh-huh", "uh oh" and "mm-hmm" say something, and "er" may be an emergency room.
var filler = regexp.MustCompile(`^[Uu]+[hm]+|^[Ee]rm+|^[Hh]m+$`)

// withoutFillers takes fillers out, with the marks around them that they leave alone.
func withoutFillers(text string) string {
	words := strings.Split(text, " ")
	kept := words[:0:0]
	capital := false
	for i, w := range words {
		bare := strings.TrimRight(w, ".,;:…-")
		if !isFiller(bare) || i > 0 && answers(words[i-1], w) || i+1 < len(words) && answers(w, words[i+1]) {
			if capital && len(kept) == 0 && w != "" && w[0] >= 'a' && w[0] <= 'z' {
				w = strings.ToUpper(w[:1]) + w[1:]
			}
			kept = append(kept, w)
			continue
		}
		capital = capital || len(kept) == 0 && w[0] < 'a'
		if n := len(kept); n > 0 && strings.HasSuffix(kept[n-1], ",") && bare != w && !is(strings.ToLower(kept[n-1]), "no,", "yes,", "nope,", "yeah,", "ok,", "okay,", "sorry,") { // "I, uh, want"
			kept[n-1] = strings.TrimSuffix(kept[n-1], ",")
		}
		if n := len(kept); n > 0 && strings.HasSuffix(w, ".") && i+1 == len(words) && !strings.ContainsAny(kept[n-1][len(kept[n-1])-1:], ".!?") {
			kept[n-1] = strings.TrimRight(kept[n-1], ",;:") + "."
		}
	}
	return strings.Join(kept, " ")
}

func isFiller(word string) bool { return filler.FindString(word) == word && word != "" }

// answers reports whether two words beside each other are a yes, a no or an oh, and not two fillers: "uh huh", "uh uh", "mm hmm".
func answers(first, second string) bool {
	if strings.ContainsAny(first, ".,;:!?") {
		return false
	}
	a, b := strings.ToLower(first), strings.ToLower(strings.Trim(second, ".,;:!?…-"))
	return is(b, "huh", "oh", "mhm", "uhuh") || a == "uh" && b == "uh" || is(a, "nuh", "mm", "mhm", "um", "uh") && is(b, "hm", "hmm", "uh") && a+b != "umuh"
}

// gluedTime is a time of day whose mark was not heard: "630 p.m.", "505PM".
var gluedTime = regexp.MustCompile(`(^|[^\d.,:])(1[0-2]|[1-9])([0-5]\d) ?([aApP]\.? ?[mM]\b)`)

// partedTime has a space where the mark was: "10 30 a.m.".
var partedTime = regexp.MustCompile(`(^|[^\d.,:] )(1[0-2]|[1-9]) ([0-5]\d) ?([aApP]\.? ?[mM]\b)`)

func gluedTimes(text string) string {
	return partedTime.ReplaceAllString(gluedTime.ReplaceAllString(text, "$1$2:$3 $4"), "$1$2:$3 $4")
}

const anyMonth = `(January|February|March|April|May|June|July|August|September|October|November|December)`

// partedYear is a year that was heard as two numbers behind a date: "4 January 20, 27", "the 15th of March 20, 2027".
var partedYear = regexp.MustCompile(`\b(\d{1,2}(?:st|nd|rd|th)?(?: of)? ` + anyMonth + `),? 20,? (?:20)?(\d\d)\b`)

var (
	thousands = regexp.MustCompile(`\b(\d{1,3}),(\d{3}) (calories|kcal|steps|meters|metres|kilos|kg|pounds|euros|dollars|grams|reps)\b`)
	decimals  = regexp.MustCompile(`\b(\d{1,4}) point (\d{1,3})\b`)
	andAHalf  = regexp.MustCompile(`\b(\d{1,3}) and a half (kg|kgs|kilos?|kilograms?|pounds?|lbs?|percent|hours?|minutes?|weeks?|months?|liters?|litres?|km|kilometers?|kilometres?|miles?|points?)\b`)
	ranges    = regexp.MustCompile(`\b(\d{1,4}(?:\.\d{1,2})?)[-–](\d{1,4}(?:\.\d{1,2})?) (reps?|sets|minutes|mins?|seconds|hours|kilos|kg|pounds|lbs|grams|percent|calories|rounds|kilometers|kilometres|meters|metres|beats)\b`)
	setRanges = regexp.MustCompile(`\b(sets? of|RPE(?: of)?|RIR(?: of)?) (\d{1,2})[-–](\d{1,2})\b`)
	kilos     = regexp.MustCompile(`(?i)(\d)[ -]?(?:kilo's|kilos|kilo|kilograms?|kilogrammes?|kgs|kg)\b`)
	setForms  = []struct {
		heard *regexp.Regexp
		most  int // sets
	}{
		{regexp.MustCompile(`\b(\d{1,2}) ?[xX×] ?(\d{1,3})\b(.{0,14})`), 99},
		{regexp.MustCompile(`\b(\d{1,2}) by (\d{1,3})\b(.{0,14})`), 20},
		{regexp.MustCompile(`\b(\d{1,2}) times (\d{1,3})\b(.{0,14})`), 20},
	}
	// noReps follows a number that counts no repetitions: a time, a share, a weight, a distance, a date, a decimal.
	noReps = regexp.MustCompile(`(?i)^(?:[:./,-]\d|[ -]?(?:[ap]\.? ?m\b|o'clock|percent|%|kg|pounds?|lbs?|g\b|grams?|ml\b|m\b|km\b|cm\b|mm\b|met(?:er|re)s?|kilomet|cent|inch|feet|foot|miles?|minutes?|mins?\b|hours?|days?|weeks?|months?|years?|times|st\b|nd\b|rd\b|th\b|of (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|jan|feb|mar|apr|may\b|jun|jul|aug|sep|oct|nov|dec|euros?|dollars?|people|calories|kcal|dumbbell|kettlebell))`)
)

// sets writes "3 by 12" and "3 times 12" as "3x12", where both are counts of an exercise.
func sets(text string) string {
	for _, form := range setForms {
		var b strings.Builder
		end := 0
		for _, m := range form.heard.FindAllStringSubmatchIndex(text, -1) {
			count, reps := text[m[2]:m[3]], text[m[4]:m[5]]
			before := text[:m[0]]
			if whole(count) == 0 || whole(count) > form.most || whole(reps) == 0 || noReps.MatchString(text[m[5]:]) || strings.HasSuffix(before, ".") || strings.HasSuffix(before, ":") || strings.HasSuffix(before, "-") || m[0] < end {
				continue
			}
			b.WriteString(text[end:m[2]] + count + "x" + reps)
			end = m[5]
		}
		b.WriteString(text[end:])
		text = b.String()
	}
	return text
}

// efforts are how hard something was, and what a member can do at most.
var efforts = []struct {
	heard *regexp.Regexp
	meant string
}{
	{regexp.MustCompile(`\b(?:an? )?[Rr][., -]{0,2}[Pp][., -]{0,2}[Ee]\b[.,]?(?: of| was| is| at|:)?[ -](10|[1-9])\b`), "RPE $1"},
	{regexp.MustCompile(`\b[Rr]\.? ?[Pp]\.? ?[Ee]\b`), "RPE"},
	{regexp.MustCompile(`\bRP[DB]-?(10|[1-9])\b`), "RPE $1"},
	{regexp.MustCompile(`\b[Rr][., ]{0,2}[Ii][., ]{0,2}[Rr]\b[.,]?(?: of| was| is| at|:)?[ -]?(10|\d)\b`), "RIR $1"},
	{regexp.MustCompile(`\b(?:RIR-?|(?:[Oo]ur|[Aa]re) IR[ -]?)(\d)\b`), "RIR $1"},
	{regexp.MustCompile(`\b[Rr]\.? ?[Ii]\.? ?[Rr]\b`), "RIR"},
	{regexp.MustCompile(`\b(?:[Oo]ne|1)[ -]?(?:[Rr]\.? ?[Mm]\b|rep max\b|rep maximum\b|repetition maximum\b)`), "1RM"},
	{regexp.MustCompile(`\b(\d{1,2})[ -]?(?:[Rr]\.? ?[Mm]\b|rep max\b|rep maximum\b)`), "${1}RM"},
	{regexp.MustCompile(`\b[Aa][ .-]?[Mm][ .-]?[Rr][Aa][Pp]\b`), "AMRAP"},
	{regexp.MustCompile(`\b[Ee][ .-]?[Mm][Oo][Mm]\b`), "EMOM"},
}
