package voice

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestClauses(t *testing.T) {
	t.Parallel()
	long := "This sentence has no comma and goes on and on until it is longer than anybody wants to listen to without a pause, which is why it is cut at the comma before that."
	for _, c := range []struct {
		name string
		in   []string
		want []string
	}{
		{"one short sentence", []string{"Yes."}, []string{"Yes."}},
		{"the first may end at a comma", []string{"You train on Monday, and then you rest."}, []string{"You train on Monday,", "and then you rest."}},
		{"but not too early", []string{"Yes, you can do that, if you like."}, []string{"Yes, you can do that,", "if you like."}},
		{"a time and a weight are whole", []string{"Take 2.5 kg at 18:30. Then rest."}, []string{"Take 2.5 kg at 18:30.", "Then rest."}},
		{"abbreviations end nothing", []string{"Eat enough protein, e.g. lentils. Good."}, []string{"Eat enough protein,", "e.g. lentils.", "Good."}},
		{"sentences as they come", []string{"Your knee comes first.", " Take care.", " Rest today"}, []string{"Your knee comes first.", "Take care.", "Rest today"}},
		{"a later long one is cut at its comma", []string{"Good question, really.", " " + long}, []string{"Good question,", "really.", long[:strings.Index(long, " which")], "which is why it is cut at the comma before that."}},
		{"nothing", []string{"", "  "}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var cut clauses
			var got []string
			for _, text := range c.in {
				got = append(got, cut.write(text)...)
			}
			got = append(got, cut.end()...)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestClausesLoseNothing: however the text comes, its words are all there, in order, in clauses of bounded length.
func TestClausesLoseNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.StringMatching(`( ?[a-zé]{1,12}[,.;:!?…]?){0,30}`), 0, 8).Draw(t, "parts")
		var cut clauses
		var got []string
		for _, p := range parts {
			got = append(got, cut.write(p)...)
		}
		got = append(got, cut.end()...)
		squeezed := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if want := squeezed(strings.Join(parts, "")); squeezed(strings.Join(got, "")) != want {
			t.Fatalf("%q became %q", want, got)
		}
		for i, c := range got {
			if n := utf8.RuneCountInString(c); n == 0 || n > laterMost || i == 0 && n > firstMost {
				t.Fatalf("clause %d has %d characters: %q", i, n, c)
			}
		}
	})
}
