package when

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/intellifit/intellifit/shared/coach/numeral"
)

// token is a word, a number or a mark of the text.
type token struct {
	text    string // lower case
	from    int    // byte of the text
	to      int
	number  bool
	n       int  // of a number
	figures int  // how many digits a written number has, 0 when it is spoken
	ordinal bool // "27th", "twenty seventh"
	mark    bool
	glued   bool // nothing stands between it and the token before
}

// tokenize cuts text into tokens. Numbers are taken off the letters that stick to them: "5pm" is "5", "pm". A hyphen counts as
// a mark before figures only: "4-6", but "half-past" is "half", "past".
func tokenize(text string) []token {
	var raw []token
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		end := i + size
		t := token{from: i}
		switch {
		case figure(r):
			for end < len(text) && figure(rune(text[end])) {
				end++
			}
			t.number, t.figures = true, end-i
			if t.n = 1 << 30; end-i < 9 { // longer ones are no time, whatever they are
				t.n, _ = strconv.Atoi(text[i:end])
			}
		case unicode.IsLetter(r):
			end = wordEnd(text, end)
		case unicode.IsSpace(r) || unicode.Is(unicode.Mn, r):
			i = end
			continue
		default:
			t.mark = true
		}
		t.text, t.to = strings.ToLower(text[i:end]), end
		if t.text == "–" || t.text == "—" {
			t.text = "-"
		}
		t.glued = len(raw) > 0 && raw[len(raw)-1].to == i
		raw = append(raw, t)
		i = end
	}
	return spoken(ordinals(unhyphened(raw)))
}

func figure(r rune) bool { return r >= '0' && r <= '9' }

func wordEnd(text string, end int) int {
	for end < len(text) {
		r, size := utf8.DecodeRuneInString(text[end:])
		if r == '\'' || r == '’' {
			next, _ := utf8.DecodeRuneInString(text[end+size:])
			if !unicode.IsLetter(next) {
				return end
			}
		} else if !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) {
			return end
		}
		end += size
	}
	return end
}

// unhyphened drops the hyphens inside compounds, but not those of "10am-12pm".
func unhyphened(raw []token) []token {
	out := raw[:0]
	for i, t := range raw {
		if t.text == "-" && t.glued && i+1 < len(raw) && raw[i+1].glued && !raw[i+1].number {
			continue
		}
		out = append(out, t)
	}
	return out
}

// ordinals joins "27" and "th".
func ordinals(raw []token) []token {
	var out []token
	for _, t := range raw {
		if n := len(out); n > 0 && t.glued && out[n-1].figures > 0 && out[n-1].figures < 3 && out[n-1].to == t.from {
			switch t.text {
			case "st", "nd", "rd", "th":
				out[n-1].text, out[n-1].to, out[n-1].ordinal = out[n-1].text+t.text, t.to, true
				continue
			}
		}
		out = append(out, t)
	}
	return out
}

// mostWords is how many words the longest number or ordinal takes: "a hundred and twenty five".
const mostWords = 5

// spoken joins the words of a number.
func spoken(raw []token) []token {
	var out []token
	for i := 0; i < len(raw); {
		var words []string
		for _, t := range raw[i:min(len(raw), i+mostWords)] {
			if t.number || t.mark {
				break
			}
			words = append(words, t.text)
		}
		value, n := numeral.Ordinal(words)
		isOrdinal := n > 0
		if n == 0 {
			value, n = numeral.Read(words)
		}
		if n == 0 || words[0] == "dozen" || words[0] == "a" {
			out = append(out, raw[i])
			i++
			continue
		}
		out = append(out, token{text: strings.Join(words[:n], " "), from: raw[i].from, to: raw[i+n-1].to, number: true, n: value, ordinal: isOrdinal, glued: raw[i].glued})
		i += n
	}
	return out
}
