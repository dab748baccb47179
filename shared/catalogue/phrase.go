package catalogue

import (
	"regexp"
	"strings"
	"sync"
)

// phrases matches any of the given words or phrases as whole words, singular or plural, in lower-case text.
type phrases struct{ *regexp.Regexp }

var compiled sync.Map // list → phrases

// words compiles a list separated by "|", once. A trailing * matches any ending.
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
		a = strings.TrimSpace(a)
		if open, found := strings.CutSuffix(a, "*"); found {
			alternatives[i] = regexp.QuoteMeta(open) + `\pL*`
			continue
		}
		alternatives[i] = regexp.QuoteMeta(a) + `(?:e?s)?`
	}
	return phrases{regexp.MustCompile(`(?:^|[^\pL\pN])(` + strings.Join(alternatives, "|") + `)(?:$|[^\pL\pN])`)}
}

func (p phrases) in(text string) bool { return p.MatchString(text) }

// without replaces every match by a gap, so that later rules do not see it.
func (p phrases) without(text string) string {
	for p.MatchString(text) {
		at := p.FindStringSubmatchIndex(text)
		text = text[:at[2]] + " ~ " + text[at[3]:]
	}
	return text
}
