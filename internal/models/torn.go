package models

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// DropTornParts makes the interrupted downloads in Ollama's folder of models fit to go on. Ollama notes how far each part
// of a blob is in a file that it empties before it writes it; ended between the two, it leaves an empty note, and every
// later pull of that blob fails with "EOF". Such a blob starts anew: without the note nobody knows which of its bytes are
// here. No Ollama may run on the folder meanwhile.
func DropTornParts(dir string) error {
	notes, err := filepath.Glob(filepath.Join(dir, "blobs", "*-partial-*"))
	if err != nil {
		return fmt.Errorf("look for interrupted pulls: %w", err)
	}
	torn := map[string]bool{}
	for _, note := range notes {
		content, err := os.ReadFile(note)
		if err != nil {
			return fmt.Errorf("look for interrupted pulls: %w", err)
		}
		if !json.Valid(content) {
			torn[note[:strings.LastIndex(note, "-partial-")]] = true
		}
	}
	for blob := range torn {
		parts, err := filepath.Glob(blob + "-partial*")
		if err != nil {
			return fmt.Errorf("look for interrupted pulls: %w", err)
		}
		for _, part := range parts {
			if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("drop an interrupted pull: %w", err)
			}
		}
	}
	return nil
}
