package faas_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	handler "github.com/openfaas/templates-sdk/go-http"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/faas/faastest"
	"github.com/intellifit/intellifit/shared/gym"
)

func TestSecretDir(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	outside := filepath.Join(dir, "outside")
	inside := filepath.Join(dir, "secrets")
	if err := os.Mkdir(inside, 0o700); err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string]string{
		outside: "no", filepath.Join(inside, "key"): "value\r\n", filepath.Join(inside, "two"): "a\nb\n\n", filepath.Join(inside, "big"): strings.Repeat("x", 64<<10+1),
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(inside, "link")); err != nil {
		t.Fatal(err)
	}
	secrets := faas.SecretDir(inside)
	for name, want := range map[string]string{"key": "value", "two": "a\nb"} {
		if got, err := secrets.Secret(name); err != nil || got != want {
			t.Errorf("Secret(%s) = %q, %v; want %q", name, got, err, want)
		}
	}
	for _, name := range []string{"", ".", "..", "../outside", "/etc/passwd", "a/b", "Key", ".hidden", "link", "big", "nul\x00"} {
		if got, err := secrets.Secret(name); err == nil {
			t.Errorf("Secret(%q) = %q, want an error", name, got)
		}
	}
	for _, dir := range []faas.SecretDir{secrets, faas.SecretDir(filepath.Join(dir, "none"))} {
		if _, err := dir.Secret("absent"); !errors.Is(err, faas.ErrNoSecret) {
			t.Errorf("absent secret: %v, want ErrNoSecret", err)
		}
	}
}

func TestOSHost(t *testing.T) {
	t.Setenv("SECRETS_DIR", t.TempDir())
	if _, err := faas.OSHost().Secrets.Secret("jwt-key"); !errors.Is(err, faas.ErrNoSecret) {
		t.Errorf("Secret = %v, want ErrNoSecret of SECRETS_DIR", err)
	}
}

func TestNewAPINeedsKey(t *testing.T) {
	t.Parallel()
	for name, secrets := range map[string]faas.Secrets{"none": nil, "short": faas.SecretMap{"jwt-key": "short"}} {
		if _, err := faas.NewAPI("x", "1", "", faas.Host{Secrets: secrets}); err == nil {
			t.Errorf("%s key: want an error", name)
		}
	}
}

// TestLogs runs calls that carry health data everywhere they can and looks for it in every line.
func TestLogs(t *testing.T) {
	t.Parallel()
	log := &faastest.Log{}
	api := newEcho(t, log)
	token := faastest.Member(t, "m1")
	header := map[string]string{"X-Call-Id": "c-9"}
	call(t, api, "POST", "/?verbose=true", `{"text":"knee injury"}`, header)
	call(t, api, "POST", "/", `{"days":"knee"}`, header)
	call(t, api, "POST", "/", `{"knee":1}`, header)
	call(t, api, "GET", "/knee-injury", "", header)
	call(t, api, "POST", "/", `{"fail":"infeasible"}`, header)
	lines := log.String()
	for _, secret := range []string{"knee", token, strings.Split(token, ".")[2]} {
		if strings.Contains(lines, secret) {
			t.Errorf("the log holds %q:\n%s", secret, lines)
		}
	}
	for _, want := range []string{`"call_id":"c-9"`, `"function":"echo"`, `"status":200`, `"subject":"m1"`, `"route":"/{id}"`, `"code":"unknown_field"`, `"dur_ms":`} {
		if !strings.Contains(lines, want) {
			t.Errorf("the log lacks %s:\n%s", want, lines)
		}
	}
}

type databaseError struct{}

func (databaseError) Error() string    { return `invalid input for "knee injury"` }
func (databaseError) SQLState() string { return "22P02" }

func TestLoggerRedacts(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := faas.NewLogger(&out, slog.LevelInfo)
	log.Info("a line", "injury", "knee", "member_id", "m1", "model", struct{ Note string }{"knee"}, "plan_id", []string{"knee"},
		"cause", errors.Join(errors.New("insert plan"), databaseError{}), slog.Group("member", "name", "knee", "status", "knee"), "name", "knee", "code", strings.Repeat("x", 1<<16))
	if text := out.String(); strings.Contains(text, "knee") || !strings.Contains(text, `"member_id":"m1"`) || !strings.Contains(text, "SQLSTATE 22P02") || len(text) > 8000 {
		t.Errorf("line of %d bytes: %s", len(text), text)
	}
}

func TestHandle(t *testing.T) {
	t.Parallel()
	h := faas.Handle(newEcho(t, nil))
	request := func(method, path, body string) handler.Request {
		r := handler.Request{Method: method, Body: []byte(body), Header: http.Header{
			"Authorization": {"Bearer " + faastest.Member(t, "m1")}, "X-Call-Id": {"c-1"},
		}}
		if path != "" {
			r.Header.Set(faas.PathHeader, path)
		}
		r.WithContext(t.Context())
		return r
	}
	for _, tt := range []struct {
		name   string
		req    handler.Request
		status int
	}{
		{"root", request("POST", "", `{}`), 200},
		{"path", request("GET", "/open/door", ""), 200},
		{"no context", handler.Request{Method: "POST", Body: []byte(`{}`)}, 401},
		{"refused", request("POST", "", `{"days":99}`), 400},
		{"path with dots", request("GET", "/../x", ""), 400},
		{"relative path", request("GET", "x", ""), 400},
		{"no such path", request("GET", "/a/b/c", ""), 404},
		{"panic", request("POST", "", `{"fail":"panic"}`), 500},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			res, err := h(tt.req)
			if err != nil || res.StatusCode != tt.status || !strings.Contains(res.Header.Get("Content-Type"), "json") || len(res.Body) == 0 {
				t.Errorf("Handle = %d %s %v, want %d and no error", res.StatusCode, res.Body, err, tt.status)
			}
		})
	}
	gone := request("POST", "", `{}`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	gone.WithContext(ctx)
	aborting := faas.Handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Context().Err() == nil {
			t.Error("the context of the call did not arrive")
		}
		w.Header().Set("X-Call-Id", "c-1")
		panic(http.ErrAbortHandler)
	}))
	if res, err := aborting(gone); err != nil || res.StatusCode != 500 || res.Header.Get("X-Call-Id") != "c-1" {
		t.Errorf("aborted: %d, %v", res.StatusCode, err)
	}
}

func TestReady(t *testing.T) {
	t.Parallel()
	api := newEcho(t, nil)
	get := func(path string) (*httptest.ResponseRecorder, map[string]any) {
		return call(t, api, "GET", path, "", map[string]string{"Authorization": ""})
	}
	for _, path := range []string{"/_/health", "/_/ready"} {
		if w, got := get(path); w.Code != 200 || got["status"] != "ok" {
			t.Errorf("%s = %d %v", path, w.Code, got)
		}
	}
	var err error = gym.Errorf(gym.ErrUnavailable, "model_loading", "the model is loading")
	api.OnReady(func(context.Context) error { return err })
	if w, got := get("/_/ready"); w.Code != 503 || got["code"] != "model_loading" || w.Header().Get("Retry-After") == "" {
		t.Errorf("ready = %d %v", w.Code, got)
	}
	err = errors.New("dial 10.0.0.1")
	if w, got := get("/_/ready"); w.Code != 503 || got["code"] != "not_ready" || strings.Contains(w.Body.String(), "10.0.0.1") {
		t.Errorf("ready = %d %v", w.Code, got)
	}
	if w, _ := get("/_/health"); w.Code != 200 {
		t.Errorf("health = %d, want it apart from readiness", w.Code)
	}
}

// TestSpecification holds what clients are generated from: operations, security, the shape of errors.
func TestSpecification(t *testing.T) {
	t.Parallel()
	spec := newEcho(t, nil).OpenAPI()
	type row struct {
		Operation string
		Security  []map[string][]string
	}
	var got []row
	for _, path := range []string{"/", "/{id}", "/open/door"} {
		item := spec.Paths[path]
		op := item.Post
		if op == nil {
			op = item.Get
		}
		got = append(got, row{op.OperationID, op.Security})
		if problem := op.Responses["default"]; problem == nil || problem.Content["application/problem+json"].Schema.Ref != "#/components/schemas/Problem" {
			t.Errorf("%s: errors are not documented as Problem", op.OperationID)
		}
	}
	want := []row{{"echo", []map[string][]string{{"bearer": {}}}}, {"one", []map[string][]string{{"bearer": {"coach"}}}}, {"open", []map[string][]string{}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
}
