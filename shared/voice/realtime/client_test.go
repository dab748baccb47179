package realtime

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/voice"
)

// modest is how long a test waits for what must come soon.
const modest = 30 * time.Second

// madeRate is the rate of the sound that the scripted coach makes.
const madeRate = 16_000

// desk leads scripted calls.
type desk struct {
	script func(ctx context.Context, n int, in voice.In, emit func(voice.Event) error) error // nil: say

	mu       sync.Mutex
	turns    []voice.In
	opened   int
	cut      []string
	hungUp   []string
	unknown  bool // no call is known
	speaking int
}

func (d *desk) State(_ context.Context, member, id string) (voice.Session, error) {
	if id != "call_1" || member != "mara" {
		return voice.Session{}, gym.Errorf(gym.ErrNotFound, voice.CodeSessionUnknown, "no such call")
	}
	return voice.Session{ID: id, ConversationID: "conv_1", Voice: "joe"}, nil
}

func (d *desk) Truncate(_ context.Context, _, session, item string, at time.Duration) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if item == "item_nobody" {
		return "", gym.Errorf(gym.ErrNotFound, voice.CodeItemUnknown, "no such answer")
	}
	d.cut = append(d.cut, session+" "+item+" "+at.String())
	return "so much was heard", nil
}

func (d *desk) HangUp(_ context.Context, member, session string) (voice.Ended, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hungUp = append(d.hungUp, member+" "+session)
	return voice.Ended{}, nil
}

func (d *desk) Open(ctx context.Context, in voice.In, emit func(voice.Event) error) (voice.Outcome, error) {
	d.mu.Lock()
	d.opened++
	d.mu.Unlock()
	return voice.Outcome{}, say(ctx, in, emit, "Hello, this is the gym.", 100*time.Millisecond)
}

func (d *desk) Turn(ctx context.Context, in voice.In, emit func(voice.Event) error) (voice.Outcome, error) {
	d.mu.Lock()
	d.turns = append(d.turns, in)
	n := len(d.turns)
	d.speaking++
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		d.speaking--
		d.mu.Unlock()
	}()
	if d.script != nil {
		return voice.Outcome{}, d.script(ctx, n, in, emit)
	}
	return voice.Outcome{}, say(ctx, in, emit, "Sure.", 300*time.Millisecond)
}

func (d *desk) seen() []voice.In {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]voice.In(nil), d.turns...)
}

// begin tells what comes before an answer; end what comes after it.
func begin(in voice.In, emit func(voice.Event) error) error {
	info := &voice.SessionInfo{ID: "call_1", ConversationID: "conv_1"}
	info.Audio.Output.Format.Type, info.Audio.Output.Format.Rate = "audio/pcm", madeRate
	events := []voice.Event{{Type: voice.SessionCreated, Session: info}}
	if in.Clip != nil {
		events = append(events, voice.Event{Type: voice.InputCommitted, ItemID: "theirs"}, voice.Event{Type: voice.Transcribed, ItemID: "theirs", Transcript: "how do I squat"})
	}
	for _, e := range append(events, voice.Event{Type: voice.ResponseCreated, Response: &voice.Response{ID: "resp_" + in.ID, Status: "in_progress"}}) {
		if err := emit(e); err != nil {
			return err
		}
	}
	return nil
}

func end(in voice.In, emit func(voice.Event) error, status string) error {
	id := "resp_" + in.ID
	return errors.Join(emit(voice.Event{Type: voice.AudioDone, ResponseID: id, ItemID: "answer_" + in.ID}),
		emit(voice.Event{Type: voice.TranscriptDone, ResponseID: id, ItemID: "answer_" + in.ID}),
		emit(voice.Event{Type: voice.ResponseDone, Response: &voice.Response{ID: id, Status: status}}))
}

// sounds emits sound of a length, 100 ms at a time, until ctx ends.
func sounds(ctx context.Context, in voice.In, emit func(voice.Event) error, length time.Duration) error {
	const piece = 100 * time.Millisecond
	for at := time.Duration(0); at < length && ctx.Err() == nil; at += piece {
		e := voice.Event{Type: voice.AudioDelta, ResponseID: "resp_" + in.ID, ItemID: "answer_" + in.ID, Audio: make([]byte, 2*madeRate/10), StartMS: at.Milliseconds()}
		if err := emit(e); err != nil {
			return err
		}
	}
	return nil
}

// say is a whole answer.
func say(ctx context.Context, in voice.In, emit func(voice.Event) error, text string, length time.Duration) error {
	if err := begin(in, emit); err != nil {
		return err
	}
	if err := emit(voice.Event{Type: voice.TranscriptDelta, ResponseID: "resp_" + in.ID, Text: text}); err != nil {
		return err
	}
	if err := sounds(ctx, in, emit, length); err != nil {
		return err
	}
	return end(in, emit, voice.Completed)
}

// serverOf starts a server that ends with the test.
func serverOf(t *testing.T, d *desk, change func(*Config)) (*Server, string) {
	t.Helper()
	cfg := Config{Calls: d, Verify: verify, Log: func(context.Context) *slog.Logger { return slog.New(slog.DiscardHandler) }}
	if change != nil {
		change(&cfg)
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		web.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return s, "ws" + strings.TrimPrefix(web.URL, "http")
}

func verify(token string) (gym.Principal, error) {
	switch token {
	case "good":
		return gym.Principal{GymID: "g", Subject: "mara", Role: gym.RoleMember}, nil
	case "coach":
		return gym.Principal{GymID: "g", Subject: "tom", Role: gym.RoleCoach}, nil
	}
	return gym.Principal{}, gym.Errorf(gym.ErrUnauthorized, "token_invalid", "the bearer token does not hold")
}

// client is a member's client.
type client struct {
	t    *testing.T
	conn *websocket.Conn
	got  chan map[string]any
	err  error // after got is closed
}

func connect(t *testing.T, url string) *client {
	t.Helper()
	conn, resp, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{HTTPHeader: http.Header{"Authorization": {"Bearer good"}}})
	if err != nil {
		t.Fatalf("dial: %v %v", err, resp)
	}
	conn.SetReadLimit(-1)
	c := &client{t: t, conn: conn, got: make(chan map[string]any, 10_000)}
	go func() {
		defer close(c.got)
		for {
			_, b, err := conn.Read(context.Background())
			if err != nil {
				c.err = err
				return
			}
			var e map[string]any
			if err := json.Unmarshal(b, &e); err != nil {
				c.err = err
				return
			}
			c.got <- e
		}
	}()
	t.Cleanup(func() { _ = conn.CloseNow() })
	c.wait(voice.SessionCreated)
	return c
}

func (c *client) send(e any) {
	c.t.Helper()
	b, err := json.Marshal(e)
	if err != nil {
		c.t.Fatal(err)
	}
	c.raw(websocket.MessageText, b)
}

func (c *client) raw(kind websocket.MessageType, b []byte) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), modest)
	defer cancel()
	if err := c.conn.Write(ctx, kind, b); err != nil {
		c.t.Fatalf("send: %v", err)
	}
}

type dict = map[string]any

// speak sends sound 20 ms at a time, as fast as it goes.
func (c *client) speak(clip pcm.Clip) {
	c.t.Helper()
	for n := clip.Rate / 50; len(clip.Samples) > 0; {
		n = min(n, len(clip.Samples))
		c.send(dict{"type": clientAppend, "audio": pcm.Clip{Rate: clip.Rate, Samples: clip.Samples[:n]}.Bytes16()})
		clip.Samples = clip.Samples[n:]
	}
}

// wait gives the next event of a type, and all that came before it.
func (c *client) wait(kind string) (e dict, before []dict) {
	c.t.Helper()
	timeout := time.After(modest)
	for {
		select {
		case e, ok := <-c.got:
			if !ok {
				c.t.Fatalf("the connection ended before %s: %v (after %v)", kind, c.err, kinds(before))
			}
			if e["type"] == kind {
				return e, before
			}
			before = append(before, e)
		case <-timeout:
			c.t.Fatalf("no %s came; these did: %v", kind, kinds(before))
		}
	}
}

// closed waits until the server has ended the connection.
func (c *client) closed() (websocket.StatusCode, []dict) {
	c.t.Helper()
	timeout := time.After(modest)
	var before []dict
	for {
		select {
		case e, ok := <-c.got:
			if !ok {
				return websocket.CloseStatus(c.err), before
			}
			before = append(before, e)
		case <-timeout:
			c.t.Fatalf("the connection does not end; these came: %v", kinds(before))
		}
	}
}

// none makes sure that no event of a type comes for a while.
func (c *client) none(kind string, while time.Duration) {
	c.t.Helper()
	timeout := time.After(while)
	for {
		select {
		case e, ok := <-c.got:
			if !ok {
				return
			}
			if e["type"] == kind {
				c.t.Fatalf("%v came", e)
			}
		case <-timeout:
			return
		}
	}
}

func kinds(list []dict) []string {
	var out []string
	for _, e := range list {
		text, _ := e["type"].(string)
		if detail, ok := e["error"].(dict); ok {
			text += " " + detail["code"].(string)
		}
		if n := len(out); n > 0 && out[n-1] == text {
			continue
		}
		out = append(out, text)
	}
	return out
}

func code(e dict) string {
	detail, _ := e["error"].(dict)
	text, _ := detail["code"].(string)
	return text
}

// made is sound made for tests, at a rate: somebody speaks from 0.5 to 1.8 s, nobody until 4.1 s.
func made(t *testing.T, rate int, from, to time.Duration) pcm.Clip {
	t.Helper()
	b, err := os.ReadFile("../../speech/vad/silero/testdata/golden.s16")
	if err != nil {
		t.Fatal(err)
	}
	return pcm.Resample(pcm.Of16(b, pcm.Rate).Slice(from, to), rate)
}

func silence(rate int, length time.Duration) pcm.Clip {
	return pcm.Clip{Rate: rate, Samples: make([]float32, int(length*time.Duration(rate)/time.Second))}
}
