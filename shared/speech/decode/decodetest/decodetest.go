// Package decodetest makes the recordings that a decoder must refuse: headers that lie, and files that are small and last for hours.
package decodetest

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/frame"
	"github.com/mewkiz/flac/meta"

	"github.com/intellifit/intellifit/shared/speech/wav"
)

// WAV is one whose header says what it likes: code 1 is integers and 3 floating point, promised is the size of the data in bytes.
func WAV(code, channels, rate, bits int, promised uint32, data []byte) []byte {
	h := wav.Header(rate, wav.Streaming)
	le := binary.LittleEndian
	le.PutUint16(h[20:], uint16(code))
	le.PutUint16(h[22:], uint16(channels))
	le.PutUint16(h[32:], uint16(channels*bits/8))
	le.PutUint16(h[34:], uint16(bits))
	le.PutUint32(h[40:], promised)
	return append(h, data...)
}

// FLACHour is an hour of silence in about ten kilobytes.
func FLACHour(t testing.TB) []byte {
	t.Helper()
	const size = 65520
	var b bytes.Buffer
	e, err := flac.NewEncoder(&b, &meta.StreamInfo{BlockSizeMin: size, BlockSizeMax: size, SampleRate: 16000, NChannels: 1, BitsPerSample: 16})
	if err != nil {
		t.Fatal(err)
	}
	for n := range uint64(3600 * 16000 / size) {
		f := &frame.Frame{
			Header:    frame.Header{HasFixedBlockSize: true, BlockSize: size, SampleRate: 16000, Channels: frame.ChannelsMono, BitsPerSample: 16, Num: n},
			Subframes: []*frame.Subframe{{SubHeader: frame.SubHeader{Pred: frame.PredConstant}, Samples: make([]int32, size), NSamples: size}},
		}
		if err := e.WriteFrame(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// MP3Hours is two hours of silence at the lowest bit rate: frames of MPEG-2 at 24 kHz of 24 bytes each.
func MP3Hours() []byte {
	return bytes.Repeat(append([]byte{0xFF, 0xF3, 0x14, 0xC0}, make([]byte, 20)...), 7200*24000/576)
}
