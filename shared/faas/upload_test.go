package faas_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/faas/faastest"
)

const mostUpload = 1 << 20

// newUpload serves an operation that reads the first bytes of an upload, and answers what it made of it. gone hears of clients
// that left while it worked.
func newUpload(t *testing.T, first int64, work time.Duration, gone chan<- bool) *httptest.Server {
	t.Helper()
	api, err := faas.NewAPI("upload", "1.0.0", "", faastest.Host(nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	huma.Register(api, huma.Operation{OperationID: "upload", Method: http.MethodPost, Path: "/", Security: faas.Public()},
		func(context.Context, *struct{}) (*huma.StreamResponse, error) {
			return &huma.StreamResponse{Body: func(hctx huma.Context) {
				_, w := humago.Unwrap(hctx)
				u, err := faas.OpenUpload(hctx, mostUpload, shortRead)
				if err == nil {
					_, err = io.Copy(io.Discard, io.LimitReader(u, first))
					u.Close()
				}
				if err != nil {
					faas.WriteProblem(hctx.Context(), w, err)
					return
				}
				select {
				case <-time.After(work):
				case <-hctx.Context().Done():
					gone <- true
				}
				_, _ = io.WriteString(w, "done "+u.ContentType())
			}}, nil
		})
	api.TakesUpload("/", &huma.RequestBody{Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{Type: "object"}}}})
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	return server
}

func TestUpload(t *testing.T) {
	t.Parallel()
	server := newUpload(t, 10, 4*shortRead, nil)
	for name, c := range map[string]struct {
		body   io.Reader
		header string
		status int
		says   string
	}{
		"the rest is passed over":       {strings.NewReader(strings.Repeat("x", mostUpload)), "", 200, "done audio/wav"},
		"too long, as it says":          {strings.NewReader(strings.Repeat("x", mostUpload+1)), "", 413, faas.CodeBodyTooLarge},
		"packed":                        {strings.NewReader("x"), "gzip", 415, faas.CodeContentEncoding},
		"empty":                         {http.NoBody, "", 200, "done"},
		"a form is not read beforehand": {strings.NewReader("no form"), "", 200, "done"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, c.body)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "audio/wav")
			if strings.HasPrefix(name, "a form") {
				req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
			}
			req.Header.Set("Content-Encoding", c.header)
			res, err := server.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if body, err := io.ReadAll(res.Body); err != nil || res.StatusCode != c.status || !strings.Contains(string(body), c.says) {
				t.Errorf("%d %s %v", res.StatusCode, body, err)
			}
		})
	}
}

// TestUploadIsDocumented: clients see in the specification what a body is.
func TestUploadIsDocumented(t *testing.T) {
	t.Parallel()
	api, err := faas.NewAPI("upload", "1.0.0", "", faastest.Host(nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	huma.Register(api, huma.Operation{OperationID: "upload", Method: http.MethodPost, Path: "/"}, func(context.Context, *struct{}) (*struct{}, error) { return nil, nil })
	api.TakesUpload("/", &huma.RequestBody{Content: map[string]*huma.MediaType{"audio/wav": {}}})
	if got, err := api.OpenAPI().MarshalJSON(); err != nil || !strings.Contains(string(got), `"requestBody":{"content":{"audio/wav":{}}}`) {
		t.Errorf("%s %v", got, err)
	}
}

// TestUploadBad: a body that comes too slowly, and one that is longer than it can say.
func TestUploadBad(t *testing.T) {
	t.Parallel()
	server := newUpload(t, mostUpload+1, 0, nil)
	for code, send := range map[string]func(w *io.PipeWriter){
		faas.CodeBodyTimeout:  func(w *io.PipeWriter) { _, _ = w.Write([]byte("x")) },
		faas.CodeBodyTooLarge: func(w *io.PipeWriter) { _, _ = w.Write(make([]byte, mostUpload+1)); _ = w.Close() },
	} {
		r, w := io.Pipe()
		t.Cleanup(func() { _ = w.Close() })
		go send(w)
		res, err := server.Client().Post(server.URL, "audio/wav", r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if res.Body.Close(); err != nil || !strings.Contains(string(body), code) {
			t.Errorf("%d %s %v, want %s", res.StatusCode, body, err, code)
		}
	}
}

// TestUploadSlowWork: a client is not late because its body takes long to be worked on.
func TestUploadSlowWork(t *testing.T) {
	t.Parallel()
	api, err := faas.NewAPI("upload", "1.0.0", "", faastest.Host(nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	huma.Register(api, huma.Operation{OperationID: "upload", Method: http.MethodPost, Path: "/", Security: faas.Public()},
		func(context.Context, *struct{}) (*huma.StreamResponse, error) {
			return &huma.StreamResponse{Body: func(hctx huma.Context) {
				_, w := humago.Unwrap(hctx)
				u, err := faas.OpenUpload(hctx, mostUpload, shortRead)
				for piece := make([]byte, 1<<18); err == nil; {
					time.Sleep(shortRead)
					_, err = io.ReadFull(u, piece)
				}
				if err != io.EOF {
					faas.WriteProblem(hctx.Context(), w, err)
				}
			}}, nil
		})
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	res, err := server.Client().Post(server.URL, "audio/wav", strings.NewReader(strings.Repeat("x", mostUpload)))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("%d %s %v", res.StatusCode, body, err)
	}
}

// TestUploadGone: a server notices that a client left only when its body was read to the end.
func TestUploadGone(t *testing.T) {
	t.Parallel()
	gone := make(chan bool, 1)
	server := newUpload(t, 10, 10*time.Second, gone)
	ctx, cancel := context.WithTimeout(t.Context(), 4*shortRead)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, strings.NewReader(strings.Repeat("x", mostUpload)))
	if err != nil {
		t.Fatal(err)
	}
	if res, err := server.Client().Do(req); err == nil {
		res.Body.Close()
		t.Error("answered")
	}
	select {
	case <-gone:
	case <-time.After(3 * time.Second):
		t.Error("the work goes on for nobody")
	}
}
