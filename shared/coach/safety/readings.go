package safety

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/intellifit/intellifit/shared/wording"
)

// readings gives the ways to read a message: as it stands, and with disguises undone. Both count, since undoing can also
// spoil what was plain ("500kcal").
func readings(message string) []string {
	plain := squeeze(latin(norm.NFKC.String(message)), 2)
	undone := joined(squeeze(unleeted(plain), 1))
	if undone == plain {
		return []string{plain}
	}
	return []string{plain, undone}
}

// lookalikes are the letters of other scripts that pass for Latin ones.
var lookalikes = func() map[rune]rune {
	m := map[rune]rune{}
	for _, pair := range []string{
		"аa", "вb", "еe", "ёe", "һh", "нh", "іi", "їi", "јj", "кk", "мm", "оo", "рp", "ѕs", "сc", "тt", "уy", "хx", "ԁd", "ԛq", "ԝw", "ӏl", // Cyrillic
		"αa", "εe", "ηn", "ιi", "κk", "νv", "οo", "ρp", "τt", "υu", "χx", "γy", "ωw", // Greek
		"ɑa", "ɡg", "ɩi", "ʟl", "ɴn", "ɪi", "ʀr", "ᴀa", "ᴄc", "ᴅd", "ᴇe", "ᴋk", "ᴍm", "ᴏo", "ᴘp", "ᴛt", "ᴜu", "ᴠv", "ᴡw", "ᴢz", "ʜh", "ɢg", "ʙb", "ꜱs", "ʏy",
		"€e", "£l", "¢c", "¡i",
	} {
		r := []rune(pair)
		m[r[0]] = r[1]
	}
	return m
}()

// latin writes lookalikes as Latin letters and drops what is not seen.
func latin(text string) string {
	return strings.Map(func(r rune) rune {
		if invisible(r) {
			return -1
		}
		if plain, ok := lookalikes[unicode.ToLower(r)]; ok {
			return plain
		}
		return r
	}, text)
}

// squeeze shortens letters that were drawn out to most in a row: "heeeelp". No English word has three.
func squeeze(text string, most int) string {
	var b strings.Builder
	runes := []rune(text)
	for i := 0; i < len(runes); {
		end := i + 1
		for end < len(runes) && runes[end] == runes[i] {
			end++
		}
		n := end - i
		if n > 2 && unicode.IsLetter(runes[i]) {
			n = most
		}
		b.WriteString(string(runes[i : i+n]))
		i = end
	}
	return b.String()
}

var leet = map[rune]rune{'0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '8': 'b', '@': 'a', '$': 's', '!': 'i', '|': 'l', '*': 'i', '+': 't'}

// unleeted reads digits and signs that stand for letters inside words: "su1c1de", "k!ll".
func unleeted(text string) string {
	fields := strings.Fields(text)
	for i, f := range fields {
		runes := []rune(f)
		last := len(runes) - 1
		for last >= 0 && !unicode.IsLetter(runes[last]) && !unicode.IsDigit(runes[last]) {
			last-- // a mark at the end is punctuation
		}
		letters := 0
		for _, r := range runes {
			if unicode.IsLetter(r) {
				letters++
			}
		}
		if letters < 2 {
			continue
		}
		for k := 0; k <= last; k++ {
			if plain, ok := leet[runes[k]]; ok {
				runes[k] = plain
			}
		}
		fields[i] = string(runes)
	}
	return strings.Join(fields, " ")
}

// short are the little words that spelled-out text is cut at; the rest comes from the lexicon.
var short = set([]string{"i", "a", "am", "my", "me", "in", "is", "it", "to", "on", "of", "the", "and", "have", "want", "dont", "cant", "after", "get", "got", "can", "how", "been", "myself"})

// joined closes up words that were spelled letter by letter ("s u i c i d e", "p.u.r.g.e") or cut in two ("sui cide"), and parts
// those that were written as one ("chestpain").
func joined(text string) string {
	var out []string
	var letters strings.Builder
	flush := func() {
		if s := strings.ToLower(letters.String()); len(s) > 0 {
			out = append(out, cut(s)...)
			letters.Reset()
		}
	}
	fields := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) })
	for i := 0; i < len(fields); i++ {
		f := fields[i]
		if spelled, ok := spelledOut(f); ok {
			letters.WriteString(spelled)
			continue
		}
		flush()
		word := strings.ToLower(strings.TrimFunc(f, func(r rune) bool { return !unicode.IsLetter(r) }))
		if i+1 < len(fields) {
			next := strings.ToLower(strings.TrimFunc(fields[i+1], func(r rune) bool { return !unicode.IsLetter(r) }))
			if whole := word + next; len(whole) >= 7 && lexicon.Knows(whole) && !(lexicon.Knows(word) && lexicon.Knows(next)) {
				out = append(out, whole)
				i++
				continue
			}
		}
		if len(word) >= 8 && len(word) <= 40 && !lexicon.Knows(word) {
			if parts := cut(word); len(parts) == 2 && len(parts[0]) >= 4 && len(parts[1]) >= 4 {
				out = append(out, parts...)
				continue
			}
		}
		out = append(out, f)
	}
	flush()
	return strings.Join(out, " ")
}

// spelledOut reads a field that is one letter or letters parted by signs: "s", "p.u.r.g.e".
func spelledOut(field string) (string, bool) {
	var b strings.Builder
	before := false // the last rune was a letter
	for _, r := range field {
		switch {
		case unicode.IsLetter(r) && before:
			return "", false
		case unicode.IsLetter(r):
			b.WriteRune(r)
			before = true
		case unicode.IsDigit(r):
			return "", false
		default:
			before = false
		}
	}
	return b.String(), b.Len() > 0
}

// cut parts letters into words that the lexicon knows, the fewest; a single one when there is no way.
func cut(letters string) []string {
	if len(letters) > 200 {
		return []string{letters}
	}
	best := make([][]string, len(letters)+1)
	best[0] = []string{}
	for end := 1; end <= len(letters); end++ {
		for start := max(0, end-16); start < end; start++ {
			word := letters[start:end]
			if best[start] == nil || !short[word] && (len(word) < 3 || !lexicon.Knows(word)) {
				continue
			}
			if best[end] == nil || len(best[start])+1 < len(best[end]) {
				best[end] = append(slices.Clone(best[start]), word)
			}
		}
	}
	if best[len(letters)] == nil {
		return []string{letters}
	}
	return best[len(letters)]
}

// spelled corrects the units of amounts, which are looked for by their exact words.
func spelled(tokens []wording.Token) []wording.Token {
	out := slices.Clone(tokens)
	for i, t := range out {
		if right, ok := units.Corrects(t.Word); ok {
			out[i].Word = right
		}
	}
	return out
}
