package turnset

import (
	"errors"
	"math"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/speech/pcm"
)

const speech = "../../../../shared/data/speech" // public recordings beside the repository

// invented are recordings for those marks whose samples are a tone in the speech and silence around it.
func invented(t *testing.T) map[string]pcm.Clip {
	t.Helper()
	marks, err := load()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]pcm.Clip{}
	for _, m := range marks {
		clip := pcm.Clip{Rate: pcm.Rate, Samples: make([]float32, (m.End+500)*16)}
		for i := m.Start * 16; i < m.End*16; i++ {
			clip.Samples[i] = float32(0.3 * math.Sin(float64(i)/10))
		}
		out[m.File] = clip
	}
	return out
}

// TestMake: the same seed makes the same turns; every kind is there; the ends are where the speech ends and the holes are quiet.
func TestMake(t *testing.T) {
	t.Parallel()
	turns, err := Make(invented(t), 120, 1)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Make(invented(t), 120, 1)
	if err != nil {
		t.Fatal(err)
	}
	other, err := Make(invented(t), 120, 2)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(turns, again) || reflect.DeepEqual(turns, other) {
		t.Error("the seed does not decide alone")
	}
	kinds := map[string]int{}
	brief, holes := 0, 0
	for _, turn := range turns {
		kinds[turn.Kind]++
		if got := turn.Clip.Duration() - turn.End; got != Silence {
			t.Errorf("%s: %v follow the end, want %v", turn.ID, got, Silence)
		}
		said := level(turn.Clip.Slice(turn.End-100*time.Millisecond, turn.End))
		if left := level(turn.Clip.Slice(turn.End, turn.End+100*time.Millisecond)); turn.Kind != Noisy && left > said/3 {
			t.Errorf("%s: level %.3f before the end and %.3f after it", turn.ID, said, left)
		}
		for _, h := range turn.Holes {
			holes++
			if h.End-h.Start < 400*time.Millisecond {
				brief++
			}
			if h.Start <= 0 || h.End >= turn.End || h.End-h.Start < 200*time.Millisecond || h.End-h.Start > 1500*time.Millisecond {
				t.Errorf("%s: a hole from %v to %v in a turn that ends at %v", turn.ID, h.Start, h.End, turn.End)
			}
			if left := level(turn.Clip.Slice(h.Start, h.End)); left > said/3 {
				t.Errorf("%s: level %.3f in a pause, %.3f in speech", turn.ID, left, said)
			}
		}
		if want := map[string]int{Plain: 0, Short: 0, Joined: 1}; turn.Kind != Pauses && turn.Kind != Noisy && len(turn.Holes) != want[turn.Kind] {
			t.Errorf("%s: %d pauses, want %d", turn.ID, len(turn.Holes), want[turn.Kind])
		}
		if turn.Kind == Pauses && len(turn.Holes) == 0 {
			t.Errorf("%s has no pause", turn.ID)
		}
	}
	if diff := cmp.Diff(map[string]int{Plain: 12, Pauses: 48, Joined: 12, Short: 24, Noisy: 24}, kinds); diff != "" {
		t.Error(diff)
	}
	if share := float64(brief) / float64(holes); share < 0.35 || share > 0.65 {
		t.Errorf("%.0f %% of %d pauses are brief, want about half", 100*share, holes)
	}
}

func level(c pcm.Clip) float64 {
	sum := 0.0
	for _, v := range c.Samples {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(len(c.Samples)))
}

// TestMarks: the marks lie within their recordings, in order.
func TestMarks(t *testing.T) {
	t.Parallel()
	recordings, err := Read(speech)
	if err != nil {
		t.Skipf("no ../shared/data/speech: %v", err)
	}
	marks, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range marks {
		last := m.Start
		for _, g := range append(m.Gaps, m.End) {
			if g <= last {
				t.Errorf("%s: %d does not come after %d", m.File, g, last)
			}
			last = g
		}
		if length := recordings[m.File].Duration().Milliseconds(); int64(m.End) > length {
			t.Errorf("%s ends at %d of %d ms", m.File, m.End, length)
		}
		for _, w := range m.Words {
			if w[0] < m.Start || w[1] > m.End || w[0] >= w[1] {
				t.Errorf("%s: the word %v is not in %d to %d", m.File, w, m.Start, m.End)
			}
		}
	}
}

// TestMissing: without a recording nothing is made.
func TestMissing(t *testing.T) {
	t.Parallel()
	some := invented(t)
	delete(some, "jfk.wav")
	if _, err := Make(some, 10, 1); err == nil {
		t.Error("no error without jfk.wav")
	}
	if _, err := Read(t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v of an empty folder", err)
	}
}
