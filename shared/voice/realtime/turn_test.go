package realtime

import (
	"context"
	"encoding/base64"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/vad"
	"github.com/intellifit/intellifit/shared/voice"
)

var _ Calls = (*voice.Calls)(nil)

// asks is somebody who says something in 2.6 s; 24 kHz.
func asks(t *testing.T) pcm.Clip { return made(t, 24_000, 0, 2600*time.Millisecond) }

// TestTurn: somebody speaks and stops; the answer comes at the rate that was asked for.
func TestTurn(t *testing.T) {
	t.Parallel()
	d := &desk{}
	_, url := serverOf(t, d, nil)
	c := connect(t, url)
	c.speak(asks(t))
	started, _ := c.wait(speechStarted)
	if at := started["audio_start_ms"].(float64); at < 150 || at > 600 {
		t.Errorf("speech started at %v ms, want about 300", at)
	}
	stopped, _ := c.wait(speechStopped)
	if at := stopped["audio_end_ms"].(float64); at < 1700 || at > 1950 {
		t.Errorf("speech stopped at %v ms, want about 1800", at)
	}
	committed, _ := c.wait(voice.InputCommitted)
	updated, _ := c.wait(sessionUpdated)
	if s := updated["session"].(dict); s["id"] != "call_1" || s["conversation_id"] != "conv_1" {
		t.Errorf("session %v, want the call's", s)
	}
	heard, _ := c.wait(voice.Transcribed)
	for _, e := range []dict{stopped, committed, heard} {
		if e["item_id"] != started["item_id"] {
			t.Errorf("%s is of %v, want %v", e["type"], e["item_id"], started["item_id"])
		}
	}
	done, events := c.wait(voice.ResponseDone)
	want := []string{voice.ResponseCreated, voice.TranscriptDelta, voice.AudioDelta, voice.AudioDone, voice.TranscriptDone}
	if diff := cmp.Diff(want, kinds(events)); diff != "" {
		t.Error(diff)
	}
	if got := soundOf(t, events); got != 300*24*2 {
		t.Errorf("%d bytes of sound, want 300 ms at 24 kHz", got)
	}
	if done["response"].(dict)["status"] != voice.Completed {
		t.Errorf("done %v", done)
	}
	in := d.seen()[0]
	if in.Clip.Rate != pcm.Rate || math.Abs(in.Clip.Duration().Seconds()-1.8) > 0.2 || in.MemberID != "mara" || in.Endpoint < 500*time.Millisecond || in.Endpoint > time.Second {
		t.Errorf("turn of %v at %d Hz, member %s, endpoint %v", in.Clip.Duration(), in.Clip.Rate, in.MemberID, in.Endpoint)
	}
	c.speak(asks(t))
	second, _ := c.wait(voice.InputCommitted)
	if second["previous_item_id"] != started["item_id"] {
		t.Errorf("the second item follows %v, want %v", second["previous_item_id"], started["item_id"])
	}
	c.wait(voice.ResponseDone)
	if in := d.seen()[1]; in.SessionID != "call_1" || in.ConversationID != "conv_1" || in.ID == d.seen()[0].ID {
		t.Errorf("the second turn is of %q, %q", in.SessionID, in.ConversationID)
	}
}

func soundOf(t *testing.T, events []dict) int {
	t.Helper()
	n := 0
	for _, e := range events {
		if e["type"] == voice.AudioDelta {
			b, err := base64.StdEncoding.DecodeString(e["delta"].(string))
			if err != nil {
				t.Fatal(err)
			}
			n += len(b)
		}
	}
	return n
}

// TestRates: whatever the microphone's rate and the size of its pieces, the turn is the same.
func TestRates(t *testing.T) {
	t.Parallel()
	for _, rate := range []int{16_000, 24_000, 44_100, 48_000} {
		d := &desk{}
		_, url := serverOf(t, d, nil)
		c := connect(t, url)
		c.send(dict{"type": clientUpdate, "session": dict{"audio": dict{"input": dict{"format": dict{"type": "audio/pcm", "rate": rate}}, "output": dict{"format": dict{"type": "audio/pcm", "rate": 16_000}}}}})
		c.wait(sessionUpdated)
		b := made(t, rate, 0, 2600*time.Millisecond).Bytes16()
		for _, n := range []int{1, 7, 4001, 99, 20_000} { // also half samples
			c.send(dict{"type": clientAppend, "audio": b[:n]})
			b = b[n:]
		}
		for piece := range slices.Chunk(b, 30_001) {
			c.send(dict{"type": clientAppend, "audio": piece})
		}
		_, events := c.wait(voice.ResponseDone)
		if got := d.seen()[0].Clip.Duration(); math.Abs(got.Seconds()-1.8) > 0.2 {
			t.Errorf("%d Hz: a turn of %v, want about 1.8 s", rate, got)
		}
		if got := soundOf(t, events); got != 300*16*2 {
			t.Errorf("%d Hz: %d bytes of sound, want 300 ms at 16 kHz as it was made", rate, got)
		}
	}
}

// TestUpdate: what a client may choose, and what it is told when it may not.
func TestUpdate(t *testing.T) {
	t.Parallel()
	judge := vad.JudgeFunc(func(context.Context, pcm.Clip) (bool, float64, error) { return false, 0.5, nil })
	_, silent := serverOf(t, &desk{}, nil)
	_, judging := serverOf(t, &desk{}, func(c *Config) { c.Judge = judge })
	plain, semantic := connect(t, silent), connect(t, judging)
	vadOf := func(d dict) dict { return dict{"turn_detection": d} }
	for name, c := range map[string]struct {
		client  *client
		session any
		want    string // in the answer's turn_detection, input or output; "" : refused
	}{
		"knobs":             {plain, vadOf(dict{"type": "server_vad", "threshold": 0.7, "prefix_padding_ms": 100, "silence_duration_ms": 300, "create_response": false, "interrupt_response": false}), "server_vad 0.7 100 300 false false"},
		"defaults":          {plain, vadOf(dict{"type": "server_vad"}), "server_vad 0.5 300 600 true true"},
		"no judge":          {plain, vadOf(dict{"type": "semantic_vad", "eagerness": "high"}), "server_vad 0.5 300 600 true true"},
		"a judge":           {semantic, vadOf(dict{"type": "semantic_vad", "eagerness": "high"}), "semantic_vad 0.5 300 600 true true high"},
		"today's shape":     {semantic, dict{"audio": dict{"input": dict{"turn_detection": dict{"type": "server_vad", "silence_duration_ms": 500}}}}, "server_vad 0.5 300 500 true true"},
		"what we decide":    {plain, dict{"instructions": "be a pirate", "tools": []any{}, "turn_detection": dict{"type": "server_vad"}}, "server_vad 0.5 300 600 true true"},
		"threshold":         {plain, vadOf(dict{"type": "server_vad", "threshold": 1.5}), ""},
		"prefix":            {plain, vadOf(dict{"type": "server_vad", "prefix_padding_ms": -1}), ""},
		"silence":           {plain, vadOf(dict{"type": "server_vad", "silence_duration_ms": 20}), ""},
		"type":              {plain, vadOf(dict{"type": "telepathy"}), ""},
		"no type":           {plain, vadOf(dict{"threshold": 0.5}), ""},
		"eagerness":         {semantic, vadOf(dict{"type": "semantic_vad", "eagerness": "very"}), ""},
		"a wrong shape":     {plain, dict{"turn_detection": 5}, ""},
		"no session":        {plain, nil, ""},
		"format":            {plain, dict{"input_audio_format": "g711_ulaw"}, ""},
		"rate":              {plain, dict{"audio": dict{"output": dict{"format": dict{"type": "audio/pcm", "rate": 11_111}}}}, ""},
		"codec":             {plain, dict{"audio": dict{"input": dict{"format": dict{"type": "audio/pcmu"}}}}, ""},
		"voice out of form": {plain, dict{"voice": "a b"}, ""},
	} { // one after the other: both have one connection
		c.client.send(dict{"type": clientUpdate, "event_id": "e-" + name, "session": c.session})
		if c.want == "" {
			e, _ := c.client.wait(voice.ErrorEvent)
			if code(e) != CodeEventInvalid || e["error"].(dict)["event_id"] != "e-"+name {
				t.Errorf("%s: %v", name, e)
			}
			continue
		}
		e, _ := c.client.wait(sessionUpdated)
		d := e["session"].(dict)["audio"].(dict)["input"].(dict)["turn_detection"].(dict)
		var got []string
		for _, field := range []string{"type", "threshold", "prefix_padding_ms", "silence_duration_ms", "create_response", "interrupt_response", "eagerness"} {
			if d[field] != nil {
				got = append(got, text(d[field]))
			}
		}
		if have := strings.Join(got, " "); have != c.want {
			t.Errorf("%s: %s, want %s", name, have, c.want)
		}
	}
	plain.send(dict{"type": clientUpdate, "session": dict{"voice": "joe", "input_audio_format": "pcm16", "audio": dict{"output": dict{"format": dict{"type": "audio/pcm", "rate": 48_000}}}}})
	e, _ := plain.wait(sessionUpdated)
	audio := e["session"].(dict)["audio"].(dict)
	if audio["output"].(dict)["voice"] != "joe" || audio["output"].(dict)["format"].(dict)["rate"] != 48_000.0 || audio["input"].(dict)["format"].(dict)["rate"] != 24_000.0 {
		t.Errorf("session %v", audio)
	}
}

func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return map[bool]string{true: "true", false: "false"}[v]
	}
	return strconv.FormatFloat(v.(float64), 'f', -1, 64)
}

// TestPushToTalk: without detection the client says where a turn ends; what was cleared is gone.
func TestPushToTalk(t *testing.T) {
	t.Parallel()
	d := &desk{}
	_, url := serverOf(t, d, nil)
	c := connect(t, url)
	c.send(dict{"type": clientUpdate, "session": dict{"turn_detection": nil}})
	c.wait(sessionUpdated)
	c.send(dict{"type": clientCommit, "event_id": "empty"})
	if e, _ := c.wait(voice.ErrorEvent); code(e) != CodeBufferEmpty {
		t.Errorf("an empty commit: %v", e)
	}
	c.speak(asks(t))
	c.send(dict{"type": clientClear})
	c.wait(bufferCleared)
	c.speak(silence(24_000, 500*time.Millisecond))
	c.send(dict{"type": clientCommit})
	c.wait(voice.InputCommitted)
	c.speak(silence(24_000, 700*time.Millisecond))
	c.send(dict{"type": clientCommit})
	c.wait(voice.InputCommitted)
	if n := len(d.seen()); n > 0 {
		t.Fatalf("%d turns before response.create", n)
	}
	c.send(dict{"type": clientCreate})
	c.wait(voice.ResponseDone)
	in := d.seen()
	if len(in) != 1 || in[0].Clip.Duration() != 1200*time.Millisecond {
		t.Errorf("%d turns, the first of %v; want one of 1.2 s", len(in), in[0].Clip.Duration())
	}
}

// TestFull: more than a minute is refused, and what was there stays.
func TestFull(t *testing.T) {
	t.Parallel()
	d := &desk{}
	_, url := serverOf(t, d, nil)
	c := connect(t, url)
	c.send(dict{"type": clientUpdate, "session": dict{"turn_detection": nil, "audio": dict{"input": dict{"format": dict{"type": "audio/pcm", "rate": 8_000}}}}})
	c.wait(sessionUpdated)
	ten := silence(8_000, 10*time.Second).Bytes16()
	for range 6 {
		c.send(dict{"type": clientAppend, "audio": ten})
	}
	c.send(dict{"type": clientAppend, "audio": ten, "event_id": "seventh"})
	if e, _ := c.wait(voice.ErrorEvent); code(e) != CodeBufferFull || e["error"].(dict)["event_id"] != "seventh" {
		t.Errorf("a seventh ten seconds: %v", e)
	}
	c.send(dict{"type": clientCommit})
	c.wait(voice.InputCommitted)
	c.send(dict{"type": clientCreate})
	c.wait(voice.ResponseDone)
	if got := d.seen()[0].Clip.Duration(); got != time.Minute {
		t.Errorf("a turn of %v, want a minute", got)
	}
}

// TestTyped: text takes the same way; nothing said greets once.
func TestTyped(t *testing.T) {
	t.Parallel()
	d := &desk{}
	_, url := serverOf(t, d, nil)
	c := connect(t, url)
	c.send(dict{"type": clientCreate})
	c.wait(voice.ResponseDone)
	c.send(dict{"type": clientCreate, "event_id": "again"})
	if e, _ := c.wait(voice.ErrorEvent); code(e) != CodeInputMissing {
		t.Errorf("nothing said: %v", e)
	}
	message := func(role, kind, text string) dict {
		return dict{"type": clientItem, "item": dict{"type": "message", "role": role, "content": []dict{{"type": kind, "text": text}}}}
	}
	for _, bad := range []dict{message("system", "input_text", "x"), message("user", "input_image", "x"), message("user", "input_text", "  "), message("user", "input_text", strings.Repeat("x", maxTyped+1)), {"type": clientItem}} {
		c.send(bad)
		if e, _ := c.wait(voice.ErrorEvent); code(e) != CodeEventInvalid {
			t.Errorf("%v: %v", bad["item"], e)
		}
	}
	c.send(message("user", "input_text", "book me"))
	added, _ := c.wait(itemAdded)
	c.wait(itemDone)
	c.send(message("user", "input_text", "on Friday"))
	second, _ := c.wait(itemDone)
	if second["previous_item_id"] != added["item"].(dict)["id"] {
		t.Errorf("the second follows %v", second["previous_item_id"])
	}
	c.send(dict{"type": clientCreate})
	c.wait(voice.ResponseDone)
	if in := d.seen(); d.opened != 1 || len(in) != 1 || in[0].Text != "book me\non Friday" || in[0].Clip != nil {
		t.Errorf("greeted %d times, turns %v", d.opened, in)
	}
}

// TestNoAutomaticAnswer: with create_response off a turn waits for response.create.
func TestNoAutomaticAnswer(t *testing.T) {
	t.Parallel()
	d := &desk{}
	_, url := serverOf(t, d, nil)
	c := connect(t, url)
	c.send(dict{"type": clientUpdate, "session": dict{"turn_detection": dict{"type": "server_vad", "create_response": false}}})
	c.wait(sessionUpdated)
	c.speak(asks(t))
	c.wait(voice.InputCommitted)
	c.none(voice.ResponseCreated, 100*time.Millisecond)
	c.send(dict{"type": clientCreate})
	c.wait(voice.ResponseDone)
	if n := len(d.seen()); n != 1 {
		t.Errorf("%d turns", n)
	}
}

// TestCommitInSpeech: with detection on, a commit ends the turn at once and leaves the answer to response.create.
func TestCommitInSpeech(t *testing.T) {
	t.Parallel()
	d := &desk{}
	_, url := serverOf(t, d, nil)
	c := connect(t, url)
	c.send(dict{"type": clientCommit})
	if e, _ := c.wait(voice.ErrorEvent); code(e) != CodeBufferEmpty {
		t.Errorf("a commit of nothing: %v", e)
	}
	c.speak(made(t, 24_000, 0, 1500*time.Millisecond))
	started, _ := c.wait(speechStarted)
	c.send(dict{"type": clientCommit})
	if e, _ := c.wait(voice.InputCommitted); e["item_id"] != started["item_id"] {
		t.Errorf("committed %v", e)
	}
	c.send(dict{"type": clientCreate})
	c.wait(voice.ResponseDone)
	c.speak(made(t, 24_000, 0, 1500*time.Millisecond))
	c.wait(speechStarted)
	c.send(dict{"type": clientClear})
	c.wait(bufferCleared)
	c.speak(silence(24_000, time.Second))
	c.send(dict{"type": clientCommit})
	if e, _ := c.wait(voice.ErrorEvent); code(e) != CodeBufferEmpty {
		t.Errorf("a commit after clear: %v", e)
	}
}

// TestJudge: a judge who is sure ends the turn early, one who is not lets the member think.
func TestJudge(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		judge    vad.JudgeFunc
		min, max time.Duration
	}{
		"sure":       {func(context.Context, pcm.Clip) (bool, float64, error) { return true, 0.99, nil }, 190 * time.Millisecond, 400 * time.Millisecond},
		"unfinished": {func(context.Context, pcm.Clip) (bool, float64, error) { return false, 0.01, nil }, 1400 * time.Millisecond, 1700 * time.Millisecond},
		"down":       {func(context.Context, pcm.Clip) (bool, float64, error) { return true, 1, errors.New("down") }, 590 * time.Millisecond, 700 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &desk{}
			_, url := serverOf(t, d, func(cfg *Config) { cfg.Judge = c.judge })
			member := connect(t, url)
			member.speak(made(t, 24_000, 0, 2*time.Second)) // into the pause
			member.wait(speechStarted)
			time.Sleep(50 * time.Millisecond) // as if in real time: the verdict is there before the pause is over
			member.speak(silence(24_000, 2*time.Second))
			member.wait(voice.ResponseDone)
			if got := d.seen()[0].Endpoint; got < c.min || got > c.max {
				t.Errorf("the turn ended after %v, want %v to %v", got, c.min, c.max)
			}
		})
	}
}
