package voice_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/voice"
)

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
