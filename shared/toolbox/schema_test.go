package toolbox_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/toolbox"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestSchemasAreStable holds the list that models see to its bytes: a change costs the computed part of every prompt and may
// break programs, so it must be meant.
func TestSchemasAreStable(t *testing.T) {
	t.Parallel()
	path := filepath.Join("testdata", "openai.json")
	var got bytes.Buffer
	encoder := json.NewEncoder(&got)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(toolbox.New(toolbox.Deps{}).OpenAI(gym.RoleMember)); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("the schemas changed (-want +got), -update rewrites them:\n%s", diff)
	}
	for _, tool := range toolbox.New(toolbox.Deps{}).For(gym.RoleMember) {
		other, _ := toolbox.New(toolbox.Deps{}).Find(tool.Name())
		if !bytes.Equal(tool.Schema(), other.Schema()) {
			t.Errorf("%s: two registries, two schemas", tool.Name())
		}
	}
}
