package voice_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/coach/persona"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/redis"
	"github.com/intellifit/intellifit/shared/redis/redistest"
	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/voice"
)

const rate = 8000

// bundle is a call on a real Redis, with scripted engines and a scripted coach.
type bundle struct {
	*voice.Calls
	coach    *talker
	ear      *ear
	mouth    *mouth
	member   gym.Member
	records  []voice.Record
	sessions *redis.DB
}

func setup(t *testing.T) *bundle {
	t.Helper()
	store, err := redis.Open(redistest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	b := &bundle{coach: &talker{}, ear: &ear{text: "how do I squat"}, mouth: &mouth{}, sessions: store}
	b.member = gym.Member{ID: "m-" + uuid.NewString(), Name: "Mara", Consent: gym.Consent{AIChat: true, Voice: true}}
	b.Calls = &voice.Calls{
		Recognizer: b.ear, Synthesizer: b.mouth, Coach: b.coach, Members: b, Gyms: b, Coaches: b, Sessions: store, Records: b, Rate: rate, Language: "en", Most: 8,
		FillAfter: 50 * time.Millisecond, Limit: 5 * time.Second, Now: time.Now, Log: func(context.Context) *slog.Logger { return slog.New(slog.DiscardHandler) },
	}
	return b
}

func (b *bundle) Member(context.Context, string) (gym.Member, error) { return b.member, nil }

func (b *bundle) Gym(context.Context) (gym.Gym, error) { return gym.Gym{Name: "Iron House"}, nil }

func (b *bundle) Persona(context.Context) (persona.Persona, error) { return persona.Default(), nil }

func (b *bundle) Coaches(context.Context) ([]gym.Coach, error) {
	return []gym.Coach{{Name: "Ada"}, {Name: "Jonas"}}, nil
}

func (b *bundle) StoreCall(_ context.Context, r voice.Record) error {
	b.records = append(b.records, r)
	return nil
}

func (b *bundle) as(ctx context.Context) context.Context {
	return gym.WithPrincipal(ctx, gym.Principal{GymID: "g", Subject: b.member.ID, Role: gym.RoleMember})
}

// ear hears what it is told to.
type ear struct {
	text  string
	none  bool
	err   error
	stall bool
}

func (e *ear) Transcribe(ctx context.Context, _ pcm.Clip, o speech.Listening) (speech.Transcript, error) {
	if !strings.Contains(o.Prompt, "Coaches: Ada, Jonas. Yes, book it.") || o.Language != "en" {
		return speech.Transcript{}, errors.New("expects " + o.Prompt)
	}
	if e.stall {
		<-ctx.Done()
		return speech.Transcript{}, ctx.Err()
	}
	return speech.Transcript{Text: e.text, NoSpeech: e.none}, e.err
}

// mouth makes ten milliseconds of sound for each letter; with pace it takes as long to make as to play.
type mouth struct {
	pace   bool
	fail   string // what it cannot say
	said   []string
	open   atomic.Int32
	mu     sync.Mutex
	closed time.Time
}

func (m *mouth) Speak(ctx context.Context, text string, _ speech.Speaking) (*speech.Utterance, error) {
	m.mu.Lock()
	m.said = append(m.said, text)
	m.mu.Unlock()
	if m.fail != "" && strings.Contains(text, m.fail) {
		return nil, gym.Errorf(gym.ErrUnavailable, "tts_unavailable", "the voice server does not answer")
	}
	m.open.Add(1)
	sound := bytes.NewReader(make([]byte, len(text)*rate/100*2))
	return &speech.Utterance{Rate: rate, ReadCloser: &utterance{Reader: sound, m: m, ctx: ctx}}, nil
}

type utterance struct {
	*bytes.Reader
	m   *mouth
	ctx context.Context
}

func (u *utterance) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	p = p[:min(len(p), rate/100*2)] // ten milliseconds
	if u.m.pace {
		time.Sleep(10 * time.Millisecond)
	}
	return u.Reader.Read(p)
}

func (u *utterance) Close() error {
	u.m.open.Add(-1)
	u.m.mu.Lock()
	defer u.m.mu.Unlock()
	u.m.closed = time.Now()
	return nil
}

// talker answers by a script and notes what is told to it.
type talker struct {
	script func(ctx context.Context, in coach.In, emit func(coach.Event) error) (coach.Reply, error)
	asked  atomic.Int32
	mu     sync.Mutex
	cut    []coach.Interruption
}

func (c *talker) Turn(ctx context.Context, in coach.In, emit func(coach.Event) error) (coach.Reply, error) {
	c.asked.Add(1)
	if c.script != nil {
		return c.script(ctx, in, emit)
	}
	return say(emit, in, "Keep your chest up, and sit back.", " Then stand.")
}

func (c *talker) Interrupt(_ context.Context, i coach.Interruption) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = append(c.cut, i)
	return i.MessageID, nil
}

func (c *talker) Preload(context.Context, string, string) error { return nil }

func say(emit func(coach.Event) error, in coach.In, texts ...string) (coach.Reply, error) {
	r := coach.Reply{ConversationID: in.ConversationID, Reply: strings.Join(texts, ""), MessageID: 7, Action: coach.Action{Name: "reply", Status: coach.StatusNone}}
	for _, text := range texts {
		if err := emit(coach.Event{Kind: coach.Delta, Text: text}); err != nil {
			return r, err
		}
	}
	return r, emit(coach.Event{Kind: coach.Done, Reply: &r})
}

// listener collects events.
type listener struct {
	mu     sync.Mutex
	events []voice.Event
	at     []time.Time
	sounds chan struct{}
	fail   error
}

func (l *listener) emit(e voice.Event) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail != nil {
		return l.fail
	}
	l.events, l.at = append(l.events, e), append(l.at, time.Now())
	if e.Type == voice.AudioDelta && l.sounds != nil {
		select {
		case l.sounds <- struct{}{}:
		default:
		}
	}
	return nil
}

// types names the events in order; runs of sound are one.
func (l *listener) types() (out []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.events {
		if n := len(out); e.Type == voice.AudioDelta && n > 0 && out[n-1] == e.Type {
			continue
		}
		out = append(out, e.Type)
	}
	return out
}

func (l *listener) soundMS() (n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.events {
		n += int64(len(e.Audio)) / 2 * 1000 / rate
	}
	return n
}

func (l *listener) done() *voice.Response {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.events {
		if e.Type == voice.ResponseDone {
			return e.Response
		}
	}
	return nil
}

func (b *bundle) clip() voice.In {
	return voice.In{ID: uuid.NewString(), MemberID: b.member.ID, Clip: &pcm.Clip{Rate: pcm.Rate, Samples: make([]float32, pcm.Rate)}, Received: time.Now()}
}

// open begins a call and waits until the phrases of every call are made.
func (b *bundle) open(t *testing.T) voice.Outcome {
	t.Helper()
	open, err := b.Open(b.as(t.Context()), voice.In{ID: uuid.NewString(), MemberID: b.member.ID}, func(voice.Event) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		b.mouth.mu.Lock()
		ready := slices.Contains(b.mouth.said, "I am on it.") && b.mouth.open.Load() == 0
		b.mouth.mu.Unlock()
		if ready {
			return open
		}
		if time.Now().After(deadline) {
			t.Fatalf("not ready: %q", b.mouth.said)
		}
	}
}
