package realtime

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/voice"
)

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
