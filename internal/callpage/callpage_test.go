package callpage_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/intellifit/intellifit/internal/callpage"
	"github.com/intellifit/intellifit/internal/callpage/browsertest"
)

const maxPage = 150_000

// TestOffline looks at every file for what a browser would fetch from elsewhere, and at its size.
func TestOffline(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(os.DirFS("page"), "*")
	if err != nil || len(names) < 5 {
		t.Fatalf("files %v: %v", names, err)
	}
	size := 0
	for _, name := range append(names, "") {
		if name == "index.html" { // it is at the empty name
			continue
		}
		w := httptest.NewRecorder()
		callpage.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/call/"+name, nil))
		body := w.Body.String()
		size += len(body)
		if w.Code != http.StatusOK || strings.Contains(body, "innerHTML") || strings.Contains(strings.ReplaceAll(body, "http://www.w3.org/2000/svg", ""), "src=\"http") {
			t.Errorf("/call/%s: status %d, or it takes something from elsewhere", name, w.Code)
		}
		h := w.Header()
		if !strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'") || strings.Contains(h.Get("Content-Security-Policy"), "unsafe") {
			t.Errorf("/call/%s: Content-Security-Policy %q", name, h.Get("Content-Security-Policy"))
		}
		if !strings.Contains(h.Get("Permissions-Policy"), "microphone=(self)") {
			t.Errorf("/call/%s: Permissions-Policy %q", name, h.Get("Permissions-Policy"))
		}
	}
	if size > maxPage {
		t.Errorf("the page has %d bytes, at most %d are allowed", size, maxPage)
	}
}

// TestModules runs what needs no browser in Node.js.
func TestModules(t *testing.T) {
	t.Parallel()
	dir := browsertest.Dir(t)
	place(t, dir, "modules.mjs")
	if err := os.CopyFS(filepath.Join(dir, "page"), os.DirFS("page")); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Count  int
		Failed map[string]string
	}
	browsertest.Run(t, dir, "modules.mjs", struct{}{}, &got)
	if got.Count == 0 {
		t.Error("no test ran")
	}
	for name, why := range got.Failed {
		t.Errorf("%s: %s", name, why)
	}
}

func place(t *testing.T, dir, name string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
		t.Fatal(err)
	}
}
