package spoken_test

import (
	"os"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/intellifit/intellifit/shared/speech/spoken"
)

// golden reads the lines of a table: what goes in, and what comes out.
func golden(t testing.TB, path string) [][2]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var rows [][2]string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "# What") {
			continue
		}
		in, out, ok := strings.Cut(line, "\t")
		if !ok {
			t.Fatalf("%s: no tab in %q", path, line)
		}
		rows = append(rows, [2]string{strings.ReplaceAll(in, `\n`, "\n"), out})
	}
	return rows
}

func TestSay(t *testing.T) {
	t.Parallel()
	rows := golden(t, "testdata/say.tsv")
	if len(rows) < 150 {
		t.Fatalf("only %d lines", len(rows))
	}
	for _, row := range rows {
		if got := spoken.Say(row[0]); got != row[1] {
			t.Errorf("%q is said\n  %q, want\n  %q", row[0], got, row[1])
		}
		checkSaid(t, row[0])
	}
}

func TestHear(t *testing.T) {
	t.Parallel()
	rows := golden(t, "testdata/hear.tsv")
	if len(rows) < 100 {
		t.Fatalf("only %d lines", len(rows))
	}
	for _, row := range rows {
		if got := spoken.Hear(row[0]); got != row[1] {
			t.Errorf("%q is heard as\n  %q, want\n  %q", row[0], got, row[1])
		}
		checkHeard(t, row[0])
	}
}

// checkSaid fails the test when what is said of a text is no plain speech.
func checkSaid(t *testing.T, text string) {
	t.Helper()
	said := spoken.Say(text)
	if !utf8.ValidString(said) || len(said) > 16*len(text)+64 || strings.TrimSpace(said) != said || strings.Contains(said, "  ") {
		t.Errorf("%q is said %q", text, said)
	}
	if i := strings.IndexFunc(said, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) && !unicode.Is(unicode.Mc, r) && !strings.ContainsRune(" .,;:!?'%", r)
	}); i >= 0 {
		t.Errorf("%q is said %q, with %q", text, said, said[i:])
	}
}

// checkHeard fails the test when hearing again changes what was heard, or it grows.
func checkHeard(t *testing.T, text string) {
	t.Helper()
	heard := spoken.Hear(text)
	if !utf8.ValidString(heard) || len(heard) > 2*len(text)+64 {
		t.Errorf("%q is heard as %q", text, heard)
	}
	if again := spoken.Hear(heard); again != heard {
		t.Errorf("%q is heard as %q, and that as %q", text, heard, again)
	}
}

// TestBounds: text of any length and kind comes back in bounded time and size.
func TestBounds(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		strings.Repeat("3x12 @ 60 kg, ", 5000), strings.Repeat("9", 100_000), strings.Repeat("1/", 50_000), strings.Repeat("-", 50_000), strings.Repeat("[[", 50_000), strings.Repeat("one ", 5000), strings.Repeat("twenty ", 3000),
		strings.Repeat("at six thirty p m ", 900), strings.Repeat("uh ", 9000), strings.Repeat(".,", 20_000), strings.Repeat("*_", 20_000), strings.Repeat("| a ", 9000), strings.Repeat("1. a\n", 9000), strings.Repeat("💪", 9000), strings.Repeat("\x00\xff", 9000), strings.Repeat("é", 20_000),
		strings.Repeat("3 by ", 5000), strings.Repeat("<a ", 9000), strings.Repeat("(", 20_000), strings.Repeat("&lt;", 9000), "", " ", "\n",
	} {
		checkSaid(t, text)
		checkHeard(t, text)
	}
}

func FuzzSay(f *testing.F) {
	for _, row := range golden(f, "testdata/say.tsv") {
		f.Add(row[0])
	}
	f.Fuzz(checkSaid)
}

func FuzzHear(f *testing.F) {
	for _, row := range golden(f, "testdata/hear.tsv") {
		f.Add(row[0])
	}
	f.Fuzz(checkHeard)
}
