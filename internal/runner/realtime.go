package runner

import (
	"net/http"
	"time"

	"github.com/intellifit/intellifit/shared/faas"
)

// realtimePath is where clients of OpenAI's Realtime API connect. OpenFaaS drops WebSockets, so that this path is the local host's alone.
const realtimePath = "/v1/realtime"

// realtimeFunction is the function that takes them, at the same path.
const realtimeFunction = "call"

// serveRealtime hands a WebSocket to the function call. It lives longer than any call of a function: the function bounds how many there
// are and how long, and ends them when it is closed.
func (r *Runner) serveRealtime(w http.ResponseWriter, req *http.Request) {
	inv := invocation{id: faas.KeptCallID(req.Header), name: realtimeFunction, path: realtimePath, started: time.Now()}
	w.Header().Set(faas.CallIDHeader, inv.id)
	req = req.WithContext(faas.WithCall(req.Context(), inv.id, r.cfg.Log))
	f, err := r.lookup(inv)
	if err != nil {
		faas.WriteProblem(req.Context(), w, err)
		return
	}
	out := req.Clone(req.Context())
	out.Header.Set(faas.CallIDHeader, inv.id)
	f.impl.ServeHTTP(w, out)
}
