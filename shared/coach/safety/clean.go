package safety

import (
	"crypto/rand"
	"regexp"
	"strings"
	"unicode"
)

var (
	// controls are the control tokens of the chat templates of common models (ChatML, Llama 2 to 4, Gemma, Mistral, Phi, DeepSeek,
	// Command R), in any case and spacing, and the HTML that leads elsewhere: what looks like one is one.
	controls = regexp.MustCompile(`(?i)<\s*\|\s*/?[\w .:▁-]{0,64}\|\s*>|` +
		`<\s*/?\s*(?:start_of_turn|end_of_turn|start_of_image|end_of_image|begin_of_text|end_of_text|start_header_id|end_header_id|eot_id|eom_id|python_tag|bos|eos|pad|unk|mask|s|im_start|im_end|system|user|assistant|tool|tools|tool_call|tool_calls|tool_response|function_call|think|thinking)\s*>|` +
		`\[\s*/?\s*(?:INST|SYS|SYSTEM_PROMPT|TOOL_CALLS|AVAILABLE_TOOLS|TOOL_RESULTS|TOOL_CONTENT|IMG|PREFIX|SUFFIX|MIDDLE)\s*\]|<<\s*/?\s*SYS\s*>>|` +
		`<\s*/?\s*(?:a|img|script|iframe|style|svg|object|embed|form|input|meta|link|video|audio|source|body|html)\b[^<>]{0,500}>`)
	// links are markdown images and links, references of links, and addresses: text of others never leads members elsewhere.
	links = regexp.MustCompile(`(?i)!?\[([^\]\n]{0,200})\][ \t]?\([^)\n]{0,500}\)|!?\[([^\]\n]{0,200})\][ \t]?\[[^\]\n]{0,200}\]|(?:^|\n)[ \t]{0,3}\[[^\]\n]{1,200}\]:[^\n]*|` +
		`\b(?:https?|ftp|file|data|javascript|vbscript):[^\s<>"]+|\bwww\.[^\s<>"]+`)
	// marks are what is left of tokens that were put together to survive.
	marks = strings.NewReplacer("<|", " ", "|>", " ", "<<", " ", ">>", " ", "](", " ", "][", " ")
	// brackets are written in one width.
	brackets = strings.NewReplacer("＜", "<", "＞", ">", "｜", "|", "［", "[", "］", "]", "（", "(", "）", ")", "！", "!", "：", ":", "／", "/")
)

// rounds bounds how often tokens are taken out of what was left: text that goes on is all brackets, and loses them.
const rounds = 8

// invisible runes carry nothing for a reader: controls, format runes (zero-width, bidirectional, tags), private use, variation
// selectors, fillers and separators.
func invisible(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs, unicode.Variation_Selector):
		return true
	}
	switch r {
	case '\u034f', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u2028', '\u2029', '\u2800', '\u3164', '\uffa0', unicode.ReplacementChar:
		return true
	}
	return false
}

// Clean makes untrusted text data: without control tokens of any model, invisible or bidirectional runes, links and HTML, and cut
// at most runes. Cleaning clean text changes nothing.
func Clean(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if invisible(r) {
			return -1
		}
		return r
	}, brackets.Replace(strings.ToValidUTF8(text, "")))
	text = strip(text)
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:max(0, most)])
	}
	return strings.TrimSpace(text)
}

// strip takes out tokens and links until none is left.
func strip(text string) string {
	for round := 0; ; round++ {
		next := strings.TrimSpace(links.ReplaceAllString(controls.ReplaceAllString(text, " "), "$1$2"))
		if next == text {
			next = marks.Replace(text)
		}
		if next == text {
			return text
		}
		if text = next; round == rounds {
			text = strings.NewReplacer("<", " ", ">", " ", "|", " ", "[", " ", "]", " ", ":", " ").Replace(text)
		}
	}
}

// Quote puts untrusted text into a prompt as data of somebody, on one line and between marks that its author cannot know.
func Quote(text, author, trust string) string {
	mark := rand.Text()[:8]
	return "[" + mark + " from " + line(author, 40) + ", " + line(trust, 20) + "] " + line(text, 4000) + " [end " + mark + "]"
}

func line(text string, most int) string { return strings.Join(strings.Fields(Clean(text, most)), " ") }
