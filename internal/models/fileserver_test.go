package models

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"
)

// fileServer serves one file over loopback, with the faults of the real world, and counts what it sends.
type fileServer struct {
	*httptest.Server
	body []byte

	mu          sync.Mutex
	cutAt       int  // the next answer ends, connection and all, after this many bytes; 0 never
	dieAfterCut bool // and is gone from then on
	ignoreRange bool
	noLength    bool
	refuse      int // this many requests get 503
	status      int // all requests get it
	served      int
	ranges      []string
	requests    int
}

func newFileServer(t *testing.T, body []byte) *fileServer {
	t.Helper()
	f := &fileServer{body: body}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	return f
}

func (f *fileServer) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests++
	f.ranges = append(f.ranges, r.Header.Get("Range"))
	if f.status != 0 {
		w.WriteHeader(f.status)
		return
	}
	if f.refuse > 0 {
		f.refuse--
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	start, status := 0, http.StatusOK
	if h := r.Header.Get("Range"); h != "" && !f.ignoreRange {
		if _, err := fmt.Sscanf(h, "bytes=%d-", &start); err != nil || start >= len(f.body) {
			w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
			return
		}
		status = http.StatusPartialContent
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", start, len(f.body)-1, len(f.body)))
	}
	rest := f.body[start:]
	if !f.noLength {
		w.Header().Set("Content-Length", strconv.Itoa(len(rest)))
	}
	w.WriteHeader(status)
	cut := f.cutAt > 0 && f.cutAt < len(rest)
	if cut {
		rest = rest[:f.cutAt]
	}
	n, _ := w.Write(rest)
	f.served += n
	if cut {
		f.cutAt = 0
		if f.dieAfterCut {
			f.status = http.StatusNotFound
		}
		if flusher, ok := w.(http.Flusher); ok {
			flusher.Flush()
		}
		panic(http.ErrAbortHandler)
	}
}

func (f *fileServer) set(change func(f *fileServer)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

func (f *fileServer) count() (served, requests int, ranges []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.served, f.requests, append([]string(nil), f.ranges...)
}

// testStore has short waits and no environment.
func testStore(t *testing.T) *Store {
	t.Helper()
	s := NewStore(t.TempDir(), func(string) string { return "" })
	s.backoff = time.Millisecond
	s.stall = 5 * time.Second
	s.attempts = 3
	return s
}

func randomBytes(n int) []byte {
	r := rand.New(rand.NewPCG(7, uint64(n)))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func fileArtifact(name string, body []byte, addresses ...string) Artifact {
	sum := sha256.Sum256(body)
	a := Artifact{Name: name, Role: "test", Version: "1", License: License{SPDX: "MIT"}, Filename: name + ".whl", Size: int64(len(body)), SHA256: hex.EncodeToString(sum[:])}
	for _, u := range addresses {
		a.Sources = append(a.Sources, Source{Kind: SourceURL, URL: u})
	}
	return a
}

func wantFile(t *testing.T, path string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("file has %d bytes that differ from the %d served", len(got), len(want))
	}
}
