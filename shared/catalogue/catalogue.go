// Package catalogue reads what a gym imports (exercises, foods, equipment, members), checks every row, and derives what the
// files do not say: movement patterns, injury tags, roles, diets and allergens. Where the rules cannot tell, a row is left
// out for whoever could be harmed, and stands on a list for review.
package catalogue

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/intellifit/intellifit/shared/gym"
)

// Limits of an imported file.
const (
	MaxFile        = 64 << 20 // bytes
	MaxRows        = 200_000
	maxName        = 300  // characters
	maxDescription = 4000 // characters; more is cut
	maxID          = 128  // bytes
	maxKind        = 64   // bytes, of a kind of equipment
)

// Problem is one thing that is wrong with one row.
type Problem struct {
	Line   int    `json:"line"` // of a CSV file, or the 1-based row of a JSON array
	ID     string `json:"id,omitempty"`
	Field  string `json:"field"`
	Reason string `json:"reason"`
}

func (p Problem) String() string {
	if p.Field == "" {
		return fmt.Sprintf("line %d: %s", p.Line, p.Reason)
	}
	return fmt.Sprintf("line %d, %s: %s", p.Line, p.Field, p.Reason)
}

// Review is a row about which the rules were not sure; a person should look at it.
type Review struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// Result is what a reader made of a file. Rows holds the good rows; with any Problem an import refuses the whole file
// unless it is told to skip bad rows.
type Result[T any] struct {
	Rows     []T
	Problems []Problem
	Review   []Review
}

// problem notes what is wrong. What it repeats of the file is cut and made harmless: it ends on a terminal.
func (r *Result[T]) problem(line int, id, field, format string, args ...any) {
	r.Problems = append(r.Problems, Problem{line, cut(clean(id), 40), cut(clean(field), 40), cut(clean(fmt.Sprintf(format, args...)), 600)})
}

// read takes the whole file, bounded, and refuses what is no text.
func read(in io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(in, MaxFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read file: %w", err)
	case len(b) > MaxFile:
		return nil, gym.Errorf(gym.ErrTooLarge, "file_too_large", "the file has more than %d MB", MaxFile>>20)
	case !utf8.Valid(b):
		return nil, gym.Errorf(gym.ErrInvalid, "invalid_utf8", "the file is not UTF-8 text; save it as UTF-8 and import it again")
	}
	text := strings.TrimPrefix(string(b), "\ufeff")
	if strings.TrimSpace(text) == "" {
		return nil, gym.Errorf(gym.ErrInvalid, "file_empty", "the file is empty")
	}
	return []byte(text), nil
}

// clean makes imported text harmless to show: one line, no control or format characters.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}
