package wording_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/wording"
)

var list = []wording.Entry{
	{Code: "pain", Phrases: []string{"chest ~2 pain|hurts", "brustschmerz*"}, Unless: []string{"chest press ~4 shoulder"}},
	{Code: "faint", Phrases: []string{"fainting", "=faint"}},
	{Code: "pain", Phrases: []string{"stitch"}},
}

var denials = wording.Denials{Words: []string{"no", "not", "without"}, Between: []string{"any", "or", "i", "have"}, Turns: []string{"but"}, Answers: []string{"no"}, Starts: []string{"i"}}

func TestFind(t *testing.T) {
	t.Parallel()
	lexicon := wording.Compile(list, denials, nil)
	for text, want := range map[string][]string{
		"":                              nil,
		"my chest really hurts":         {"pain"},
		"my chst has some pain":         {"pain"}, // one typo in a word of five letters
		"chest, pain":                   nil,      // words of a phrase stand between two commas
		"chest a b c pain":              nil,      // three words in a gap of two
		"no chest pain":                 nil,
		"no chest pain but fainting":    {"faint"},
		"without any fainting or pain":  nil,
		"no i have chest pain":          {"pain"}, // an answer, then a finding
		"chest pain: no":                nil,
		"chest press, chest pain":       {"pain"},
		"chest press pain in shoulder":  nil, // a harmless use
		"brustschmerzen":                {"pain"},
		"a stitch and a faint":          {"pain", "faint"},
		"painting":                      nil,
		"CHE\u200bST PAIN":              {"pain"},
		"feints and saint":              nil,
		"not only that. fainting":       {"faint"},
		"i have not had any ch\u00e9st": nil,
	} {
		got := lexicon.Find(wording.Read(text), nil)
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	if got := lexicon.Find(wording.Read("chest pain"), func(h wording.Hit) bool { return h.Start > 0 }); got != nil {
		t.Errorf("a hit that is not kept counts: %v", got)
	}
	if !lexicon.Knows("chest") || lexicon.Knows("brustschmerz") || lexicon.Knows("knee") {
		t.Error("the lexicon does not know its own words")
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	var words []string
	for _, token := range wording.Read("Don’t eat 1,500kcal; Übelkeit, ＡＢＣ!") {
		words = append(words, token.Word)
	}
	if diff := cmp.Diff([]string{"dont", "eat", "1", "500", "kcal", "ubelkeit", "abc"}, words); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzFind(f *testing.F) {
	lexicon := wording.Compile(list, denials, nil)
	for _, s := range []string{"chest pain", "no", "\xff", "ß chest"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tokens := wording.Read(text)
		lexicon.Find(tokens, func(h wording.Hit) bool {
			if h.Start < 0 || h.End > len(tokens) || h.Start >= h.End {
				t.Errorf("%q: hit %+v of %d tokens", text, h, len(tokens))
			}
			return true
		})
	})
}
