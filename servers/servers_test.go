package servers

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// What a server needs must be in the binary: a new kind of file in its package is not, until the embed line names it.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	for server, carried := range map[string]fs.FS{"whisper": Whisper(), "tts": TTS()} {
		names := []string{"requirements.lock", "intellifit_" + server + "/__main__.py"}
		err := filepath.WalkDir(filepath.Join(server, "intellifit_"+server), func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && (d.Name() == "__pycache__" || d.Name()[0] == '.'):
				return filepath.SkipDir
			case d.IsDir():
				return nil
			}
			name, err := filepath.Rel(server, path)
			names = append(names, filepath.ToSlash(name))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			want, err := os.ReadFile(filepath.Join(server, filepath.FromSlash(name)))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := fs.ReadFile(carried, name); err != nil || string(got) != string(want) {
				t.Errorf("%s/%s is not carried as it is: %v", server, name, err)
			}
		}
	}
}
