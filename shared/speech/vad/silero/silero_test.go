package silero

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/intellifit/intellifit/shared/speech/pcm"
)

// TestAsTheOriginal: the probabilities are those of the ONNX file in onnxruntime, of sound made here and of real recordings where those are.
func TestAsTheOriginal(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/golden.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var want struct {
			File          string
			Probabilities []float64
		}
		if err := json.Unmarshal(lines.Bytes(), &want); err != nil {
			t.Fatal(err)
		}
		t.Run(want.File, func(t *testing.T) {
			t.Parallel()
			got := probabilities(NewStream(), recording(t, want.File).Samples)
			if len(got) != len(want.Probabilities) {
				t.Fatalf("%d windows, want %d", len(got), len(want.Probabilities))
			}
			worst, speech := 0.0, 0
			for i, p := range got {
				worst = max(worst, math.Abs(float64(p)-want.Probabilities[i]))
				if p >= 0.5 {
					speech++
				}
			}
			t.Logf("%d windows, %d with speech, largest difference %.1e", len(got), speech, worst)
			if worst > 1e-4 {
				t.Errorf("largest difference %g, want at most 1e-4", worst)
			}
		})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// recording reads what was made here, or a clip of the public data beside the repository.
func recording(t *testing.T, name string) pcm.Clip {
	t.Helper()
	if filepath.Ext(name) == ".s16" {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return pcm.Of16(b, Rate)
	}
	found, err := filepath.Glob(filepath.Join("../../../../../shared/data/*", name))
	if err != nil || len(found) == 0 {
		t.Skipf("no ../shared/data with %s", name)
	}
	b, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	_, data, ok := bytes.Cut(b, []byte("data"))
	if !ok {
		t.Fatalf("%s has no data", name)
	}
	return pcm.Of16(data[4:], Rate)
}

func probabilities(s *Stream, samples []float32) []float32 {
	var out []float32
	for ; len(samples) >= Window; samples = samples[Window:] {
		out = append(out, s.Probability((*[Window]float32)(samples)))
	}
	return out
}

// TestReset: what was heard is forgotten whole.
func TestReset(t *testing.T) {
	t.Parallel()
	samples := recording(t, "golden.s16").Samples
	s := NewStream()
	first := probabilities(s, samples)
	carried := probabilities(s, samples)
	s.Reset()
	again := probabilities(s, samples)
	if first[0] == carried[0] {
		t.Error("a stream that heard something judges the first window as one that heard nothing")
	}
	for i := range first {
		if first[i] != again[i] {
			t.Fatalf("window %d after Reset: %g, want %g", i, again[i], first[i])
		}
	}
}

// TestBadSamples: what is no number, or far too loud, does not spoil the windows after it.
func TestBadSamples(t *testing.T) {
	t.Parallel()
	samples := recording(t, "golden.s16").Samples
	want := probabilities(NewStream(), samples)
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	s := NewStream()
	var window [Window]float32
	for i := range window {
		window[i] = []float32{nan, inf, -inf, 1e30}[i%4]
	}
	if p := s.Probability(&window); !(p >= 0 && p <= 1) {
		t.Errorf("probability %g of a window of no numbers", p)
	}
	got := probabilities(s, samples)
	for i := 30; i < len(got); i++ {
		if !(math.Abs(float64(got[i]-want[i])) < 0.2) {
			t.Errorf("window %d after bad samples: %g, want about %g", i, got[i], want[i])
		}
	}
}

// TestNoAllocations: a window costs no memory, or a thousand calls would feed the garbage collector all day.
func TestNoAllocations(t *testing.T) {
	s := NewStream()
	var window [Window]float32
	if n := testing.AllocsPerRun(100, func() { s.Probability(&window) }); n != 0 {
		t.Errorf("%v allocations a window, want 0", n)
	}
}

// TestWeights: a file that is cut, too long or of another source is refused.
func TestWeights(t *testing.T) {
	t.Parallel()
	if _, err := load(weights); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{
		"empty":          nil,
		"cut":            weights[:len(weights)-4],
		"too long":       append(bytes.Clone(weights), 0),
		"another source": append([]byte(magic), make([]byte, len(weights)-len(magic))...),
	} {
		if _, err := load(file); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func BenchmarkWindow(b *testing.B) {
	s := NewStream()
	var window [Window]float32
	for i := range window {
		window[i] = float32(math.Sin(float64(i) / 5))
	}
	b.ReportAllocs()
	for b.Loop() {
		s.Probability(&window)
	}
}
