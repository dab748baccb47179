// Package wav reads and writes RIFF WAVE files: whole ones, ones that are written as they are recorded, and ones that lie.
package wav

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/intellifit/intellifit/shared/speech/pcm"
)

// Streaming is the length for Header when it is not known beforehand.
const Streaming = -1

// HeaderSize is the length of Header in bytes.
const HeaderSize = 44

// Header goes before n samples of mono 16-bit sound, or before a Streaming number of them: its sizes are 0xFFFFFFFF then, by
// which players know to read on until the end.
func Header(rate, n int) []byte {
	data, all := uint32(0xFFFFFFFF), uint32(0xFFFFFFFF)
	if n >= 0 && int64(n)*2+HeaderSize-8 < 0xFFFFFFFF {
		data, all = uint32(2*n), uint32(2*n+HeaderSize-8)
	}
	le := binary.LittleEndian
	h := make([]byte, 0, HeaderSize)
	h = le.AppendUint32(append(h, "RIFF"...), all)
	h = le.AppendUint32(append(h, "WAVEfmt "...), 16)
	h = le.AppendUint16(h, codePCM)
	h = le.AppendUint16(h, 1) // channel
	h = le.AppendUint32(h, uint32(rate))
	h = le.AppendUint32(h, uint32(2*rate)) // bytes a second
	h = le.AppendUint16(h, 2)              // bytes a sample
	h = le.AppendUint16(h, 16)
	return le.AppendUint32(append(h, "data"...), data)
}

// Write writes the clip as mono 16-bit WAV.
func Write(w io.Writer, c pcm.Clip) error {
	if _, err := w.Write(append(Header(c.Rate, len(c.Samples)), c.Bytes16()...)); err != nil {
		return fmt.Errorf("write the WAV: %w", err)
	}
	return nil
}

// Read reads a WAV of at most maxSamples samples a channel, and mixes its channels down to their mean. What its header
// promises and its data lacks is left out.
func Read(r io.Reader, maxSamples int) (pcm.Clip, error) {
	wr, err := NewReader(r)
	if err != nil {
		return pcm.Clip{}, err
	}
	c := pcm.Clip{Rate: wr.Rate}
	block := make([]float32, 4096*wr.Channels)
	for {
		n, err := wr.Read(block)
		if n/wr.Channels > maxSamples-len(c.Samples) {
			return pcm.Clip{}, fmt.Errorf("read the WAV: more than %d samples", maxSamples)
		}
		c.Samples = pcm.Mix(c.Samples, block[:n], wr.Channels)
		if err == io.EOF {
			return c, nil
		}
		if err != nil {
			return pcm.Clip{}, err
		}
	}
}
