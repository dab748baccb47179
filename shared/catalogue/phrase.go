package catalogue

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
)

// phrases matches any of the given words or phrases as whole words, singular or plural, in folded text.
type phrases struct{ *regexp.Regexp }

var compiled sync.Map // list → phrases

// words compiles a list separated by "|", once. A * at the start or the end of a phrase stands for any letters there.
// "push-up" also matches "push up" and "push-ups".
func words(list string) phrases {
	if p, ok := compiled.Load(list); ok {
		return p.(phrases)
	}
	p := compile(list)
	compiled.Store(list, p)
	return p
}

func compile(list string) phrases {
	alternatives := strings.Split(list, "|")
	for i, a := range alternatives {
		a, open := strings.CutSuffix(a, "*")
		a, free := strings.CutPrefix(a, "*")
		a = fold(a)
		y, consonant := strings.CutSuffix(a, "y")
		consonant = consonant && !strings.HasSuffix(y, "a") && !strings.HasSuffix(y, "e") && !strings.HasSuffix(y, "o")
		switch {
		case open:
			a = regexp.QuoteMeta(a) + `\pL*`
		case consonant: // berry, berries
			a = regexp.QuoteMeta(y) + `(?:y|ies)`
		default:
			a = regexp.QuoteMeta(a) + `(?:e?s)?`
		}
		if free {
			a = `\pL*` + a
		}
		alternatives[i] = a
	}
	return phrases{regexp.MustCompile(`(?:^|[^\pL\pN])(` + strings.Join(alternatives, "|") + `)(?:$|[^\pL\pN])`)}
}

func (p phrases) in(text string) bool { return p.MatchString(text) }

// without replaces every match by a gap, so that later rules do not see it.
func (p phrases) without(text string) string {
	var b strings.Builder
	for {
		at := p.FindStringSubmatchIndex(text)
		if at == nil {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(text[:at[2]])
		b.WriteString(" ~ ")
		text = text[at[3]:]
	}
}

// fold makes names comparable: lower case, no accents, no apostrophes, and one space where hyphens, slashes and spaces
// were. "Pull-Ups" and "pullups" become the same.
func fold(s string) string {
	var b strings.Builder
	space := false
	for _, r := range s {
		switch {
		case r == '\'' || r == '’' || r == '‘' || r == '`' || r == '´':
			continue
		case unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || r == '/' || r == '_':
			space = true
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		r = unicode.ToLower(r)
		if plain, ok := accents[r]; ok {
			r = plain
		}
		b.WriteRune(r)
	}
	return apart.Replace(b.String())
}

// apart writes apart what some write as one word.
var apart = strings.NewReplacer("pushup", "push up", "pullup", "pull up", "chinup", "chin up", "situp", "sit up", "stepup", "step up",
	"pulldown", "pull down", "pushdown", "push down", "pressup", "press up")

var accents = map[rune]rune{
	'á': 'a', 'à': 'a', 'â': 'a', 'ä': 'a', 'ã': 'a', 'å': 'a', 'ç': 'c', 'é': 'e', 'è': 'e', 'ê': 'e', 'ë': 'e', 'í': 'i', 'ì': 'i', 'î': 'i', 'ï': 'i',
	'ñ': 'n', 'ó': 'o', 'ò': 'o', 'ô': 'o', 'ö': 'o', 'õ': 'o', 'ú': 'u', 'ù': 'u', 'û': 'u', 'ü': 'u', 'ý': 'y',
}
