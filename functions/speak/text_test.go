package speak

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestCut(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text string
		want []string
	}{
		{"Squat. Rest.", []string{"Squat. Rest."}},
		{"Keep your back straight. Then rest a while.", []string{"Keep your back", "straight. Then rest", "a while."}},
		{"One. Two. Three. Four. Five. Six.", []string{"One. Two. Three.", "Four. Five. Six."}},
		{"One\nand another line of it", []string{"One\nand another line", "of it"}},
		{"A longer line\nand another", []string{"A longer line", "and another"}},
		{"Aaaaaaaaaaaaaaaaaaaaaaaaaaaaé", []string{"Aaaaaaaaaaaaaaaaaaaa", "aaaaaaaaé"}},
		{"… – !", nil},
		{"                         … and", []string{"… and"}},
		{"", nil},
	} {
		if diff := cmp.Diff(tc.want, cut(tc.text, 20)); diff != "" {
			t.Errorf("%q:\n%s", tc.text, diff)
		}
	}
}

func FuzzCut(f *testing.F) {
	f.Add("Keep your back straight. Then rest.\nWell done: one more!", 9)
	f.Fuzz(func(t *testing.T, text string, most int) {
		if most < 1 || most > 100 || !utf8.ValidString(text) {
			return
		}
		parts := cut(text, most)
		for _, p := range parts {
			if utf8.RuneCountInString(p) > most || p == "" {
				t.Fatalf("%q of %d characters", p, most)
			}
		}
		said := strings.Join(strings.Fields(strings.Join(parts, "")), "")
		for _, r := range said {
			if at := strings.IndexRune(text, r); at < 0 {
				t.Fatalf("%q is not in %q in its order", said, text)
			} else {
				text = text[at+utf8.RuneLen(r):]
			}
		}
	})
}
