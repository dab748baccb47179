package spoken

import (
	"regexp"
	"strings"
)

// gymWords are words of the gym as recognisers mis-hear them. Only what makes no sense anywhere else is here, or what the words beside it
// make sure of; nothing of pain, illness, food or negation.
var gymWords = []struct {
	heard *regexp.Regexp
	meant string
}{
	{regexp.MustCompile(`(?i)\b(d)ead[ -]lift(s|ed|ing)?\b`), "${1}eadlift$2"},
	{regexp.MustCompile(`(?i)\b(d)umb[ -](?:bell|bel|ball|bill)(s)?\b`), "${1}umbbell$2"},
	{regexp.MustCompile(`(?i)\b(d)umbbel(s)?\b`), "${1}umbbell$2"},
	{regexp.MustCompile(`(?i)\b(b)ar[ -]bell(s)?\b`), "${1}arbell$2"},
	{regexp.MustCompile(`(?i)\b(k)ettle[ -](?:bell|bel|ball)(s)?\b`), "${1}ettlebell$2"},
	{regexp.MustCompile(`(?i)\b(l)a(?:t|p|d)[ -](?:pull|pool|hold|poll)[ -]?(?:down|town)(s)?\b`), "${1}at pulldown$2"},
	{regexp.MustCompile(`(?i)\b(f)ace[ -]pool(s)?\b`), "${1}ace pull$2"},
	{regexp.MustCompile(`(?i)\b(back|front|goblet|split|hack|box|barbell|sumo|bulgarian|jump|pistol|safety bar) squad(s)?\b`), "$1 squat$2"},
	{regexp.MustCompile(`(?i)\b(sets|reps) of squad(s)?\b`), "$1 of squat$2"},
	{regexp.MustCompile(`(?i)\b(g)oblin squat(s)?\b`), "${1}oblet squat$2"},
	{regexp.MustCompile(`(?i)\b(h)ip (?:trust|trusts|thrusters?)\b`), "${1}ip thrust"},
	{regexp.MustCompile(`(?i)\b(calf|lateral|front|leg|side) (?:race|races|rays)\b`), "$1 raises"},
	{regexp.MustCompile(`(?i)\b(barbell|cable|bent[ -]over|dumbbell|seated|upright|pendlay|inverted) rose\b`), "$1 rows"},
	{regexp.MustCompile(`(?i)\b(b)ench (?:breast|dress|presse)\b`), "${1}ench press"},
	{regexp.MustCompile(`(?i)\b(l)eg dress\b`), "${1}eg press"},
	{regexp.MustCompile(`(?i)\b(over)[ -]head (press|presses)\b`), "${1}head $2"},
	{regexp.MustCompile(`(?i)\b(p)e[ct]k? deck\b`), "${1}ec deck"},
	{regexp.MustCompile(`(?i)\b(p)eck deck\b`), "${1}ec deck"},
	{regexp.MustCompile(`(?i)\b(walking|sets of|reverse|side) lounge(s)?\b`), "$1 lunge$2"},
	{regexp.MustCompile(`(?i)\b(b)urpies\b`), "${1}urpees"},
	{regexp.MustCompile(`(?i)\b(b)y[ -]cep(s)?\b`), "${1}icep$2"},
	{regexp.MustCompile(`(?i)\b(t)ry[ -]cep(s)?\b`), "${1}ricep$2"},
	{regexp.MustCompile(`(?i)\b(r)omanian dead ?lift(s)?\b`), "${1}omanian deadlift$2"},
	{regexp.MustCompile(`(?i)\b(?:reps|rets|wraps|raps|wretz|wrets|retz) (?:and|in|on) reserve\b`), "reps in reserve"},
	{regexp.MustCompile(`(?i)\brep (?:and|on) reserve\b`), "rep in reserve"},
	{regexp.MustCompile(`\b[Ff]ree reps in reserve\b`), "3 reps in reserve"},
	{regexp.MustCompile(`(?i)(\d|\b(?:ten|teen|ty|five|point [a-z]+)) (?:kills|keelos|killos|kilows|quilos|key lows)\b`), "$1 kilos"},
	{regexp.MustCompile(`(?i)\b(?:three|3)[ -]quarter (?:sit[ -]?up|setup|set up)(s)?\b`), "3/4 Sit-Up$1"},
	{regexp.MustCompile(`(?i)\b(?:ninety[ -]ninety|90[ -]90|1990|1990s) (?:ham|hand)[ -]?string(s)?\b`), "90/90 Hamstring$1"},
	{regexp.MustCompile(`(?i)\bway protein\b`), "whey protein"},
	{regexp.MustCompile(`(?i)\b(?:twenty[ -]four|24)[ -](?:seven|7)\b`), "24/7"},
}

// meantWords puts the words of the gym right. One that is right but for its capitals stays: it may be a name.
func meantWords(text string) string {
	for _, w := range gymWords {
		text = w.heard.ReplaceAllStringFunc(text, func(heard string) string {
			meant := w.heard.ReplaceAllString(heard, w.meant)
			if strings.EqualFold(meant, heard) {
				return heard
			}
			return meant
		})
	}
	return text
}
