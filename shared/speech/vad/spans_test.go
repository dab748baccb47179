package vad

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/intellifit/intellifit/shared/speech/pcm"
)

const recordings = "../../../../shared/data" // public recordings beside the repository

// made is the sound that was made for tests: vowels of 1.25 s from 0.5 s on, softer ones in noise, noise, tones, clicks, vowels of 0.6 s.
func made(t *testing.T) pcm.Clip {
	t.Helper()
	b, err := os.ReadFile("silero/testdata/golden.s16")
	if err != nil {
		t.Fatal(err)
	}
	return pcm.Of16(b, pcm.Rate)
}

// recording reads a clip of the public data; all of them have a plain header.
func recording(t *testing.T, path string) pcm.Clip {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(recordings, path))
	if err != nil {
		t.Fatal(err)
	}
	_, data, ok := bytes.Cut(b, []byte("data"))
	if !ok {
		t.Fatalf("%s has no data", path)
	}
	return pcm.Of16(data[4:], pcm.Rate)
}

// TestMarkedSpans: the speech of hand-marked recordings is found, and none in silence, noise and a beat.
func TestMarkedSpans(t *testing.T) {
	t.Parallel()
	file, err := os.Open(filepath.Join(recordings, "vad/manifest.jsonl"))
	if err != nil {
		t.Skipf("no ../shared/data/vad: %v", err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var marked struct {
			File   string
			Speech [][2]float64
			Source string
		}
		if err := json.Unmarshal(lines.Bytes(), &marked); err != nil {
			t.Fatal(err)
		}
		if marked.Speech == nil {
			continue // a recording without marks
		}
		t.Run(marked.File, func(t *testing.T) {
			t.Parallel()
			clip := recording(t, "vad/"+marked.File)
			spans, err := Spans(clip, Config{})
			if err != nil {
				t.Fatal(err)
			}
			if len(spans) != len(marked.Speech) {
				t.Fatalf("spans %v, want %v", spans, marked.Speech)
			}
			for i, s := range spans {
				early, late := s.Start.Seconds()-marked.Speech[i][0], s.End.Seconds()-marked.Speech[i][1]
				t.Logf("%v to %v: begins %+.3f s, ends %+.3f s of the mark", s.Start, s.End, early, late)
				if math.Abs(early) > 0.1 || math.Abs(late) > 0.1 {
					t.Errorf("span %v is more than 0.1 s off %v", s, marked.Speech[i])
				}
			}
			recall, precision := frames(spans, marked.Speech, clip.Duration())
			t.Logf("recall %.3f, precision %.3f of windows", recall, precision)
			if recall < 0.93 || precision < 0.93 {
				t.Errorf("recall %.3f, precision %.3f, want both at least 0.93", recall, precision)
			}
		})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// frames compares the middle of every window with the marks.
func frames(spans []Span, marks [][2]float64, length time.Duration) (recall, precision float64) {
	var speech, said, both float64
	for at := Window / 2; at < length; at += Window {
		marked, told := false, false
		for _, m := range marks {
			marked = marked || at.Seconds() >= m[0] && at.Seconds() < m[1]
		}
		for _, s := range spans {
			told = told || at >= s.Start && at < s.End
		}
		if marked {
			speech++
		}
		if told {
			said++
		}
		if marked && told {
			both++
		}
	}
	if speech == 0 && said == 0 {
		return 1, 1
	}
	return both / max(speech, 1), both / max(said, 1)
}

// TestRecordings: every recording of speech has speech, and its middle is in it.
func TestRecordings(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(recordings, "speech/*.wav"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("no ../shared/data/speech")
	}
	for _, f := range files {
		clip := recording(t, "speech/"+filepath.Base(f))
		spans, err := Spans(clip, Config{})
		if err != nil {
			t.Fatal(err)
		}
		var total time.Duration
		for _, s := range spans {
			total += s.End - s.Start
		}
		if share := total.Seconds() / clip.Duration().Seconds(); share < 0.35 {
			t.Errorf("%s: speech is %.0f %% of the clip: %v", filepath.Base(f), 100*share, spans)
		}
	}
}

// TestNoSpeech: silence, noises of every colour, hum, tones, clicks and beats made here are no speech, loud or soft.
func TestNoSpeech(t *testing.T) {
	t.Parallel()
	for name, sound := range noises() {
		for _, loud := range []float64{0.001, 0.05, 0.5} {
			spans, err := Spans(render(sound, loud, 5*time.Second), Config{})
			if err != nil {
				t.Fatal(err)
			}
			if len(spans) > 0 {
				t.Errorf("%s at %v: speech at %v", name, loud, spans)
			}
		}
	}
}

func render(sound func(second float64) float64, loud float64, length time.Duration) pcm.Clip {
	clip := pcm.Clip{Rate: pcm.Rate, Samples: make([]float32, int(length.Seconds()*pcm.Rate))}
	for i := range clip.Samples {
		clip.Samples[i] = float32(loud * sound(float64(i)/pcm.Rate))
	}
	return clip
}

// noises are sounds between -1 and 1, or about so.
func noises() map[string]func(float64) float64 {
	r := rand.New(rand.NewPCG(3, 4))
	brown, low := 0.0, 0.0
	sine := func(hz, s float64) float64 { return math.Sin(2 * math.Pi * hz * s) }
	return map[string]func(float64) float64{
		"silence": func(float64) float64 { return 0 },
		"white":   func(float64) float64 { return r.NormFloat64() / 3 },
		"brown": func(float64) float64 {
			brown = 0.995*brown + 0.03*r.NormFloat64()
			return brown
		},
		"fan": func(s float64) float64 {
			low = 0.9*low + 0.1*r.NormFloat64()
			return low + 0.3*sine(100, s)
		},
		"hum":   func(s float64) float64 { return 0.7*sine(50, s) + 0.2*sine(150, s) + 0.1*sine(250, s) },
		"beep":  func(s float64) float64 { return sine(1000, s) * float64(int(2*s)%2) },
		"chord": func(s float64) float64 { return (sine(220, s) + sine(277, s) + sine(330, s)) / 3 },
		"beat":  func(s float64) float64 { return sine(60, s) * math.Exp(-12*math.Mod(s, 0.5)) },
		"plates": func(s float64) float64 {
			t := math.Mod(s, 1.3)
			return math.Exp(-15*t) * (sine(1870, s) + sine(2930, s) + sine(4310, s)) / 3
		},
	}
}

// TestSpansRate: another rate is refused, not judged wrongly.
func TestSpansRate(t *testing.T) {
	t.Parallel()
	if _, err := Spans(pcm.Clip{Rate: 48_000, Samples: make([]float32, 48_000)}, Config{}); err == nil {
		t.Error("no error at 48 kHz")
	}
}
