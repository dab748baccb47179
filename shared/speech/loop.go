package speech

import (
	"regexp"
	"strings"
)

// sentenceEnds cuts a transcript into its sentences, each with the space behind it.
var sentenceEnds = regexp.MustCompile(`[^.!?]*[.!?]+\s*`)

// loopWords is how long a sentence is at least that a recogniser, and no person, says twice in a row to the letter.
const loopWords = 4

// withoutLoop keeps one of sentences that are repeated to the letter: small recognisers loop on short clips when they were told
// what to expect. A last one that was cut in the middle goes as well. Short ones stay: people do say "no, no".
func withoutLoop(text string) string {
	parts := sentenceEnds.FindAllString(text, -1)
	rest := text[len(strings.Join(parts, "")):]
	var kept []string
	looped := false
	for _, p := range parts {
		if n := len(kept); n > 0 && strings.TrimSpace(p) == strings.TrimSpace(kept[n-1]) && len(strings.Fields(p)) >= loopWords {
			looped = true
			continue
		}
		kept = append(kept, p)
	}
	if !looped {
		return text
	}
	if last := strings.TrimSpace(rest); last != "" && !strings.HasPrefix(strings.TrimSpace(kept[len(kept)-1]), last) {
		kept = append(kept, rest)
	}
	return strings.TrimSpace(strings.Join(kept, ""))
}
