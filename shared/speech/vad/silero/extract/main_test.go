package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// message is a field with a length.
func message(field int, b string) string { return string(rune(field<<3|2)) + string(rune(len(b))) + b }

// TestInitializers: float tensors by name, others left out, broken files refused.
func TestInitializers(t *testing.T) {
	t.Parallel()
	half := "\x00\x00\x00\x3f"
	weights := message(graphInitializer, "\x10\x01"+message(tensorName, "w")+message(tensorRaw, half+half))
	shape := message(graphInitializer, "\x10\x07"+message(tensorName, "shape")+message(tensorRaw, "12345678"))
	model := "\x08\x08" + message(modelGraph, shape+weights)
	got, err := initializers([]byte(model))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string][]float32{"w": {0.5, 0.5}}, got); diff != "" {
		t.Error(diff)
	}
	for n := 3; n < len(model); n++ {
		if _, err := initializers([]byte(model[:n])); err == nil {
			t.Errorf("cut after %d bytes: no error", n)
		}
	}
}

// TestRefusesAnotherModel: nothing is written of a file that is not the one whose layout was proved.
func TestRefusesAnotherModel(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "other.onnx"), filepath.Join(dir, "weights.bin")
	if err := os.WriteFile(in, []byte("\x08\x08"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{in}, out); err == nil || !strings.Contains(err.Error(), "sha256") {
		t.Errorf("error %v, want one about the sha256", err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("weights were written")
	}
}
