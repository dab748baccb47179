package spoken

import (
	"regexp"
	"strings"

	"github.com/intellifit/intellifit/shared/coach/numeral"
)

var (
	monthNames   = strings.Fields("January February March April May June July August September October November December")
	monthShort   = map[string]string{"jan": "January", "feb": "February", "mar": "March", "apr": "April", "jun": "June", "jul": "July", "aug": "August", "sep": "September", "sept": "September", "oct": "October", "nov": "November", "dec": "December"}
	weekdayNames = strings.Fields("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
	weekdayShort = map[string]string{"mon": "Monday", "tue": "Tuesday", "tues": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "thur": "Thursday", "thurs": "Thursday", "fri": "Friday", "sat": "Saturday", "sun": "Sunday"}
)

// monthNamed is the full name of a month that text begins with, in capitals at least at its beginning, and how long that is.
func monthNamed(text string) (name string, n int) {
	word := text[:wordLength(text)]
	if word == "" || word[0] < 'A' || word[0] > 'Z' {
		return "", 0
	}
	for _, m := range monthNames {
		if strings.EqualFold(word, m) {
			return m, len(word)
		}
	}
	if full, ok := monthShort[strings.ToLower(word)]; ok {
		if strings.HasPrefix(text[len(word):], ".") && len(text) > len(word)+1 {
			return full, len(word) + 1
		}
		return full, len(word)
	}
	return "", 0
}

func monthOf(text string) bool {
	word := strings.ToLower(text[:wordLength(text)])
	for _, m := range monthNames {
		if strings.ToLower(m) == word {
			return true
		}
	}
	return monthShort[word] != ""
}

func weekdayOf(word string) bool {
	for _, d := range weekdayNames {
		if strings.ToLower(d) == word {
			return true
		}
	}
	return weekdayShort[word] != ""
}

func yearOf(word string) bool {
	return len(word) == 4 && (word[:2] == "19" || word[:2] == "20") && whole(word) > 0
}

// sayYear words a year as people say it.
func sayYear(year string) string {
	n := whole(year)
	switch {
	case n >= 2000 && n < 2010:
		return numeral.Write(n)
	case n%100 == 0:
		return numeral.Write(n/100) + " hundred"
	case n%100 < 10:
		return numeral.Write(n/100) + " oh " + numeral.Write(n%100)
	}
	return numeral.Write(n/100) + " " + numeral.Write(n%100)
}

// day words a day of a month: "the twenty seventh of November twenty twenty six".
func (s *speaker) day(day int, month, year string) string {
	said := numeral.WriteOrdinal(day) + " of " + month
	if s.last() != "the" {
		said = "the " + said
	}
	if year != "" {
		said += " " + sayYear(year)
	}
	return said
}

var isoForm = regexp.MustCompile(`^((?:19|20)\d{2})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?`)

// isoDate words "2026-11-27", with the time behind it.
func (s *speaker) isoDate(rest string) (string, int) {
	m := isoForm.FindStringSubmatch(rest)
	if m == nil || wordFollows(rest[len(m[0]):]) || !dayFits(m[3]) || whole(m[2]) < 1 || whole(m[2]) > 12 {
		return "", 0
	}
	said := s.day(whole(m[3]), monthNames[whole(m[2])-1], m[1])
	if m[4] != "" && hourFits(m[4]) {
		said += " at " + clock(m[4], m[5], "")
	}
	return said, len(m[0])
}

func dayFits(day string) bool { return whole(day) >= 1 && whole(day) <= 31 }

var numericForm = regexp.MustCompile(`^(\d{1,2})([./])(\d{1,2})([./])((?:19|20)\d{2})\b`)

// numericDate words "27.11.2026" and "27/11/2026". A date with slashes that may begin with the month is read as it stands.
func (s *speaker) numericDate(rest string) (string, int) {
	m := numericForm.FindStringSubmatch(rest)
	if m == nil || m[2] != m[4] {
		return "", 0
	}
	day, month := m[1], m[3]
	if whole(month) > 12 && m[2] == "/" {
		day, month = month, day
	}
	if !dayFits(day) || whole(month) < 1 || whole(month) > 12 {
		return "", 0
	}
	if m[2] == "/" && whole(m[1]) <= 12 && whole(m[3]) <= 12 && m[1] != m[3] {
		return say(strings.TrimLeft(m[1], "0")) + ", " + say(strings.TrimLeft(m[3], "0")) + ", " + sayYear(m[5]), len(m[0])
	}
	return s.day(whole(day), monthNames[whole(month)-1], m[5]), len(m[0])
}

var (
	dayForm  = regexp.MustCompile(`^(\d{1,2})(?:st|nd|rd|th|\.)?\s(?:of\s)?`)
	yearForm = regexp.MustCompile(`^,?\s((?:19|20)\d{2})\b`)
)

// dayFirst words "27 November 2026", "the 3rd of May".
func (s *speaker) dayFirst(rest string) (string, int) {
	m := dayForm.FindStringSubmatch(rest)
	if m == nil || !dayFits(m[1]) {
		return "", 0
	}
	month, k := monthNamed(rest[len(m[0]):])
	if k == 0 {
		return "", 0
	}
	n := len(m[0]) + k
	year, k := yearAfter(rest[n:])
	return s.day(whole(m[1]), month, year), n + k
}

// yearAfter is the year behind a date, unless it counts something: "27 November, 2000 kcal".
func yearAfter(rest string) (year string, n int) {
	m := yearForm.FindStringSubmatch(rest)
	if m == nil {
		return "", 0
	}
	if _, k := unitAfter(rest[len(m[0]):]); k > 0 {
		return "", 0
	}
	return m[1], len(m[0])
}

var (
	monthDay  = regexp.MustCompile(`^\s(\d{1,2})(?:st|nd|rd|th)?\b`)
	noDay     = regexp.MustCompile(`^(?:[:.]\d|\s?[aApP]\.?[mM]\b|\s?[-–x%/]\s?\d)`)
	listedDay = regexp.MustCompile(`^(?:\.?,?\s?\d|\.?\s?[,/&+–-]\s?(?:and |or )?(?i:mon|tue|wed|thu|fri|sat|sun)|\.? (?:and|or|to) (?i:mon|tue|wed|thu|fri|sat|sun))`)
)

// monthFirst words "November 27, 2026", and the name of a month that is shortened before figures.
func (s *speaker) monthFirst(rest string) (string, int) {
	month, n := monthNamed(rest)
	if n == 0 {
		return "", 0
	}
	m := monthDay.FindStringSubmatch(rest[n:])
	if m != nil && dayFits(m[1]) && !noDay.MatchString(rest[n+len(m[0]):]) {
		if _, k := unitAfter(rest[n+len(m[0]):]); k == 0 {
			n += len(m[0])
			year, k := yearAfter(rest[n:])
			said := month + " " + numeral.WriteOrdinal(whole(m[1]))
			if year != "" {
				said += " " + sayYear(year)
			}
			return said, n + k
		}
	}
	if year, k := yearAfter(rest[n:]); k > 0 && !strings.HasPrefix(rest[n:], ",") {
		return month + " " + sayYear(year), n + k
	}
	return "", 0
}

// weekday words a shortened day where a time, a date or another day stands beside it.
func (s *speaker) weekday(rest string) (string, int) {
	word := rest[:wordLength(rest)]
	full := weekdayShort[strings.ToLower(word)]
	if full == "" || word[0] < 'A' || word[0] > 'Z' {
		return "", 0
	}
	after := rest[len(word):]
	if !listedDay.MatchString(after) && !weekdayOf(s.last()) && (!is(s.last(), "on", "next", "this", "every", "each", "until", "by") || wordFollows(strings.TrimLeft(after, ". "))) {
		return "", 0
	}
	if strings.HasPrefix(after, ".") && len(after) > 1 {
		return full, len(word) + 1
	}
	return full, len(word)
}

var yearAlone = regexp.MustCompile(`^((?:19|20)\d{2})\b`)

// year words a year that stands alone, as after "in".
func (s *speaker) year(rest string) (string, int) {
	m := yearAlone.FindString(rest)
	if m == "" || strings.HasPrefix(rest[len(m):], "-") || strings.HasPrefix(rest[len(m):], "/") {
		return "", 0
	}
	if _, k := unitAfter(rest[len(m):]); k > 0 || !is(s.last(), "in", "since", "until", "from", "by", "year", "of", "before", "after", "end") && !monthOf(s.last()) {
		return "", 0
	}
	return sayYear(m), len(m)
}
