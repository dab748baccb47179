// Package numeral reads English numbers that are spoken or written in words, as they come from speech recognition. It knows
// whole numbers below a thousand, which is what sets, weights, dates and times of a gym need.
package numeral

import "strings"

var small = map[string]int{
	"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13,
	"fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
	"seventy": 70, "eighty": 80, "ninety": 90, "fourty": 40, "dozen": 12,
}

// Word is the number that one word stands for.
func Word(w string) (value int, ok bool) {
	value, ok = small[w]
	return value, ok
}

// Read reads the number that words begin with and how many words it takes, 0 when they begin with none. Numbers that follow
// each other stay apart: "three ten" is 3, then 10.
func Read(words []string) (value, n int) {
	if len(words) > 1 && words[0] == "a" && words[1] == "hundred" {
		value, n = 100, 2
	} else if low, k := belowHundred(words); k > 0 {
		value, n = low, k
		if n >= len(words) || words[n] != "hundred" || value <= 0 || value >= 10 {
			return value, n
		}
		value, n = value*100, n+1
	} else if len(words) > 0 && words[0] == "hundred" {
		value, n = 100, 1
	}
	if n == 0 {
		return 0, 0
	}
	at := n
	if at < len(words) && words[at] == "and" {
		at++
	}
	if low, k := belowHundred(words[at:]); k > 0 {
		return value + low, at + k
	}
	return value, n
}

func belowHundred(words []string) (value, n int) {
	if len(words) == 0 {
		return 0, 0
	}
	if tens, unit, ok := strings.Cut(words[0], "-"); ok {
		t, yes := small[tens]
		u, also := small[unit]
		if yes && also && t >= 20 && t%10 == 0 && u > 0 && u < 10 {
			return t + u, 1
		}
		return 0, 0
	}
	t, ok := small[words[0]]
	if !ok {
		return 0, 0
	}
	if t >= 20 && t%10 == 0 && len(words) > 1 {
		if u, ok := small[words[1]]; ok && u > 0 && u < 10 {
			return t + u, 2
		}
	}
	return t, 1
}

var ordinals = map[string]int{
	"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13,
	"fourteenth": 14, "fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
}

// Ordinal reads the ordinal that words begin with, up to "thirty ninth", and how many words it takes.
func Ordinal(words []string) (value, n int) {
	if len(words) == 0 {
		return 0, 0
	}
	if v, ok := ordinals[words[0]]; ok {
		return v, 1
	}
	if tens := small[words[0]]; (tens == 20 || tens == 30) && len(words) > 1 {
		if unit, ok := ordinals[words[1]]; ok && unit < 10 {
			return tens + unit, 2
		}
	}
	return 0, 0
}
