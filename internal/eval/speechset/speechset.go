// Package speechset is what the coach says, in the product's own words: sentences with loads, units, names, dates and times, to be
// spoken and heard again. The split test is not tuned on.
package speechset

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
)

//go:embed sentences.jsonl
var sentences []byte

// Sentence is something the coach says.
type Sentence struct {
	ID    string `json:"id"`
	Text  string `json:"text"`
	Split string `json:"split"` // train or test, by template
}

// Sentences lists all.
func Sentences() (out []Sentence, err error) {
	for line := range bytes.Lines(sentences) {
		var s Sentence
		if err := json.Unmarshal(line, &s); err != nil {
			return nil, fmt.Errorf("read the sentences: %w", err)
		}
		out = append(out, s)
	}
	return out, nil
}
