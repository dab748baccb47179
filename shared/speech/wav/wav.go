// Package wav reads and writes RIFF WAVE files.
package wav

import (
	"errors"
	"io"

	"github.com/intellifit/intellifit/shared/speech/pcm"
)

// Streaming is the length for Header when it is not known beforehand.
const Streaming = -1

// Header is the 44 bytes that go before n samples of mono 16-bit sound, or before a stream of them.
func Header(rate, n int) []byte { panic("wav.Header is not written yet") }

// Write writes the clip as mono 16-bit WAV.
func Write(w io.Writer, c pcm.Clip) error { return errors.New("wav.Write is not written yet") }

// Read reads a WAV file of at most maxSamples samples a channel and mixes it down to mono.
func Read(r io.Reader, maxSamples int) (pcm.Clip, error) {
	return pcm.Clip{}, errors.New("wav.Read is not written yet")
}
