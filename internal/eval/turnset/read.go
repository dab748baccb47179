package turnset

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/wav"
)

// Read reads the recordings that Make wants from a folder.
func Read(dir string) (map[string]pcm.Clip, error) {
	names, err := Files()
	if err != nil {
		return nil, err
	}
	recordings := map[string]pcm.Clip{}
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, fmt.Errorf("read a recording of speech: %w", err)
		}
		if recordings[name], err = wav.Read(bytes.NewReader(b), 60*pcm.Rate); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
	}
	return recordings, nil
}
