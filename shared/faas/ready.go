package faas

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// readyTimeout bounds all readiness checks of one request together.
const readyTimeout = 3 * time.Second

// OnReady adds a check that GET /_/ready runs: what the function needs and could be missing. Its error should be a
// *gym.Error of kind gym.ErrUnavailable that says what is loading.
func (a *API) OnReady(check func(context.Context) error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ready = append(a.ready, check)
}

// Ready runs the checks and returns the first that fails.
func (a *API) Ready(ctx context.Context) error {
	a.mu.Lock()
	checks := a.ready[:len(a.ready):len(a.ready)]
	a.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for _, check := range checks {
		if err := check(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (a *API) health(w http.ResponseWriter, _ *http.Request) { writeOK(w) }

func (a *API) readiness(w http.ResponseWriter, r *http.Request) {
	err := a.Ready(r.Context())
	if err == nil {
		writeOK(w)
		return
	}
	p := ProblemOf(err)
	if p.Status != http.StatusServiceUnavailable {
		ready := NewProblem(http.StatusServiceUnavailable, CodeNotReady, "something that this function needs does not answer", "")
		ready.cause, p = err, ready
	}
	WriteProblem(r.Context(), w, p)
}

func writeOK(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"status": "ok"})
}
