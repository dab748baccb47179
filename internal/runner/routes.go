package runner

import (
	"encoding/json"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/intellifit/intellifit/internal/callpage"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
)

// hostWriteTimeout bounds the answers of the host itself.
const hostWriteTimeout = 30 * time.Second

func (r *Runner) routes() (http.Handler, error) {
	spec, err := r.openAPI()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/function/", r.serveFunction)
	mux.HandleFunc("/async-function/", r.serveAsync)
	mux.HandleFunc("GET "+realtimePath, r.serveRealtime)
	mux.Handle("GET /system/functions", r.system.protect(r.listFunctions))
	mux.Handle("GET /system/function/{name}", r.system.protect(r.oneFunction))
	mux.Handle("GET /system/info", r.system.protect(r.info))
	mux.Handle("GET /system/namespaces", r.system.protect(namespaces))
	mux.Handle("/system/", r.system.protect(notOffered))
	mux.Handle("GET /metrics", r.system.protect(r.metrics.handler().ServeHTTP))
	mux.HandleFunc("GET /healthz", live)
	mux.HandleFunc("GET /livez", live)
	mux.HandleFunc("GET /readyz", r.readyz)
	mux.HandleFunc("GET /openapi.json", fixed("application/openapi+json", spec))
	mux.Handle("GET /docs", http.RedirectHandler("/docs/", http.StatusMovedPermanently))
	mux.Handle("GET /docs/", docs())
	mux.Handle("GET /call", http.RedirectHandler("/call/", http.StatusMovedPermanently))
	mux.Handle("GET /call/", callpage.Handler())
	mux.Handle("GET /{$}", http.RedirectHandler("/docs/", http.StatusFound))
	return r.outer(mux), nil
}

// outer names the server on every reply, bounds what is not a function, and answers unknown routes as problems.
func (r *Runner) outer(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p != http.ErrAbortHandler {
				r.cfg.Log.Error("request panicked", "stack", string(debug.Stack()))
			}
			panic(http.ErrAbortHandler)
		}()
		w.Header().Set("X-Content-Type-Options", "nosniff")
		handler, pattern := mux.Handler(req)
		switch pattern {
		case "":
			r.unknown(w, req, handler)
			return
		case "/function/", "/async-function/", "GET " + realtimePath: // these bound themselves
		default:
			control := http.NewResponseController(w)
			_ = control.SetReadDeadline(time.Now().Add(headerTimeout))
			_ = control.SetWriteDeadline(time.Now().Add(hostWriteTimeout))
		}
		mux.ServeHTTP(w, req)
	})
}

func (r *Runner) unknown(w http.ResponseWriter, req *http.Request, handler http.Handler) {
	id := faas.KeptCallID(req.Header)
	w.Header().Set(faas.CallIDHeader, id)
	ctx := faas.WithCall(req.Context(), id, r.cfg.Log)
	probe := newBuffer(nil)
	handler.ServeHTTP(probe, req)
	if allow := probe.Header().Get("Allow"); probe.code() == http.StatusMethodNotAllowed {
		faas.WriteProblem(ctx, w, faas.NewProblem(http.StatusMethodNotAllowed, faas.CodeMethodNotAllowed,
			"this path does not take "+req.Method, "it takes "+allow).SetHeader("Allow", allow))
		return
	}
	faas.WriteProblem(ctx, w, &gym.Error{Kind: gym.ErrNotFound, Code: faas.CodeRouteNotFound, Detail: "there is no such path",
		Hint: "functions are at /function/NAME; GET /docs lists them"})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that left is not our failure
}

func fixed(contentType string, body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(body) // a client that left is not our failure
	}
}
