package route

import (
	"slices"
	"strings"

	"github.com/intellifit/intellifit/shared/coach/numeral"
	"github.com/intellifit/intellifit/shared/gym"
)

// named is what an utterance says about who.
type named struct {
	ids     []string // the coaches that the name fits; more than one is a question
	own     bool     // "my coach", "him"
	any     bool     // "anyone"
	meant   bool     // "him", "her", "the same coach": somebody who was spoken of
	unknown string   // a name that no coach has
}

// namesOf are the words of the coaches' names, which no typo is corrected away from.
func namesOf(coaches []gym.Coach) map[string]bool {
	names := map[string]bool{}
	for _, c := range coaches {
		for _, part := range parts(c.Name) {
			if len(part) > 1 {
				names[part] = true
			}
		}
	}
	return names
}

func parts(name string) []string {
	return strings.FieldsFunc(fold([]rune(name)), func(r rune) bool { return r == ' ' || r == '.' || r == '-' || r == ',' })
}

// before are the words after which a name that is also a common word, such as Mark or Will, is a name.
var before = []string{"is", "book", "if", "with", "for", "coach", "trainer", "does", "has", "to", "see", "and", "from", "meet", "or", "by", "at", "than", "instead", "of"}

// findCoaches marks the coaches that u names and says who fits. A name with one wrong letter still counts when no word of
// the language is meant.
func findCoaches(u utterance, coaches []gym.Coach) (n named, marked []string) {
	marked = slices.Clone(u.words)
	fits := map[string]int{} // words of the name that were said
	hits := 0
	for i, w := range u.words {
		for _, c := range coaches {
			for k, part := range parts(c.Name) {
				if !isName(u.words, i, w, part, k == 0) {
					continue
				}
				fits[c.ID]++
				marked[i] = "xcoach"
			}
		}
		if marked[i] == "xcoach" {
			hits++
		}
	}
	most := 0
	for _, k := range fits {
		most = max(most, k)
	}
	for _, c := range coaches {
		if most > 0 && fits[c.ID] == most {
			n.ids = append(n.ids, c.ID)
		}
	}
	if len(n.ids) > 1 && hits > 1 && most == 1 { // "Jonas or Lea": the first one that was named leads
		if first := firstNamed(u, coaches, n.ids); first != nil {
			n.ids = first
		}
	}
	marked = slices.Compact(marked) // "Lea Sommer" is one coach
	plain := " " + strings.Join(marked, " ") + " "
	n.own = ownForm.MatchString(plain)
	n.any = anyForm.MatchString(plain)
	n.meant = len(n.ids) == 0 && meantForm.MatchString(plain)
	if len(n.ids) == 0 && !n.own && !n.any {
		n.unknown = unknownName(u)
	}
	return n, marked
}

func firstNamed(u utterance, coaches []gym.Coach, ids []string) []string {
	for i, w := range u.words {
		var here []string
		for _, c := range coaches {
			if !slices.Contains(ids, c.ID) {
				continue
			}
			for k, part := range parts(c.Name) {
				if isName(u.words, i, w, part, k == 0) {
					here = append(here, c.ID)
					break
				}
			}
		}
		if len(here) > 0 {
			return here
		}
	}
	return nil
}

func isName(words []string, i int, w, part string, first bool) bool {
	if len(part) < 2 {
		return false
	}
	if w == part || strings.TrimSuffix(w, "s") == part && len(part) > 2 && !english.known[w] {
		if !english.known[part] {
			return true
		}
		return i > 0 && slices.Contains(before, words[i-1]) || i+1 < len(words) && !first && len(words[i+1]) > 0 && i > 0
	}
	if english.known[w] || len(part) < 4 || len(w) < 4 || w[0] != part[0] && !(len(w) > 1 && w[0] == part[1] && w[1] == part[0]) {
		return false
	}
	most := 1
	if len(part) > 6 {
		most = 2
	}
	return distance(w, part, most) <= most
}

var (
	ownForm   = mustForm(`(?:my|the) (?:usual |regular |own |personal |normal )?(?:coach|trainer|guy|instructor)|(?:with|see|is|does|can|has|meet|ask|tell|for|than|from) (?:him|her|he|she)|(?:my|the) usual|same coach|same trainer|^(?:him|her|coach|trainer)( please)?$|with (?:coach|trainer)`)
	meantForm = mustForm(`him|her|he|she|them|same (?:coach|trainer|person|guy|one)`)
	anyForm   = mustForm(`anyone|anybody|any(?: other)? (?:coach|trainer|coaches|trainers)|any of the|any(?: one)? of (?:you|them)|whoever|who(?:ever)? is|who (?:has|can|else|could)|someone|somebody|some coach|no matter who|(?:do|does) not (?:care|mind|matter) who|(?:a|another|some other|different) (?:coach|trainer)|which (?:coach|coaches|trainer|trainers)|first available`)
	// stranger is a word after "with" that is no word of the language: most likely a name.
	stranger = mustForm(`(?:with|coach|trainer|is|has|does|if|book) ([a-z]{3,20})`)
)

// unknownName is a name of somebody who is no coach here.
func unknownName(u utterance) string {
	for _, at := range stranger.FindAllStringSubmatch(u.plain, -1) {
		w := at[1]
		_, counted := numeral.Word(w)
		if !english.known[w] && !counted && !strings.HasPrefix(w, "x") && !slices.ContainsFunc(masks, func(m mask) bool { return m.form.MatchString(" " + w + " ") }) && english.correct(w, nil) == w && !inflected(w) {
			return w
		}
	}
	return ""
}

// inflected reports whether w is a known word with an ending.
func inflected(w string) bool {
	for _, suffix := range []string{"s", "es", "ing", "ed", "er", "ly", "y"} {
		if stem, ok := strings.CutSuffix(w, suffix); ok && len(stem) > 2 && (english.known[stem] || english.known[stem+"e"]) {
			return true
		}
	}
	return false
}

// nameOf is the name of the coach with an id.
func nameOf(coaches []gym.Coach, id string) string {
	for _, c := range coaches {
		if c.ID == id {
			return c.Name
		}
	}
	return ""
}
