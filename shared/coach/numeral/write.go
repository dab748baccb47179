package numeral

import "strings"

var (
	ones = strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
	tens = strings.Fields("_ _ twenty thirty forty fifty sixty seventy eighty ninety")
)

// most is the largest number that is read and written in words, less one.
const most = 1_000_000

// Write gives a number in words: 135 is "one hundred thirty five". It is empty for what is negative or a million and more.
func Write(n int) string {
	switch {
	case n < 0 || n >= most:
		return ""
	case n < 20:
		return ones[n]
	case n < 100:
		return tens[n/10] + rest(n%10)
	case n < 1000:
		return ones[n/100] + " hundred" + rest(n%100)
	}
	return Write(n/1000) + " thousand" + rest(n%1000)
}

func rest(n int) string {
	if n == 0 {
		return ""
	}
	return " " + Write(n)
}

// ordinal endings of the last word of a number; the others take "th".
var endings = map[string]string{
	"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth", "twelve": "twelfth",
}

// WriteOrdinal gives the ordinal of a number in words: 27 is "twenty seventh". It is empty for what Write does not know.
func WriteOrdinal(n int) string {
	words := Write(n)
	at := strings.LastIndexByte(words, ' ') + 1
	last := words[at:]
	if irregular, ok := endings[last]; ok {
		return words[:at] + irregular
	}
	if stem, ok := strings.CutSuffix(last, "y"); ok {
		return words[:at] + stem + "ieth"
	}
	if words == "" {
		return ""
	}
	return words + "th"
}

// ReadLarge is Read for numbers below a million, as amounts of energy and steps are said: "two thousand two hundred and fifty",
// "eighteen hundred". Numbers that follow each other stay apart all the same.
func ReadLarge(words []string) (value, n int) {
	if len(words) > 1 && words[0] == "a" && words[1] == "thousand" {
		value, n = 1, 1
	} else if value, n = Read(words); n == 0 {
		return 0, 0
	}
	at := func(i int) string {
		if i < len(words) {
			return words[i]
		}
		return ""
	}
	below := 100 // what may follow without "thousand"
	switch {
	case at(n) == "thousand" && value > 0 && value < 1000:
		value, n, below = value*1000, n+1, 1000
	case at(n) == "hundred" && value > 10 && value < 100 && value%10 != 0:
		value, n = value*100, n+1
	default:
		return value, n
	}
	next := n
	if at(next) == "and" {
		next++
	}
	if low, k := Read(words[next:]); k > 0 && low > 0 && low < below {
		return value + low, next + k
	}
	return value, n
}
