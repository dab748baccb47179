package runner

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/intellifit/intellifit/internal/runner/manifest"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/faas/faastest"
	"github.com/intellifit/intellifit/shared/gym"
)

// probe is a function whose behaviour the query chooses.
type probe struct {
	*faas.API
	entered chan struct{} // one value per call of /wait
	ended   chan error    // why a call of /wait ended
	release chan struct{}
	closed  bool
}

type probeAnswer struct {
	Body struct {
		Path    string            `json:"path"`
		Method  string            `json:"method"`
		Header  map[string]string `json:"header"`
		Env     string            `json:"env"`
		Subject string            `json:"subject"`
		Length  int               `json:"length"`
	}
}

func newProbe(_ context.Context, host faas.Host) (*probe, error) {
	api, err := faas.NewAPI("probe", "1.0.0", "Answers what it got.", host)
	if err != nil {
		return nil, err
	}
	p := &probe{API: api, entered: make(chan struct{}, 16), ended: make(chan error, 16), release: make(chan struct{})}
	huma.Register(api, huma.Operation{OperationID: "probe-echo", Method: http.MethodPost, Path: "/", Summary: "Echo"},
		func(ctx context.Context, in *struct {
			Body struct {
				Text string `json:"text,omitempty"`
			}
		}) (*probeAnswer, error) {
			out := &probeAnswer{}
			who, _ := gym.PrincipalFrom(ctx)
			out.Body.Subject, out.Body.Length, out.Body.Env = who.Subject, len(in.Body.Text), api.Host().Getenv("WORD")
			return out, nil
		})
	api.HandleFunc("/headers/", func(w http.ResponseWriter, r *http.Request) {
		out := map[string]any{"path": r.URL.Path, "method": r.Method, "query": r.URL.RawQuery}
		for name := range r.Header {
			out[name] = r.Header.Get(name)
		}
		w.Header().Set("X-Served-By", "not me")
		writeJSON(w, http.StatusOK, out)
	})
	api.HandleFunc("GET /stream", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "data: 1\n\n")
		w.(http.Flusher).Flush()
		select {
		case <-p.release:
		case <-r.Context().Done():
		}
		fmt.Fprint(w, "data: 2\n\n")
	})
	api.HandleFunc("/wait", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		p.entered <- struct{}{}
		select {
		case <-p.release:
			fmt.Fprint(w, "released")
		case <-r.Context().Done():
		}
		p.ended <- r.Context().Err()
	})
	api.HandleFunc("/deadline", func(w http.ResponseWriter, r *http.Request) {
		deadline, _ := r.Context().Deadline()
		fmt.Fprint(w, time.Until(deadline).Round(time.Minute))
	})
	huma.Register(api, huma.Operation{OperationID: "probe-quick", Method: http.MethodPost, Path: "/quick", BodyReadTimeout: 50 * time.Millisecond},
		func(context.Context, *struct{ Body struct{} }) (*struct{}, error) { return nil, nil })
	api.HandleFunc("/abort", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	api.HandleFunc("/big", func(w http.ResponseWriter, _ *http.Request) {
		chunk := make([]byte, 1<<20)
		for range 65 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	return p, nil
}

func (p *probe) Close() error {
	p.closed = true
	return nil
}

const probeStack = `
provider: {name: openfaas}
functions:
  probe:
    lang: intellifit-go
    image: example/probe:1
    environment: {exec_timeout: %s, read_timeout: %s, write_timeout: %s, max_inflight: %d, WORD: stack}
    annotations: {topic: cron-function, schedule: "%s"}
    limits: {memory: 64Mi}
`

type bundle struct {
	runner *Runner
	probe  *probe
	server *httptest.Server
	log    *faastest.Log
}

type options struct {
	exec     string // default 5m
	read     string // and write_timeout; default 10m
	inflight int
	schedule string
	change   func(*Config)
}

func setup(t *testing.T, o options) *bundle {
	t.Helper()
	if o.exec == "" {
		o.exec = "5m"
	}
	if o.read == "" {
		o.read = "10m"
	}
	if o.schedule == "" {
		o.schedule = "0 3 * * *"
	}
	stack, err := manifest.Parse(fmt.Appendf(nil, probeStack, o.exec, o.read, o.read, o.inflight, o.schedule), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{log: &faastest.Log{}}
	cfg := Config{
		Stack: stack, Secrets: faas.SecretMap{faas.KeySecret: faastest.Key}, Now: func() time.Time { return faastest.Now },
		Log: faas.NewLogger(b.log, slog.LevelInfo), Version: "test",
		Functions: map[string]Constructor{"probe": func(ctx context.Context, host faas.Host) (Function, error) {
			p, err := newProbe(ctx, host)
			b.probe = p
			return p, err
		}},
	}
	if o.change != nil {
		o.change(&cfg)
	}
	b.runner, err = New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	b.server = httptest.NewServer(b.runner.Handler())
	t.Cleanup(func() {
		b.server.CloseClientConnections()
		b.server.Close()
		if err := b.runner.Close(); err != nil {
			t.Errorf("close runner: %v", err)
		}
	})
	return b
}

func (b *bundle) do(t *testing.T, method, path, body string, header map[string]string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, b.server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+faastest.Member(t, "m1"))
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(answer)
}

func code(t *testing.T, body string) string {
	t.Helper()
	var p faas.Problem
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		return ""
	}
	return p.Code
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	b := setup(t, options{})
	big := func(n int) string { return strings.Repeat("x", n) }
	for _, tt := range []struct {
		name, method, path, body string
		header                   map[string]string
		status                   int
		code                     string
	}{
		{"function", "POST", "/function/probe", `{"text":"a"}`, nil, 200, ""},
		{"with slash", "POST", "/function/probe/", `{}`, nil, 200, ""},
		{"with namespace", "POST", "/function/probe.openfaas-fn", `{}`, nil, 200, ""},
		{"other namespace", "POST", "/function/probe.other", `{}`, nil, 404, "function_not_found"},
		{"sub-path", "PATCH", "/function/probe/headers/a?b=c", ``, nil, 200, ""},
		{"no such function", "GET", "/function/none", ``, nil, 404, "function_not_found"},
		{"no name", "GET", "/function/", ``, nil, 404, "function_not_found"},
		{"function's own 404", "GET", "/function/probe/none", ``, nil, 404, "route_not_found"},
		{"function's own 401", "POST", "/function/probe", `{}`, map[string]string{"Authorization": "x"}, 401, "token_missing"},
		{"async is a POST", "GET", "/async-function/probe", ``, nil, 405, "method_not_allowed"},
		{"async of no function", "POST", "/async-function/none", ``, nil, 404, "function_not_found"},
		{"async without token", "POST", "/async-function/probe", `{}`, map[string]string{"Authorization": "x"}, 401, "token_missing"},
		{"async without database", "POST", "/async-function/probe", big(256_001), nil, 503, "queue_unavailable"},
		{"async callback", "POST", "/async-function/probe", `{}`, map[string]string{"X-Callback-Url": "file:///etc/passwd"}, 400, "callback_url_invalid"},
		{"answer too large", "GET", "/function/probe/big", ``, nil, 502, "answer_too_large"},
		{"aborted answer", "GET", "/function/probe/abort", ``, nil, 500, "internal"},
		{"list", "GET", "/system/functions", ``, nil, 200, ""},
		{"one", "GET", "/system/function/probe", ``, nil, 200, ""},
		{"one with namespace", "GET", "/system/function/probe.openfaas-fn", ``, nil, 200, ""},
		{"none", "GET", "/system/function/none", ``, nil, 404, "function_not_found"},
		{"info", "GET", "/system/info", ``, nil, 200, ""},
		{"namespaces", "GET", "/system/namespaces", ``, nil, 200, ""},
		{"deploy", "POST", "/system/functions", `{}`, nil, 501, "not_offered"},
		{"secrets", "GET", "/system/secrets", ``, nil, 501, "not_offered"},
		{"healthz", "GET", "/healthz", ``, nil, 200, ""},
		{"livez", "GET", "/livez", ``, nil, 200, ""},
		{"readyz", "GET", "/readyz", ``, nil, 200, ""},
		{"healthz POST", "POST", "/healthz", ``, nil, 405, "method_not_allowed"},
		{"metrics", "GET", "/metrics", ``, nil, 200, ""},
		{"docs", "GET", "/docs/", ``, nil, 200, ""},
		{"docs script", "GET", "/docs/docs.js", ``, nil, 200, ""},
		{"call", "GET", "/call", ``, nil, 301, ""},
		{"call page", "GET", "/call/", ``, nil, 200, ""},
		{"call script", "GET", "/call/app.js", ``, nil, 200, ""},
		{"call POST", "POST", "/call/", ``, nil, 405, "method_not_allowed"},
		{"root", "GET", "/", ``, nil, 302, ""},
		{"unknown", "GET", "/etc/passwd", ``, nil, 404, "route_not_found"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			res, body := b.do(t, tt.method, tt.path, tt.body, tt.header)
			if got := code(t, body); res.StatusCode != tt.status || got != tt.code {
				t.Errorf("%s %s = %d %q, want %d %q; body %.300s", tt.method, tt.path, res.StatusCode, got, tt.status, tt.code, body)
			}
			if tt.code != "" && res.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("Content-Type = %q", res.Header.Get("Content-Type"))
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	b := setup(t, options{})
	res, body := b.do(t, "PUT", "/function/probe/headers/a%2Fb?q=1", "", map[string]string{"X-Call-Id": "my-call.1"})
	var seen map[string]string
	if err := json.Unmarshal([]byte(body), &seen); err != nil {
		t.Fatal(err)
	}
	if seen["path"] != "/headers/a/b" || seen["query"] != "q=1" || seen["method"] != "PUT" || seen["X-Call-Id"] != "my-call.1" ||
		seen["X-Start-Time"] == "" || seen["X-Forwarded-For"] != "127.0.0.1" || !strings.HasPrefix(seen["X-Forwarded-Host"], "127.0.0.1:") ||
		!strings.HasPrefix(seen["Authorization"], "Bearer ") {
		t.Errorf("the function saw %v", seen)
	}
	start, err := strconv.ParseInt(res.Header.Get("X-Start-Time"), 10, 64)
	if err != nil || time.Since(time.Unix(0, start)) > time.Hour {
		t.Errorf("X-Start-Time = %q, want nanoseconds", res.Header.Get("X-Start-Time"))
	}
	if _, err := strconv.ParseFloat(res.Header.Get("X-Duration-Seconds"), 64); err != nil {
		t.Errorf("X-Duration-Seconds = %q", res.Header.Get("X-Duration-Seconds"))
	}
	if res.Header.Get("X-Call-Id") != "my-call.1" || res.Header.Get("X-Served-By") != b.runner.servedBy {
		t.Errorf("reply headers %v", res.Header)
	}
	for _, bad := range []string{"", "a b", strings.Repeat("x", 129), "a/b", "ü"} {
		res, _ := b.do(t, "GET", "/function/probe/headers/", "", map[string]string{"X-Call-Id": bad})
		if id := res.Header.Get("X-Call-Id"); id == bad || !faas.ValidCallID(id) {
			t.Errorf("X-Call-Id %q became %q", bad, id)
		}
	}
	res, body = b.do(t, "GET", "/function/probe/headers/", "", map[string]string{"X-Forwarded-For": "10.1.1.1", "X-Forwarded-Host": "gym.example", "X-Forwarded-Path": "/evil"})
	seen = nil
	if err := json.Unmarshal([]byte(body), &seen); err != nil || seen["X-Forwarded-For"] != "10.1.1.1" || seen["X-Forwarded-Host"] != "gym.example" || seen["X-Forwarded-Path"] != "" {
		t.Errorf("status %d, the function saw %v, want the proxy's headers kept and the path header gone", res.StatusCode, seen)
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		env  map[string]string
		want string
	}{{"from stack.yml", nil, "stack"}, {"from the host", map[string]string{"WORD": "host"}, "host"}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, options{change: func(c *Config) { c.Env = tt.env }})
			_, body := b.do(t, "POST", "/function/probe", `{}`, nil)
			if !strings.Contains(body, `"env":"`+tt.want+`"`) {
				t.Errorf("answer %s, want WORD=%s", body, tt.want)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	stack, err := manifest.Parse([]byte("provider: {name: openfaas}\nfunctions: {probe: {}}"), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	secrets := faas.SecretMap{faas.KeySecret: faastest.Key}
	for name, cfg := range map[string]Config{
		"no stack":         {Secrets: secrets},
		"no secrets":       {Stack: stack},
		"no key":           {Stack: stack, Secrets: faas.SecretMap{}},
		"short key":        {Stack: stack, Secrets: faas.SecretMap{faas.KeySecret: "short"}},
		"missing function": {Stack: stack, Secrets: secrets},
		"function that fails": {Stack: stack, Secrets: secrets, Functions: map[string]Constructor{
			"probe": Of(func(context.Context, faas.Host) (*probe, error) { return nil, fmt.Errorf("no") })}},
	} {
		if r, err := New(t.Context(), cfg); err == nil {
			t.Errorf("%s: New = %v, want an error", name, r)
		}
	}
}
