package spoken

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/intellifit/intellifit/shared/coach/numeral"
)

// ordinalAt reads an ordinal that is a day of a month: a month or a weekday stands beside it.
func ordinalAt(list []token, i int) (said string, n int) {
	value, n := numeral.Ordinal(joined(list, i))
	if n == 0 || value > 31 {
		return "", 0
	}
	before := at(list, i-1)
	if before == "the" {
		before = at(list, i-2)
	}
	after := at(list, i+n)
	if after == "of" {
		after = at(list, i+n+1)
	}
	if !fullMonth(after) && !fullMonth(before) && !(weekdayOf(before) && len(before) > 4) {
		return "", 0
	}
	if fullMonth(before) && is(at(list, i-1), "may", "march") && !fullMonth(after) && unicode.IsLower(rune(list[i-1].word[0])) { // "may second that"
		return "", 0
	}
	return ordinalFigures(value), n
}

func fullMonth(word string) bool {
	for _, m := range monthNames {
		if strings.ToLower(m) == word {
			return true
		}
	}
	return false
}

func ordinalFigures(n int) string {
	suffix := "th"
	if n/10 != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}

// yearAt reads "twenty twenty six" behind a date or a word of time.
func yearAt(list []token, i int) (said string, n int) {
	century := list[i].lower
	if !is(century, "twenty", "nineteen") {
		return "", 0
	}
	before := at(list, i-1)
	if !fullMonth(before) && !is(before, "in", "since", "until") && !datedBefore(list, i) {
		return "", 0
	}
	words := joined(list, i)[1:]
	low, k := numeral.Read(words)
	if len(words) > 1 && words[0] == "oh" {
		low, _ = numeral.Word(words[1])
		if k = 2; low < 1 || low > 9 {
			return "", 0
		}
	} else if k == 0 || low < 10 || low > 99 {
		return "", 0
	}
	if next := at(list, i+1+k); counted[next] || next == "to" {
		return "", 0
	}
	value, _ := numeral.Word(century)
	return strconv.Itoa(value*100 + low), 1 + k
}

// datedBefore reports whether an ordinal in words or figures and a month stand before i: "November twenty seventh".
func datedBefore(list []token, i int) bool {
	last := at(list, i-1)
	if _, n := numeral.Ordinal([]string{last}); n == 0 && !(len(last) > 2 && isFigure(rune(last[0]))) {
		return false
	}
	return fullMonth(at(list, i-2)) || fullMonth(at(list, i-3)) || fullMonth(at(list, i-1))
}
