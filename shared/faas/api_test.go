package faas_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/faas/faastest"
	"github.com/intellifit/intellifit/shared/gym"
)

type echoInput struct {
	Verbose bool `query:"verbose"`
	Body    struct {
		Text  string   `json:"text,omitempty" maxLength:"300000"`
		Days  int      `json:"days,omitempty" minimum:"1" maximum:"7"`
		Words []string `json:"words,omitempty"`
		Fail  string   `json:"fail,omitempty"`
	}
}

type echoOutput struct {
	Body struct {
		Subject string `json:"subject"`
		Call    string `json:"call"`
		Key     string `json:"key"`
		Length  int    `json:"length"`
	}
}

var failures = map[string]error{
	"invalid":     gym.Errorf(gym.ErrInvalid, "bad_word", "unknown word"),
	"not_found":   gym.Errorf(gym.ErrNotFound, "plan_not_found", "no such plan"),
	"conflict":    gym.Errorf(gym.ErrConflict, "stale_version", "changed meanwhile"),
	"infeasible":  &gym.Error{Kind: gym.ErrInfeasible, Code: "plan_blocked", Detail: "a coach must look first", Hint: "relax", Fields: []gym.Field{{Name: "body.goal", Message: "why"}}},
	"unsupported": gym.Errorf(gym.ErrUnsupported, "audio_format", "not decoded"),
	"busy":        faas.RetryAfter(gym.Errorf(gym.ErrBusy, "queue_full", "later"), 1500*time.Millisecond),
	"unavailable": gym.Errorf(gym.ErrUnavailable, "model_loading", "loading"),
	"ready":       faas.NewProblem(http.StatusTeapot, "teapot", "short and stout", ""),
	"secret":      errors.New("the member has a knee injury"),
	"sentinel":    gym.ErrNotFound,
}

func newEcho(t testing.TB, log *faastest.Log) *faas.API {
	t.Helper()
	api, err := faas.NewAPI("echo", "1.2.3", "Says what it heard.", faastest.Host(nil, log))
	if err != nil {
		t.Fatal(err)
	}
	huma.Register(api, huma.Operation{OperationID: "echo", Method: http.MethodPost, Path: "/"}, func(ctx context.Context, in *echoInput) (*echoOutput, error) {
		if in.Body.Fail == "panic" {
			panic("a knee injury")
		}
		if err, ok := failures[in.Body.Fail]; ok {
			return nil, err
		}
		p, _ := gym.PrincipalFrom(ctx)
		out := &echoOutput{}
		out.Body.Subject, out.Body.Call, out.Body.Key, out.Body.Length = p.Subject, faas.CallID(ctx), faas.WriteKey(ctx), len(in.Body.Text)
		return out, nil
	})
	huma.Register(api, huma.Operation{OperationID: "one", Method: http.MethodGet, Path: "/{id}", Security: faas.Roles(gym.RoleCoach)}, func(ctx context.Context, in *struct {
		ID string `path:"id"`
	}) (*echoOutput, error) {
		return &echoOutput{}, nil
	})
	huma.Register(api, huma.Operation{OperationID: "open", Method: http.MethodGet, Path: "/open/door", Security: faas.Public()}, func(ctx context.Context, _ *struct{}) (*echoOutput, error) {
		return &echoOutput{}, nil
	})
	huma.Register(api, huma.Operation{OperationID: "raw", Method: http.MethodPost, Path: "/raw", MaxBodyBytes: 400_000}, func(ctx context.Context, in *struct {
		RawBody []byte `contentType:"audio/wav"`
	}) (*echoOutput, error) {
		out := &echoOutput{}
		out.Body.Length = len(in.RawBody)
		return out, nil
	})
	return api
}

func call(t *testing.T, h http.Handler, method, target, body string, header map[string]string) (*httptest.ResponseRecorder, map[string]any) {
	t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+faastest.Member(t, "m1"))
	for k, v := range header {
		if v == "" {
			r.Header.Del(k)
			continue
		}
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var got map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatalf("%s %s: answer %q is not JSON: %v", method, target, w.Body, err)
	}
	return w, got
}

func TestEcho(t *testing.T) {
	t.Parallel()
	w, got := call(t, newEcho(t, nil), "POST", "/", `{"text":"hello"}`, map[string]string{"X-Call-Id": "c-1", "Idempotency-Key": "k 1"[:1] + "1"})
	want := map[string]any{"subject": "m1", "call": "c-1", "key": "k1", "length": 5.0}
	if diff := cmp.Diff(want, got); diff != "" || w.Code != 200 {
		t.Errorf("status %d, body (-want +got):\n%s", w.Code, diff)
	}
	if id := w.Header().Get("X-Call-Id"); id != "c-1" {
		t.Errorf("X-Call-Id = %q, want it kept", id)
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	big := func(n int) string { return `{"text":"` + strings.Repeat("x", n-len(`{"text":""}`)) + `"}` }
	noJSON := map[string]string{"Content-Type": "text/plain"}
	for _, tt := range []struct {
		name, method, path, body string
		header                   map[string]string
		status                   int
		code                     string
	}{
		{"empty body", "POST", "/", "", nil, 400, "body_required"},
		{"body at limit", "POST", "/", big(256_000), nil, 200, ""},
		{"body over limit", "POST", "/", big(256_001), nil, 413, "body_too_large"},
		{"10 MB", "POST", "/", big(10_000_000), nil, 413, "body_too_large"},
		{"not JSON", "POST", "/", "{", nil, 400, "invalid_json"},
		{"text after the value", "POST", "/", "{} {}", nil, 400, "invalid_json"},
		{"array", "POST", "/", "[]", nil, 400, "invalid_request"},
		{"null", "POST", "/", "null", nil, 400, "invalid_request"},
		{"unknown field", "POST", "/", `{"txt":"a"}`, nil, 400, "unknown_field"},
		{"wrong case", "POST", "/", `{"Text":"a"}`, nil, 400, "unknown_field"},
		{"unknown query", "POST", "/?verbse=true", `{}`, nil, 400, "unknown_field"},
		{"known query", "POST", "/?verbose=true", `{}`, nil, 200, ""},
		{"wrong type", "POST", "/", `{"days":"three"}`, nil, 400, "invalid_request"},
		{"out of range", "POST", "/", `{"days":9}`, nil, 400, "invalid_request"},
		{"huge number", "POST", "/", `{"days":1e400}`, nil, 400, "invalid_json"},
		{"NaN", "POST", "/", `{"days":NaN}`, nil, 400, "invalid_json"},
		{"bad UTF-8", "POST", "/", "{\"text\":\"\xff\"}", nil, 400, "invalid_utf8"},
		{"UTF-16", "POST", "/", "\xff\xfe{\x00}\x00", nil, 400, "invalid_utf8"},
		{"NUL byte", "POST", "/", "{\"text\":\"a\x00\"}", nil, 400, "nul_byte"},
		{"escaped NUL", "POST", "/", `{"text":"a\u0000"}`, nil, 400, "nul_byte"},
		{"byte-order mark", "POST", "/", "\xef\xbb\xbf{}", nil, 200, ""},
		{"duplicate key", "POST", "/", `{"text":"a","text":"b"}`, nil, 400, "duplicate_key"},
		{"deep", "POST", "/", strings.Repeat("[", 10_000), nil, 400, "json_too_deep"},
		{"other media type", "POST", "/", `{}`, noJSON, 415, "content_type_unsupported"},
		{"curl -d", "POST", "/", `{}`, map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, 415, "content_type_unsupported"},
		{"charset", "POST", "/", `{}`, map[string]string{"Content-Type": "application/json; charset=latin1"}, 415, "content_type_unsupported"},
		{"utf-8 charset", "POST", "/", `{}`, map[string]string{"Content-Type": "application/json; charset=UTF-8"}, 200, ""},
		{"gzip", "POST", "/", `{}`, map[string]string{"Content-Encoding": "gzip"}, 415, "content_encoding_unsupported"},
		{"no token", "POST", "/", `{}`, map[string]string{"Authorization": ""}, 401, "token_missing"},
		{"no token comes before the body", "POST", "/", big(300_000), map[string]string{"Authorization": ""}, 401, "token_missing"},
		{"basic auth", "POST", "/", `{}`, map[string]string{"Authorization": "Basic YTpi"}, 401, "token_missing"},
		{"bad token", "POST", "/", `{}`, map[string]string{"Authorization": "Bearer x.y.z"}, 401, "token_invalid"},
		{"wrong role", "GET", "/p1", "", nil, 403, "role_not_allowed"},
		{"public", "GET", "/open/door", "", map[string]string{"Authorization": ""}, 200, ""},
		{"no such path", "POST", "/a/b/c", `{}`, nil, 404, "route_not_found"},
		{"no such method", "DELETE", "/", "", nil, 405, "method_not_allowed"},
		{"dotted path", "GET", "/a/../b", "", nil, 400, "path_invalid"},
		{"bad idempotency key", "POST", "/", `{}`, map[string]string{"Idempotency-Key": strings.Repeat("k", 256)}, 400, "idempotency_key_invalid"},
		{"invalid", "POST", "/", `{"fail":"invalid"}`, nil, 400, "bad_word"},
		{"not found", "POST", "/", `{"fail":"not_found"}`, nil, 404, "plan_not_found"},
		{"sentinel", "POST", "/", `{"fail":"sentinel"}`, nil, 404, "not_found"},
		{"conflict", "POST", "/", `{"fail":"conflict"}`, nil, 409, "stale_version"},
		{"infeasible", "POST", "/", `{"fail":"infeasible"}`, nil, 422, "plan_blocked"},
		{"unsupported", "POST", "/", `{"fail":"unsupported"}`, nil, 415, "audio_format"},
		{"busy", "POST", "/", `{"fail":"busy"}`, nil, 429, "queue_full"},
		{"unavailable", "POST", "/", `{"fail":"unavailable"}`, nil, 503, "model_loading"},
		{"ready-made problem", "POST", "/", `{"fail":"ready"}`, nil, 418, "teapot"},
		{"unknown error", "POST", "/", `{"fail":"secret"}`, nil, 500, "internal"},
		{"panic", "POST", "/", `{"fail":"panic"}`, nil, 500, "internal"},
		{"raw at limit", "POST", "/raw", strings.Repeat("\xff", 400_000), map[string]string{"Content-Type": "audio/wav"}, 200, ""},
		{"raw over limit", "POST", "/raw", strings.Repeat("\xff", 400_001), map[string]string{"Content-Type": "audio/wav"}, 413, "body_too_large"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, got := call(t, newEcho(t, nil), tt.method, tt.path, tt.body, tt.header)
			code, _ := got["code"].(string)
			if w.Code != tt.status || code != tt.code {
				t.Fatalf("status %d code %q, want %d %q; body %s", w.Code, code, tt.status, tt.code, w.Body)
			}
			if tt.code == "" {
				return
			}
			if ct := w.Header().Get("Content-Type"); ct != "application/problem+json" {
				t.Errorf("Content-Type = %q", ct)
			}
			if got["request_id"] != w.Header().Get("X-Call-Id") || got["request_id"] == "" || got["status"] != float64(tt.status) ||
				got["type"] != "urn:intellifit:problem:"+tt.code {
				t.Errorf("problem = %v", got)
			}
			if strings.Contains(w.Body.String(), "knee") || strings.Contains(w.Body.String(), "three") {
				t.Errorf("the problem quotes what it must not: %s", w.Body)
			}
		})
	}
}

func TestProblemHeaders(t *testing.T) {
	t.Parallel()
	api := newEcho(t, nil)
	for fail, want := range map[string]string{"busy": "2", "unavailable": "5", "conflict": ""} {
		w, _ := call(t, api, "POST", "/", `{"fail":"`+fail+`"}`, nil)
		if got := w.Header().Get("Retry-After"); got != want {
			t.Errorf("%s: Retry-After = %q, want %q", fail, got, want)
		}
	}
	w, _ := call(t, api, "POST", "/", `{}`, map[string]string{"Authorization": ""})
	if got := w.Header().Get("WWW-Authenticate"); got != `Bearer realm="intellifit"` {
		t.Errorf("WWW-Authenticate = %q", got)
	}
	w, _ = call(t, api, "DELETE", "/", "", nil)
	if got := w.Header().Get("Allow"); got != "POST" {
		t.Errorf("Allow = %q", got)
	}
}
