package runner

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func specOf(t *testing.T, text string) object {
	t.Helper()
	var o object
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestMergeSpecs(t *testing.T) {
	t.Parallel()
	got := mergeSpecs(map[string]object{
		"plan": specOf(t, `{"info":{"description":"Plans"},"paths":{"/":{"post":{"operationId":"create","summary":"Make","requestBody":{"$ref":"x"},
			"responses":{"200":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Plan"}}}}}}},"/{id}":{"get":{"operationId":"get"}}},
			"components":{"schemas":{"Plan":{"properties":{"day":{"$ref":"#/components/schemas/Day"}}},"Day":{"type":"object"},"Same":{"type":"string"}},"securitySchemes":{"bearer":{"type":"http"}}}}`),
		"chat-two": specOf(t, `{"info":{"description":"Chat"},"paths":{"/v1/chat":{"get":{"operationId":"chat"}}},
			"components":{"schemas":{"Plan":{"properties":{"day":{"$ref":"#/components/schemas/Day"}}},"Day":{"type":"string"},"Same":{"type":"string"}}}}`),
	}, "1.2.3")
	b, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	merged := specOf(t, string(b))
	var schemas []string
	for name := range child(child(merged, "components"), "schemas") {
		schemas = append(schemas, name)
	}
	var paths []string
	for path := range child(merged, "paths") {
		paths = append(paths, path)
	}
	less := cmp.Transformer("set", func(in []string) map[string]bool {
		out := map[string]bool{}
		for _, s := range in {
			out[s] = true
		}
		return out
	})
	// Plan reads the same in both and still differs, since the Day that it leads to does.
	if diff := cmp.Diff([]string{"plan_Plan", "plan_Day", "chat_two_Plan", "chat_two_Day", "Same"}, schemas, less); diff != "" {
		t.Errorf("schemas (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"/function/plan", "/function/plan/{id}", "/async-function/plan", "/function/chat-two/v1/chat"}, paths, less); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
	post := child(child(child(merged, "paths"), "/function/plan"), "post")
	if text, _ := json.Marshal(post); !strings.Contains(string(text), `"#/components/schemas/plan_Plan"`) || !strings.Contains(string(text), `"tags":["plan"]`) {
		t.Errorf("post %s", text)
	}
	async := child(child(child(merged, "paths"), "/async-function/plan"), "post")
	if async["operationId"] != "create-async" || child(async, "responses")["202"] == nil || child(async, "responses")["200"] != nil {
		t.Errorf("async %v", async)
	}
}

// TestSpecIsWhole follows every reference of the served specification.
func TestSpecIsWhole(t *testing.T) {
	t.Parallel()
	b := setup(t, options{})
	res, body := b.do(t, "GET", "/openapi.json", "", nil)
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "application/openapi+json" {
		t.Fatalf("status %d, %v", res.StatusCode, res.Header)
	}
	spec := specOf(t, body)
	schemas := child(child(spec, "components"), "schemas")
	var follow func(any)
	follow = func(v any) {
		switch v := v.(type) {
		case object:
			for key, inner := range v {
				if ref, ok := inner.(string); ok && key == "$ref" && schemas[strings.TrimPrefix(ref, schemaPrefix)] == nil {
					t.Errorf("%s leads nowhere", ref)
				}
				follow(inner)
			}
		case []any:
			for _, inner := range v {
				follow(inner)
			}
		}
	}
	follow(spec)
	if schemas["Problem"] == nil || child(spec, "paths")["/async-function/probe"] == nil {
		t.Errorf("the specification lacks Problem or the asynchronous path: %.500s", body)
	}
}

// TestDocsAreOffline looks for anything that a browser would fetch from elsewhere.
func TestDocsAreOffline(t *testing.T) {
	t.Parallel()
	b := setup(t, options{})
	for _, path := range []string{"/docs/", "/docs/docs.js", "/docs/docs.css"} {
		res, body := b.do(t, "GET", path, "", nil)
		if res.StatusCode != http.StatusOK || strings.Contains(body, "://") || strings.Contains(body, "innerHTML") {
			t.Errorf("%s: status %d, or it names another address", path, res.StatusCode)
		}
		if csp := res.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") {
			t.Errorf("%s: Content-Security-Policy %q", path, csp)
		}
	}
}
