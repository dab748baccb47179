package transcribe_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/intellifit/intellifit/shared/faas/faastest"
	"github.com/intellifit/intellifit/shared/speech/speechtest"
)

// TestRefusals: what the recogniser says before the first part is the answer's status, whole or as events; how long to wait is
// passed on.
func TestRefusals(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, c := range map[string]struct {
		fault  speechtest.Fault
		status int
		code   string
		wait   string
	}{
		"busy":     {speechtest.Fault{Status: 503, Code: "busy", RetryAfter: 7}, 429, "whisper_busy", "7"},
		"too many": {speechtest.Fault{Status: 429, RetryAfter: 3}, 429, "whisper_busy", "3"},
		"broken":   {speechtest.Fault{Status: 500}, 503, "whisper_unavailable", "5"},
		"cut":      {speechtest.Fault{Cut: true}, 503, "whisper_unavailable", "5"},
		"language": {speechtest.Fault{Status: 400, Code: "language_unknown"}, 400, "language_unknown", ""},
	} {
		b.whisper.Hear = func(speechtest.Heard) speechtest.Hearing { return speechtest.Hearing{Fault: c.fault, Text: "x"} }
		for _, accept := range []string{"application/json", "text/event-stream"} {
			if r := b.post(t, "/", "audio/wav", file(t, talk(8)), "Accept", accept); r.status != c.status || r.code(t) != c.code || r.header.Get("Retry-After") != c.wait {
				t.Errorf("%s: %d Retry-After %q %s", name, r.status, r.header.Get("Retry-After"), r.body)
			}
		}
	}
}

// TestLaterFaults: a recogniser that is busy in the middle of a long recording is waited for; one that refuses the rest breaks it off
// with an event after what was heard, or with a status where nothing was sent.
func TestLaterFaults(t *testing.T) {
	t.Parallel()
	b := setup(t)
	calls := 0
	b.whisper.Hear = func(h speechtest.Heard) speechtest.Hearing {
		if calls++; calls == 3 {
			return speechtest.Hearing{Fault: speechtest.Fault{Status: 503, Code: "busy", RetryAfter: 1}}
		}
		return understand(h)
	}
	if got := b.post(t, "/", "audio/wav", file(t, talk(8))).answer(t); got.Text != "p0 p1 p2 p3 p4 p5 p6 p7" {
		t.Errorf("%+v", got)
	}
	refuse := func(h speechtest.Heard) speechtest.Hearing {
		if calls++; calls == 3 {
			return speechtest.Hearing{Fault: speechtest.Fault{Status: 400, Code: "language_unknown"}}
		}
		return understand(h)
	}
	calls, b.whisper.Hear = 0, refuse
	events := b.post(t, "/", "audio/wav", file(t, talk(8)), "Accept", "text/event-stream").events(t)
	if last := events[len(events)-1]; last.Type != "error" || last.Error.Code != "language_unknown" || events[0].Delta == "" {
		t.Errorf("%+v", events)
	}
	calls = 0
	if r := b.post(t, "/", "audio/wav", file(t, talk(8))); r.status != 400 || r.code(t) != "language_unknown" {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestNoRecognizer(t *testing.T) {
	t.Parallel()
	b := serve(t, "http://127.0.0.1:1", nil)
	if r := b.post(t, "/", "audio/wav", file(t, talk(1))); r.status != 503 || r.code(t) != "whisper_unavailable" {
		t.Errorf("%d %s", r.status, r.body)
	}
	res, err := b.server.Client().Get(b.server.URL + "/_/ready")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err != nil || res.StatusCode != 503 || !strings.Contains(string(body), "whisper_unavailable") {
		t.Errorf("ready: %d %s %v", res.StatusCode, body, err)
	}
}

// TestGone: when the client closes the connection, the recogniser is left alone at once, and what was not begun is not begun.
func TestGone(t *testing.T) {
	t.Parallel()
	for _, accept := range []string{"application/json", "text/event-stream"} {
		for _, call := range []int{1, 3} {
			b := setup(t)
			asked, calls := make(chan struct{}, 1), 0
			b.whisper.Hear = func(h speechtest.Heard) speechtest.Hearing {
				if calls++; calls == call {
					asked <- struct{}{}
					return speechtest.Hearing{Fault: speechtest.Fault{Wait: 30 * time.Second}}
				}
				return understand(h)
			}
			ctx, cancel := context.WithCancel(t.Context())
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.server.URL, file(t, talk(12)))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+faastest.Member(t, "mara"))
			req.Header.Set("Accept", accept)
			go func() {
				<-asked
				cancel()
			}()
			if res, err := b.server.Client().Do(req); err == nil {
				if _, err := io.Copy(io.Discard, res.Body); err == nil {
					t.Error("the answer ended by itself")
				}
				res.Body.Close()
			}
			b.whisper.WaitIdle(t, time.Second)
			if b.whisper.Cancelled() != 1 || b.whisper.Served() != call {
				t.Errorf("%s: %d calls, %d cancelled; want %d and 1", accept, b.whisper.Served(), b.whisper.Cancelled(), call)
			}
		}
	}
}
