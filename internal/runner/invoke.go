package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
)

// The headers of OpenFaaS.
const (
	headerStartTime = "X-Start-Time" // nanoseconds since 1970
	headerDuration  = "X-Duration-Seconds"
	headerServedBy  = "X-Served-By"
	headerInternal  = "X-OpenFaaS-Internal" // the platform failed, not the function
	headerCallback  = "X-Callback-Url"

	internalWatchdog = "of-watchdog"
	internalProxy    = "proxy"
)

const statusClientGone = 499

// invocation is one call that came in at /function or /async-function.
type invocation struct {
	id      string
	name    string
	path    string // "/" and beyond
	rawPath string
	started time.Time
}

// begin reads the call's name and path and sets the headers that every reply carries.
func (r *Runner) begin(w http.ResponseWriter, req *http.Request, prefix string) (invocation, *http.Request) {
	inv := invocation{id: faas.KeptCallID(req.Header), started: time.Now()}
	inv.name, inv.path, inv.rawPath = splitTarget(req.URL, prefix)
	w.Header().Set(faas.CallIDHeader, inv.id)
	w.Header().Set(headerStartTime, strconv.FormatInt(inv.started.UnixNano(), 10))
	w.Header().Set(headerServedBy, r.servedBy)
	return inv, req.WithContext(faas.WithCall(req.Context(), inv.id, r.cfg.Log))
}

// splitTarget cuts /function/NAME[.openfaas-fn][/path] into the name and the path.
func splitTarget(u *url.URL, prefix string) (name, path, rawPath string) {
	name, path, _ = strings.Cut(strings.TrimPrefix(u.Path, prefix), "/")
	if u.RawPath != "" {
		_, rawPath, _ = strings.Cut(strings.TrimPrefix(u.RawPath, prefix), "/")
		rawPath = "/" + rawPath
	}
	return strings.TrimSuffix(name, "."+Namespace), "/" + path, rawPath
}

func (r *Runner) lookup(inv invocation) (*function, error) {
	f, ok := r.functions[inv.name]
	if !ok {
		return nil, &gym.Error{Kind: gym.ErrNotFound, Code: codeFunctionNotFound, Detail: "there is no such function", Hint: "GET /system/functions lists them"}
	}
	return f, nil
}

// serveFunction answers /function/NAME.
func (r *Runner) serveFunction(w http.ResponseWriter, req *http.Request) {
	inv, req := r.begin(w, req, "/function/")
	f, err := r.lookup(inv)
	if err != nil {
		faas.WriteProblem(req.Context(), w, err)
		return
	}
	if !f.tryAcquire() {
		w.Header().Set(headerInternal, internalWatchdog)
		faas.WriteProblem(req.Context(), w, errTooManyCalls(f))
		r.metrics.observe(f, http.StatusTooManyRequests, inv.started)
		return
	}
	r.metrics.begin(f)
	req = r.forward(req, w, f, inv)
	if wantsStream(req.Header) {
		r.serveStream(w, req, f, inv)
		return
	}
	r.serveWhole(w, req, f, inv)
}

// wantsStream is OpenFaaS's rule: Accept starts with text/event-stream.
func wantsStream(h http.Header) bool { return strings.HasPrefix(h.Get("Accept"), "text/event-stream") }

// forward is the request as the function sees it.
func (r *Runner) forward(req *http.Request, w http.ResponseWriter, f *function, inv invocation) *http.Request {
	out := req.Clone(req.Context())
	out.URL.Path, out.URL.RawPath = inv.path, inv.rawPath
	out.RequestURI = out.URL.RequestURI()
	out.Body = timeBody(w, req, f.spec.Timeouts.Read)
	out.Header.Set(faas.CallIDHeader, inv.id)
	out.Header.Set(headerStartTime, strconv.FormatInt(inv.started.UnixNano(), 10))
	out.Header.Del(faas.PathHeader)
	if out.Header.Get("X-Forwarded-Host") == "" && req.Host != "" {
		out.Header.Set("X-Forwarded-Host", req.Host)
	}
	if host, _, err := net.SplitHostPort(req.RemoteAddr); err == nil && out.Header.Get("X-Forwarded-For") == "" {
		out.Header.Set("X-Forwarded-For", host)
	}
	return out
}

// serveWhole runs the function under exec_timeout and sends its answer when it is whole.
func (r *Runner) serveWhole(w http.ResponseWriter, req *http.Request, f *function, inv invocation) {
	limit := f.timeout(req.Header)
	ctx, cancel := context.WithTimeout(req.Context(), limit)
	defer cancel()
	answer := newBuffer(w)
	ended := r.runBuffered(f, answer, req.WithContext(ctx))
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(headerTimeout)) // for what the function left unread
	_ = control.SetWriteDeadline(time.Now().Add(f.spec.Timeouts.Write))
	w.Header().Set(headerDuration, fmt.Sprintf("%.6f", time.Since(inv.started).Seconds()))
	switch {
	case ended && answer.overlong:
		w.Header().Set(headerInternal, internalWatchdog)
		faas.WriteProblem(req.Context(), w, faas.NewProblem(http.StatusBadGateway, codeAnswerTooLarge,
			fmt.Sprintf("the function's answer is longer than %d bytes", maxAnswer), "ask for a stream with Accept: text/event-stream"))
		r.metrics.end(f, http.StatusBadGateway, inv.started)
	case ended && (req.Context().Err() == nil || answer.code() < 300 || answer.code() == http.StatusRequestTimeout):
		answer.sendTo(w) // else it is what the function says to a context that was cancelled under it
		r.metrics.end(f, answer.code(), inv.started)
	case req.Context().Err() != nil: // the client left, or the runner stops
		w.Header().Set(headerInternal, internalProxy)
		faas.WriteProblem(req.Context(), w, gym.Errorf(gym.ErrUnavailable, "stopping", "the server is stopping"))
		r.metrics.end(f, statusClientGone, inv.started)
	default:
		w.Header().Set(headerInternal, internalWatchdog)
		faas.WriteProblem(req.Context(), w, errTimeout(f, limit))
		r.metrics.end(f, http.StatusGatewayTimeout, inv.started)
	}
}

// serveStream lets the answer through as it comes. Not exec_timeout but write_timeout bounds it, as on OpenFaaS.
func (r *Runner) serveStream(w http.ResponseWriter, req *http.Request, f *function, inv invocation) {
	defer f.release()
	ctx, cancel := context.WithTimeout(req.Context(), f.spec.Timeouts.Write)
	defer cancel()
	_ = http.NewResponseController(w).SetWriteDeadline(inv.started.Add(f.spec.Timeouts.Write))
	status := &statusWriter{ResponseWriter: w}
	defer func() {
		p := recover()
		if p != nil && p != http.ErrAbortHandler {
			r.cfg.Log.Error("function panicked", "function", f.spec.Name, "call_id", inv.id)
		}
		r.metrics.end(f, status.code(), inv.started)
		if p != nil { // the status is out: the only honest end is a broken connection
			panic(http.ErrAbortHandler)
		}
	}()
	f.impl.ServeHTTP(status, req.WithContext(ctx))
}

// timedBody takes the deadline off the connection at the body's end: left on, it would end the call while it works.
type timedBody struct {
	io.ReadCloser
	control *http.ResponseController
}

// timeBody gives the reading of a request's body its deadline. It is set here and not at the first read, so that a
// function may set a shorter one of its own.
func timeBody(w http.ResponseWriter, req *http.Request, timeout time.Duration) io.ReadCloser {
	if req.Body == nil || req.Body == http.NoBody {
		return http.NoBody
	}
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(timeout)) // what is not a connection has no slow client
	return &timedBody{ReadCloser: req.Body, control: control}
}

func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

// statusWriter notes the status of a stream as it passes.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Flush sends what is there.
func (w *statusWriter) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *statusWriter) code() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}
