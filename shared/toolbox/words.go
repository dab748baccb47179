package toolbox

import (
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/coach/safety"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/toolbox/tool"
)

// spell writes an instant as the gym's clock and calendar show it; the year only when it is another one.
func spell(t time.Time, c tool.Call) string {
	return spellDay(gym.Date{Time: t.In(c.Zone)}, c) + t.In(c.Zone).Format(", 15:04")
}

// spellDay writes a day of the calendar.
func spellDay(d gym.Date, c tool.Call) string {
	if d.Year() != c.Now.In(c.Zone).Year() {
		return d.Format("Monday 2 January 2006")
	}
	return d.Format("Monday 2 January")
}

// unreadable stands for text of which nothing is left.
const unreadable = "(unreadable)"

// plain is text of members, coaches or the catalogue as one line of data: what a summary shows and what a write stores. It
// leads nowhere and holds nothing that a model takes for a command of its format.
func plain(text string) string {
	if text == "" {
		return ""
	}
	text = strings.Join(strings.Fields(safety.Clean(text, maxPlain)), " ")
	if text == "" {
		return unreadable
	}
	return text
}

// maxPlain is above the longest text that a schema lets through.
const maxPlain = 1000

// spaced is a word of ours without its underscores.
func spaced[T ~string](word T) string { return strings.ReplaceAll(string(word), "_", " ") }
