package safety

import (
	"crypto/rand"
	"regexp"
	"strings"
	"unicode"
)

// controls are the control tokens of the chat templates of common models, in any case and spacing; what looks like one is one.
var controls = regexp.MustCompile(`(?i)<\s*\|[^<>]{0,64}\|\s*>|<\s*/?\s*(?:start_of_turn|end_of_turn|bos|eos|pad|unk|s|im_start|im_end|tool_call|tool_response|think)\s*>|\[\s*/?\s*(?:INST|SYS|TOOL_CALLS|AVAILABLE_TOOLS|TOOL_RESULTS)\s*\]|<<\s*/?\s*SYS\s*>>`)

// links are markdown images and links, and addresses: text of others never leads members elsewhere.
var links = regexp.MustCompile(`(?i)!?\[([^\]\n]{0,200})\]\([^)\n]{0,500}\)|\b(?:https?|ftp|data|javascript):[^\s<>"]+|\bwww\.[^\s<>"]+`)

// Clean makes untrusted text data: without control tokens of any model, invisible or bidirectional runes, links, and cut at
// so many bytes' worth of runes. Cleaning clean text changes nothing.
func Clean(text string, most int) string {
	text = strings.ToValidUTF8(text, "")
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), r == '\u2028', r == '\u2029':
			return -1
		}
		return r
	}, text)
	for { // what is left after one may be another
		next := links.ReplaceAllString(controls.ReplaceAllString(text, " "), "$1")
		if next == text {
			break
		}
		text = next
	}
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:max(0, most)])
	}
	return strings.TrimSpace(text)
}

// Quote puts untrusted text into a prompt as data of somebody: between marks that its author cannot know.
func Quote(text, author, trust string) string {
	mark := rand.Text()[:8]
	return "[" + mark + " from " + Clean(author, 40) + ", " + Clean(trust, 20) + "] " + strings.Join(strings.Fields(Clean(text, 4000)), " ") + " [end " + mark + "]"
}
