package faas_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/faas/faastest"
	"github.com/intellifit/intellifit/shared/gym"
)

// TestCheckJSONLarge bounds the work, not the time: a body of a million empty objects or keys is refused or taken as one.
func TestCheckJSONLarge(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"many objects":      "[" + strings.Repeat("{},", 80_000) + "{}]",
		"brackets in text":  `{"text":"` + strings.Repeat("[", 100_000) + `"}`,
		"escaped quotes":    `{"text":"` + strings.Repeat(`\"[`, 50_000) + `"}`,
		"same key in peers": `[{"a":1},{"a":1},{"b":{"a":1},"a":1}]`,
		"surrogate":         `"\ud800"`,
	} {
		if _, err := faas.CheckJSON([]byte(body)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, body := range map[string]string{
		"key in a nested object": `{"a":{"b":1,"b":2}}`,
		"key after an array":     `{"a":[{"x":1}],"a":2}`,
		"escaped key":            `{"a":1,"\u0061":2}`,
	} {
		var known *gym.Error
		if _, err := faas.CheckJSON([]byte(body)); !errors.As(err, &known) || known.Code != faas.CodeDuplicateKey {
			t.Errorf("%s: %v, want %s", name, err, faas.CodeDuplicateKey)
		}
	}
}

func FuzzCheckJSON(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":[1,2,{"b":null}],"c":"\u0000"}`, `{"a":1,"a":2}`, "\xef\xbb\xbf[]", `1e400`, `"\ud800"`, `{"a":`, "[[[[", `{"":{"":0}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		checked, err := faas.CheckJSON(body)
		if err != nil {
			var known *gym.Error
			if !errors.As(err, &known) || !errors.Is(err, gym.ErrInvalid) {
				t.Fatalf("CheckJSON(%q) = %v, want a gym.Error of kind invalid", body, err)
			}
			return
		}
		if !utf8.Valid(checked) || bytes.IndexByte(checked, 0) >= 0 {
			t.Fatalf("CheckJSON(%q) let bad bytes through", body)
		}
		var v any
		if err := json.Unmarshal(checked, &v); err != nil {
			t.Fatalf("CheckJSON(%q) let through what encoding/json refuses: %v", body, err)
		}
		again, err := json.Marshal(v)
		if err != nil || bytes.Contains(again, []byte(`\u0000`)) && !bytes.Contains(again, []byte(`\\u0000`)) {
			t.Fatalf("CheckJSON(%q) let a NUL through: %s, %v", body, again, err)
		}
	})
}

// FuzzBody feeds whole requests to an operation: whatever comes in, the answer is JSON, and nothing is a 500.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{`{}`, `{"text":"hello","days":3,"words":["a"]}`, `{"days":1e999}`, `{"days":-0.5}`, `null`, `{"words":[[]]}`, "\x00"} {
		f.Add([]byte(seed), "application/json")
	}
	f.Add([]byte(`{}`), "application/vnd.x+json; charset=\"utf-8")
	api := newEcho(f, nil)
	token := faastest.Member(f, "m1")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		if bytes.Contains(body, []byte("fail")) {
			return // the operation fails on request
		}
		r := httptest.NewRequest("POST", "/", bytes.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header["Content-Type"] = []string{contentType}
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		if w.Code >= http.StatusInternalServerError || !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%q as %q: %d %s", body, contentType, w.Code, w.Body)
		}
	})
}
