package chatset

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"io"

	"github.com/intellifit/intellifit/internal/eval/jsonl"
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
	return jsonl.Strict[Line](r, "message %d of the router set", nil)
}
