package voice_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/voice"
)

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
