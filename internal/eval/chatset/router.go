package chatset

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Line is one message of the router's set with its label. README.md says what the fields mean.
type Line struct {
	ID       string          `json:"id"`
	Split    string          `json:"split"`
	Template string          `json:"template"`
	Context  string          `json:"context"`
	Before   []string        `json:"before,omitempty"`
	Text     string          `json:"text"`
	Action   string          `json:"action"`
	Args     json.RawMessage `json:"args,omitempty"`
	Missing  []string        `json:"missing,omitempty"`
	Then     string          `json:"then,omitempty"`
	Tags     []string        `json:"tags,omitempty"`
}

//go:embed router.jsonl
var routerFile []byte

// LoadRouter reads the embedded router set and refuses one that breaks its own conventions.
func LoadRouter() ([]Line, error) {
	lines, err := ReadRouter(bytes.NewReader(routerFile))
	if err != nil {
		return nil, err
	}
	return lines, CheckRouter(lines)
}

// ReadRouter reads lines of a router set; a field that no line has is an error.
func ReadRouter(r io.Reader) ([]Line, error) {
	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields()
	var list []Line
	for {
		var l Line
		err := decoder.Decode(&l)
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read message %d of the router set: %w", len(list)+1, err)
		}
		list = append(list, l)
	}
}
