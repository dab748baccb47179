// Package servers carries the source of the Python servers that `intellifit up` runs beside the functions, and the lists of
// the packages that they need, so that the binary can bring them up in any folder. Nothing of them is linked into it: they
// are files that it writes and processes that it starts, which speak HTTP. The server tts is under the GPL-3.0; its licence
// travels with its source.
package servers

import (
	"embed"
	"io/fs"
)

//go:embed whisper/requirements.lock whisper/intellifit_whisper/*.py whisper/intellifit_whisper/assets/*
//go:embed tts/LICENSE tts/requirements.lock tts/intellifit_tts/*.py
var files embed.FS

// Whisper is the source of the server that hears.
func Whisper() fs.FS { return sub("whisper") }

// TTS is the source of the server that speaks.
func TTS() fs.FS { return sub("tts") }

func sub(dir string) fs.FS {
	f, err := fs.Sub(files, dir)
	if err != nil {
		panic("embedded folder " + dir + ": " + err.Error()) // only a malformed name fails
	}
	return f
}
