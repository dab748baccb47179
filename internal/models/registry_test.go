//go:build integration

package models

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
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
	refuse    int      // so many requests get 503
	hold      bool     // big blobs stop in the middle and hang until the client leaves
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
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.mu.Lock()
		refused := r.refuse > 0
		if refused {
			r.refuse--
		}
		r.mu.Unlock()
		if refused {
			http.Error(w, "busy", http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, q)
	}))
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
	hold := big && q.Method == http.MethodGet && r.hold
	r.mu.Unlock()
	if body == nil {
		http.NotFound(w, q)
		return
	}
	if forge {
		body = append(bytes.Clone(body[:len(body)-1]), 'X')
	}
	if cut || hold {
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		w.WriteHeader(http.StatusPartialContent)
		w.Write(body[:len(body)/2])
		w.(http.Flusher).Flush()
		if hold {
			<-q.Context().Done()
		}
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

// set changes how the registry behaves from now on.
func (r *registry) set(change func(r *registry)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(r)
}

// resumed reports whether a part of a file was asked for from its middle on.
func (r *registry) resumed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.ranges, func(h string) bool { return strings.HasPrefix(h, "bytes=") && !strings.HasPrefix(h, "bytes=0-") })
}
