package models

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/ollama/ollama/api"
)

// fakeOllama plays the part of the API that creates and pulls models.
type fakeOllama struct {
	*httptest.Server
	pull func(n int, emit func(api.ProgressResponse)) error // what the nth pull does, from 1

	mu      sync.Mutex
	models  map[string]api.CreateRequest
	digests map[string]string
	blobs   map[string]int
	creates int
	broken  bool // creations end with the connection
	pulls   []api.PullRequest
}

func newFakeOllama(t *testing.T) *fakeOllama {
	t.Helper()
	f := &fakeOllama{models: map[string]api.CreateRequest{}, digests: map[string]string{}, blobs: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/tags", f.tags)
	mux.HandleFunc("POST /api/show", f.show)
	mux.HandleFunc("POST /api/create", f.create)
	mux.HandleFunc("POST /api/pull", f.servePull)
	mux.HandleFunc("HEAD /api/blobs/{digest}", f.head)
	mux.HandleFunc("POST /api/blobs/{digest}", f.blob)
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	return f
}

func (f *fakeOllama) add(name, license string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.put(api.CreateRequest{Model: name, License: []any{license}})
}

// derive makes a model of the same name on top of one that is there, as `ollama create NAME` with FROM NAME does: it
// inherits the licence.
func (f *fakeOllama) derive(name, system string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	req := f.models[name+":latest"]
	req.System = system
	f.put(req)
}

func (f *fakeOllama) breakCreate(on bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = on
}

func (f *fakeOllama) remove(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.models, name+":latest")
	delete(f.digests, name+":latest")
}

func (f *fakeOllama) digest(name string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.digests[name+":latest"]
}

// put is called with the lock held.
func (f *fakeOllama) put(req api.CreateRequest) {
	data, _ := json.Marshal(req)
	sum := sha256.Sum256(data)
	f.models[req.Model+":latest"] = req
	f.digests[req.Model+":latest"] = hex.EncodeToString(sum[:])
}

func (f *fakeOllama) tags(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list api.ListResponse
	for name, digest := range f.digests {
		list.Models = append(list.Models, api.ListModelResponse{Name: name, Model: name, Digest: digest})
	}
	json.NewEncoder(w).Encode(list)
}

func (f *fakeOllama) show(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var req api.ShowRequest
	json.NewDecoder(r.Body).Decode(&req)
	var texts []string
	for _, l := range f.models[req.Model+":latest"].License.([]any) {
		texts = append(texts, l.(string))
	}
	json.NewEncoder(w).Encode(map[string]string{"license": strings.Join(texts, "\n")})
}

func (f *fakeOllama) create(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var req api.CreateRequest
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for name, digest := range req.Files {
		if _, ok := f.blobs[digest]; !ok {
			fmt.Fprintf(w, "{\"error\":\"no blob for %s\"}\n", name)
			return
		}
	}
	if f.broken {
		fmt.Fprintln(w, `{"status":"writing manifest"}`)
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	f.creates++
	f.put(req)
	fmt.Fprintln(w, `{"status":"success"}`)
}

func (f *fakeOllama) servePull(w http.ResponseWriter, r *http.Request) {
	var req api.PullRequest
	json.NewDecoder(r.Body).Decode(&req)
	f.mu.Lock()
	f.pulls = append(f.pulls, req)
	n := len(f.pulls)
	f.mu.Unlock()
	err := f.pull(n, func(p api.ProgressResponse) {
		json.NewEncoder(w).Encode(p)
		w.(http.Flusher).Flush()
	})
	if err != nil {
		json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
	}
}

// pullAsked plays whole pulls of the pinned weights of whatever model is asked for.
func (f *fakeOllama) pullAsked(n int, emit func(api.ProgressResponse)) error {
	f.mu.Lock()
	_, model, _ := strings.Cut(f.pulls[n-1].Model, "library/")
	f.mu.Unlock()
	return pullOf("library/"+model, 500, 1000)(n, emit)
}

func (f *fakeOllama) head(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.blobs[r.PathValue("digest")]; !ok {
		w.WriteHeader(http.StatusNotFound)
	}
}

func (f *fakeOllama) blob(w http.ResponseWriter, r *http.Request) {
	h := sha256.New()
	n, _ := io.Copy(h, r.Body)
	if got := "sha256:" + hex.EncodeToString(h.Sum(nil)); got != r.PathValue("digest") {
		http.Error(w, "digest mismatch", http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.blobs[r.PathValue("digest")] = int(n)
	w.WriteHeader(http.StatusCreated)
}

func (f *fakeOllama) counts() (creates int, pulls int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.creates, len(f.pulls)
}

func (f *fakeOllama) model(name string) api.CreateRequest {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.models[name+":latest"]
}
