package route

import (
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
)

// Example is what a member could say, with what it asks for.
type Example struct {
	Action string
	Text   string
}

// ReadExamples reads lists of utterances, each below its action and behind a tab.
func ReadExamples(text string) []Example {
	var out []Example
	action := ""
	for line := range strings.Lines(text) {
		body := strings.TrimSpace(line)
		switch {
		case body == "" || strings.HasPrefix(body, "#"):
		case strings.HasPrefix(line, "\t"):
			out = append(out, Example{action, body})
		default:
			action = body
		}
	}
	return out
}

// exampleCoaches are the names in the examples.
var exampleCoaches = []gym.Coach{{ID: "jonas", Name: "Jonas Keller"}, {ID: "lea", Name: "Lea Sommer"}}

// Plain is an utterance as the classifier reads it: cleaned, with one word for every time, name, exercise and food, so that
// it learns from what is asked rather than from what it is about.
func Plain(text string) string {
	t := Turn{Coaches: exampleCoaches, Now: time.Date(2026, 3, 25, 9, 0, 0, 0, time.UTC)}
	return plainWords(hear(strip(read(text, namesOf(t.Coaches)).text), t))
}

var spokenMarks = strings.NewReplacer("xtime", "tomorrow", "xcoach", "alex", "xmove", "squats", "xfood", "chicken", "xactivity", "running", "xother", "flight", "xallergen", "peanuts",
	"xsets", "3x8", "xweight", "60 kg", "xreps", "8 reps", "xlength", "one hour", "xrir", "rir 2", "xfreeform", "free")

func plainWords(k talk) string { return strings.TrimSpace(spokenMarks.Replace(k.masked)) }
