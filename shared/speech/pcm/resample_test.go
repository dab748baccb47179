package pcm_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/intellifit/intellifit/shared/speech/pcm"
)

var ratios = [][2]int{
	{48000, 16000},
	{44100, 16000},
	{22050, 16000},
	{24000, 16000},
	{32000, 16000},
	{96000, 16000},
	{192000, 16000},
	{8000, 16000},
	{11025, 16000},
	{12000, 16000},
	{16000, 8000},
	{16000, 48000},
	{22050, 24000},
	{44101, 16000},
	{191999, 16000},
}

func tone(rate int, hz float64, n int) pcm.Clip {
	c := pcm.Clip{Rate: rate, Samples: make([]float32, n)}
	for i := range c.Samples {
		c.Samples[i] = float32(0.9 * math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))
	}
	return c
}

// middle leaves out both ends, where the sound begins and stops at once, which no filter can follow.
func middle(c pcm.Clip) pcm.Clip { return c.Slice(c.Duration()/4, c.Duration()*3/4) }

// TestResampleRejectsAliases: a tone that the new rate cannot hold is at least 70 dB down.
func TestResampleRejectsAliases(t *testing.T) {
	t.Parallel()
	for _, r := range ratios {
		if r[1] >= r[0] {
			continue
		}
		t.Run(fmt.Sprint(r), func(t *testing.T) {
			t.Parallel()
			worst := math.Inf(-1)
			for _, part := range []float64{1.001, 1.01, 1.05, 1.2, 1.5, 1.9, 2.5} {
				hz := part * float64(r[1]) / 2
				if hz > 0.499*float64(r[0]) {
					continue
				}
				in := tone(r[0], hz, r[0]/3)
				worst = max(worst, pcm.Loudness(middle(pcm.Resample(in, r[1])))-pcm.Loudness(in))
			}
			if worst > -70 {
				t.Errorf("an alias is only %.1f dB down", -worst)
			}
			t.Logf("worst alias %.1f dB", worst)
		})
	}
}

// TestResamplePassband: tones up to nine tenths of the lower rate's half come out as the same tones at the new rate, sample by
// sample: neither louder, nor later, nor with images.
func TestResamplePassband(t *testing.T) {
	t.Parallel()
	for _, r := range ratios {
		t.Run(fmt.Sprint(r), func(t *testing.T) {
			t.Parallel()
			worst := 0.0
			for _, part := range []float64{0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.85, 0.899} {
				hz := part * float64(min(r[0], r[1])) / 2
				got := pcm.Resample(tone(r[0], hz, r[0]/3), r[1])
				want := tone(r[1], hz, len(got.Samples))
				for i, n := len(got.Samples)/4, len(got.Samples)*3/4; i < n; i++ {
					worst = max(worst, math.Abs(float64(got.Samples[i]-want.Samples[i])))
				}
			}
			if db := 20 * math.Log10(worst/0.9); db > -70 {
				t.Errorf("the worst sample is off by %.1f dB of the tone", db)
			} else {
				t.Logf("worst sample off by %.1f dB", db)
			}
		})
	}
}

func TestResampleLength(t *testing.T) {
	t.Parallel()
	for _, r := range ratios {
		for _, n := range []int{0, 1, 2, 7, 100, 4801, 50_001} {
			got := pcm.Resample(pcm.Clip{Rate: r[0], Samples: make([]float32, n)}, r[1])
			if want := (n*r[1] + r[0] - 1) / r[0]; len(got.Samples) != want || got.Rate != r[1] {
				t.Errorf("%v: %d samples became %d at %d Hz, want %d", r, n, len(got.Samples), got.Rate, want)
			}
		}
	}
}

// TestResampleImpulse: a click comes out where it went in, and a constant keeps its height.
func TestResampleImpulse(t *testing.T) {
	t.Parallel()
	for _, r := range ratios {
		in := pcm.Clip{Rate: r[0], Samples: make([]float32, r[0])}
		in.Samples[r[0]/2] = 1
		got := pcm.Resample(in, r[1])
		at := 0
		for i, s := range got.Samples {
			if s > got.Samples[at] {
				at = i
			}
		}
		if off := float64(at)/float64(r[1]) - float64(r[0]/2)/float64(r[0]); math.Abs(off) > 0.5/float64(r[1]) {
			t.Errorf("%v: the click moved by %.3f ms", r, 1000*off)
		}
		for i := range in.Samples {
			in.Samples[i] = 0.5
		}
		for _, s := range middle(pcm.Resample(in, r[1])).Samples {
			if math.Abs(float64(s)-0.5) > 1e-4 {
				t.Fatalf("%v: a constant 0.5 became %v", r, s)
			}
		}
	}
}

// TestResamplerInPieces: however sound is cut, the result is the same, and after Flush other sound can come.
func TestResamplerInPieces(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for _, r := range append(ratios, [2]int{16000, 16000}) {
		in := pcm.Clip{Rate: r[0], Samples: make([]float32, 20_000)}
		for i := range in.Samples {
			in.Samples[i] = random.Float32()*2 - 1
		}
		want := pcm.Resample(in, r[1]).Samples
		re := pcm.NewResampler(r[0], r[1])
		for round := range 3 {
			var got []float32
			for rest := in.Samples; len(rest) > 0; {
				n := min(len(rest), random.IntN(1000))
				got = append(got, re.Write(rest[:n])...)
				rest = rest[n:]
			}
			got = append(got, re.Flush()...)
			if len(got) != len(want) {
				t.Fatalf("%v, round %d: %d samples in pieces, %d at once", r, round, len(got), len(want))
			}
			for i := range got {
				if got[i] != want[i] {
					t.Fatalf("%v, round %d: sample %d is %v in pieces, %v at once", r, round, i, got[i], want[i])
				}
			}
		}
	}
}

// TestResamplerIsPrompt: 20 ms of 48 kHz come out within the next 20 ms.
func TestResamplerIsPrompt(t *testing.T) {
	t.Parallel()
	r := pcm.NewResampler(48000, 16000)
	got := 0
	for range 10 {
		got += len(r.Write(make([]float32, 960)))
	}
	if want := 9 * 320; got < want {
		t.Errorf("of 3200 samples %d came, want at least %d", got, want)
	}
}

func BenchmarkResample(b *testing.B) {
	for _, r := range [][2]int{{48000, 16000}, {44100, 16000}, {22050, 16000}, {44101, 16000}, {192000, 16000}, {16000, 48000}} {
		b.Run(fmt.Sprintf("%d-%d", r[0], r[1]), func(b *testing.B) {
			in := tone(r[0], 440, 10*r[0])
			pcm.Resample(in, r[1]) // the filter is made once
			began, n := time.Now(), 0
			for b.Loop() {
				pcm.Resample(in, r[1])
				n++
			}
			b.ReportMetric(10*float64(n)/time.Since(began).Seconds(), "x-real-time")
		})
	}
}
