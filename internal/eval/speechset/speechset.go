// Package speechset holds sentences of a coach for the measurement of speech: spoken by a voice, heard by a recogniser, and compared.
package speechset

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"strings"

	"github.com/intellifit/intellifit/internal/eval/jsonl"
)

// The parts of the set. Words and rules may be tuned on Train; Test is only ever measured.
const (
	Train = "train"
	Test  = "test"
)

// Sentence is one sentence as a coach writes it. README.md says how the set was made.
type Sentence struct {
	ID       string `json:"id"`
	Split    string `json:"split"`
	Template string `json:"template"`
	Text     string `json:"text"`
}

//go:embed sentences.jsonl
var file []byte

// Load reads the embedded set and refuses one that breaks its own conventions.
func Load() ([]Sentence, error) {
	list, err := Read(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	return list, Check(list)
}

// Read reads the lines of a set; a field that no line has is an error.
func Read(r io.Reader) ([]Sentence, error) {
	return jsonl.Strict[Sentence](r, "sentence %d of the speech set", nil)
}

// Check reports what breaks the conventions of the set: an id or a text twice, no split, a template in both.
func Check(list []Sentence) error {
	ids, texts, splits := map[string]bool{}, map[string]bool{}, map[string]string{}
	for _, s := range list {
		switch {
		case s.ID == "" || ids[s.ID]:
			return fmt.Errorf("sentence %q: the id is missing or taken", s.ID)
		case strings.TrimSpace(s.Text) == "" || texts[s.Text]:
			return fmt.Errorf("sentence %q: the text is missing or there already", s.ID)
		case s.Split != Train && s.Split != Test:
			return fmt.Errorf("sentence %q: the split is %q", s.ID, s.Split)
		case s.Template == "" || splits[s.Template] != "" && splits[s.Template] != s.Split:
			return fmt.Errorf("sentence %q: the template %q is missing or in both splits", s.ID, s.Template)
		}
		ids[s.ID], texts[s.Text], splits[s.Template] = true, true, s.Split
	}
	return nil
}
