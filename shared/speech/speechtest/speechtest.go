// Package speechtest is a stand-in for the servers that hear and speak. It answers by script, fails in the ways the real ones do, and
// knows who waits for it: what a test of barge-in asks. Each server comes in two dialects, the product's own and a plain one of others.
// They are for faults and for speed; that the product works is shown with the real ones.
package speechtest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Fault is how a stand-in fails a call; the zero value does not.
type Fault struct {
	Status     int           // not 0: an error of that status instead
	Code       string        // of the error, empty = "server_error"
	RetryAfter int           // seconds, of the error, 0 = none
	Wait       time.Duration // before the first byte
	Stall      bool          // the answer begins, then nothing until the client goes away
	Cut        bool          // the connection breaks in the middle of the answer
}

// Traffic tells who waits for a server.
type Traffic struct {
	mu        sync.Mutex
	open      int
	served    int
	cancelled int
	idle      time.Time // when the last open call ended
	written   time.Time // when the last byte went out
	clients   map[string]bool
}

// Open is how many calls wait for an answer or its end.
func (t *Traffic) Open() int { t.mu.Lock(); defer t.mu.Unlock(); return t.open }

// Served is how many calls came to an end, however.
func (t *Traffic) Served() int { t.mu.Lock(); defer t.mu.Unlock(); return t.served }

// Cancelled is how many calls ended because their client went away.
func (t *Traffic) Cancelled() int { t.mu.Lock(); defer t.mu.Unlock(); return t.cancelled }

// IdleSince is when the last call ended. It is false while one is open, and before the first.
func (t *Traffic) IdleSince() (time.Time, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.idle, t.open == 0 && !t.idle.IsZero()
}

// LastWrite is when the last byte of an answer went out.
func (t *Traffic) LastWrite() time.Time { t.mu.Lock(); defer t.mu.Unlock(); return t.written }

// Connections is how many connections calls have come over.
func (t *Traffic) Connections() int { t.mu.Lock(); defer t.mu.Unlock(); return len(t.clients) }

// WaitIdle waits until no call is open, and fails the test when one is still open after most.
func (t *Traffic) WaitIdle(tb testing.TB, most time.Duration) {
	tb.Helper()
	for end := time.Now().Add(most); ; time.Sleep(time.Millisecond) {
		if n := t.Open(); n == 0 {
			return
		} else if time.Now().After(end) {
			tb.Fatalf("%d calls are open after %s", n, most)
		}
	}
}

// counted keeps the books of a path.
func (t *Traffic) counted(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		t.mu.Lock()
		t.open++
		if t.clients == nil {
			t.clients = map[string]bool{}
		}
		t.clients[r.RemoteAddr] = true
		t.mu.Unlock()
		defer func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.open--
			t.served++
			t.idle = time.Now()
			if r.Context().Err() != nil {
				t.cancelled++
			}
		}()
		next(w, r)
	}
}

// write sends a part of an answer at once; it is false when the client is gone.
func (t *Traffic) write(w http.ResponseWriter, r *http.Request, b []byte) bool {
	if r.Context().Err() != nil {
		return false
	}
	if _, err := w.Write(b); err != nil {
		return false
	}
	if err := http.NewResponseController(w).Flush(); err != nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.written = time.Now()
	return true
}

// wait passes the time before the first byte; it is false when the client left meanwhile.
func wait(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return r.Context().Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// start serves until the test ends.
func start(t testing.TB, mux *http.ServeMux) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	t.Cleanup(s.CloseClientConnections)
	return s
}

// refuse answers an error in OpenAI's shape.
func refuse(w http.ResponseWriter, status int, code, message string, retryAfter int) {
	if code == "" {
		code = "server_error"
	}
	if retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
	}
	kind := "server_error"
	if status < 500 {
		kind = "invalid_request_error"
	}
	answer(w, status, map[string]any{"error": map[string]string{"message": message, "type": kind, "code": code}})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may be gone
}

func models(id string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"object": "list", "data": []map[string]any{{"id": id, "object": "model"}}})
	}
}

func healthy(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]string{"status": "ok"})
}
