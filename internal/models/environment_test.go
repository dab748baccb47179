package models

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// index is a package index with the packages tiny1 … tiny5, of which a server needs all, and counts what it is asked.
type index struct {
	*httptest.Server
	asked atomic.Int64
	files [6]atomic.Int64
	hang  atomic.Bool // answers come when the test ends
	lacks atomic.Bool // tiny5 cannot be fetched
}

func newIndex(t *testing.T) (*index, Server) {
	t.Helper()
	if _, err := FindPython(t.Context(), os.Getenv, exec.LookPath); err != nil {
		t.Skipf("no Python to make environments with: %v", err)
	}
	i, stop, bodies, lock := &index{}, make(chan struct{}), map[string][]byte{}, "# made by hand\n"
	for n := 1; n <= 5; n++ {
		name := fmt.Sprintf("tiny%d", n)
		info := name + "-1.0.dist-info/"
		body := wheel(t, member{name + "/__init__.py", "here = True\n", 0o644},
			member{info + "METADATA", "Metadata-Version: 2.1\nName: " + name + "\nVersion: 1.0\n", 0o644},
			member{info + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n", 0o644},
			member{info + "RECORD", name + "/__init__.py,,\n" + info + "METADATA,,\n" + info + "WHEEL,,\n" + info + "RECORD,,\n", 0o644})
		sum := sha256.Sum256(body)
		bodies[name+"-1.0-py3-none-any.whl"] = body
		lock += name + "==1.0 \\\n    --hash=sha256:" + hex.EncodeToString(sum[:]) + " \\\n    --hash=sha256:" + strings.Repeat("a", 64) + "\n    # via nothing\n"
	}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.asked.Add(1)
		if i.hang.Load() {
			<-stop
		}
		name := path.Base(r.URL.Path)
		if body := bodies[name]; body != nil {
			if i.lacks.Load() && strings.HasPrefix(name, "tiny5") {
				http.NotFound(w, r)
				return
			}
			i.files[name[4]-'0'].Add(1)
			_, _ = w.Write(body)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<a href="/files/%[1]s-1.0-py3-none-any.whl">%[1]s-1.0-py3-none-any.whl</a>`, name)
	}))
	t.Cleanup(func() { close(stop); i.Close() })
	return i, Server{Name: "small", Lists: []string{"requirements.lock"}, Files: fstest.MapFS{
		"requirements.lock":             {Data: []byte(lock)},
		"serve/__init__.py":             {Data: []byte("import tiny1, tiny5\nprint('tiny is', tiny1.here and tiny5.here)\n")},
		"serve/__pycache__/x.cpython.p": {Data: []byte("not source")},
	}}
}

func environmentStore(t *testing.T, i *index) *Store {
	s := testStore(t)
	s.Index = i.URL + "/simple/"
	return s
}

// imports runs the server's package in its environment.
func imports(t *testing.T, e Environment) string {
	t.Helper()
	cmd := exec.Command(e.Python, "-c", "import serve")
	cmd.Env = []string{"PYTHONPATH=" + e.Source, "PATH=/usr/bin:/bin"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	i, srv := newIndex(t)
	s := environmentStore(t, i)
	root := filepath.Join(s.Home, "engines")
	torn := filepath.Join(root, ".new-small-123", "bin") // of a run that was killed
	old, recent := filepath.Join(root, "small-0123456789ab"), filepath.Join(root, "small-ba9876543210")
	for _, dir := range []string{torn, old, recent} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for dir, age := range map[string]time.Duration{old: unusedFor + time.Hour, recent: unusedFor - time.Hour} {
		if err := (made{Artifact: "small"}).write(dir); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(filepath.Join(dir, marker), at, at); err != nil {
			t.Fatal(err)
		}
	}
	if s.HasEnvironment(srv) {
		t.Error("there is one before the first call")
	}
	var rec recorder
	e, err := s.Environment(t.Context(), srv, &rec)
	if err != nil {
		t.Fatal(err)
	}
	if got := imports(t, e); got != "tiny is True" {
		t.Errorf("the server says %q", got)
	}
	if len(rec.jobs) != 1 || rec.jobs[0].Total != 5 || rec.jobs[0].Unit != "packages" || rec.ended != 1 {
		t.Errorf("jobs %+v, %d ended", rec.jobs, rec.ended)
	}
	for dir, want := range map[string]bool{torn: false, old: false, recent: true, filepath.Join(e.Source, "serve", "__pycache__", "x.cpython.p"): false} {
		if exists(dir) != want {
			t.Errorf("%s: there %t, want %t", dir, !want, want)
		}
	}
	if !s.HasEnvironment(srv) {
		t.Error("there is none after the first call")
	}

	before := i.asked.Load()
	again, err := s.Environment(t.Context(), srv, &rec)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(e, again); diff != "" {
		t.Errorf("a second time:\n%s", diff)
	}
	srv.Files.(fstest.MapFS)["serve/__init__.py"] = &fstest.MapFile{Data: []byte("print('another version')\n")}
	newer, err := s.Environment(t.Context(), srv, &rec)
	if err != nil {
		t.Fatal(err)
	}
	if got := imports(t, newer); got != "another version" || newer.Python != e.Python {
		t.Errorf("new source in %+v says %q", newer, got)
	}
	if asked := i.asked.Load() - before; asked != 0 || len(rec.jobs) != 1 {
		t.Errorf("what is there was asked for %d times, jobs %+v", asked, rec.jobs)
	}
}

// An environment whose making was cut, or whose Python is gone, is made anew.
func TestEnvironmentMends(t *testing.T) {
	t.Parallel()
	i, srv := newIndex(t)
	s := environmentStore(t, i)
	e, err := s.Environment(t.Context(), srv, Silent())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(filepath.Dir(e.Python))
	for name, damage := range map[string]func() error{
		"cut":         func() error { return os.Remove(filepath.Join(dir, marker)) },
		"Python gone": func() error { return errors.Join(os.Remove(e.Python), os.Symlink("/no/such/python", e.Python)) },
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "half"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		again, err := s.Environment(t.Context(), srv, Silent())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := imports(t, again); got != "tiny is True" || exists(filepath.Join(dir, "half")) {
			t.Errorf("%s: the server says %q, and what was there is left", name, got)
		}
	}
}

// What a run that was cut has fetched is not fetched again.
func TestEnvironmentGoesOn(t *testing.T) {
	t.Parallel()
	i, srv := newIndex(t)
	i.lacks.Store(true)
	s := environmentStore(t, i)
	if _, err := s.Environment(t.Context(), srv, Silent()); err == nil || !strings.Contains(err.Error(), "fetch packages") || !strings.Contains(err.Error(), "404") {
		t.Fatalf("Environment = %v, want what could not be fetched", err)
	}
	i.lacks.Store(false)
	e, err := s.Environment(t.Context(), srv, Silent())
	if err != nil {
		t.Fatal(err)
	}
	if got := imports(t, e); got != "tiny is True" {
		t.Errorf("the server says %q", got)
	}
	for n := 1; n <= 5; n++ {
		if got := i.files[n].Load(); got != 1 {
			t.Errorf("tiny%d was fetched %d times", n, got)
		}
	}
}

// A package that is not the pinned one is not installed, and the error says so.
func TestEnvironmentRefusesAnotherPackage(t *testing.T) {
	t.Parallel()
	i, srv := newIndex(t)
	s := environmentStore(t, i)
	lock := string(srv.Files.(fstest.MapFS)["requirements.lock"].Data)
	sum := lock[strings.Index(lock, "sha256:")+7:][:64] // of tiny1
	srv.Files.(fstest.MapFS)["requirements.lock"] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(lock, sum, strings.Repeat("0", 64)))}
	var rec recorder
	_, err := s.Environment(t.Context(), srv, &rec)
	if err == nil || !strings.Contains(err.Error(), "DO NOT MATCH THE HASHES") || !strings.Contains(err.Error(), sum) {
		t.Errorf("Environment = %v, want pip's refusal with what it got", err)
	}
	left, globErr := filepath.Glob(filepath.Join(s.Home, "engines", "*small-*"))
	if globErr != nil || len(left) > 0 || s.HasEnvironment(srv) || rec.ended != 1 {
		t.Errorf("left %v, %v", left, globErr)
	}
}

// The end of up while pip works ends pip, and leaves nothing but what pip keeps in its cache.
func TestEnvironmentInterrupted(t *testing.T) {
	t.Parallel()
	i, srv := newIndex(t)
	i.hang.Store(true)
	s := environmentStore(t, i)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for i.asked.Load() == 0 {
			time.Sleep(5 * time.Millisecond)
		}
		cancel()
	}()
	if _, err := s.Environment(ctx, srv, Silent()); !errors.Is(err, context.Canceled) {
		t.Errorf("Environment = %v, want it interrupted", err)
	}
	if left, err := filepath.Glob(filepath.Join(s.Home, "engines", "*small-*")); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestPipOutput(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		printed string
		notes   []string
		sets    []int64
		reason  string
	}{
		"without a bar": {
			"Collecting av==15.1.0 (from -r packages-1.txt (line 3))\n  Downloading av-15.1.0-cp311.whl (39.6 MB)\n" +
				"Collecting numpy==2.3.4 (from -r packages-1.txt (line 9))\n  Using cached numpy-2.3.4.whl (16.9 MB)\n" +
				"Installing collected packages: numpy, av\nSuccessfully installed av-15.1.0 numpy-2.3.4\n",
			[]string{"av==15.1.0", "av==15.1.0 39.6 MB", "numpy==2.3.4", "numpy==2.3.4 16.9 MB"}, []int64{0, 1}, "",
		},
		"with bytes": {
			"Collecting av==15.1.0 (from x)\nProgress 0 of 39600000\nProgress 20000000 of 39600000\n",
			[]string{"av==15.1.0", "av==15.1.0 0/39 MB", "av==15.1.0 20/39 MB"}, []int64{0}, "",
		},
		"a wrong hash": {
			"Collecting av==1 (from x)\nERROR: THESE PACKAGES DO NOT MATCH THE HASHES.\n    av==1 from https://h/av.whl:\n" +
				strings.Repeat("        Expected or aaaa\n", 30) + "             Got        bbbb\n",
			[]string{"av==1"}, []int64{0}, "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES. | Expected or aaaa | Expected or aaaa | Expected or aaaa | Got        bbbb",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log strings.Builder
			var rec noted
			o := &pipOutput{log: &log, meter: &rec, total: 2}
			for n := 0; n < len(tt.printed); n += 7 { // in pieces, as a pipe brings it
				if _, err := o.Write([]byte(tt.printed[n:min(n+7, len(tt.printed))])); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(tt.notes, rec.notes); diff != "" {
				t.Errorf("notes:\n%s", diff)
			}
			if diff := cmp.Diff(tt.sets, rec.sets); diff != "" {
				t.Errorf("packages done:\n%s", diff)
			}
			if tt.reason != "" && o.reason() != tt.reason {
				t.Errorf("reason %q, want %q", o.reason(), tt.reason)
			}
			if strings.Contains(log.String(), "Progress") {
				t.Error("the log holds the bar")
			}
		})
	}
}

// noted remembers what a meter was told.
type noted struct {
	silent
	notes []string
	sets  []int64
}

func (n *noted) Note(text string)  { n.notes = append(n.notes, text) }
func (n *noted) Set(done, _ int64) { n.sets = append(n.sets, done) }

func TestEntries(t *testing.T) {
	t.Parallel()
	one := "# made by lock\nav==18.1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n    # via faster-whisper\nuvloop==0.2 ; sys_platform != \"win32\" \\\n    --hash=sha256:cc\n"
	two := "av==18.1.0 \\\n    --hash=sha256:aa\npytest==9.2.0 \\\n    --hash=sha256:dd\n"
	want := []string{
		"av==18.1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n    # via faster-whisper",
		"uvloop==0.2 ; sys_platform != \"win32\" \\\n    --hash=sha256:cc", "pytest==9.2.0 \\\n    --hash=sha256:dd",
	}
	if diff := cmp.Diff(want, entries([]string{one, two})); diff != "" {
		t.Errorf("entries:\n%s", diff)
	}
}

// Variables of the user choose the index, and none of them leads pip out of the environment.
func TestPipEnvironment(t *testing.T) {
	t.Parallel()
	users := []string{"PIP_INDEX_URL=https://mirror.example/simple", "HTTPS_PROXY=http://proxy", "PIP_TARGET=/elsewhere", "PYTHONPATH=/mine", "PIP_USER=1"}
	got := (&installer{store: &Store{Index: defaultIndex}}).environment(users)
	if diff := cmp.Diff([]string{"PIP_INDEX_URL=https://mirror.example/simple", "HTTPS_PROXY=http://proxy", "PIP_NO_COLOR=1", "NO_COLOR=1"}, got); diff != "" {
		t.Errorf("environment:\n%s", diff)
	}
	got = (&installer{store: &Store{Index: "https://own.example/simple"}}).environment(nil)
	if got[0] != "PIP_INDEX_URL=https://own.example/simple" {
		t.Errorf("environment %v lacks the store's index", got)
	}
}
