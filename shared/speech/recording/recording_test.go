package recording_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/decode"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/recording"
	"github.com/intellifit/intellifit/shared/speech/wav"
)

// talk is so many phrases: each a tone of its own pitch for four seconds, then a second of silence.
func talk(phrases int) pcm.Clip {
	c := pcm.Clip{Rate: pcm.Rate}
	for i := range phrases {
		for s := range 5 * pcm.Rate {
			v := 0.0
			if s < 4*pcm.Rate {
				v = 0.3 * math.Sin(2*math.Pi*pitch(i)*float64(s)/pcm.Rate)
			}
			c.Samples = append(c.Samples, float32(v))
		}
	}
	return c
}

func pitch(phrase int) float64 { return 200 + 10*float64(phrase) }

func read(t testing.TB, c pcm.Clip, room *recording.Room) *recording.Recording {
	t.Helper()
	var b bytes.Buffer
	if err := wav.Write(&b, c); err != nil {
		t.Fatal(err)
	}
	r, err := recording.Read(t.Context(), &b, "audio/wav", decode.Limits{MaxBytes: 1 << 30, MaxDuration: time.Hour}, room)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// listener hears the phrases of talk: it counts the waves of each second.
type listener struct {
	mu    sync.Mutex
	clips []pcm.Clip
	now   int
	most  int                  // at once
	hook  func(call int) error // before the n-th call
}

func (l *listener) Transcribe(ctx context.Context, clip pcm.Clip, how speech.Listening) (speech.Transcript, error) {
	l.mu.Lock()
	l.clips = append(l.clips, clip)
	call := len(l.clips)
	l.now++
	l.most = max(l.most, l.now)
	l.mu.Unlock()
	defer func() { l.mu.Lock(); l.now--; l.mu.Unlock() }()
	if l.hook != nil {
		if err := l.hook(call); err != nil {
			return speech.Transcript{}, err
		}
	}
	t := speech.Transcript{Language: how.Language}
	if t.Language == "" {
		t.Language = "de"
	}
	for at := 0; at+pcm.Rate/2 <= len(clip.Samples); {
		if clip.Samples[at] == 0 && clip.Samples[at+1] == 0 {
			at++
			continue
		}
		waves := 0
		for i := at + 1; i < at+pcm.Rate/2; i++ {
			if clip.Samples[i-1] < 0 && clip.Samples[i] >= 0 {
				waves++
			}
		}
		phrase := int(math.Round((float64(waves)*2 - 200) / 10))
		text := fmt.Sprintf("p%d", phrase)
		start := float64(at) / pcm.Rate
		t.Segments = append(t.Segments, speech.Segment{Start: start, End: start + 4.5, Text: " " + text})
		t.Words = append(t.Words, speech.Word{Word: " " + text, Start: start, End: start + 4.5})
		t.Text = strings.TrimSpace(t.Text + " " + text)
		at += 4*pcm.Rate + 10
	}
	t.NoSpeech = t.Text == ""
	return t, nil
}

// TestLong: minutes are cut at the pauses, recognised in order whatever is ready first, and every phrase is where it was said.
func TestLong(t *testing.T) {
	t.Parallel()
	const phrases = 30
	for _, parallel := range []int{1, 2} {
		t.Run(fmt.Sprint(parallel), func(t *testing.T) {
			t.Parallel()
			room := recording.NewRoom(1<<30, nil)
			r := read(t, talk(phrases), room)
			l := &listener{hook: func(call int) error {
				time.Sleep(time.Duration(rand.IntN(8)) * time.Millisecond)
				return nil
			}}
			var texts []string
			done := time.Duration(0)
			got, err := r.Transcribe(t.Context(), l, speech.Listening{Language: "en"}, parallel, func(h recording.Heard) error {
				if h.Done <= done {
					t.Errorf("%v done after %v", h.Done, done)
				}
				done = h.Done
				texts = append(texts, h.Transcript.Text)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for i := range phrases {
				want = append(want, fmt.Sprintf("p%d", i))
			}
			if got.Text != strings.Join(want, " ") || strings.Join(texts, " ") != got.Text || done != r.Length || got.Audio != 5*phrases*time.Second || got.NoSpeech {
				t.Errorf("%v of %v: %s", done, got.Audio, got.Text)
			}
			for i, s := range got.Segments {
				if want := float64(5 * i); s.ID != i || math.Abs(s.Start-want) > 0.01 || s.End <= s.Start || s.End > want+5 {
					t.Errorf("segment %d: %+v", i, s)
				}
				if w := got.Words[i]; w.Word != fmt.Sprintf("p%d", i) || math.Abs(w.Start-s.Start) > 0.001 {
					t.Errorf("word %d: %+v", i, w)
				}
			}
			for _, c := range l.clips {
				if d := c.Duration(); d > recording.Longest || c.Rate != pcm.Rate {
					t.Errorf("a part of %v at %d Hz", d, c.Rate)
				}
			}
			if l.most != parallel {
				t.Errorf("%d parts at once, want %d", l.most, parallel)
			}
			if left := room.Left(); left != 1<<30 {
				t.Errorf("%d bytes of room are not given back", 1<<30-left)
			}
		})
	}
}

// TestCuts: sound that is cut as it comes is cut where the whole would be.
func TestCuts(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for _, seconds := range []float64{0.5, 27.9, 28, 28.1, 41.9, 42.3, 43.5, 57, 84.2, 200} {
		c := pcm.Clip{Rate: pcm.Rate, Samples: make([]float32, int(seconds*pcm.Rate))}
		level := 0.1
		for i := range c.Samples {
			if i%(pcm.Rate/3) == 0 {
				level = rng.Float64() / 3
			}
			c.Samples[i] = float32(level * (rng.Float64()*2 - 1))
		}
		var want, got []time.Duration
		for _, s := range pcm.Cuts(pcm.Of16(c.Bytes16(), pcm.Rate), recording.Longest) {
			want = append(want, s.End.Truncate(time.Microsecond))
		}
		_, err := read(t, c, recording.NewRoom(1<<30, nil)).Transcribe(t.Context(), &listener{}, speech.Listening{}, 1, func(h recording.Heard) error {
			got = append(got, h.Done.Truncate(time.Microsecond))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v s:\n%s", seconds, diff)
		}
	}
}

// TestSilent: silence costs neither room nor a call.
func TestSilent(t *testing.T) {
	t.Parallel()
	room := recording.NewRoom(0, errors.New("full"))
	r := read(t, pcm.Clip{Rate: pcm.Rate, Samples: make([]float32, 5*60*pcm.Rate)}, room)
	l := &listener{}
	got, err := r.Transcribe(t.Context(), l, speech.Listening{Language: "en"}, 2, func(recording.Heard) error { return nil })
	if err != nil || got.Text != "" || !got.NoSpeech || got.Audio != 5*time.Minute || len(l.clips) != 0 || got.Language != "en" {
		t.Errorf("%d calls, %+v, %v", len(l.clips), got, err)
	}
}

// TestNoRoom: a recording that finds no room takes none.
func TestNoRoom(t *testing.T) {
	t.Parallel()
	full := errors.New("full")
	room := recording.NewRoom(60*2*pcm.Rate, full)
	var b bytes.Buffer
	if err := wav.Write(&b, talk(15)); err != nil {
		t.Fatal(err)
	}
	if _, err := recording.Read(t.Context(), &b, "", decode.Limits{MaxBytes: 1 << 30, MaxDuration: time.Hour}, room); !errors.Is(err, full) {
		t.Errorf("75 s in room for 60 s: %v", err)
	}
	read(t, talk(11), room).Close()
	if left := room.Left(); left != 60*2*pcm.Rate {
		t.Errorf("%d bytes of room are left", left)
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	l := &listener{}
	got, err := read(t, talk(12), recording.NewRoom(1<<30, nil)).Transcribe(t.Context(), languages{l, t}, speech.Listening{}, 2, func(recording.Heard) error { return nil })
	if err != nil || got.Language != "de" || len(l.clips) < 4 {
		t.Errorf("%d calls, %+v, %v", len(l.clips), got, err)
	}
}

// languages holds a recogniser's later calls to the language of the first.
type languages struct {
	*listener
	t *testing.T
}

func (l languages) Transcribe(ctx context.Context, clip pcm.Clip, how speech.Listening) (speech.Transcript, error) {
	l.mu.Lock()
	first := len(l.clips) == 0
	l.mu.Unlock()
	if !first && how.Language != "de" {
		l.t.Errorf("a later part is heard in the language %q", how.Language)
	}
	return l.listener.Transcribe(ctx, clip, how)
}

// TestBusy: the first part is refused at once; a later one waits as long as the recogniser asks.
func TestBusy(t *testing.T) {
	t.Parallel()
	busy := gym.RetryAfter(&gym.Error{Kind: gym.ErrBusy, Code: "whisper_busy"}, 50*time.Millisecond)
	room := recording.NewRoom(1<<30, nil)
	l := &listener{hook: func(int) error { return busy }}
	r := read(t, talk(12), room)
	if _, err := r.Transcribe(t.Context(), l, speech.Listening{}, 1, func(recording.Heard) error { return nil }); !errors.Is(err, gym.ErrBusy) || len(l.clips) != 1 {
		t.Errorf("%d calls, %v", len(l.clips), err)
	}
	l = &listener{hook: func(call int) error {
		if call == 2 || call == 3 {
			return busy
		}
		return nil
	}}
	began := time.Now()
	got, err := read(t, talk(12), room).Transcribe(t.Context(), l, speech.Listening{}, 1, func(recording.Heard) error { return nil })
	if took := time.Since(began); err != nil || !strings.HasSuffix(got.Text, "p10 p11") || took < 100*time.Millisecond || took > 3*time.Second {
		t.Errorf("after %v: %v, %s", took, err, got.Text)
	}
	broken := errors.New("broken")
	l = &listener{hook: func(call int) error {
		if call == 2 {
			return broken
		}
		return nil
	}}
	if _, err := read(t, talk(12), room).Transcribe(t.Context(), l, speech.Listening{}, 2, func(recording.Heard) error { return nil }); !errors.Is(err, broken) {
		t.Errorf("what waiting does not mend: %v", err)
	}
}

// TestLeave: whoever leaves ends the work, and so does an error of the receiver.
func TestLeave(t *testing.T) {
	t.Parallel()
	room := recording.NewRoom(1<<30, nil)
	ctx, cancel := context.WithCancel(t.Context())
	l := &listener{hook: func(call int) error {
		if call == 2 {
			cancel()
			return ctx.Err()
		}
		return nil
	}}
	r := read(t, talk(16), room)
	if _, err := r.Transcribe(ctx, l, speech.Listening{}, 2, func(recording.Heard) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	calls := len(l.clips)
	if calls > 3 {
		t.Errorf("%d calls after the client left", calls-2)
	}
	gone := errors.New("gone")
	l = &listener{}
	if _, err := read(t, talk(16), room).Transcribe(t.Context(), l, speech.Listening{}, 1, func(recording.Heard) error { return gone }); !errors.Is(err, gone) || len(l.clips) > 3 {
		t.Errorf("%d calls, %v", len(l.clips), err)
	}
	r.Close()
}

// TestPlain: recognisers that tell only the text get a segment for each part.
func TestPlain(t *testing.T) {
	t.Parallel()
	got, err := read(t, talk(12), recording.NewRoom(1<<30, nil)).Transcribe(t.Context(), plain{}, speech.Listening{}, 1, func(recording.Heard) error { return nil })
	if err != nil || len(got.Segments) < 3 || got.Text != strings.TrimSuffix(strings.Repeat("hello ", len(got.Segments)), " ") {
		t.Fatalf("%+v, %v", got, err)
	}
	end := 0.0
	for _, s := range got.Segments {
		if s.Start != end || s.End <= s.Start || s.Text != " hello" {
			t.Errorf("%+v", got.Segments)
		}
		end = s.End
	}
	if end != 60 {
		t.Errorf("the last segment ends at %v s", end)
	}
}

type plain struct{}

func (plain) Transcribe(context.Context, pcm.Clip, speech.Listening) (speech.Transcript, error) {
	return speech.Transcript{Text: "hello"}, nil
}
