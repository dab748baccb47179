// Package spoken turns what is written into what a voice should say, and what a recogniser heard into what a member would have typed:
// "3x12 @ 60 kg" and "three sets of twelve at sixty kilos".
//
// Say reads the shorthand of training plans, times, dates, money and markdown. It writes numbers in words where they belong to such a
// form; a bare whole number stays, since every voice reads it. The words are those that a recogniser writes back as they were: "six
// thirty PM" and not "eighteen thirty", "an RPE of eight" and not "RPE eight".
//
// Hear writes figures where figures are meant and leaves every other word alone: what it gives is screened for the member's safety
// afterwards. Hearing twice changes nothing.
package spoken

import (
	"strings"
	"unicode/utf8"
)

// longest is how much text is worded at once, in bytes. More is no speech of one turn.
const longest = 16 << 10

// Say words a written text for a voice. What cannot be said, such as emojis, addresses and markup, goes; text beyond 16 KiB too.
func Say(text string) string {
	s := &speaker{text: prose(cut(text, longest))}
	s.run()
	return tidy(string(s.out))
}

// Hear writes what a recogniser returned as a member would have typed it. Text beyond 16 KiB stays as it is.
func Hear(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
	if len(text) > longest {
		return text
	}
	for range mostRounds {
		next := hear(text)
		if next == text {
			break
		}
		text = next
	}
	return text
}

// mostRounds bounds how often what was heard is heard again: two rounds settle what people say.
const mostRounds = 8

// cut gives the first bytes of valid text, up to most.
func cut(text string, most int) string {
	if len(text) > most {
		for most > 0 && !utf8.RuneStart(text[most]) {
			most--
		}
		text = text[:most]
	}
	return strings.ToValidUTF8(text, "")
}
