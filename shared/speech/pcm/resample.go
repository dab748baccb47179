package pcm

// Resample is the clip at another rate. Not written yet: it panics unless the rate is the clip's own.
func Resample(c Clip, rate int) Clip {
	if c.Rate == rate {
		return c
	}
	panic("pcm.Resample is not written yet")
}

// Resampler changes the rate of sound that comes in pieces.
type Resampler struct{ from, to int }

// NewResampler changes from one rate to another.
func NewResampler(from, to int) *Resampler { return &Resampler{from, to} }

// Write takes the next samples and gives what can be told by now, which is a few milliseconds behind.
func (r *Resampler) Write(samples []float32) []float32 {
	panic("pcm.Resampler is not written yet")
}

// Flush gives the rest, and makes the Resampler ready for other sound.
func (r *Resampler) Flush() []float32 { panic("pcm.Resampler is not written yet") }
