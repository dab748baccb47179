//go:build integration

package models

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ollama/ollama/api"
)

// realStore is a new home beside the downloads that are on this machine already, with the stand-ins of r for standard and
// the real models for small.
func realStore(t *testing.T, cache *Store, r *registry) *Store {
	t.Helper()
	s := NewStore(t.TempDir(), os.Getenv)
	downloads := filepath.Join(cache.Home, "downloads")
	if err := os.MkdirAll(downloads, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(downloads, filepath.Join(s.Home, "downloads")); err != nil {
		t.Fatal(err)
	}
	s.Registry, s.backoff = r.URL, 10*time.Millisecond
	s.Lock = &Lock{Artifacts: []Artifact{r.publish(CoachStandard, "big", "3b"), r.publish(EmbedStandard, "vec", "22m")}}
	for _, name := range []string{CoachSmall, EmbedSmall} {
		a, err := Pinned(name)
		if err != nil {
			t.Fatal(err)
		}
		s.Lock.Artifacts = append(s.Lock.Artifacts, a)
	}
	return s
}

// machineStore is the installation of this machine, which has or gets the real Ollama.
func machineStore(t *testing.T) *Store {
	t.Helper()
	home := os.Getenv("INTELLIFIT_HOME")
	if home == "" {
		user, err := os.UserHomeDir()
		if err != nil {
			t.Fatal(err)
		}
		home = filepath.Join(user, ".local", "share", "intellifit")
	}
	return NewStore(home, os.Getenv)
}

// TestStandardFromALoopbackRegistry pulls the profile standard with the real Ollama from a registry that is busy at first
// and breaks off: retried, resumed, with progress; and a second run pulls nothing.
func TestStandardFromALoopbackRegistry(t *testing.T) {
	cache, r := machineStore(t), newRegistry(t)
	host, _ := startOllama(t, cache, t.TempDir())
	s := realStore(t, cache, r)
	if c, err := s.ChooseProfile(t.Context(), ""); err != nil || c.Profile != Standard {
		t.Fatalf("with a registry that answers: %+v, %v", c, err)
	}
	r.set(func(r *registry) { r.cut, r.refuse = 1, 2 })
	var rec recorder
	if c, err := s.EnsureModels(t.Context(), host, Choice{Profile: Standard}, &rec); err != nil || c.Profile != Standard || c.FellBack {
		t.Fatalf("ensure: %+v, %v", c, err)
	}
	if !r.resumed() || r.cut != 0 || r.refuse != 0 {
		t.Errorf("the cut download was not resumed: %v; %d cuts and %d refusals are left", r.ranges, r.cut, r.refuse)
	}
	if size := s.Lock.Artifacts[0].Size; len(rec.sets) == 0 || slices.Max(rec.sets) < size {
		t.Errorf("progress came to %v, want all %d bytes", rec.sets, size)
	}
	r.set(func(r *registry) { r.ranges = nil })
	if _, err := s.EnsureModels(t.Context(), host, Choice{Profile: Standard}, Silent()); err != nil || len(r.ranges) != 0 {
		t.Errorf("a second run pulled %v, %v", r.ranges, err)
	}
	if err := s.CheckAliases(t.Context(), host); err != nil {
		t.Errorf("what was made is not what is there: %v", err)
	}
}

// TestLoopbackRegistryForged: they are refused when standard was asked for, and else the real small models serve, said loudly.
func TestLoopbackRegistryForged(t *testing.T) {
	cache, r := machineStore(t), newRegistry(t)
	s := realStore(t, cache, r)
	r.set(func(r *registry) { r.forge = true })
	host, _ := startOllama(t, cache, t.TempDir())
	if _, err := s.EnsureModels(t.Context(), host, Choice{Profile: Standard}, Silent()); !errors.As(err, new(*SourceError)) {
		t.Errorf("forged weights that were asked for: %v", err)
	}
	var rec recorder
	c, err := s.EnsureModels(t.Context(), host, Choice{Profile: Standard, Auto: true}, &rec)
	if err != nil || c.Profile != Small || !c.FellBack {
		t.Fatalf("forged weights, nobody asked: %+v, %v", c, err)
	}
	if loud := strings.Join(rec.lines, "\n"); !strings.Contains(loud, "PROFILE SMALL") || !strings.Contains(loud, "--profile standard") {
		t.Errorf("the fall-back is not loud: %q", loud)
	}
	answers(t, host)
}

// TestLoopbackRegistryAfterCtrlC ends a pull in the middle of a file, and Ollama right behind it, at the worst moment: while
// it notes how far it is. The next pull fetches the model all the same. (That a cut goes on where it was is held by
// TestStandardFromALoopbackRegistry.)
func TestLoopbackRegistryAfterCtrlC(t *testing.T) {
	cache, r, models := machineStore(t), newRegistry(t), t.TempDir()
	s := realStore(t, cache, r)
	host, end := startOllama(t, cache, models)
	r.set(func(r *registry) { r.hold = true })
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	half := make(chan struct{})
	go func() {
		_, err := s.EnsureModels(ctx, host, Choice{Profile: Standard}, &onProgress{first: sync.OnceFunc(func() { close(half) })})
		ended <- err
	}()
	<-half
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Fatalf("EnsureModels = %v, want context.Canceled", err)
	}
	end()
	r.set(func(r *registry) { r.hold, r.ranges = false, nil })
	notes, err := filepath.Glob(filepath.Join(models, "blobs", "*-partial-*"))
	if err != nil || len(notes) == 0 {
		t.Fatalf("Ollama keeps %v of an interrupted pull, %v", notes, err)
	}
	if err := os.Truncate(notes[0], 0); err != nil { // ended between emptying the note and writing it
		t.Fatal(err)
	}
	host, _ = startOllama(t, cache, models)
	if _, err := s.EnsureModels(t.Context(), host, Choice{Profile: Standard}, Silent()); err != nil {
		t.Fatal(err)
	}
}

// onProgress tells when the first bytes are here.
type onProgress struct {
	recorder
	first func()
}

func (p *onProgress) Begin(Job) Meter { return p }

func (p *onProgress) Set(done, _ int64) {
	if done > 0 {
		p.first()
	}
}

// TestLoopbackRegistryOthersModels holds the marks of ours to what the real Ollama reports of a model.
func TestLoopbackRegistryOthersModels(t *testing.T) {
	cache, r := machineStore(t), newRegistry(t)
	host, _ := startOllama(t, cache, t.TempDir())
	s := realStore(t, cache, r)
	o, err := newOllama(host)
	if err != nil {
		t.Fatal(err)
	}
	create := func(from, license string) {
		t.Helper()
		req := &api.CreateRequest{Model: AliasCoach, From: from, System: "You are a pirate.", License: license}
		if err := o.api.Create(t.Context(), req, func(api.ProgressResponse) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	digest := func() string {
		t.Helper()
		d, err := o.digest(t.Context(), AliasCoach)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if err := s.CreateAliases(t.Context(), host, Standard, Silent()); err != nil {
		t.Fatal(err)
	}
	ours := digest()
	create(AliasCoach, "") // on top of ours: it inherits our mark
	if digest() == ours {
		t.Fatal("the stand-in for a changed model is the same model")
	}
	if err := s.CheckAliases(t.Context(), host); err == nil || !strings.Contains(err.Error(), ours) {
		t.Errorf("a changed coach: CheckAliases = %v, want the digest %s", err, ours)
	}
	if err := s.CreateAliases(t.Context(), host, Standard, Silent()); err != nil || digest() != ours {
		t.Errorf("a changed coach: CreateAliases = %v, digest %s, want %s again", err, digest(), ours)
	}
	base, _ := s.Lock.Artifacts[0].Source(SourceOllama)
	_, local, _ := s.registryModel(base.Model)
	if err := o.api.Delete(t.Context(), &api.DeleteRequest{Model: AliasCoach}); err != nil {
		t.Fatal(err)
	}
	create(local, "MIT")
	theirs := digest()
	var missing *MissingError
	for _, home := range []*Store{s, realStore(t, cache, r)} {
		if err := home.CreateAliases(t.Context(), host, Standard, Silent()); !errors.As(err, &missing) || !strings.Contains(missing.Fix, "ollama cp coach") {
			t.Errorf("somebody else's coach: CreateAliases = %v, want a refusal with its fix", err)
		}
	}
	if digest() != theirs {
		t.Error("somebody else's coach was replaced")
	}
}

// answers asks the coach that was fallen back to.
func answers(t *testing.T, host string) {
	t.Helper()
	o, err := newOllama(host)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	stream := false
	said := ""
	err = o.api.Chat(ctx, &api.ChatRequest{Model: AliasCoach, Stream: &stream, Messages: []api.Message{{Role: "user", Content: "Say hello."}},
		Options: map[string]any{"num_ctx": 8192, "num_predict": 8}}, func(r api.ChatResponse) error { said += r.Message.Content; return nil })
	if err != nil || strings.TrimSpace(said) == "" {
		t.Errorf("the small coach says %q, %v", said, err)
	}
}

// startOllama runs the real server on a folder of models, with the variables that matter here set as `up` sets them. end
// stops it as `up` does; it dies with the test anyway.
func startOllama(t *testing.T, cache *Store, models string) (host string, end func()) {
	t.Helper()
	binary, err := cache.OllamaBinary(t.Context(), Silent())
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	if err := DropTornParts(models); err != nil { // as `up` does before each start
		t.Fatal(err)
	}
	cmd := exec.Command(binary.Path, "serve")
	cmd.Env = append(os.Environ(), "OLLAMA_HOST="+addr, "OLLAMA_MODELS="+models, "OLLAMA_NOPRUNE=1", "HOME="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	started := make(chan error, 1)
	ended := make(chan struct{})
	go func() {
		runtime.LockOSThread() // Pdeathsig follows the thread that starts the child
		started <- cmd.Start()
		_ = cmd.Wait() // it is killed
		close(ended)
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	end = func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may be gone
		<-ended
	}
	t.Cleanup(end)
	host = "http://" + addr
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		res, err := http.Get(host + "/api/version")
		if err == nil {
			res.Body.Close()
			return host, end
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}
