package realtime

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/voice"
)

// speaks is a script that gives an answer of sound, and then goes on until it is cancelled.
func speaks(sound time.Duration) func(context.Context, int, voice.In, func(voice.Event) error) error {
	return func(ctx context.Context, n int, in voice.In, emit func(voice.Event) error) error {
		if n > 1 {
			return say(ctx, in, emit, "Yes.", 100*time.Millisecond)
		}
		if err := begin(in, emit); err != nil {
			return err
		}
		if err := sounds(ctx, in, emit, sound); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(modest):
			return errors.New("nobody interrupted")
		}
		if sound == 0 && errors.Is(context.Cause(ctx), context.Canceled) { // nothing was heard: it leaves nothing
			return context.Canceled
		}
		return end(in, emit, voice.Cancelled)
	}
}

// TestBargeIn: who speaks while the answer is spoken ends it; what was played is told before the next turn.
func TestBargeIn(t *testing.T) {
	t.Parallel()
	d := &desk{script: speaks(20 * time.Second)}
	_, url := serverOf(t, d, nil)
	c := connect(t, url)
	c.speak(asks(t))
	created, _ := c.wait(voice.ResponseCreated)
	c.wait(voice.AudioDelta)
	c.speak(made(t, 24_000, 0, 500*time.Millisecond)) // the time in which nothing counts
	c.speak(made(t, 24_000, 0, 1400*time.Millisecond))
	c.wait(speechStarted)
	began := time.Now()
	done, after := c.wait(voice.ResponseDone)
	if took := time.Since(began); took > time.Second { // the bar is 250 ms; this is for machines that do much else
		t.Errorf("the answer ended %v after the member spoke", took)
	} else {
		t.Logf("the answer ended %v after the member spoke", took)
	}
	for _, e := range after {
		if e["type"] == voice.AudioDelta {
			t.Fatal("sound of the answer came after the member spoke")
		}
	}
	r := done["response"].(dict)
	if r["id"] != created["response"].(dict)["id"] || r["status"] != voice.Cancelled || r["status_details"].(dict)["code"] != voice.CodeTurnDetected {
		t.Errorf("response %v", r)
	}
	c.send(dict{"type": voice.ClientTruncate, "item_id": "answer_" + d.seen()[0].ID, "content_index": 0, "audio_end_ms": 1234})
	cut, _ := c.wait(voice.ItemTruncated)
	if cut["audio_end_ms"] != 1234.0 || cut["transcript"] != "so much was heard" {
		t.Errorf("truncated %v", cut)
	}
	c.speak(made(t, 24_000, 1400*time.Millisecond, 2600*time.Millisecond))
	c.wait(voice.ResponseDone)
	in := d.seen()
	if len(in) != 2 {
		t.Fatalf("%d turns, want two", len(in))
	}
	if diff := cmp.Diff([]string{"call_1 answer_" + in[0].ID + " 1.234s"}, d.cut); diff != "" {
		t.Error(diff)
	}
}

// TestGoesOn: who goes on before a sound of the answer was there has said one turn, and its first half is taken back.
func TestGoesOn(t *testing.T) {
	t.Parallel()
	d := &desk{script: speaks(0)}
	_, url := serverOf(t, d, nil)
	c := connect(t, url)
	c.speak(asks(t))
	first, _ := c.wait(voice.InputCommitted)
	c.wait(voice.ResponseCreated)
	c.speak(asks(t))
	deleted, _ := c.wait(itemDeleted)
	c.wait(speechStarted)
	second, before := c.wait(voice.InputCommitted)
	if deleted["item_id"] != first["item_id"] || second["item_id"] == first["item_id"] || second["previous_item_id"] != nil {
		t.Errorf("first %v, deleted %v, second %v", first, deleted, second)
	}
	if !slices.Contains(kinds(before), voice.ResponseDone) {
		t.Errorf("the first answer has no end: %v", kinds(before))
	}
	c.wait(voice.ResponseDone)
	in := d.seen()
	if len(in) != 2 || math.Abs(in[1].Clip.Duration().Seconds()-4.4) > 0.3 {
		t.Errorf("%d turns, the last of %v; want it to hold both, about 4.4 s", len(in), in[len(in)-1].Clip.Duration())
	}
}

// TestGoesOnAgain: also a turn whose answer has not begun, because the one before is still ending, is taken back.
func TestGoesOnAgain(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	d := &desk{script: func(ctx context.Context, n int, in voice.In, emit func(voice.Event) error) error {
		if n > 1 {
			return say(ctx, in, emit, "Yes.", 100*time.Millisecond)
		}
		<-ctx.Done()
		<-release // it takes its time to end
		return context.Canceled
	}}
	_, url := serverOf(t, d, nil)
	c := connect(t, url)
	for i := range 3 {
		c.speak(asks(t))
		if i > 0 {
			c.wait(itemDeleted)
		}
		c.wait(voice.InputCommitted)
	}
	close(release)
	c.wait(voice.ResponseDone)
	in := d.seen()
	if len(in) != 2 || math.Abs(in[1].Clip.Duration().Seconds()-7) > 0.4 {
		t.Errorf("%d turns, the last of %v; want it to hold all three, about 7 s", len(in), in[len(in)-1].Clip.Duration())
	}
}

// TestNoInterruption: with interrupt_response off the answer goes on, and the next turn waits for its end.
func TestNoInterruption(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	d := &desk{script: func(ctx context.Context, n int, in voice.In, emit func(voice.Event) error) error {
		if n == 1 {
			select {
			case <-release:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return say(ctx, in, emit, "Sure.", 100*time.Millisecond)
	}}
	_, url := serverOf(t, d, nil)
	c := connect(t, url)
	c.send(dict{"type": clientUpdate, "session": dict{"turn_detection": dict{"type": "server_vad", "interrupt_response": false}}})
	c.wait(sessionUpdated)
	c.speak(asks(t))
	c.wait(voice.InputCommitted)
	c.speak(asks(t))
	c.wait(voice.InputCommitted)
	if n := len(d.seen()); n != 1 {
		t.Errorf("%d turns run, want the first alone", n)
	}
	close(release)
	for range 2 {
		if e, _ := c.wait(voice.ResponseDone); e["response"].(dict)["status"] != voice.Completed {
			t.Errorf("done %v", e)
		}
	}
}

// TestCancel: response.cancel ends the answer; there must be one.
func TestCancel(t *testing.T) {
	t.Parallel()
	d := &desk{script: speaks(time.Second)}
	_, url := serverOf(t, d, nil)
	c := connect(t, url)
	c.send(dict{"type": voice.ClientResponseCancel})
	if e, _ := c.wait(voice.ErrorEvent); code(e) != CodeNoResponse {
		t.Errorf("cancel of nothing: %v", e)
	}
	c.speak(asks(t))
	c.wait(voice.AudioDelta)
	c.send(dict{"type": clientCreate})
	if e, _ := c.wait(voice.ErrorEvent); code(e) != CodeActiveResponse {
		t.Errorf("a second answer: %v", e)
	}
	c.send(dict{"type": voice.ClientResponseCancel})
	done, _ := c.wait(voice.ResponseDone)
	if r := done["response"].(dict); r["status"] != voice.Cancelled || r["status_details"].(dict)["code"] != "client_cancelled" {
		t.Errorf("response %v", r)
	}
}
