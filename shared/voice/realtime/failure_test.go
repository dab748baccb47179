package realtime

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/voice"
)

// TestFailures: a turn that fails tells why, and the call goes on.
func TestFailures(t *testing.T) {
	t.Parallel()
	d := &desk{script: func(ctx context.Context, n int, in voice.In, emit func(voice.Event) error) error {
		switch n {
		case 1:
			return gym.Errorf(gym.ErrForbidden, coach.CodeConsentMissing, "the member has not agreed")
		case 2:
			return errors.Join(begin(in, emit), errors.New("the database is made of cheese"))
		case 3:
			if err := begin(in, emit); err != nil {
				return err
			}
			panic("oh")
		case 4:
			return gym.Errorf(gym.ErrNotFound, voice.CodeSessionUnknown, "no such call")
		}
		return say(ctx, in, emit, "Sure.", 100*time.Millisecond)
	}}
	_, url := serverOf(t, d, nil)
	c := connect(t, url)
	talk := func() { c.speak(asks(t)) }
	talk()
	if e, _ := c.wait(voice.ErrorEvent); code(e) != coach.CodeConsentMissing {
		t.Errorf("no consent: %v", e)
	}
	for range 2 {
		talk()
		e, _ := c.wait(voice.ErrorEvent)
		if code(e) != "internal" || strings.Contains(cmp.Diff("", e["error"].(dict)["message"]), "cheese") {
			t.Errorf("a failure of ours: %v", e)
		}
		if done, _ := c.wait(voice.ResponseDone); done["response"].(dict)["status"] != voice.Failed {
			t.Errorf("done %v", done)
		}
	}
	talk()
	if e, _ := c.wait(voice.ErrorEvent); code(e) != voice.CodeSessionUnknown {
		t.Errorf("a lost call: %v", e)
	}
	talk()
	c.wait(voice.ResponseDone)
	if in := d.seen(); in[3].SessionID != "call_1" || in[4].SessionID != "" || in[4].ConversationID != "conv_1" {
		t.Errorf("after the call was lost: session %q, conversation %q", in[4].SessionID, in[4].ConversationID)
	}
	c.send(dict{"type": voice.ClientTruncate, "item_id": "item_nobody", "audio_end_ms": 10})
	if e, _ := c.wait(voice.ErrorEvent); code(e) != voice.CodeItemUnknown {
		t.Errorf("truncate of nothing: %v", e)
	}
}

// TestBadEvents: what is wrong is answered with its code, and the connection goes on.
func TestBadEvents(t *testing.T) {
	t.Parallel()
	_, url := serverOf(t, &desk{}, nil)
	c := connect(t, url)
	c.raw(websocket.MessageBinary, []byte{1, 2, 3})
	c.raw(websocket.MessageText, []byte("hello"))
	c.raw(websocket.MessageText, []byte(`{"type": 5}`))
	c.raw(websocket.MessageText, []byte(`{"type":"input_audio_buffer.append","audio":"%%%"}`))
	c.send(dict{"type": clientAppend})
	c.send(dict{"type": voice.ClientTruncate, "item_id": "x"})
	c.send(dict{"type": voice.ClientTruncate, "item_id": "x", "audio_end_ms": -5})
	c.send(dict{"type": voice.ClientTruncate, "item_id": "x", "audio_end_ms": 5, "content_index": 3})
	for i := range 8 {
		if e, _ := c.wait(voice.ErrorEvent); code(e) != CodeEventInvalid {
			t.Errorf("event %d: %v", i, e)
		}
	}
	c.send(dict{"type": "output_audio_buffer.clear", "event_id": "mine"})
	if e, _ := c.wait(voice.ErrorEvent); code(e) != CodeEventUnknown || e["error"].(dict)["event_id"] != "mine" {
		t.Errorf("an unknown event: %v", e)
	}
	c.speak(asks(t))
	c.wait(voice.ResponseDone)
	c.raw(websocket.MessageText, []byte(`{"type":"`+strings.Repeat("x", maxMessage)+`"}`))
	if status, _ := c.closed(); status != websocket.StatusMessageTooBig {
		t.Errorf("a message too big: status %d", status)
	}
}
