package realtime

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/vad"
	"github.com/intellifit/intellifit/shared/voice"
)

var _ Calls = (*voice.Calls)(nil)

// asks is somebody who says something in 2.6 s; 24 kHz.
func asks(t *testing.T) pcm.Clip { return made(t, 24_000, 0, 2600*time.Millisecond) }

// TestHandshake: who may connect.
func TestHandshake(t *testing.T) {
	t.Parallel()
	_, url := serverOf(t, &desk{}, nil)
	own := "http" + strings.TrimPrefix(url, "ws")
	bearer := http.Header{"Authorization": {"Bearer good"}}
	with := func(h http.Header, name, value string) http.Header {
		h = h.Clone()
		h.Set(name, value)
		return h
	}
	for name, c := range map[string]struct {
		query     string
		header    http.Header
		protocols []string
		status    int
		code      string
	}{
		"bearer":               {header: bearer, status: 101},
		"browser":              {header: http.Header{"Origin": {own}}, protocols: []string{"realtime", "openai-insecure-api-key.good"}, status: 101},
		"a model is named":     {query: "?model=gpt-realtime", header: bearer, status: 101},
		"call taken up":        {query: "?session=call_1", header: bearer, status: 101},
		"no token":             {status: 401, code: "token_missing"},
		"a bad token":          {header: http.Header{"Authorization": {"Bearer bad"}}, status: 401, code: "token_invalid"},
		"a bad token protocol": {protocols: []string{"realtime", "openai-insecure-api-key.bad"}, status: 401, code: "token_invalid"},
		"a coach":              {header: http.Header{"Authorization": {"Bearer coach"}}, status: 403, code: "role_not_allowed"},
		"another origin":       {header: with(bearer, "Origin", "https://example.com"), status: 403, code: CodeOrigin},
		"no origin at all":     {header: with(bearer, "Origin", "null"), status: 403, code: CodeOrigin},
		"unknown call":         {query: "?session=call_2", header: bearer, status: 404, code: voice.CodeSessionUnknown},
		"bad id":               {query: "?conversation=a%20b", header: bearer, status: 400, code: "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, resp, err := websocket.Dial(t.Context(), url+c.query, &websocket.DialOptions{HTTPHeader: c.header, Subprotocols: c.protocols})
			if conn != nil {
				defer conn.CloseNow()
			}
			if resp == nil || resp.StatusCode != c.status {
				t.Fatalf("%v %v, want status %d", resp, err, c.status)
			}
			if len(c.protocols) > 0 && c.status == 101 && conn.Subprotocol() != "realtime" {
				t.Errorf("protocol %q", conn.Subprotocol())
			}
			if c.code != "" {
				b, _ := io.ReadAll(resp.Body)
				if !strings.Contains(string(b), `"`+c.code+`"`) {
					t.Errorf("answer %s, want the code %s", b, c.code)
				}
			}
		})
	}
	resp, err := http.Get(own)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("a plain GET: %s", resp.Status)
	}
}

// TestCapacity: one connection too many is refused at once, and a place that was left is free.
func TestCapacity(t *testing.T) {
	t.Parallel()
	_, url := serverOf(t, &desk{}, func(c *Config) { c.Most = 1 })
	c := connect(t, url)
	_, resp, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer good"}}})
	if err == nil || resp == nil || resp.StatusCode != http.StatusTooManyRequests {
		t.Fatalf("the second connection: %v %v, want 429", resp, err)
	}
	if err := c.conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(modest); ; time.Sleep(10 * time.Millisecond) {
		conn, _, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer good"}}})
		if err == nil {
			conn.CloseNow()
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the place stays taken: %v", err)
		}
	}
}

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

// TestAllowance: a turn beyond what a member may is refused.
func TestAllowance(t *testing.T) {
	t.Parallel()
	d := &desk{}
	_, url := serverOf(t, d, func(c *Config) {
		c.Allow = func(_ context.Context, member string) error {
			return gym.Errorf(gym.ErrBusy, "rate_limited", "%s has said enough", member)
		}
	})
	c := connect(t, url)
	c.speak(asks(t))
	if e, _ := c.wait(voice.ErrorEvent); code(e) != "rate_limited" || len(d.seen()) > 0 {
		t.Errorf("%v, %d turns", e, len(d.seen()))
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

// TestHangUp: who closes the connection has hung up; who is gone may take the call up.
func TestHangUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		leave func(*client)
		want  []string
	}{
		"goodbye":    {func(c *client) { _ = c.conn.Close(websocket.StatusNormalClosure, "") }, []string{"mara call_1"}},
		"reload":     {func(c *client) { _ = c.conn.Close(websocket.StatusGoingAway, "") }, nil},
		"cable torn": {func(c *client) { _ = c.conn.CloseNow() }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &desk{script: speaks(time.Second)}
			s, url := serverOf(t, d, nil)
			member := connect(t, url)
			member.speak(asks(t))
			member.wait(voice.AudioDelta)
			c.leave(member)
			for deadline := time.Now().Add(modest); ; time.Sleep(5 * time.Millisecond) {
				s.mu.Lock()
				open := s.open
				s.mu.Unlock()
				if open == 0 {
					break
				}
				if time.Now().After(deadline) {
					t.Fatal("the connection is not given up")
				}
			}
			d.mu.Lock()
			defer d.mu.Unlock()
			if d.speaking != 0 {
				t.Error("an answer runs on")
			}
			if diff := cmp.Diff(c.want, d.hungUp); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestTakenUp: a call goes on over a new connection.
func TestTakenUp(t *testing.T) {
	t.Parallel()
	d := &desk{}
	_, url := serverOf(t, d, nil)
	c := connect(t, url+"?session=call_1")
	c.send(dict{"type": clientUpdate, "event_id": "voice", "session": dict{"voice": "another"}})
	if e, _ := c.wait(voice.ErrorEvent); code(e) != CodeEventInvalid {
		t.Errorf("another voice in a call that has begun: %v", e)
	}
	c.speak(asks(t))
	c.wait(voice.ResponseDone)
	if in := d.seen()[0]; in.SessionID != "call_1" || in.ConversationID != "conv_1" || in.Voice != "joe" {
		t.Errorf("turn %+v", in)
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

// TestEnds: the server ends connections that are idle, old, or slow, and all of them when it stops.
func TestEnds(t *testing.T) {
	t.Parallel()
	t.Run("idle", func(t *testing.T) {
		t.Parallel()
		_, url := serverOf(t, &desk{}, func(c *Config) { c.Idle = 100 * time.Millisecond })
		if status, _ := connect(t, url).closed(); status != websocket.StatusGoingAway {
			t.Errorf("status %d", status)
		}
	})
	t.Run("old", func(t *testing.T) {
		t.Parallel()
		_, url := serverOf(t, &desk{}, func(c *Config) { c.Life = 100 * time.Millisecond })
		status, events := connect(t, url).closed()
		if status != websocket.StatusGoingAway || len(events) != 1 || code(events[0]) != CodeExpired {
			t.Errorf("status %d after %v", status, kinds(events))
		}
	})
	t.Run("stopping", func(t *testing.T) {
		t.Parallel()
		d := &desk{script: speaks(time.Second)}
		s, url := serverOf(t, d, nil)
		c := connect(t, url)
		c.speak(asks(t))
		c.wait(voice.AudioDelta)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if status, _ := c.closed(); status != websocket.StatusGoingAway {
			t.Errorf("status %d", status)
		}
		_, resp, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer good"}}})
		if err == nil || resp.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("a connection after Close: %v %v", resp, err)
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.speaking != 0 || len(d.hungUp) > 0 {
			t.Errorf("%d answers run on, hung up %v", d.speaking, d.hungUp)
		}
	})
	t.Run("silent", func(t *testing.T) {
		t.Parallel()
		s, url := serverOf(t, &desk{}, func(c *Config) { c.Ping = 50 * time.Millisecond })
		c := connect(t, url)
		time.Sleep(300 * time.Millisecond) // pings are answered by the client's reader
		c.speak(asks(t))
		c.wait(voice.ResponseDone)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.open != 1 {
			t.Errorf("%d connections, want the one that answers pings", s.open)
		}
	})
	t.Run("slow", func(t *testing.T) {
		t.Parallel()
		gone := make(chan error, 1)
		d := &desk{script: func(ctx context.Context, _ int, in voice.In, emit func(voice.Event) error) error {
			err := begin(in, emit)
			for i := 0; err == nil && i < 10_000 && ctx.Err() == nil; i++ {
				err = emit(voice.Event{Type: voice.AudioDelta, Audio: make([]byte, 32_000)})
			}
			gone <- errors.Join(err, ctx.Err())
			return err
		}}
		_, url := serverOf(t, d, func(c *Config) { c.queued = 1 << 20 })
		conn, _, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer good"}}})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.CloseNow()
		c := &client{t: t, conn: conn} // nobody reads
		c.speak(asks(t))
		select {
		case err := <-gone:
			if err == nil {
				t.Error("320 MB were taken for a client that reads nothing")
			}
		case <-time.After(modest):
			t.Fatal("the answer goes on for a client that reads nothing")
		}
	})
}
