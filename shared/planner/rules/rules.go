// Package rules holds every threshold and table that a plan is made from, in one versioned file with a source per rule.
// Code reads them from here and nowhere else, so that a qualified person can review one file.
package rules

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"
)

//go:embed rules.json
var file []byte

// Rules is the whole file.
type Rules struct {
	Version   string    `json:"version"`
	Gate      Gate      `json:"gate"`
	Injuries  Injuries  `json:"injuries"`
	Training  Training  `json:"training"`
	Nutrition Nutrition `json:"nutrition"`
}

// Default returns the embedded rules. The file is checked by a test; a broken one is a programming error.
var Default = sync.OnceValue(func() *Rules {
	r, err := Read(file)
	if err != nil {
		panic(err)
	}
	return r
})

// Read parses a rules file and refuses fields that no rule reads.
func Read(b []byte) (*Rules, error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	var r Rules
	if err := dec.Decode(&r); err != nil {
		return nil, fmt.Errorf("read rules: %w", err)
	}
	return &r, nil
}
