package speak_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/intellifit/intellifit/functions/speak"
	"github.com/intellifit/intellifit/shared/faas/faastest"
	"github.com/intellifit/intellifit/shared/speech/speechtest"
)

// TestFaults: what goes wrong with the voice is the answer's status, or an event where sound went out already.
func TestFaults(t *testing.T) {
	t.Parallel()
	b := setup(t)
	body := request(t, map[string]any{"input": text})
	for name, c := range map[string]struct {
		fault  speechtest.Fault
		status int
		code   string
		wait   string
		late   bool
	}{
		"busy":     {speechtest.Fault{Status: 503, Code: "busy", RetryAfter: 7}, 429, "tts_busy", "7", false},
		"too many": {speechtest.Fault{Status: 429, RetryAfter: 2}, 429, "tts_busy", "2", false},
		"broken":   {speechtest.Fault{Status: 500}, 503, "tts_unavailable", "5", false},
		"cut":      {speechtest.Fault{Cut: true}, 503, "tts_unavailable", "5", true},
	} {
		b.tts.Speak = func(speechtest.Asked) speechtest.Speech { return speechtest.Speech{Fault: c.fault} }
		if r := b.call(t, "POST", "/", body); r.status != c.status || r.code(t) != c.code || r.header.Get("Retry-After") != c.wait {
			t.Errorf("%s: %d Retry-After %q %s", name, r.status, r.header.Get("Retry-After"), r.body)
		}
		r := b.call(t, "POST", "/", body, "Accept", "text/event-stream")
		if !c.late {
			if r.status != c.status || r.code(t) != c.code {
				t.Errorf("%s as events: %d %s", name, r.status, r.body)
			}
			continue
		}
		if events, sound := r.events(t); events[len(events)-1].Type != "error" || events[len(events)-1].Error.Code != c.code || len(sound) == 0 {
			t.Errorf("%s as events: %+v", name, events)
		}
	}
}

func TestNoVoice(t *testing.T) {
	t.Parallel()
	b := serve(t, "http://127.0.0.1:1", nil)
	if r := b.call(t, "POST", "/", request(t, map[string]any{"input": text})); r.status != 503 || r.code(t) != "tts_unavailable" {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := b.call(t, "GET", "/_/ready", ""); r.status != 503 || r.code(t) != "tts_unavailable" {
		t.Errorf("ready: %d %s", r.status, r.body)
	}
	if r := setup(t).call(t, "GET", "/_/ready", ""); r.status != 200 {
		t.Errorf("ready: %d %s", r.status, r.body)
	}
}

func TestConfiguration(t *testing.T) {
	t.Parallel()
	for _, env := range []map[string]string{{}, {"TTS_URL": "http://127.0.0.1:1", "TTS_RATE": "fast"}} {
		if _, err := speak.New(t.Context(), faastest.Host(env, nil)); err == nil || !strings.Contains(err.Error(), "configure the function speak") {
			t.Errorf("%v: %v", env, err)
		}
	}
}

// TestGone: when the client closes the connection, the voice is left alone at once.
func TestGone(t *testing.T) {
	t.Parallel()
	for _, accept := range []string{"audio/wav", "text/event-stream"} {
		for name, script := range map[string]speechtest.Speech{
			"before the first sound": {Fault: speechtest.Fault{Wait: 30 * time.Second}}, "in the middle": {Pace: 100 * time.Millisecond}, "stalled": {Fault: speechtest.Fault{Stall: true}},
		} {
			b := setup(t)
			asked := make(chan struct{}, 8)
			b.tts.Speak = func(speechtest.Asked) speechtest.Speech { asked <- struct{}{}; return script }
			ctx, cancel := context.WithCancel(t.Context())
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.server.URL, strings.NewReader(request(t, map[string]any{"input": strings.Repeat(text, 10)})))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+faastest.Member(t, "mara"))
			req.Header.Set("Accept", accept)
			left := make(chan time.Time, 1)
			go func() {
				<-asked
				time.Sleep(50 * time.Millisecond)
				left <- time.Now()
				cancel()
			}()
			if res, err := b.server.Client().Do(req); err == nil {
				if _, err := io.Copy(io.Discard, res.Body); err == nil {
					t.Errorf("%s: the answer ended by itself", name)
				}
				res.Body.Close()
			}
			b.tts.WaitIdle(t, time.Second)
			if idle, ok := b.tts.IdleSince(); !ok || b.tts.Cancelled() != 1 || b.tts.Served() != 1 || idle.Sub(<-left) > time.Second {
				t.Errorf("%s, %s: %d calls, %d cancelled", accept, name, b.tts.Served(), b.tts.Cancelled())
			}
		}
	}
}
