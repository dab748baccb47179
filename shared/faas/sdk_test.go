package faas_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	handler "github.com/openfaas/templates-sdk/go-http"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/faas/faastest"
)

// sdkFunction has the form of the OpenFaaS Go SDK.
type sdkFunction func(handler.Request) (handler.Response, error)

func (f sdkFunction) Handle(r handler.Request) (handler.Response, error) { return f(r) }

func handlerOf(t *testing.T, function any) http.Handler {
	t.Helper()
	h, err := faas.HandlerOf(function)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestBothForms sends the same calls to a function as it is and through both adapters of the SDK: nobody can tell.
func TestBothForms(t *testing.T) {
	t.Parallel()
	api := newEcho(t, nil)
	plain, wrapped := handlerOf(t, api), handlerOf(t, sdkFunction(faas.Handle(api)))
	type answer struct {
		Status      int
		ContentType string
		CallID      string
		Body        string
	}
	for _, tt := range []struct{ name, method, target, body, token string }{
		{"root", "POST", "/", `{"text":"a"}`, faastest.Member(t, "m1")},
		{"query", "POST", "/?verbose=true", `{"text":"a"}`, faastest.Member(t, "m1")},
		{"path", "GET", "/open/door", "", ""},
		{"role", "GET", "/x1", "", faastest.Coach(t, "c1")},
		{"no token", "POST", "/", `{}`, ""},
		{"bad body", "POST", "/", `{"days":99}`, faastest.Member(t, "m1")},
		{"other method", "DELETE", "/", "", faastest.Member(t, "m1")},
		{"no such path", "GET", "/a/b/c", "", faastest.Member(t, "m1")},
		{"health", "GET", "/_/health", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ask := func(h http.Handler) answer {
				r := httptest.NewRequest(tt.method, tt.target, strings.NewReader(tt.body))
				r.Header.Set("Authorization", "Bearer "+tt.token)
				r.Header.Set("X-Call-Id", "c-1")
				r.Header.Set("X-Forwarded-Path", "/open/door") // a caller's word about the path does not count
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				return answer{w.Code, w.Header().Get("Content-Type"), w.Header().Get("X-Call-Id"), w.Body.String()}
			}
			want := ask(plain)
			if diff := cmp.Diff(want, ask(wrapped)); diff != "" {
				t.Errorf("through the SDK (-plain +SDK):\n%s", diff)
			}
			if want.Status == 0 || tt.name == "path" && want.Status != http.StatusOK {
				t.Errorf("plain answer %+v", want)
			}
		})
	}
}

func TestSDKFunction(t *testing.T) {
	t.Parallel()
	if h, err := faas.HandlerOf("no function"); err == nil {
		t.Errorf("HandlerOf(string) = %v, want an error", h)
	}
	for _, tt := range []struct {
		name     string
		function sdkFunction
		body     string
		status   int
		want     string
	}{
		{"no status", func(handler.Request) (handler.Response, error) { return handler.Response{Body: []byte("x")}, nil }, "", 200, "x"},
		{"own status", func(handler.Request) (handler.Response, error) { return handler.Response{StatusCode: 418}, nil }, "", 418, ""},
		{"error", func(handler.Request) (handler.Response, error) {
			return handler.Response{}, errors.New("dial 10.0.0.1")
		}, "", 500, `"code":"internal"`},
		{"too large", func(handler.Request) (handler.Response, error) { return handler.Response{}, nil }, strings.Repeat("x", 26<<20+1), 413, `"code":"body_too_large"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			handlerOf(t, tt.function).ServeHTTP(w, httptest.NewRequest("POST", "/", strings.NewReader(tt.body)))
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) || strings.Contains(w.Body.String(), "10.0.0.1") {
				t.Errorf("answer %d %s, want %d %s", w.Code, w.Body, tt.status, tt.want)
			}
		})
	}
}
