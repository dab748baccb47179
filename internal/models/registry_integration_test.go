//go:build integration

package models

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ollama/ollama/api"
)

// registry is a loopback model registry with tiny stand-ins, for the real Ollama to pull from.
type registry struct {
	*httptest.Server
	mu        sync.Mutex
	manifests map[string][]byte // by name:tag
	blobs     map[string][]byte
	ranges    []string // Range headers that came
	cut       int      // so many blob downloads break in the middle
	forge     bool     // blobs come altered
}

func newRegistry(t *testing.T) *registry {
	t.Helper()
	r := &registry{manifests: map[string][]byte{}, blobs: map[string][]byte{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v2/library/{name}/manifests/{tag}", func(w http.ResponseWriter, q *http.Request) {
		body, ok := r.manifests[q.PathValue("name")+":"+q.PathValue("tag")]
		if !ok {
			http.NotFound(w, q)
			return
		}
		w.Header().Set("Content-Type", "application/vnd.docker.distribution.manifest.v2+json")
		w.Write(body)
	})
	mux.HandleFunc("GET /v2/library/{name}/blobs/{digest}", func(w http.ResponseWriter, q *http.Request) {
		if q.Method == http.MethodHead {
			r.blob(w, q)
			return
		}
		// As the public registry does, to a host of another name: Ollama takes the address of the file from the redirect.
		http.Redirect(w, q, strings.Replace(r.URL, "127.0.0.1", "localhost", 1)+"/files/"+q.PathValue("digest"), http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("GET /files/{digest}", r.blob)
	r.Server = httptest.NewServer(mux)
	t.Cleanup(r.Close)
	return r
}

func (r *registry) blob(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	body := r.blobs[q.PathValue("digest")]
	if q.Method == http.MethodGet {
		r.ranges = append(r.ranges, q.Header.Get("Range"))
	}
	big := len(body) > 100_000
	cut := big && q.Method == http.MethodGet && r.cut > 0
	if cut {
		r.cut--
	}
	forge := big && r.forge
	r.mu.Unlock()
	if body == nil {
		http.NotFound(w, q)
		return
	}
	if forge {
		body = append(bytes.Clone(body[:len(body)-1]), 'X')
	}
	if cut {
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		w.WriteHeader(http.StatusPartialContent)
		w.Write(body[:len(body)/2])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	http.ServeContent(w, q, "", time.Time{}, bytes.NewReader(body))
}

// tinyGGUF is a model file without weights that Ollama can read.
func tinyGGUF(name string) []byte {
	var b bytes.Buffer
	put := func(v any) { binary.Write(&b, binary.LittleEndian, v) }
	text := func(s string) { put(uint64(len(s))); b.WriteString(s) }
	b.WriteString("GGUF")
	put(uint32(3))
	put(uint64(0))
	put(uint64(2))
	for key, value := range map[string]string{"general.architecture": "llama", "general.description": name + strings.Repeat(" stand-in", 40_000)} {
		text(key)
		put(uint32(8))
		text(value)
	}
	return b.Bytes()
}

// publish adds one model and returns its artifact as the lock file would have it.
func (r *registry) publish(artifact, name, tag string) Artifact {
	weights, config := tinyGGUF(name), []byte(`{"model_format":"gguf","model_family":"llama","architecture":"amd64","os":"linux"}`)
	digest := func(b []byte) string {
		sum := sha256.Sum256(b)
		return hex.EncodeToString(sum[:])
	}
	layer := func(kind string, b []byte) map[string]any {
		r.blobs["sha256:"+digest(b)] = b
		return map[string]any{"mediaType": kind, "digest": "sha256:" + digest(b), "size": len(b)}
	}
	manifest, _ := json.Marshal(map[string]any{"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
		"config": layer("application/vnd.docker.container.image.v1+json", config), "layers": []any{layer("application/vnd.ollama.image.model", weights)}})
	r.manifests[name+":"+tag] = manifest
	return Artifact{Name: artifact, Role: "test", Version: tag, License: License{SPDX: "MIT"}, Size: int64(len(weights)), SHA256: digest(weights),
		Sources: []Source{{Kind: SourceOllama, Model: "library/" + name + ":" + tag, Manifest: digest(manifest)}}}
}

// startOllama runs the real server on an empty folder; it dies with the test.
func startOllama(t *testing.T, cache *Store) string {
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
	cmd := exec.Command(binary.Path, "serve")
	cmd.Env = append(os.Environ(), "OLLAMA_HOST="+addr, "OLLAMA_MODELS="+t.TempDir(), "HOME="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
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
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may be gone
		<-ended
	})
	host := "http://" + addr
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		res, err := http.Get(host + "/api/version")
		if err == nil {
			res.Body.Close()
			return host
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// TestStandardFromALoopbackRegistry pulls the profile standard with the real Ollama: progress, a cut that is resumed, a
// second run that pulls nothing, a forged blob, and the fall-back to the real small models with its loud line.
func TestStandardFromALoopbackRegistry(t *testing.T) {
	home := os.Getenv("INTELLIFIT_HOME")
	if home == "" {
		user, err := os.UserHomeDir()
		if err != nil {
			t.Fatal(err)
		}
		home = filepath.Join(user, ".local", "share", "intellifit")
	}
	cache := NewStore(home, os.Getenv)
	r := newRegistry(t)
	store := func() *Store {
		s := NewStore(t.TempDir(), os.Getenv)
		if err := os.MkdirAll(filepath.Join(home, "downloads"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(home, "downloads"), filepath.Join(s.Home, "downloads")); err != nil {
			t.Fatal(err)
		}
		s.Registry = r.URL
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
	host := startOllama(t, cache)
	s := store()
	if c, err := s.ChooseProfile(t.Context(), ""); err != nil || c.Profile != Standard {
		t.Fatalf("with a registry that answers: %+v, %v", c, err)
	}
	r.cut = 1
	var rec recorder
	if c, err := s.EnsureModels(t.Context(), host, Choice{Profile: Standard}, &rec); err != nil || c.Profile != Standard || c.FellBack {
		t.Fatalf("ensure: %+v, %v", c, err)
	}
	resumed := false
	for _, h := range r.ranges {
		resumed = resumed || strings.HasPrefix(h, "bytes=") && !strings.HasPrefix(h, "bytes=0-")
	}
	if !resumed || r.cut != 0 {
		t.Errorf("the cut download was not resumed: %v", r.ranges)
	}
	if len(rec.sets) == 0 {
		t.Error("no progress was shown")
	}
	r.ranges = nil
	if _, err := s.EnsureModels(t.Context(), host, Choice{Profile: Standard}, Silent()); err != nil || len(r.ranges) != 0 {
		t.Errorf("a second run pulled %v, %v", r.ranges, err)
	}
	if err := s.CheckAliases(t.Context(), host); err != nil {
		t.Errorf("what was made is not what is there: %v", err)
	}
	r.forge = true
	forged := store()
	if _, err := forged.EnsureModels(t.Context(), startOllama(t, cache), Choice{Profile: Standard}, Silent()); !errors.As(err, new(*SourceError)) {
		t.Errorf("forged weights that were asked for: %v", err)
	}
	rec = recorder{}
	small := startOllama(t, cache)
	c, err := forged.EnsureModels(t.Context(), small, Choice{Profile: Standard, Auto: true}, &rec)
	if err != nil || c.Profile != Small || !c.FellBack {
		t.Fatalf("forged weights, nobody asked: %+v, %v", c, err)
	}
	loud := strings.Join(rec.lines, "\n")
	if !strings.Contains(loud, "--profile standard") {
		t.Errorf("the fall-back is not loud: %q", loud)
	}
	answers(t, small)
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
