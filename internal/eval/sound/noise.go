package sound

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/intellifit/intellifit/shared/speech/pcm"
)

// Noise is a clip in which nobody speaks.
type Noise struct {
	Name string
	Clip pcm.Clip
}

// Noises makes clips of what a gym sounds like when nobody speaks: hiss, rumble, fans, hum, plates, a beat, music, beeps, and silence.
// The same seed gives the same clips.
func Noises(n int, seed uint64) []Noise {
	random := rand.New(rand.NewPCG(seed, 1))
	kinds := []struct {
		name string
		make func(*rand.Rand, int) []float64
	}{
		{"silence", func(_ *rand.Rand, n int) []float64 { return make([]float64, n) }},
		{"last bit", func(r *rand.Rand, n int) []float64 {
			return each(n, func(int) float64 { return (r.Float64() - 0.5) / 16384 })
		}},
		{"white noise", func(r *rand.Rand, n int) []float64 {
			return each(n, func(int) float64 { return r.NormFloat64() })
		}},
		{"rumble", func(r *rand.Rand, n int) []float64 {
			sum := 0.0
			return each(n, func(int) float64 { sum = 0.999*sum + r.NormFloat64(); return sum })
		}},
		{"fan", func(r *rand.Rand, n int) []float64 {
			low, beat := 0.0, 8+8*r.Float64()
			return each(n, func(i int) float64 {
				low = 0.9*low + 0.1*r.NormFloat64()
				return low * (1 + 0.5*math.Sin(tau*beat*second(i)))
			})
		}},
		{"hum", func(r *rand.Rand, n int) []float64 {
			base := []float64{50, 60}[r.IntN(2)]
			return each(n, func(i int) float64 {
				return math.Sin(tau*base*second(i)) + 0.5*math.Sin(tau*2*base*second(i)) + 0.25*math.Sin(tau*3*base*second(i))
			})
		}},
		{"plates", func(r *rand.Rand, n int) []float64 {
			out := make([]float64, n)
			for range 1 + n/pcm.Rate {
				ring(out, r.IntN(n), 0.15+0.2*r.Float64(), []float64{700 + 900*r.Float64(), 1900 + 900*r.Float64(), 3100 + 900*r.Float64()})
			}
			return out
		}},
		{"beat", func(r *rand.Rand, n int) []float64 {
			out := make([]float64, n)
			period := int(60 / (90 + 60*r.Float64()) * pcm.Rate)
			for at := 0; at < n; at += period {
				ring(out, at, 0.08, []float64{55, 110})
			}
			return out
		}},
		{"chords", func(r *rand.Rand, n int) []float64 {
			out := make([]float64, n)
			for at := 0; at < n; at += pcm.Rate / 2 {
				root := 110 * math.Pow(2, float64(r.IntN(24))/12)
				ring(out, at, 0.5, []float64{root, root * 1.25, root * 1.5, root * 2})
			}
			return out
		}},
		{"beeps", func(r *rand.Rand, n int) []float64 {
			pitch := 800 + 1200*r.Float64()
			return each(n, func(i int) float64 {
				if i/(pcm.Rate/4)%2 == 0 {
					return math.Sin(tau * pitch * second(i))
				}
				return 0
			})
		}},
	}
	out := make([]Noise, n)
	for i := range out {
		kind := kinds[i%len(kinds)]
		long := time.Duration(1+random.IntN(8)) * time.Second
		level := -50 + 44*random.Float64() // dBFS of the loudest sample
		samples := kind.make(random, int(long.Seconds()*pcm.Rate))
		if kind.name != "silence" && kind.name != "last bit" {
			scale(samples, level)
		}
		clip := pcm.Clip{Rate: pcm.Rate, Samples: make([]float32, len(samples))}
		for j, s := range samples {
			clip.Samples[j] = float32(s)
		}
		out[i] = Noise{Name: fmt.Sprintf("%03d %s, %.0f s, %.0f dBFS", i, kind.name, long.Seconds(), level), Clip: clip}
	}
	return out
}

const tau = 2 * math.Pi

func second(i int) float64 { return float64(i) / pcm.Rate }

func each(n int, sample func(i int) float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = sample(i)
	}
	return out
}

// ring adds tones that are struck at a sample and die away within so many seconds.
func ring(out []float64, at int, dies float64, tones []float64) {
	for i := at; i < min(len(out), at+int(5*dies*pcm.Rate)); i++ {
		t := second(i - at)
		for _, tone := range tones {
			out[i] += math.Exp(-t/dies) * math.Sin(tau*tone*t)
		}
	}
}

// scale makes the loudest sample that many decibels below full scale.
func scale(samples []float64, dbfs float64) {
	peak := 0.0
	for _, s := range samples {
		peak = max(peak, math.Abs(s))
	}
	if peak == 0 {
		return
	}
	for i := range samples {
		samples[i] *= math.Pow(10, dbfs/20) / peak
	}
}
