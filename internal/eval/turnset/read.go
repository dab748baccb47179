package turnset

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"

	"github.com/intellifit/intellifit/shared/speech/pcm"
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
		if recordings[name], err = plainWAV(b); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
	}
	return recordings, nil
}

// plainWAV reads a file of 16-bit mono samples at 16 kHz, and no other.
func plainWAV(b []byte) (pcm.Clip, error) {
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return pcm.Clip{}, fmt.Errorf("it is no WAV file")
	}
	known := false
	for at := 12; at+8 <= len(b); {
		id, size := string(b[at:at+4]), int(binary.LittleEndian.Uint32(b[at+4:]))
		body := b[at+8:]
		body = body[:min(size, len(body))]
		switch {
		case id == "fmt " && size >= 16:
			le := binary.LittleEndian
			known = le.Uint16(body) == 1 && le.Uint16(body[2:]) == 1 && le.Uint32(body[4:]) == pcm.Rate && le.Uint16(body[14:]) == 16
		case id == "data" && known:
			return pcm.Of16(body, pcm.Rate), nil
		}
		at += 8 + size + size%2
	}
	return pcm.Clip{}, fmt.Errorf("it is not of 16-bit mono samples at %d Hz", pcm.Rate)
}
