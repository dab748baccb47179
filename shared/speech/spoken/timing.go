package spoken

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/intellifit/intellifit/shared/coach/numeral"
)

const (
	clockMark = `(\d{1,2}):([0-5]\d)(?::([0-5]\d))?`
	halfMark  = `\s?([aApP])(?:\.\s?[mM]\.|\.?[mM]\b)`
)

var (
	timeRange = regexp.MustCompile(`^(\d{1,2}):([0-5]\d)\s?[-–—]\s?(\d{1,2}):([0-5]\d)(?:` + halfMark + `|\b)`)
	hourRange = regexp.MustCompile(`^(\d{1,2})\s?[-–—]\s?(\d{1,2})` + halfMark)
	timeForm  = regexp.MustCompile(`^` + clockMark + `(?:` + halfMark + `|\b)`)
	dotted    = regexp.MustCompile(`^(\d{1,2})\.([0-5]\d)` + halfMark)
	hourForm  = regexp.MustCompile(`^(\d{1,2})` + halfMark)
)

// timeOfDay words times of day and, in the same form, how long something takes: "18:30", "6 pm", "16:00-18:00", "1:30 rest".
func (s *speaker) timeOfDay(rest string) (string, int) {
	if m := timeRange.FindStringSubmatch(rest); m != nil && s.isClock(m[1], m[2], rest[len(m[0]):]) && hourFits(m[1]) && hourFits(m[3]) {
		if m[5] == "" && len(m[1]) == 1 && whole(m[3]) > 12 {
			m[1] = "0" + m[1] // written in twenty-four hours
		}
		return clock(m[1], m[2], m[5]) + " to " + clock(m[3], m[4], m[5]), sentenceEnd(rest, len(m[0]))
	}
	if m := hourRange.FindStringSubmatch(rest); m != nil && hourFits(m[1]) && hourFits(m[2]) {
		return say(m[1]) + " to " + clock(m[2], "00", m[3]), sentenceEnd(rest, len(m[0]))
	}
	for _, form := range []*regexp.Regexp{dotted, hourForm} {
		m := form.FindStringSubmatch(rest)
		if m == nil || !hourFits(m[1]) || whole(m[1]) > 12 && form == hourForm {
			continue
		}
		minutes := "00"
		if form == dotted {
			minutes = m[2]
		}
		return s.lead() + clock(m[1], minutes, m[len(m)-1]), sentenceEnd(rest, len(m[0]))
	}
	m := timeForm.FindStringSubmatch(rest)
	if m == nil {
		return "", 0
	}
	n := len(m[0])
	switch {
	case m[3] != "" && m[4] == "":
		return howLong(whole(m[1]), whole(m[2]), whole(m[3])), n
	case m[4] != "" && hourFits(m[1]):
		return s.lead() + clock(m[1], m[2], m[4]), sentenceEnd(rest, n)
	case s.isClock(m[1], m[2], rest[n:]) && hourFits(m[1]):
		return s.lead() + clock(m[1], m[2], ""), n
	}
	if after := hoursFollow.FindString(rest[n:]); after != "" { // "1:30 h"
		return howLong(whole(m[1]), whole(m[2]), 0), n + len(after)
	}
	said := howLong(0, whole(m[1]), whole(m[2]))
	if after := minutesFollow.FindString(rest[n:]); after != "" { // "1:30 min", "5:30/km", "5:30 min/km"
		n += len(after)
	}
	counted, k := per(rest[n:])
	return said + counted, n + k
}

var (
	hoursFollow   = regexp.MustCompile(`^\s?(?:h|hrs?|hours?)\b`)
	minutesFollow = regexp.MustCompile(`^\s?(?:min|mins|minutes?)\b`)
	takesTime     = regexp.MustCompile(`^\s?(?:min|mins|minutes?|sec|secs|seconds?|s\b|h\b|hrs?\b|hours?|rest|break|hold|holds|plank|pause|/\s?km|per km|per kilo|of rest|pace|on the clock|between sets|each|per side)`)
)

// isClock reports whether "h:mm" is a time of day. What stands beside it decides; else small hours without a zero before them are minutes.
func (s *speaker) isClock(h, m, after string) bool {
	words := s.words(3)
	switch {
	case whole(h) > 24 || whole(h) == 24 && m != "00":
		return false
	case len(words) > 0 && (weekdayOf(words[0]) || monthOf(words[0]) || yearOf(words[0])): // "Friday 27 November, 18:30"
		return true
	case takesTime.MatchString(after):
		return false
	}
	for i, w := range words {
		switch {
		case is(w, "rest", "rests", "hold", "plank", "pause", "pace", "lasts", "last", "takes", "took", "duration", "interval", "split"):
			return false
		case i == 0 && (is(w, "at", "from", "until", "till", "by", "before", "after", "around", "about", "to", "and", "or", "between", "than", "is", "@", "on", "today", "tomorrow", "tonight", "time", "slot", "slots", "times", "free")):
			return !is(w, "and", "or", "is", "about", "to", "than", "times") || whole(h) > 5 || h[0] == '0'
		}
	}
	return whole(h) > 5 || len(h) == 2 && whole(h) != 0
}

// lead is "at" where a time follows a day behind a comma: "Friday 27 November, 18:30". The comma goes: nobody pauses there.
func (s *speaker) lead() string {
	w := s.last()
	if !strings.HasSuffix(strings.TrimRight(s.text[:s.at], " "), ",") || !weekdayOf(w) && !monthOf(w) && !yearOf(w) && !is(w, "today", "tomorrow") {
		return ""
	}
	s.out = bytes.TrimRight(s.out, ", ")
	return "at "
}

func hourFits(h string) bool { return whole(h) <= 24 }

// clock words a time of day. half is "a" or "p", empty when it is written in twenty-four hours or says neither: an hour below ten without
// a zero before it may be of either half of the day.
func clock(hour, minute, half string) string {
	h := whole(hour)
	switch {
	case half != "":
		half = map[string]string{"a": " AM", "p": " PM"}[strings.ToLower(half)]
	case h%24 == 12 && minute == "00":
		return "twelve noon"
	case h%24 == 0 && minute == "00":
		return "twelve midnight"
	case h >= 12 && h < 24:
		half = " PM"
	case len(hour) == 2:
		half = " AM"
	}
	said := numeral.Write((h+11)%12 + 1)
	switch {
	case minute == "00" && half == "": // a bare hour would be a number
		return said + " o'clock"
	case minute == "00":
	case minute[0] == '0':
		said += " oh " + say(minute[1:])
	default:
		said += " " + say(minute)
	}
	return said + half
}

// sentenceEnd gives back the point of "p.m." when a sentence ends with it.
func sentenceEnd(rest string, n int) int {
	if rest[n-1] == '.' && (n == len(rest) || n+1 < len(rest) && rest[n] == ' ' && rest[n+1] >= 'A' && rest[n+1] <= 'Z') {
		return n - 1
	}
	return n
}

// howLong words a duration.
func howLong(h, m, s int) string {
	var parts []string
	for _, p := range []struct {
		n    int
		unit string
	}{{h, "hour"}, {m, "minute"}, {s, "second"}} {
		switch p.n {
		case 0:
		case 1:
			parts = append(parts, "one "+p.unit)
		default:
			parts = append(parts, numeral.Write(p.n)+" "+p.unit+"s")
		}
	}
	if len(parts) == 0 {
		return "zero seconds"
	}
	return strings.Join(parts, " ")
}
