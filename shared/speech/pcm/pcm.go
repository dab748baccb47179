// Package pcm is sound as numbers: mono clips, their length, and the 16-bit form in which they travel.
package pcm

import (
	"encoding/binary"
	"math"
	"time"
)

// Rate is the sampling rate in Hz that recognisers of speech and detectors of voice take.
const Rate = 16_000

// Clip is mono sound. Samples are between -1 and 1.
type Clip struct {
	Rate    int // Hz
	Samples []float32
}

// Duration is how long the clip plays.
func (c Clip) Duration() time.Duration {
	if c.Rate <= 0 {
		return 0
	}
	return time.Duration(len(c.Samples)) * time.Second / time.Duration(c.Rate)
}

// Slice is the part of the clip between two times, cut to what is there. It shares the clip's memory.
func (c Clip) Slice(from, to time.Duration) Clip {
	at := func(d time.Duration) int {
		return min(max(int(int64(d)*int64(c.Rate)/int64(time.Second)), 0), len(c.Samples))
	}
	a, b := at(from), at(to)
	return Clip{Rate: c.Rate, Samples: c.Samples[a:max(a, b)]}
}

// Bytes16 is the clip as signed 16-bit little-endian samples, rounded to the nearest; what is out of range is clipped.
func (c Clip) Bytes16() []byte {
	out := make([]byte, 0, 2*len(c.Samples))
	for _, s := range c.Samples {
		v := math.RoundToEven(float64(s) * 32768)
		out = binary.LittleEndian.AppendUint16(out, uint16(int16(min(max(v, -32768), 32767))))
	}
	return out
}

// Of16 reads signed 16-bit little-endian samples; an odd last byte is left out.
func Of16(b []byte, rate int) Clip {
	samples := make([]float32, len(b)/2)
	for i := range samples {
		samples[i] = float32(int16(binary.LittleEndian.Uint16(b[2*i:]))) / 32768
	}
	return Clip{Rate: rate, Samples: samples}
}

// Mix appends the mean of the channels of interleaved samples.
func Mix(to, interleaved []float32, channels int) []float32 {
	if channels == 1 {
		return append(to, interleaved...)
	}
	for ; len(interleaved) >= channels; interleaved = interleaved[channels:] {
		sum := float32(0)
		for _, s := range interleaved[:channels] {
			sum += s
		}
		to = append(to, sum/float32(channels))
	}
	return to
}
