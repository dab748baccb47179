package voice

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// The lengths of clauses in characters. The first one is short, so that the member hears something soon; later ones are longer,
// since a voice that reads whole thoughts sounds better, but end soon enough for an interruption: a voice server stops between
// clauses only.
const (
	firstLeast = 12
	firstMost  = 60
	laterMost  = 140
)

// clauses cuts the text of an answer, as it comes in whole sentences, into what is spoken at one time.
type clauses struct {
	pending string
	begun   bool // the first one is out
}

// write takes the next words and returns the clauses that are whole.
func (c *clauses) write(text string) []string {
	c.pending += text
	return c.cut(false)
}

// end returns what is left.
func (c *clauses) end() []string { return c.cut(true) }

func (c *clauses) cut(last bool) (out []string) {
	for {
		rest := strings.TrimSpace(c.pending)
		if rest == "" {
			c.pending = ""
			return out
		}
		least, most := firstLeast, firstMost
		if c.begun {
			least, most = 0, laterMost
		}
		at := clauseEnd(rest, least, most, !c.begun)
		if at < 0 {
			if !last {
				return out
			}
			at = len(rest)
		}
		out = append(out, strings.TrimSpace(rest[:at]))
		c.pending, c.begun = rest[at:], true
	}
}

// stop is where a voice makes a pause. A mark counts when a space or the end follows: "18:30" and "2.5" are one word.
var stop = regexp.MustCompile(`[.!?…]["')\]]*(?:\s|$)|[,;:—–]\s|\s[—–-]\s`)

// abbreviated ends like a sentence and is none.
var abbreviated = regexp.MustCompile(`(?i)(?:^|[\s(])(?:e\.g|i\.e|etc|vs|approx|dr|mr|mrs|ms|no|min|max|[a-z])\.\s*$`)

// clauseEnd is the index after the first clause of text, -1 when it is not whole yet. The first clause of an answer may end
// at a comma, a later one only when the sentence is too long.
func clauseEnd(text string, least, most int, atComma bool) int {
	comma := -1
	for _, m := range stop.FindAllStringIndex(text, -1) {
		head := text[:m[1]]
		n := utf8.RuneCountInString(strings.TrimSpace(head))
		sentence := strings.ContainsAny(text[m[0]:m[0]+1], ".!?") || strings.HasPrefix(text[m[0]:], "…")
		if sentence && abbreviated.MatchString(head) {
			continue
		}
		if n > most && comma > 0 {
			return comma
		}
		if n > most {
			break
		}
		switch {
		case n < least:
		case sentence || atComma:
			return m[1]
		default:
			comma = m[1]
		}
	}
	if utf8.RuneCountInString(text) <= most {
		return -1
	}
	if comma > 0 {
		return comma
	}
	return wordEnd(text, most)
}

// wordEnd is the index after the last whole word within so many characters, or after those characters when it is one word.
func wordEnd(text string, most int) int {
	end, n, space := len(text), 0, -1
	for i, r := range text {
		if n == most {
			end = i
			break
		}
		if r == ' ' {
			space = i + 1
		}
		n++
	}
	if space > 0 {
		return space
	}
	return end
}
