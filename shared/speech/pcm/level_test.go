package pcm_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/intellifit/intellifit/shared/speech/pcm"
)

// noise is white noise of a given level in dBFS.
func noise(n int, dbfs float64) pcm.Clip {
	random := rand.New(rand.NewPCG(3, 4))
	c := pcm.Clip{Rate: pcm.Rate, Samples: make([]float32, n)}
	scale := math.Pow(10, dbfs/20) * math.Sqrt(3)
	for i := range c.Samples {
		c.Samples[i] = float32((2*random.Float64() - 1) * scale)
	}
	return c
}

func TestLoudness(t *testing.T) {
	t.Parallel()
	square := pcm.Clip{Rate: pcm.Rate, Samples: []float32{1, -1, 1, -1}}
	for name, tc := range map[string]struct {
		clip           pcm.Clip
		loudness, peak float64
	}{
		"nothing":        {pcm.Clip{Rate: pcm.Rate}, pcm.Floor, 0},
		"silence":        {pcm.Clip{Rate: pcm.Rate, Samples: make([]float32, 100)}, pcm.Floor, 0},
		"full square":    {square, 0, 1},
		"sine 0.9":       {tone(pcm.Rate, 1000, pcm.Rate), 20*math.Log10(0.9) - 3.01, 0.9},
		"noise -40 dBFS": {noise(pcm.Rate, -40), -40, 0.01 * math.Sqrt(3)},
		"least negative": {pcm.Clip{Rate: pcm.Rate, Samples: []float32{0, -0.5}}, -9.03, 0.5},
	} {
		if got := pcm.Loudness(tc.clip); math.Abs(got-tc.loudness) > 0.1 {
			t.Errorf("%s: Loudness = %.2f, want %.2f", name, got, tc.loudness)
		}
		if got := pcm.Peak(tc.clip); math.Abs(got-tc.peak) > 0.001 {
			t.Errorf("%s: Peak = %.4f, want %.4f", name, got, tc.peak)
		}
	}
}

func TestSilent(t *testing.T) {
	t.Parallel()
	with := func(f func([]float32)) pcm.Clip {
		c := pcm.Clip{Rate: pcm.Rate, Samples: make([]float32, 2*pcm.Rate)}
		f(c.Samples)
		return c
	}
	for name, tc := range map[string]struct {
		clip pcm.Clip
		want bool
	}{
		"nothing":           {pcm.Clip{Rate: pcm.Rate}, true},
		"zeros":             {with(func([]float32) {}), true},
		"offset":            {with(func(s []float32) { fill(s, 0.2) }), true},
		"dither":            {noise(2*pcm.Rate, -90), true},
		"one click":         {with(func(s []float32) { s[5000], s[5001] = 1, -1 }), true},
		"30 ms of tone":     {with(func(s []float32) { copy(s[9000:], tone(pcm.Rate, 300, 480).Samples) }), true},
		"100 ms of tone":    {with(func(s []float32) { copy(s[9000:], tone(pcm.Rate, 300, 1600).Samples) }), false},
		"hiss of a room":    {noise(2*pcm.Rate, -55), false},
		"tone on an offset": {with(func(s []float32) { fill(s, 0.2); add(s[9000:], noise(3200, -30).Samples) }), false},
	} {
		if got := pcm.Silent(tc.clip); got != tc.want {
			t.Errorf("%s: Silent = %v", name, got)
		}
	}
}

// TestCuts: whatever the length, the spans follow each other without a gap, none is too long or a snippet.
func TestCuts(t *testing.T) {
	t.Parallel()
	const longest = 28 * time.Second
	for _, rate := range []int{16000, 22050, 44100} {
		for _, seconds := range []float64{0, 0.01, 1, 27.9999, 28, 28.001, 30, 35, 41.9, 42.1, 55.99, 56, 57, 83, 84, 85, 112.5, 300.123} {
			c := pcm.Clip{Rate: rate, Samples: noise(int(seconds*float64(rate)), -20).Samples}
			spans, samples, end := pcm.Cuts(c, longest), 0, time.Duration(0)
			for i, s := range spans {
				part := c.Slice(s.Start, s.End)
				samples += len(part.Samples)
				if s.Start != end || part.Duration() > longest || len(spans) > 1 && part.Duration() < longest/4-time.Millisecond {
					t.Errorf("%d Hz, %.4g s: span %d is %v to %v after %v", rate, seconds, i, s.Start, s.End, end)
				}
				end = s.End
			}
			if samples != len(c.Samples) {
				t.Errorf("%d Hz, %.4g s: the spans have %d samples of %d", rate, seconds, samples, len(c.Samples))
			}
		}
	}
}

// TestCutsAtPauses: where there is a pause in reach, the cut is in its middle, not in a shorter lull and not in speech.
func TestCutsAtPauses(t *testing.T) {
	t.Parallel()
	c := noise(100*pcm.Rate, -20)
	for _, p := range [][2]float64{{10, 10.5}, {20, 20.8}, {26, 26.1}, {40, 40.6}, {60, 60.8}, {80, 81}} {
		fill(c.Samples[int(p[0]*pcm.Rate):int(p[1]*pcm.Rate)], 0)
	}
	want := []float64{20.4, 40.3, 60.4, 80.5}
	spans := pcm.Cuts(c, 28*time.Second)
	if len(spans) != len(want)+1 {
		t.Fatalf("got %v", spans)
	}
	for i, w := range want {
		if got := spans[i].End.Seconds(); math.Abs(got-w) > 0.2 {
			t.Errorf("cut %d is at %.2f s, want %.2f", i, got, w)
		}
	}
}

func fill(s []float32, v float32) {
	for i := range s {
		s[i] = v
	}
}

func add(s, t []float32) {
	for i := range t {
		s[i] += t[i]
	}
}
