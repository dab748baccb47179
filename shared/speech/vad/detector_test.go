package vad

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/speech/vad/silero"
)

// scripted is a Detector whose windows have the probabilities of a script: a digit is tenths.
func scripted(t *testing.T, c Config, script string) *Detector {
	t.Helper()
	d, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	script = strings.ReplaceAll(script, " ", "")
	at := 0
	d.judge = func(*[silero.Window]float32) float32 {
		p := float32(script[at]-'0') / 10
		at++
		return p
	}
	return d
}

func windows(n int) time.Duration { return time.Duration(n) * Window }

// TestDetector: when speech starts and stops, and when that is known.
func TestDetector(t *testing.T) {
	t.Parallel()
	quick := Config{MinSpeech: 80 * time.Millisecond, MinSilence: 96 * time.Millisecond, Prefix: 64 * time.Millisecond}
	started := func(at, from, heard int) Event {
		return Event{Kind: SpeechStarted, At: windows(at), From: windows(from), Heard: windows(heard)}
	}
	stopped := func(at, heard int) Event { return Event{Kind: SpeechStopped, At: windows(at), Heard: windows(heard)} }
	for name, c := range map[string]struct {
		change func(*Config)
		script string
		want   []Event
	}{
		"silence":                           {nil, "0000000000", nil},
		"a click of two windows":            {nil, "0099000000", nil},
		"clicks do not add up":              {nil, "0099009900990000", nil},
		"three windows are speech":          {nil, "00999000000", []Event{started(2, 0, 5), stopped(5, 8)}},
		"from the very beginning":           {nil, "9999000000", []Event{started(0, 0, 3), stopped(4, 7)}},
		"a short gap is none":               {nil, "0000999900999900000", []Event{started(4, 2, 7), stopped(14, 17)}},
		"two stretches":                     {nil, "000099990000099990000", []Event{started(4, 2, 7), stopped(8, 11), started(13, 11, 16), stopped(17, 20)}},
		"the prefix ends at the stop":       {func(c *Config) { c.Prefix = time.Second }, "000099990009999000", []Event{started(4, 0, 7), stopped(8, 11), started(11, 8, 14), stopped(15, 18)}},
		"no prefix":                         {func(c *Config) { c.Prefix = -1 }, "00999000", []Event{started(2, 2, 5), stopped(5, 8)}},
		"between the thresholds it goes on": {nil, "000099994444444440000", []Event{started(4, 2, 7), stopped(17, 20)}},
		"between them it does not begin":    {nil, "004444444444", nil},
		"between them silence goes on":      {nil, "0000999904440", []Event{started(4, 2, 7), stopped(8, 11)}},
		"soft goes on":                      {nil, "0005440000", []Event{started(3, 1, 6), stopped(6, 9)}},
		"soft beginning":                    {nil, "0000449990000", []Event{started(5, 3, 9), stopped(9, 12)}},
		"a soft click":                      {nil, "0000499000000", nil},
		"no softer than the last stop":      {nil, "0999000499900000", []Event{started(1, 0, 4), stopped(4, 7), started(7, 5, 11), stopped(11, 14)}},
		"a threshold of its own":            {func(c *Config) { c.Threshold, c.Exit = 0.8, 0.2 }, "0077770088333000", []Event{started(8, 6, 11), stopped(13, 16)}},
		"the end of the sound":              {nil, "00009999", []Event{started(4, 2, 7), stopped(8, 8)}},
		"the end of the sound in silence":   {nil, "000099990", []Event{started(4, 2, 7), stopped(8, 9)}},
		"too long":                          {func(c *Config) { c.MaxSpeech = windows(5) }, "0099999999900", []Event{started(2, 0, 5), {Kind: SpeechStopped, At: windows(7), Heard: windows(7), Cut: true}, started(7, 7, 10), stopped(11, 13)}},
		"never too long":                    {func(c *Config) { c.MaxSpeech = -1 }, strings.Repeat("9", 2000) + "000", []Event{started(0, 0, 3), stopped(2000, 2003)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := quick
			if c.change != nil {
				c.change(&cfg)
			}
			d := scripted(t, cfg, c.script)
			got := append(d.Feed(make([]float32, silero.Window*len(c.script))), d.Finish()...)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestState: what a caller may ask between events.
func TestState(t *testing.T) {
	t.Parallel()
	d := scripted(t, Config{MinSilence: 96 * time.Millisecond}, "00 999 00 0 00")
	for _, want := range []struct {
		feed     int
		speaking bool
		silence  time.Duration
	}{{2, false, windows(2)}, {2, false, 0}, {1, true, 0}, {2, true, windows(2)}, {1, false, windows(3)}, {2, false, windows(5)}} {
		d.Feed(make([]float32, want.feed*silero.Window))
		if d.Speaking() != want.speaking || d.Silence() != want.silence {
			t.Errorf("after %v: speaking %v, silence %v; want %v, %v", d.Heard(), d.Speaking(), d.Silence(), want.speaking, want.silence)
		}
	}
	d.Reset()
	if d.Heard() != 0 || d.Silence() != 0 {
		t.Errorf("after Reset: heard %v, silence %v", d.Heard(), d.Silence())
	}
}

// TestChunks: how the sound is cut does not matter.
func TestChunks(t *testing.T) {
	t.Parallel()
	clip := made(t)
	whole, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	want := append(whole.Feed(clip.Samples), whole.Finish()...)
	if len(want) != 4 {
		t.Fatalf("%d events in the sound made for tests, want 4: %v", len(want), want)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 5 {
		whole.Reset()
		var got []Event
		for rest := clip.Samples; len(rest) > 0; {
			n := min(1+r.IntN(3000), len(rest))
			got = append(got, whole.Feed(rest[:n])...)
			rest = rest[n:]
		}
		got = append(got, whole.Finish()...)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

// TestEndInsideAWindow: what does not fill a window is heard too, and speech does not stop behind the sound.
func TestEndInsideAWindow(t *testing.T) {
	t.Parallel()
	d := scripted(t, Config{}, "099999")
	d.Feed(make([]float32, 5*silero.Window+100))
	got := d.Finish()
	end := windows(5) + 100*time.Second/silero.Rate
	if len(got) != 1 || got[0].Kind != SpeechStopped || got[0].At != end {
		t.Errorf("Finish() = %v, want speech stopped at %v", got, end)
	}
}

// TestConfig: knobs that make no sense are refused by name.
func TestConfig(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cfg  Config
		want string
	}{
		"threshold":      {Config{Threshold: 1.5}, "threshold"},
		"exit above":     {Config{Threshold: 0.4, Exit: 0.6}, "exit threshold"},
		"silence":        {Config{MinSilence: -1}, "shortest silence"},
		"speech":         {Config{MinSpeech: -1}, "shortest speech"},
		"defaults":       {Config{}, ""},
		"low threshold":  {Config{Threshold: 0.1}, ""},
		"high threshold": {Config{Threshold: 0.9}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := New(c.cfg)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("New(%+v) error %v, want one about %q", c.cfg, err, c.want)
			}
		})
	}
}
