package when

import (
	"fmt"
	"strings"
	"time"
)

// anyDay is a day on which texts are read whose days do not matter.
var anyDay = time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)

// Figures writes the times of day in text in figures, as recognisers of speech leave them in words or with marks of their own: "half past
// six" is "6:30", "six thirty P.M." is "6:30 pm", "at five" is "at 5". Everything else stays as it is, noon and midnight too.
func Figures(text string) string {
	var b strings.Builder
	end := 0
	for _, s := range FindAll(text, anyDay) {
		clocks := []*clock{s.read.clock}
		if w := s.read.window; w != nil {
			clocks = []*clock{w.from, w.to}
		}
		for _, c := range clocks {
			if c == nil || c.named || c.from < end {
				continue
			}
			b.WriteString(text[end:c.from])
			b.WriteString(c.figures(text))
			end = c.to
		}
	}
	b.WriteString(text[end:])
	return b.String()
}

// figures writes a time of day as it was said: with am or pm, in twenty-four hours, or in twelve without saying which.
func (c clock) figures(text string) string {
	h, m := c.minute/hour, c.minute%hour
	var out string
	switch {
	case c.halved:
		out = spellHour(c.minute % (24 * hour))
	case c.open && m == 0 && !strings.Contains(text[c.from:c.to], ":"):
		out = fmt.Sprint((h+11)%12 + 1)
	case c.open:
		out = fmt.Sprintf("%d:%02d", (h+11)%12+1, m)
	case m == 0 && c.bare && !strings.HasPrefix(text[c.from:], "0"): // "at 17"
		out = fmt.Sprint(h)
	default:
		out = fmt.Sprintf("%02d:%02d", h, m)
	}
	if strings.HasSuffix(text[c.from:c.to], ".") && endsSentence(text[c.to:]) { // "at 6 p.m."
		out += "."
	}
	return out
}

// endsSentence reports whether a sentence ends before rest.
func endsSentence(rest string) bool {
	next := strings.TrimLeft(rest, " \n")
	return next == "" || next != rest && next[0] >= 'A' && next[0] <= 'Z'
}
