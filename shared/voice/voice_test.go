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

	"github.com/google/go-cmp/cmp"
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
func (b *bundle) Gym(context.Context) (gym.Gym, error)               { return gym.Gym{Name: "Iron House"}, nil }
func (b *bundle) Persona(context.Context) (persona.Persona, error)   { return persona.Default(), nil }
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

func TestTurn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var l listener
	out, err := b.Turn(b.as(t.Context()), b.clip(), l.emit)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		voice.SessionCreated, voice.InputCommitted, voice.Transcribed, voice.ResponseCreated, voice.TranscriptDelta, voice.AudioDelta, voice.TranscriptDelta, voice.AudioDelta,
		voice.TranscriptDelta, voice.AudioDelta, voice.AudioDone, voice.TranscriptDone, voice.ResponseDone,
	}
	if diff := cmp.Diff(want, l.types()); diff != "" {
		t.Error(diff)
	}
	const reply = "Keep your chest up, and sit back. Then stand."
	if out.Text != reply || out.Heard != "how do I squat" || out.Response.Status != voice.Completed {
		t.Errorf("got %+v", out)
	}
	if diff := cmp.Diff([]string{"Keep your chest up,", "and sit back.", "Then stand."}, b.mouth.said); diff != "" {
		t.Errorf("spoken: %s", diff)
	}
	m := l.done().Metrics
	if m.STT == nil || m.FirstToken == nil || m.FirstClause == nil || m.TTSFirst == nil || m.Turn == nil || m.Total == nil || *m.AudioOut != l.soundMS() || *m.AudioIn != 1000 {
		t.Errorf("metrics %+v", m)
	}
	s, err := b.State(b.as(t.Context()), b.member.ID, out.Session.ID)
	if err != nil || s.Turns != 1 || len(s.Items) != 2 || s.Items[1].Text != reply || s.Items[1].HeardMS != s.Items[1].AudioMS || s.Items[1].MessageID != 7 {
		t.Errorf("session %+v, %v", s, err)
	}
	// The next turn of the call goes on in the same conversation.
	in := b.clip()
	in.SessionID = out.Session.ID
	next, err := b.Turn(b.as(t.Context()), in, l.emit)
	if err != nil || next.Session.ConversationID != out.Session.ConversationID {
		t.Errorf("the next turn: %+v, %v", next.Session, err)
	}
}

// TestInterrupted: an answer ends at once however it is broken off, and what was heard of it is kept.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	const long = "One two three four five six seven eight nine ten, eleven twelve thirteen fourteen fifteen sixteen."
	for _, c := range []struct {
		name   string
		stored bool // the coach had answered before
		cut    func(b *bundle, l *listener, session string, cancel context.CancelFunc) error
	}{
		{"cancelled", true, func(b *bundle, _ *listener, s string, _ context.CancelFunc) error {
			return b.Cancel(b.as(context.Background()), b.member.ID, s)
		}},
		{"cancelled while the model words it", false, func(b *bundle, _ *listener, s string, _ context.CancelFunc) error {
			return b.Cancel(b.as(context.Background()), b.member.ID, s)
		}},
		{"the client leaves", true, func(_ *bundle, _ *listener, _ string, cancel context.CancelFunc) error { cancel(); return nil }},
		{"the client leaves while the model words it", false, func(_ *bundle, _ *listener, _ string, cancel context.CancelFunc) error { cancel(); return nil }},
		{"the client takes no more", true, func(_ *bundle, l *listener, _ string, _ context.CancelFunc) error {
			l.mu.Lock()
			l.fail = errors.New("broken pipe")
			l.mu.Unlock()
			return nil
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			coachEnded := make(chan time.Time, 1)
			b.coach.script = func(ctx context.Context, in coach.In, emit func(coach.Event) error) (coach.Reply, error) {
				defer func() { coachEnded <- time.Now() }()
				r, err := say(emit, in, long)
				if !c.stored {
					<-ctx.Done()
					return coach.Reply{}, ctx.Err()
				}
				return r, err
			}
			open := b.open(t)
			b.mouth.pace = true
			l := listener{sounds: make(chan struct{}, 1)}
			in := b.clip()
			in.SessionID = open.Session.ID
			ctx, cancel := context.WithCancel(b.as(t.Context()))
			defer cancel()
			ended := make(chan voice.Outcome, 1)
			go func() {
				out, err := b.Turn(ctx, in, l.emit)
				if err != nil {
					t.Error(err)
				}
				ended <- out
			}()
			<-l.sounds
			time.Sleep(150 * time.Millisecond)
			at := time.Now()
			if err := c.cut(b, &l, open.Session.ID, cancel); err != nil {
				t.Fatal(err)
			}
			out := <-ended
			if took := time.Since(at); took > 250*time.Millisecond {
				t.Errorf("the turn ended after %v", took)
			}
			if took := (<-coachEnded).Sub(at); took > 250*time.Millisecond {
				t.Errorf("the coach ended after %v", took)
			}
			b.mouth.mu.Lock()
			if took := b.mouth.closed.Sub(at); took > 250*time.Millisecond || b.mouth.open.Load() != 0 {
				t.Errorf("the voice ended after %v, %d open", took, b.mouth.open.Load())
			}
			b.mouth.mu.Unlock()
			if len(b.coach.cut) != 1 {
				t.Fatalf("interruptions %+v", b.coach.cut)
			}
			i := b.coach.cut[0]
			if i.Heard == "" || i.Heard == long || !strings.HasPrefix(long, i.Heard) || c.stored != (i.MessageID == 7) || !c.stored && i.Message != "how do I squat" {
				t.Errorf("kept %+v", i)
			}
			if out.Response.Status != voice.Cancelled || out.Text != i.Heard {
				t.Errorf("got %s %q", out.Response.Status, out.Text)
			}
			s, err := b.State(b.as(t.Context()), b.member.ID, open.Session.ID)
			last := s.Items[len(s.Items)-1]
			if err != nil || last.Text != i.Heard || last.Status != voice.Cancelled {
				t.Errorf("session %+v, %v", last, err)
			}
		})
	}
}

// TestLeftBeforeASound: a turn that is left before anything was heard leaves nothing, and may be sent again.
func TestLeftBeforeASound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.clip()
	ctx, cancel := context.WithCancel(b.as(t.Context()))
	b.coach.script = func(ctx context.Context, _ coach.In, _ func(coach.Event) error) (coach.Reply, error) {
		cancel()
		<-ctx.Done()
		return coach.Reply{}, ctx.Err()
	}
	if _, err := b.Turn(ctx, in, (&listener{}).emit); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	b.coach.script = nil
	out, err := b.Turn(b.as(t.Context()), in, (&listener{}).emit)
	if err != nil || out.Response.Status != voice.Completed || len(b.coach.cut) != 0 || b.coach.asked.Load() != 2 {
		t.Errorf("sent again: %+v, %v; %d interruptions", out.Response, err, len(b.coach.cut))
	}
}

// TestTwice: a turn that is sent three times at once is led once, and all three hear the answer.
func TestTwice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	open := b.open(t)
	in := b.clip()
	in.SessionID = open.Session.ID
	var all sync.WaitGroup
	var heard [3]listener
	for i := range heard {
		all.Go(func() {
			out, err := b.Turn(b.as(t.Context()), in, heard[i].emit)
			if err != nil || out.Response.Status != voice.Completed || heard[i].done() == nil || heard[i].soundMS() == 0 {
				t.Errorf("%d: %+v, %v", i, out.Response, err)
			}
		})
	}
	all.Wait()
	if n := b.coach.asked.Load(); n != 1 {
		t.Errorf("the coach was asked %d times", n)
	}
	if s, _ := b.State(b.as(t.Context()), b.member.ID, open.Session.ID); s.Turns != 1 {
		t.Errorf("%d turns", s.Turns)
	}
}

// TestTalkedOver: the next turn of a call ends the answer of the one before.
func TestTalkedOver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	open := b.open(t)
	b.mouth.pace = true
	first, second := b.clip(), b.clip()
	first.SessionID, second.SessionID = open.Session.ID, open.Session.ID
	l := listener{sounds: make(chan struct{}, 1)}
	ended := make(chan voice.Outcome, 1)
	go func() {
		out, err := b.Turn(b.as(t.Context()), first, l.emit)
		if err != nil {
			t.Error(err)
		}
		ended <- out
	}()
	<-l.sounds
	next, err := b.Turn(b.as(t.Context()), second, (&listener{}).emit)
	if err != nil || next.Response.Status != voice.Completed {
		t.Errorf("the second: %+v, %v", next.Response, err)
	}
	if out := <-ended; out.Response.Status != voice.Cancelled {
		t.Errorf("the first ended as %s", out.Response.Status)
	}
}

func TestTruncate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	out, err := b.Turn(b.as(t.Context()), b.clip(), (&listener{}).emit)
	if err != nil {
		t.Fatal(err)
	}
	cut := func(item string, ms int) (string, error) {
		return b.Truncate(b.as(t.Context()), b.member.ID, out.Session.ID, item, time.Duration(ms)*time.Millisecond)
	}
	// "Keep your chest up," takes 190 ms, "and sit back." 130 ms.
	for _, c := range []struct {
		ms   int
		want string
		kept int
	}{{100_000, out.Text, 0}, {260, "Keep your chest up, and", 1}, {300, "Keep your chest up, and", 1}, {100, "Keep your", 2}, {0, "", 3}} {
		got, err := cut(out.ItemID, c.ms)
		if err != nil || got != c.want || len(b.coach.cut) != c.kept {
			t.Errorf("at %d ms %q (%d kept), %v; want %q", c.ms, got, len(b.coach.cut), err, c.want)
		}
	}
	if last := b.coach.cut[1]; last.Heard != "Keep your" || last.MessageID != 7 {
		t.Errorf("kept %+v", last)
	}
	for _, item := range []string{"unknown", out.HeardID} {
		if _, err := cut(item, 1); !errors.Is(err, gym.ErrNotFound) {
			t.Errorf("%s: %v", item, err)
		}
	}
}

// TestFiller: a slow tool is covered by a few words, which are no part of the answer.
func TestFiller(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.coach.script = func(_ context.Context, in coach.In, emit func(coach.Event) error) (coach.Reply, error) {
		if err := emit(coach.Event{Kind: coach.Working, Action: &coach.Action{Name: "list_appointments"}}); err != nil {
			return coach.Reply{}, err
		}
		time.Sleep(200 * time.Millisecond)
		if err := emit(coach.Event{Kind: coach.Acted, Action: &coach.Action{Name: "list_appointments", Status: coach.StatusRead}}); err != nil {
			return coach.Reply{}, err
		}
		return say(emit, in, "You have nothing booked.")
	}
	var l listener
	out, err := b.Turn(b.as(t.Context()), b.clip(), l.emit)
	if err != nil || out.Text != "You have nothing booked." || !l.done().Metrics.Filler || len(b.mouth.said) != 2 || b.mouth.said[0] != "One moment, please." {
		t.Errorf("%q, %v; said %q", out.Text, err, b.mouth.said)
	}
	if got := strings.Join(l.types(), " "); !strings.Contains(got, voice.FunctionCall) {
		t.Errorf("events %s", got)
	}
	if cut, err := b.Truncate(b.as(t.Context()), b.member.ID, out.Session.ID, out.ItemID, 100*time.Millisecond); err != nil || cut != "" {
		t.Errorf("while the filler plays %q was heard, %v", cut, err)
	}
}

// TestFaults: whatever fails, the turn ends with a code, and with a spoken answer where there is a voice.
func TestFaults(t *testing.T) {
	t.Parallel()
	unavailable := gym.Errorf(gym.ErrUnavailable, "whisper_unavailable", "the speech server does not answer")
	for _, c := range []struct {
		name         string
		fault        func(*bundle)
		status, code string
		spoken       bool
		text         string
	}{
		{"nobody speaks", func(b *bundle) { b.ear.none = true }, voice.Incomplete, "no_speech", true, "I did not catch that."},
		{"whisper is away", func(b *bundle) { b.ear.err = unavailable }, voice.Failed, "whisper_unavailable", true, "I cannot hear you right now."},
		{"whisper hangs", func(b *bundle) { b.ear.stall, b.Limit = true, 300*time.Millisecond }, voice.Failed, "turn_timeout", false, ""},
		{"the coach fails", func(b *bundle) {
			b.coach.script = func(context.Context, coach.In, func(coach.Event) error) (coach.Reply, error) {
				return coach.Reply{}, errors.New("boom")
			}
		}, voice.Failed, "internal", true, "Something went wrong on my side."},
		{"the model is busy", func(b *bundle) {
			b.coach.script = func(context.Context, coach.In, func(coach.Event) error) (coach.Reply, error) {
				return coach.Reply{}, gym.Errorf(gym.ErrBusy, "model_busy", "too many wait")
			}
		}, voice.Failed, "model_busy", true, "Many members talk with me"},
		{"the coach hangs", func(b *bundle) {
			b.Limit = 300 * time.Millisecond
			b.coach.script = func(ctx context.Context, _ coach.In, _ func(coach.Event) error) (coach.Reply, error) {
				<-ctx.Done()
				return coach.Reply{}, ctx.Err()
			}
		}, voice.Failed, "turn_timeout", false, ""},
		{"there is no voice", func(b *bundle) { b.mouth.fail = " " }, voice.Incomplete, "tts_unavailable", false, "Keep your chest up, and sit back. Then stand."},
		{"the voice breaks off", func(b *bundle) { b.mouth.fail = "sit" }, voice.Incomplete, "tts_unavailable", true, "Keep your chest up, and sit back. Then stand."},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			c.fault(b)
			var l listener
			began := time.Now()
			out, err := b.Turn(b.as(t.Context()), b.clip(), l.emit)
			if err != nil {
				t.Fatal(err)
			}
			r := l.done()
			if r == nil || r.Status != c.status || r.Details == nil || r.Details.Code != c.code || !strings.HasPrefix(out.Text, c.text) || (l.soundMS() > 0) != c.spoken {
				t.Errorf("%+v %+v %q with %d ms of sound", r, r.Details, out.Text, l.soundMS())
			}
			if took := time.Since(began); took > 3*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// TestCapacity: a turn beyond the capacity is refused at once and harms nobody.
func TestCapacity(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Most, b.mouth.pace = 1, true
	l := listener{sounds: make(chan struct{}, 1)}
	ended := make(chan error, 1)
	go func() {
		_, err := b.Turn(b.as(t.Context()), b.clip(), l.emit)
		ended <- err
	}()
	<-l.sounds
	began := time.Now()
	_, err := b.Turn(b.as(t.Context()), b.clip(), (&listener{}).emit)
	var known *gym.Error
	if !errors.As(err, &known) || known.Code != voice.CodeCapacity || time.Since(began) > 100*time.Millisecond {
		t.Errorf("refused with %v after %v", err, time.Since(began))
	}
	if err := <-ended; err != nil || l.done().Status != voice.Completed {
		t.Errorf("the running turn: %v", err)
	}
}

func TestConsent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.member.Consent.Voice = false
	if _, err := b.Turn(b.as(t.Context()), b.clip(), (&listener{}).emit); !errors.Is(err, gym.ErrForbidden) {
		t.Errorf("a turn: %v", err)
	}
	if _, err := b.Open(b.as(t.Context()), voice.In{MemberID: b.member.ID}, (&listener{}).emit); !errors.Is(err, gym.ErrForbidden) {
		t.Errorf("a call: %v", err)
	}
}

// TestHangUp: the call is recorded once, with what was said only while the member agrees, and is gone.
func TestHangUp(t *testing.T) {
	t.Parallel()
	for _, agrees := range []bool{true, false} {
		b := setup(t)
		var l listener
		open, err := b.Open(b.as(t.Context()), voice.In{ID: uuid.NewString(), MemberID: b.member.ID}, l.emit)
		if err != nil || !strings.HasPrefix(open.Text, "Hello Mara, this is ") || !strings.Contains(open.Text, "Iron House") || l.soundMS() == 0 {
			t.Fatalf("%+v, %v", open, err)
		}
		in := b.clip()
		in.SessionID = open.Session.ID
		if _, err := b.Turn(b.as(t.Context()), in, l.emit); err != nil {
			t.Fatal(err)
		}
		b.member.Consent.Voice = agrees
		ended, err := b.HangUp(b.as(t.Context()), b.member.ID, open.Session.ID)
		if err != nil || ended.Turns != 1 || ended.TranscriptStored != agrees || len(b.records) != 1 || (len(b.records[0].Transcript) == 3) != agrees {
			t.Errorf("agrees %v: %+v %+v, %v", agrees, ended, b.records, err)
		}
		if _, err := b.HangUp(b.as(t.Context()), b.member.ID, open.Session.ID); !errors.Is(err, gym.ErrNotFound) {
			t.Errorf("again: %v", err)
		}
	}
}

// TestLostSession: a store that is emptied in the middle of a turn gets the call back.
func TestLostSession(t *testing.T) {
	t.Parallel()
	b := setup(t)
	open, err := b.Open(b.as(t.Context()), voice.In{ID: uuid.NewString(), MemberID: b.member.ID}, (&listener{}).emit)
	if err != nil {
		t.Fatal(err)
	}
	b.coach.script = func(ctx context.Context, in coach.In, emit func(coach.Event) error) (coach.Reply, error) {
		if err := b.sessions.DropSession(ctx, b.member.ID, open.Session.ID); err != nil {
			t.Error(err)
		}
		return say(emit, in, "Good.")
	}
	in := b.clip()
	in.SessionID = open.Session.ID
	if _, err := b.Turn(b.as(t.Context()), in, (&listener{}).emit); err != nil {
		t.Fatal(err)
	}
	if s, err := b.State(b.as(t.Context()), b.member.ID, open.Session.ID); err != nil || s.Turns != 1 || s.Items[len(s.Items)-1].Text != "Good." {
		t.Errorf("%+v, %v", s, err)
	}
}
