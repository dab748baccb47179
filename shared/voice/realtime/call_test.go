package realtime

import (
	"context"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/coach/persona"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/redis"
	"github.com/intellifit/intellifit/shared/redis/redistest"
	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/speechtest"
	"github.com/intellifit/intellifit/shared/speech/vad"
	"github.com/intellifit/intellifit/shared/voice"
)

// house is what a call needs besides its engines: a member, a coach who answers by script, and a book of calls.
type house struct {
	answer func(ctx context.Context, n int, in coach.In, emit func(coach.Event) error) (coach.Reply, error)

	mu      sync.Mutex
	asked   []string
	cut     []coach.Interruption
	records []voice.Record
}

func (h *house) Member(_ context.Context, id string) (gym.Member, error) {
	return gym.Member{ID: id, Name: "Mara", Consent: gym.Consent{AIChat: true, Voice: true}}, nil
}
func (h *house) Gym(context.Context) (gym.Gym, error)             { return gym.Gym{Name: "Iron House"}, nil }
func (h *house) Persona(context.Context) (persona.Persona, error) { return persona.Default(), nil }
func (h *house) Preload(context.Context, string, string) error    { return nil }
func (h *house) StoreCall(_ context.Context, r voice.Record) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.records = append(h.records, r)
	return nil
}

func (h *house) Turn(ctx context.Context, in coach.In, emit func(coach.Event) error) (coach.Reply, error) {
	h.mu.Lock()
	h.asked = append(h.asked, in.Message)
	n := len(h.asked)
	h.mu.Unlock()
	return h.answer(ctx, n, in, emit)
}

func (h *house) Interrupt(_ context.Context, i coach.Interruption) (int64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.cut = append(h.cut, i)
	return 7, nil
}

func words(in coach.In, emit func(coach.Event) error, text string) (coach.Reply, error) {
	r := coach.Reply{ConversationID: in.ConversationID, Reply: text, MessageID: 7, Action: coach.Action{Name: "reply", Status: coach.StatusNone}}
	if err := emit(coach.Event{Kind: coach.Delta, Text: text}); err != nil {
		return r, err
	}
	return r, emit(coach.Event{Kind: coach.Done, Reply: &r})
}

// lead starts a server whose calls are real, with engines that are not.
func lead(t *testing.T, h *house, whisper *speechtest.Whisper, tts *speechtest.TTS) string {
	t.Helper()
	store, err := redis.Open(redistest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	log := func(context.Context) *slog.Logger { return slog.New(slog.DiscardHandler) }
	recognizer := speech.NewRecognizer(speech.Config{URL: whisper.URL})
	calls := &voice.Calls{
		Recognizer: recognizer, Synthesizer: speech.NewSynthesizer(speech.Config{URL: tts.URL, Rate: speechtest.Rate}), Coach: h, Members: h, Gyms: h, Sessions: store, Records: h,
		Rate: speechtest.Rate, Language: "en", Most: 4, FillAfter: time.Minute, Limit: modest, Now: time.Now, Log: log,
	}
	_, url := serverOf(t, nil, func(c *Config) { c.Calls, c.Judge = calls, vad.JudgeFunc(recognizer.Turn) })
	return url
}

// TestCall: a call from its first word to its record: turns found by the ear and the judge, an answer talked over and cut to what was played.
func TestCall(t *testing.T) {
	t.Parallel()
	whisper, tts := speechtest.NewWhisper(t), speechtest.NewTTS(t)
	whisper.Hear = speechtest.Texts("how do I squat", "and the bench press")
	const long = "One two three four five six seven eight nine ten, eleven twelve thirteen fourteen fifteen sixteen, and so on until the end of the day."
	h := &house{answer: func(_ context.Context, n int, in coach.In, emit func(coach.Event) error) (coach.Reply, error) {
		return words(in, emit, map[bool]string{true: long, false: "Lie down first."}[n == 1])
	}}
	c := connect(t, lead(t, h, whisper, tts))
	c.speak(asks(t))
	heard, _ := c.wait(voice.Transcribed)
	if heard["transcript"] != "how do I squat" {
		t.Errorf("heard %v", heard)
	}
	delta, _ := c.wait(voice.AudioDelta)
	time.Sleep(900 * time.Millisecond) // the client plays
	c.speak(made(t, 24_000, 0, 500*time.Millisecond))
	c.speak(made(t, 24_000, 0, 1400*time.Millisecond))
	c.wait(speechStarted)
	c.send(dict{"type": voice.ClientTruncate, "item_id": delta["item_id"], "content_index": 0, "audio_end_ms": 700})
	cut, before := c.wait(voice.ItemTruncated)
	if text, _ := cut["transcript"].(string); text == "" || !strings.HasPrefix(long, text) || len(text) > len(long)/2 {
		t.Errorf("heard of the answer: %q", text)
	}
	for _, e := range before {
		if e["type"] == voice.AudioDelta {
			t.Fatal("sound of the answer came after the member spoke")
		}
	}
	c.speak(made(t, 24_000, 1400*time.Millisecond, 2600*time.Millisecond))
	done, _ := c.wait(voice.ResponseDone)
	if done["response"].(dict)["status"] != voice.Completed {
		t.Errorf("the second answer: %v", done)
	}
	if err := c.conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(modest); ; time.Sleep(10 * time.Millisecond) {
		h.mu.Lock()
		n := len(h.records)
		h.mu.Unlock()
		if n > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the call is not recorded")
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.records[0]
	if r.Turns != 2 || len(r.Transcript) != 4 || r.Transcript[1].Text != cut["transcript"] || r.Transcript[3].Text != "Lie down first." {
		t.Errorf("recorded %+v", r)
	}
	if last := h.cut[len(h.cut)-1]; last.Heard != cut["transcript"] {
		t.Errorf("the conversation holds %q", last.Heard)
	}
}

// TestCallGoesOn: a turn that was ended too early leaves nothing in the conversation, and the next has all of it.
func TestCallGoesOn(t *testing.T) {
	t.Parallel()
	whisper, tts := speechtest.NewWhisper(t), speechtest.NewTTS(t)
	whisper.Hear = speechtest.Texts("how do I", "how do I squat")
	thinking := make(chan struct{})
	h := &house{answer: func(ctx context.Context, n int, in coach.In, emit func(coach.Event) error) (coach.Reply, error) {
		if n == 1 {
			close(thinking)
			<-ctx.Done()
			return coach.Reply{}, ctx.Err()
		}
		return words(in, emit, "Slowly.")
	}}
	c := connect(t, lead(t, h, whisper, tts))
	c.speak(asks(t))
	<-thinking
	c.speak(asks(t))
	c.wait(itemDeleted)
	c.wait(voice.Transcribed)
	for done := (dict{}); done["status"] != voice.Completed; {
		e, _ := c.wait(voice.ResponseDone)
		done = e["response"].(dict)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.asked) != 2 || h.asked[1] != "how do I squat" || len(h.cut) > 0 {
		t.Errorf("the coach was asked %q and told of %v", h.asked, h.cut)
	}
	clips := whisper.Heard()
	if got := clips[len(clips)-1].Clip.Duration().Seconds(); math.Abs(got-4.4) > 0.3 {
		t.Errorf("the last clip is of %.1f s, want both halves, about 4.4 s", got)
	}
}
