package route

import (
	"regexp"
	"strings"
	"time"
)

type Span struct {
	From, To time.Time
	At       bool
	Phrase   string
	Vague    []string
}

type whenPkg struct{}

var when whenPkg

var provisional = regexp.MustCompile(`(?:(?:\bon |\bthis |next )*(monday|tuesday|wednesday|thursday|friday|saturday|sunday|today|tomorrow|yesterday|next week|this week))?(?: ?(morning|afternoon|evening))?(?: ?(?:at )?(\d{1,2})(?::(\d\d))? ?(am|pm))?`)

func (whenPkg) FindAll(text string, now time.Time) []Span {
	var out []Span
	for _, m := range provisional.FindAllStringSubmatch(text, -1) {
		if strings.TrimSpace(m[0]) == "" {
			continue
		}
		day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
		s := Span{Phrase: strings.TrimSpace(m[0])}
		days := 1
		switch m[1] {
		case "", "today":
		case "tomorrow":
			day = day.AddDate(0, 0, 1)
		case "yesterday":
			day = day.AddDate(0, 0, -1)
		case "this week", "next week":
			for day.Weekday() != time.Monday {
				day = day.AddDate(0, 0, -1)
			}
			if m[1] == "next week" {
				day = day.AddDate(0, 0, 7)
			}
			days = 7
		default:
			for i := 1; i <= 7; i++ {
				if strings.ToLower(day.AddDate(0, 0, i).Weekday().String()) == m[1] {
					day = day.AddDate(0, 0, i)
					break
				}
			}
		}
		s.From, s.To = day, day.AddDate(0, 0, days)
		if m[3] != "" {
			h := atoi(m[3]) % 12
			if m[5] == "pm" {
				h += 12
			}
			s.From = time.Date(day.Year(), day.Month(), day.Day(), h, atoi(m[4]), 0, 0, now.Location())
			s.To, s.At = s.From.Add(time.Hour), true
		}
		out = append(out, s)
	}
	return out
}

func (whenPkg) Spell(t, now time.Time) string { return t.Format("Monday 2 January, 15:04") }
