package pcm

import (
	"math"
	"time"
)

const (
	// Floor is the loudness in dBFS below which nothing is told apart.
	Floor = -120
	// Quiet is the loudness in dBFS that nothing in a silent clip exceeds for longer than a click lasts.
	Quiet = -60

	frame = 20 * time.Millisecond // over which loudness is measured
	click = 3                     // frames: what is shorter is no speech
)

// Loudness is the clip's RMS level in dBFS: 0 is a square wave at full scale, Floor is silence.
func Loudness(c Clip) float64 {
	if len(c.Samples) == 0 {
		return Floor
	}
	sum := 0.0
	for _, s := range c.Samples {
		sum += float64(s) * float64(s)
	}
	return decibels(sum / float64(len(c.Samples)))
}

// Peak is the largest sample, whatever its sign.
func Peak(c Clip) float64 {
	peak := float32(0)
	for _, s := range c.Samples {
		peak = max(peak, s, -s)
	}
	return float64(peak)
}

// Silent reports whether nothing in the clip is loud enough for long enough to be speech. That a clip is not silent does not
// make it speech. A constant offset, as cheap sound cards have it, is silence.
func Silent(c Clip) bool {
	loud := 0
	for _, e := range energies(c) {
		if loud++; decibels(e) <= Quiet {
			loud = 0
		}
		if loud == click {
			return false
		}
	}
	return true
}

// energies are the mean squares of the clip's frames, each without its mean. A rest at the end counts as a frame.
func energies(c Clip) []float64 {
	size := frameSize(c.Rate)
	out := make([]float64, 0, len(c.Samples)/size+1)
	for rest := c.Samples; len(rest) > 0; {
		n := min(size, len(rest))
		sum, squares := 0.0, 0.0
		for _, s := range rest[:n] {
			sum += float64(s)
			squares += float64(s) * float64(s)
		}
		mean := sum / float64(n)
		out = append(out, max(squares/float64(n)-mean*mean, 0))
		rest = rest[n:]
	}
	return out
}

func frameSize(rate int) int { return max(rate*int(frame/time.Millisecond)/1000, 1) }

func decibels(power float64) float64 { return max(10*math.Log10(power), Floor) }
