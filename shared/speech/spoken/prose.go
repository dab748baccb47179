package spoken

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/intellifit/intellifit/shared/coach/numeral"
)

var (
	// phonemes are read by Piper as sounds, letter by letter: nobody but us may write them, and we do not.
	phonemes = regexp.MustCompile(`\[\[[^\]]*\]\]`)
	fence    = regexp.MustCompile("(?m)^[ \t]*(?:```|~~~)[^\n]*$")
	image    = regexp.MustCompile(`!?\[([^\[\]\n]*)\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)`)
	markup   = regexp.MustCompile(`</?[a-zA-Z][^<>\n]{0,300}>|<!--[^>]*-->`)
	linkIn   = regexp.MustCompile(`\(\s*(?:https?://|ftp://|www\.)[^\s()<>\[\]]*\s*\)`)
	link     = regexp.MustCompile(`\b(?:https?://|ftp://|www\.)[^\s()<>\[\]]*[^\s()<>\[\].,;:!?"'*_]`)
	mail     = regexp.MustCompile(`\b[A-Za-z][\w.+-]*@[A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)+\b`)
	smiley   = regexp.MustCompile(`(^|\s)[:;8=]['-]?[()DPpO/|*]+(\s|$)`)
	heading  = regexp.MustCompile(`^#{1,6}\s+`)
	quote    = regexp.MustCompile(`^(?:>\s?)+`)
	bullet   = regexp.MustCompile(`^(?:[-*+•▪‣◦–·]|\[[ xX]\])\s+(?:\[[ xX]\]\s+)?`)
	numbered = regexp.MustCompile(`^\(?(\d{1,2})[.)]\s+`)
	rule3    = regexp.MustCompile(`^(?:[-*_=]\s?){3,}$`)
	columns  = regexp.MustCompile(`^\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?$`)
	times    = regexp.MustCompile(`(\d)\s?[×✕✖⨯]\s?`)
	product  = regexp.MustCompile(`(\d)\s\*\s(\d)`)
)

// letters writes what has several forms in one.
var letters = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2009", " ", "\u2011", "-", "\u2010", "-", "−", "-", "’", "'", "‘", "'", "´", "'", "“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`, "…", "... ",
	"½", " 1/2", "¼", " 1/4", "¾", " 3/4", "⅓", " 1/3", "⅔", " 2/3", "⅛", " 1/8", "²", " squared", "→", " to ", "⇒", " to ", "➜", " to ", "➡", " to ", "->", " to ", "=>", " to ", "&nbsp;", " ", "º", "°", "µ", "μ", "\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\t", " ")

// prose takes markup, addresses and marks out of a text, and makes sentences of its lines.
func prose(text string) string {
	text = letters.Replace(html.UnescapeString(text))
	text = phonemes.ReplaceAllString(text, " ")
	text = fence.ReplaceAllString(text, "")
	text = image.ReplaceAllString(text, "$1")
	text = markup.ReplaceAllString(text, " ")
	text = linkIn.ReplaceAllString(text, " ")
	text = link.ReplaceAllString(text, "the link")
	text = mail.ReplaceAllString(text, "the address")
	text = smiley.ReplaceAllString(text, "$1$2")
	text = times.ReplaceAllString(text, "${1}x")
	text = product.ReplaceAllString(text, "$1 x $2")
	return sentences(strings.Split(text, "\n"))
}

// sentences joins lines to sentences: an item of a list, a heading, a row of a table and the end of a paragraph each are one.
func sentences(lines []string) string {
	var b strings.Builder
	open := false // the last line has no end
	for _, line := range lines {
		line, item := plainLine(strings.TrimSpace(line))
		if line == "" {
			if open && item {
				b.WriteString(".")
				open = false
			}
			continue
		}
		if first, _ := utf8.DecodeRuneInString(line); open && (item || unicode.IsUpper(first) || unicode.IsDigit(first)) {
			b.WriteString(".")
		}
		b.WriteString(" ")
		b.WriteString(line)
		open = !strings.HasSuffix(line, ":") && !ended(line)
		if open && item {
			b.WriteString(".")
			open = false
		}
	}
	return strings.TrimSpace(b.String())
}

// plainLine takes the marks off a line. item says that the line stands for itself, as an empty one does that ends a paragraph.
func plainLine(line string) (plain string, item bool) {
	line = quote.ReplaceAllString(line, "")
	if line == "" || rule3.MatchString(line) || columns.MatchString(line) && strings.Contains(line, "-") {
		return "", true
	}
	if strings.HasPrefix(line, "|") {
		var cells []string
		for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
			if cell = strings.TrimSpace(cell); cell != "" {
				cells = append(cells, cell)
			}
		}
		return emphasis(strings.Join(cells, ", ")), true
	}
	switch n := numbered.FindStringSubmatch(line); {
	case heading.MatchString(line):
		line, item = heading.ReplaceAllString(line, ""), true
	case bullet.MatchString(line):
		line, item = bullet.ReplaceAllString(line, ""), true
	case n != nil && !monthOf(line[len(n[0]):]):
		line, item = numeral.Write(whole(n[1]))+", "+line[len(n[0]):], true
	}
	return emphasis(line), item
}

// emphasis takes the marks of emphasis and code off.
func emphasis(line string) string {
	return strings.TrimSpace(strings.NewReplacer("**", "", "__", "", "~~", "", "`", "", "*", "", "_", " ", "|", ", ").Replace(line))
}

// ended reports whether a line ends a sentence, with whatever closes behind the mark.
func ended(line string) bool {
	line = strings.TrimRight(line, `"')] `)
	return line == "" || strings.ContainsAny(line[len(line)-1:], ".!?;,")
}

// tidy puts spaces and marks in order and drops what no voice says.
func tidy(said string) string {
	var out []byte
	for word := range strings.FieldsSeq(strings.Map(sayable, said)) {
		body := strings.TrimLeft(word, marks)
		for _, mark := range []byte(word[:len(word)-len(body)]) { // belong to the word before
			out = closed(out, mark)
		}
		if body == "" {
			continue
		}
		if len(out) > 0 {
			out = append(out, ' ')
		}
		end := len(strings.TrimRight(body, marks))
		out = append(out, body[:end]...)
		for _, mark := range []byte(body[end:]) {
			out = closed(out, mark)
		}
	}
	return strings.TrimRight(string(out), ",;: ")
}

// marks are those that voices pause at, weakest first.
const marks = ",:;.!?"

// closed ends what was said with a mark. Of several the strongest stays.
func closed(out []byte, mark byte) []byte {
	if len(out) == 0 {
		return out
	}
	last := strings.IndexByte(marks, out[len(out)-1])
	if last < 0 {
		return append(out, mark)
	}
	if strings.IndexByte(marks, mark) > last {
		out[len(out)-1] = mark
	}
	return out
}

// sayable keeps letters, figures and the marks that voices pause at; everything else becomes a space or nothing.
func sayable(r rune) rune {
	switch {
	case unicode.IsLetter(r), r >= '0' && r <= '9', strings.ContainsRune(" .,;:!?'%", r):
		return r
	case unicode.Is(unicode.Mn, r) && !unicode.Is(unicode.Variation_Selector, r), unicode.Is(unicode.Mc, r):
		return r
	case unicode.IsDigit(r):
		return r
	case r == '-', r == '\n', unicode.IsSpace(r), unicode.IsPunct(r), unicode.IsControl(r):
		return ' '
	}
	return -1
}
