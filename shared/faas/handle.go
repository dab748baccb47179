package faas

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"

	handler "github.com/openfaas/templates-sdk/go-http"
)

// PathHeader carries the path of a call to a function that runs under the OpenFaaS Go SDK, whose request has none. Our
// template sets it from the real path (HandlerOf); a host that does not leaves the function its root path only.
const PathHeader = "X-Forwarded-Path"

// Handle adapts a function to the SDK: whole bodies in and out. Its error is always nil, since the stock template turns
// any error into a 500: what went wrong is in the status and the problem document.
func Handle(h http.Handler) func(handler.Request) (handler.Response, error) {
	return func(req handler.Request) (handler.Response, error) {
		rec := &wholeResponse{header: http.Header{}}
		r, err := httpRequest(req)
		if err != nil {
			WriteProblem(contextOf(req), rec, err)
			return rec.response(), nil
		}
		serveWhole(h, rec, r)
		return rec.response(), nil
	}
}

func httpRequest(req handler.Request) (*http.Request, error) {
	header := req.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	path := header.Get(PathHeader)
	header.Del(PathHeader)
	if path == "" {
		path = "/"
	}
	if path != cleanPath(path) {
		return nil, NewProblem(http.StatusBadRequest, CodePathInvalid, "the path has empty or dotted segments", "")
	}
	method := req.Method
	if method == "" {
		method = http.MethodPost
	}
	r := &http.Request{
		Method: method, URL: &url.URL{Path: path, RawQuery: req.QueryString}, Host: req.Host, Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(bytes.NewReader(req.Body)), ContentLength: int64(len(req.Body)),
	}
	r.RequestURI = r.URL.RequestURI()
	return r.WithContext(contextOf(req)), nil
}

func contextOf(req handler.Request) context.Context {
	if ctx := req.Context(); ctx != nil {
		return ctx
	}
	return context.Background()
}

// serveWhole runs h and turns a panic that reaches it, such as an aborted answer, into a problem.
func serveWhole(h http.Handler, rec *wholeResponse, r *http.Request) {
	defer func() {
		if p := recover(); p != nil {
			id := rec.header.Get(CallIDHeader)
			*rec = wholeResponse{header: http.Header{}}
			if id != "" {
				rec.header.Set(CallIDHeader, id)
			}
			problem := NewProblem(http.StatusInternalServerError, CodeInternal, "something went wrong on our side", "")
			problem.RequestID = id
			WriteProblem(r.Context(), rec, problem)
		}
	}()
	h.ServeHTTP(rec, r)
}

// wholeResponse keeps an answer in memory.
type wholeResponse struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *wholeResponse) Header() http.Header { return w.header }

func (w *wholeResponse) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
}

func (w *wholeResponse) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.body.Write(b)
}

// Flush does nothing: the SDK has no streams.
func (w *wholeResponse) Flush() {}

func (w *wholeResponse) response() handler.Response {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	if w.header.Get("Content-Type") == "" && w.body.Len() > 0 {
		w.header.Set("Content-Type", "application/octet-stream") // or the template would guess text/plain
	}
	return handler.Response{Body: w.body.Bytes(), StatusCode: w.status, Header: w.header}
}
