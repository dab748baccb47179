package models

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestDropTornParts: the blob with an empty note starts anew, as a whole; the one whose notes are whole goes on.
func TestDropTornParts(t *testing.T) {
	dir := t.TempDir()
	if err := DropTornParts(dir); err != nil {
		t.Fatalf("a folder without blobs: %v", err)
	}
	blobs := filepath.Join(dir, "blobs")
	if err := os.MkdirAll(blobs, 0o700); err != nil {
		t.Fatal(err)
	}
	whole := `{"N":0,"Offset":0,"Size":100,"Completed":40}`
	for name, content := range map[string]string{
		"sha256-aa":           "a blob that is here",
		"sha256-bb-partial":   "bytes",
		"sha256-bb-partial-0": whole,
		"sha256-bb-partial-1": whole,
		"sha256-cc-partial":   "bytes",
		"sha256-cc-partial-0": whole,
		"sha256-cc-partial-1": "",
		"sha256-dd-partial":   "bytes",
		"sha256-dd-partial-0": whole[:20],
	} {
		if err := os.WriteFile(filepath.Join(blobs, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := DropTornParts(dir); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(blobs)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range left {
		names = append(names, e.Name())
	}
	if want := []string{"sha256-aa", "sha256-bb-partial", "sha256-bb-partial-0", "sha256-bb-partial-1"}; !slices.Equal(names, want) {
		t.Errorf("left: %v, want %v", names, want)
	}
}
