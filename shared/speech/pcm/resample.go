package pcm

import "fmt"

// Resample is the clip at another rate, in time with the original and as long, rounded up to a whole sample. What the new
// rate cannot hold is at least 80 dB down, so that it does not come back as another tone.
func Resample(c Clip, rate int) Clip {
	if c.Rate == rate {
		return c
	}
	r := NewResampler(c.Rate, rate)
	out := make([]float32, 0, int64(len(c.Samples))*int64(rate)/int64(c.Rate)+1)
	for rest := c.Samples; len(rest) > 0; { // in pieces, so that no copy of the whole is made
		n := min(len(rest), 1<<15)
		out = r.append(out, rest[:n])
		rest = rest[n:]
	}
	return Clip{Rate: rate, Samples: r.flush(out)}
}

// Resampler changes the rate of sound that comes in pieces. However the sound is cut, the result is that of Resample.
type Resampler struct {
	filter *filter
	held   []float32 // input that is still needed, from position base on
	base   int       // of held[0] in the input, which has silence before its beginning
	in     int       // samples taken
	at     int       // where in the input the next output lies, rounded down,
	phase  int       // and the rest of that, in parts of filter.up
}

// NewResampler changes from one rate to another, both in Hz.
func NewResampler(from, to int) *Resampler {
	if from <= 0 || to <= 0 {
		panic(fmt.Sprintf("pcm: resample from %d to %d Hz", from, to))
	}
	r := &Resampler{filter: filterFor(from, to)}
	r.reset()
	return r
}

// Write takes the next samples and gives what can be told by now, which is a few milliseconds behind. The result is the
// caller's.
func (r *Resampler) Write(samples []float32) []float32 { return r.append(nil, samples) }

// Flush gives the rest, and makes the Resampler ready for other sound.
func (r *Resampler) Flush() []float32 { return r.flush(nil) }

func (r *Resampler) append(out, samples []float32) []float32 {
	r.in += len(samples)
	if r.filter.up == r.filter.down {
		return append(out, samples...)
	}
	r.held = append(r.held, samples...)
	return r.produce(out, r.in-r.filter.half)
}

func (r *Resampler) flush(out []float32) []float32 {
	if r.filter.up != r.filter.down {
		r.held = append(r.held, make([]float32, r.filter.half)...)
		out = r.produce(out, r.in)
	}
	r.reset()
	return out
}

// produce makes the outputs that lie before position end of the input, and lets go of the input that no later one needs.
func (r *Resampler) produce(out []float32, end int) []float32 {
	f := r.filter
	for r.at < end {
		from := r.at - f.half + 1 - r.base
		out = append(out, f.apply(r.held[from:from+2*f.half], r.phase))
		r.at += f.down / f.up
		if r.phase += f.down % f.up; r.phase >= f.up {
			r.phase -= f.up
			r.at++
		}
	}
	if done := min(r.at-f.half+1-r.base, len(r.held)); done > len(r.held)/2 {
		r.held = r.held[:copy(r.held, r.held[done:])]
		r.base += done
	}
	return out
}

func (r *Resampler) reset() {
	r.held = append(r.held[:0], make([]float32, r.filter.half-1)...)
	r.base = 1 - r.filter.half
	r.in, r.at, r.phase = 0, 0, 0
}
