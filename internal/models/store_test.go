package models

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestEnsure(t *testing.T) {
	t.Parallel()
	body := randomBytes(600_000)
	tests := []struct {
		name         string
		fault        func(f *fileServer)
		wantServed   int // at most
		wantRequests int
	}{
		{"plain", func(*fileServer) {}, len(body), 1},
		{"cut at half, resumed at once", func(f *fileServer) { f.cutAt = len(body) / 2 }, len(body), 2},
		{"503 twice", func(f *fileServer) { f.refuse = 2 }, len(body), 3},
		{"cut, and Range ignored", func(f *fileServer) { f.cutAt, f.ignoreRange = len(body)/2, true }, len(body) * 3 / 2, 2},
		{"no Content-Length", func(f *fileServer) { f.noLength = true }, len(body), 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFileServer(t, body)
			tt.fault(f)
			a := fileArtifact("a", body, f.URL+"/a.whl")
			s := testStore(t)
			path, err := s.Ensure(t.Context(), a, Silent())
			if err != nil {
				t.Fatal(err)
			}
			wantFile(t, path, body)
			if _, err := s.Ensure(t.Context(), a, Silent()); err != nil {
				t.Fatal(err)
			}
			if served, requests, ranges := f.count(); served > tt.wantServed || requests != tt.wantRequests {
				t.Errorf("%d bytes in %d requests (ranges %q), want at most %d in %d", served, requests, ranges, tt.wantServed, tt.wantRequests)
			}
			if parts, _ := filepath.Glob(s.Path(a) + "*.part"); len(parts) > 0 {
				t.Errorf("left behind %v", parts)
			}
		})
	}
}

// A process that dies in the middle leaves its half, and the next one asks only for the rest.
func TestEnsureResumesWhatAnotherRunLeft(t *testing.T) {
	t.Parallel()
	body := randomBytes(1_000_000)
	f := newFileServer(t, body)
	f.cutAt, f.dieAfterCut = len(body)/2, true
	a := fileArtifact("a", body, f.URL)
	first := testStore(t)
	if _, err := first.Ensure(t.Context(), a, Silent()); err == nil {
		t.Fatal("the cut download passed")
	}
	if _, err := os.Stat(first.Path(a)); err == nil {
		t.Fatal("a half file has the name of the whole one")
	}
	f.set(func(f *fileServer) { f.status = 0 })
	second := testStore(t)
	second.Home = first.Home
	var rec recorder
	path, err := second.Ensure(t.Context(), a, &rec)
	if err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, body)
	served, _, ranges := f.count()
	if served != len(body) {
		t.Errorf("served %d bytes altogether, want %d", served, len(body))
	}
	if want := []string{"", "bytes=500000-", "bytes=500000-"}; !slices.Equal(ranges, want) {
		t.Errorf("ranges = %q, want %q", ranges, want)
	}
	if first := rec.first(); first != 500_000 {
		t.Errorf("the bar starts at byte %d, want the half", first)
	}
}

func TestEnsureRefusesWrongFiles(t *testing.T) {
	t.Parallel()
	body := randomBytes(200_000)
	forged := bytes.Clone(body)
	forged[77] ^= 1
	good := newFileServer(t, body)

	t.Run("next source used", func(t *testing.T) {
		t.Parallel()
		bad := newFileServer(t, forged)
		s := testStore(t)
		path, err := s.Ensure(t.Context(), fileArtifact("a", body, bad.URL, good.URL), Silent())
		if err != nil {
			t.Fatal(err)
		}
		wantFile(t, path, body)
	})
	t.Run("all wrong", func(t *testing.T) {
		t.Parallel()
		bad := newFileServer(t, forged)
		a := fileArtifact("a", body, bad.URL+"/one", bad.URL+"/two")
		s := testStore(t)
		_, err := s.Ensure(t.Context(), a, Silent())
		var wrong *ChecksumError
		if !errors.As(err, &wrong) || wrong.Want != "sha256 "+a.SHA256 || wrong.Got == wrong.Want {
			t.Fatalf("Ensure = %v, want a ChecksumError with both digests", err)
		}
		for _, part := range []string{"artifact a", a.SHA256, "/one", "/two"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("message %q does not name %q", err, part)
			}
		}
		entries, err := os.ReadDir(filepath.Join(s.Home, "downloads"))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ".lock") {
				t.Errorf("left %s behind", e.Name())
			}
		}
	})
	t.Run("truncated at the server", func(t *testing.T) {
		t.Parallel()
		short := newFileServer(t, body[:150_000])
		s := testStore(t)
		path, err := s.Ensure(t.Context(), fileArtifact("a", body, short.URL, good.URL), Silent())
		if err != nil {
			t.Fatal(err)
		}
		wantFile(t, path, body)
	})
	t.Run("truncated without a length", func(t *testing.T) {
		t.Parallel()
		short := newFileServer(t, body[:150_000])
		short.noLength = true
		s := testStore(t)
		path, err := s.Ensure(t.Context(), fileArtifact("a", body, short.URL, good.URL), Silent())
		if err != nil {
			t.Fatal(err)
		}
		wantFile(t, path, body)
	})
	t.Run("longer than pinned", func(t *testing.T) {
		t.Parallel()
		long := newFileServer(t, append(bytes.Clone(body), make([]byte, 5_000_000)...))
		long.noLength = true
		s := testStore(t)
		path, err := s.Ensure(t.Context(), fileArtifact("a", body, long.URL, good.URL), Silent())
		if err != nil {
			t.Fatal(err)
		}
		wantFile(t, path, body)
	})
	t.Run("half of another file resumed", func(t *testing.T) {
		t.Parallel()
		f := newFileServer(t, body)
		a := fileArtifact("a", body, f.URL)
		s := testStore(t)
		if err := os.MkdirAll(filepath.Dir(s.part(a)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(s.part(a), forged[:1000], 0o644); err != nil {
			t.Fatal(err)
		}
		path, err := s.Ensure(t.Context(), a, Silent())
		if err != nil {
			t.Fatal(err)
		}
		wantFile(t, path, body)
		if _, _, ranges := f.count(); !slices.Equal(ranges, []string{"bytes=1000-", ""}) {
			t.Errorf("ranges = %q, want the rest, then everything anew", ranges)
		}
	})
	t.Run("gone for good", func(t *testing.T) {
		t.Parallel()
		f := newFileServer(t, body)
		f.status = http.StatusNotFound
		s := testStore(t)
		_, err := s.Ensure(t.Context(), fileArtifact("a", body, f.URL), Silent())
		var source *SourceError
		if !errors.As(err, &source) || !strings.Contains(err.Error(), "404") {
			t.Errorf("Ensure = %v, want a SourceError with the status", err)
		}
		if _, requests, _ := f.count(); requests != 1 {
			t.Errorf("%d requests for a file that is not there, want 1", requests)
		}
	})
}

func TestEnsureCutsAStalledDownload(t *testing.T) {
	t.Parallel()
	body := randomBytes(100_000)
	release := make(chan struct{})
	stuck := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(func() { close(release); stuck.Close() })
	good := newFileServer(t, body)
	s := testStore(t)
	s.stall, s.attempts = 50*time.Millisecond, 2
	path, err := s.Ensure(t.Context(), fileArtifact("a", body, stuck.URL, good.URL), Silent())
	if err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, body)
}

func TestEnsurePrefersTheMirror(t *testing.T) {
	t.Parallel()
	body := randomBytes(50_000)
	f := newFileServer(t, body)
	a := fileArtifact("a", body, f.URL)
	s := testStore(t)
	s.Mirror = t.TempDir()
	if err := os.WriteFile(filepath.Join(s.Mirror, a.Filename), body, 0o600); err != nil {
		t.Fatal(err)
	}
	path, err := s.Ensure(t.Context(), a, Silent())
	if err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, body)
	if _, requests, _ := f.count(); requests != 0 {
		t.Errorf("%d requests although the mirror has the file", requests)
	}
	if err := os.WriteFile(filepath.Join(s.Mirror, a.Filename), []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	other := testStore(t)
	other.Mirror = s.Mirror
	if path, err = other.Ensure(t.Context(), a, Silent()); err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, body)
}

// A file that was changed after its check is noticed, by Ensure through its time and by Verify through its content.
func TestVerify(t *testing.T) {
	t.Parallel()
	body := randomBytes(50_000)
	f := newFileServer(t, body)
	a := fileArtifact("a", body, f.URL)
	s := testStore(t)
	if err := s.Verify(t.Context(), a); !errors.Is(err, ErrAbsent) {
		t.Errorf("Verify without a file = %v, want ErrAbsent", err)
	}
	path, err := s.Ensure(t.Context(), a, Silent())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(t.Context(), a); err != nil {
		t.Errorf("Verify = %v", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	rotten := bytes.Clone(body)
	rotten[9] ^= 1
	if err := os.WriteFile(path, rotten, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	var wrong *ChecksumError
	if err := s.Verify(t.Context(), a); !errors.As(err, &wrong) {
		t.Errorf("Verify of a rotten file = %v, want a ChecksumError", err)
	}
	if _, err := s.Ensure(t.Context(), a, Silent()); err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, body)
}

func TestEnsureStopsWithItsContext(t *testing.T) {
	t.Parallel()
	f := newFileServer(t, randomBytes(1000))
	f.status = http.StatusServiceUnavailable
	s := testStore(t)
	s.backoff, s.attempts = time.Hour, 10
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for {
			if _, requests, _ := f.count(); requests > 0 {
				cancel()
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	if _, err := s.Ensure(ctx, fileArtifact("a", f.body, f.URL), Silent()); !errors.Is(err, context.Canceled) {
		t.Errorf("Ensure = %v, want context.Canceled", err)
	}
}

func TestEnsureConcurrently(t *testing.T) {
	t.Parallel()
	body := randomBytes(2_000_000)
	f := newFileServer(t, body)
	a := fileArtifact("a", body, f.URL)
	home := t.TempDir()
	var wg sync.WaitGroup
	for range 6 {
		s := testStore(t)
		s.Home = home
		wg.Go(func() {
			if _, err := s.Ensure(t.Context(), a, Silent()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if served, requests, _ := f.count(); served != len(body) || requests != 1 {
		t.Errorf("served %d bytes in %d requests, want %d in 1", served, requests, len(body))
	}
}

// Two processes share one home: the test starts itself twice.
func TestEnsureInTwoProcesses(t *testing.T) {
	t.Parallel()
	body := randomBytes(2_000_000)
	f := newFileServer(t, body)
	home := t.TempDir()
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestEnsureChild$", "-test.count=1")
			cmd.Env = append(os.Environ(), "MODELS_TEST_HOME="+home, "MODELS_TEST_URL="+f.URL)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("child: %v\n%s", err, out)
			}
		})
	}
	wg.Wait()
	if served, _, _ := f.count(); served != len(body) {
		t.Errorf("served %d bytes to two processes, want %d", served, len(body))
	}
}

// TestEnsureChild is one of the processes of TestEnsureInTwoProcesses; on its own it downloads to a folder of its own.
func TestEnsureChild(t *testing.T) {
	body := randomBytes(2_000_000)
	address, home := os.Getenv("MODELS_TEST_URL"), os.Getenv("MODELS_TEST_HOME")
	if address == "" {
		address, home = newFileServer(t, body).URL, t.TempDir()
	}
	s := testStore(t)
	s.Home = home
	path, err := s.Ensure(t.Context(), fileArtifact("a", body, address), Silent())
	if err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, body)
}

// recorder is a Progress that keeps what it is told.
type recorder struct {
	mu    sync.Mutex
	lines []string
	sets  []int64
	jobs  []Job
	ended int
}

func (r *recorder) Begin(j Job) Meter {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.jobs = append(r.jobs, j)
	return r
}

func (r *recorder) Line(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, text)
}

func (r *recorder) Close() {}

func (r *recorder) Set(done, _ int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sets = append(r.sets, done)
}

func (r *recorder) Note(string) {}

func (r *recorder) End(error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended++
}

func (r *recorder) first() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.sets) == 0 {
		return -1
	}
	return r.sets[0]
}
