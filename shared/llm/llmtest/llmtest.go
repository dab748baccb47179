// Package llmtest is a stand-in for Ollama that answers by script and fails in the ways the real one does. It is for faults
// and for speed; that the product works is shown with the real one.
package llmtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ollama/ollama/api"
)

// Answer is how the stand-in answers one chat call.
type Answer struct {
	Content string
	Status  int           // not 0: an error of that status instead
	Reason  string        // done_reason, default "stop"
	Cut     bool          // the connection breaks in the middle
	Stall   bool          // the first token comes, then nothing until the client goes away
	Wait    time.Duration // before the first token
	Gone    func()        // hears that the client left during Wait or Stall
}

// Server is the stand-in.
type Server struct {
	*httptest.Server
	// Chat answers a call; nil = Pick(first option) for schemas of choices.
	Chat func(api.ChatRequest) Answer
	// Embed answers with vectors; nil = a vector per text that depends on the text alone.
	Embed func(texts []string) ([][]float32, int)
	// Model is what /api/tags lists; empty = coach.
	Models []string
	// Size is how many parameters the models have; empty = 3.2B.
	Size string

	mu    sync.Mutex
	chats []json.RawMessage
}

// New starts a stand-in that ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{Models: []string{"coach:latest", "embed:latest"}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/chat", s.chat)
	mux.HandleFunc("POST /api/embed", s.embed)
	mux.HandleFunc("GET /api/tags", s.tags)
	mux.HandleFunc("GET /api/version", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"version":"0.17.4"}`) })
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.CloseClientConnections)
	t.Cleanup(s.Close)
	return s
}

// Chats are the bodies of the chat calls so far, as they came.
func (s *Server) Chats() []json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]json.RawMessage(nil), s.chats...)
}

var enums = regexp.MustCompile(`\{"enum":\[`)

// Pick answers a schema of choices with the same letter everywhere, and any other schema with a harmless sentence.
func Pick(letter string) func(api.ChatRequest) Answer {
	return func(r api.ChatRequest) Answer {
		n := len(enums.FindAllString(string(r.Format), -1))
		if n == 0 {
			return Answer{Content: `{"sentence":"Keep going, you are doing great."}`}
		}
		return Answer{Content: `{"a_reason":"fits","b_picks":[` + strings.TrimSuffix(strings.Repeat(`"`+letter+`",`, n), ",") + `]}`}
	}
}

func (s *Server) chat(w http.ResponseWriter, r *http.Request) {
	var raw json.RawMessage
	var req api.ChatRequest
	if err := json.NewDecoder(r.Body).Decode(&raw); err != nil || json.Unmarshal(raw, &req) != nil {
		http.Error(w, `{"error":"bad request"}`, http.StatusBadRequest)
		return
	}
	_, _ = io.Copy(io.Discard, r.Body) // the server hears of a client that left only when the body is read to its end
	s.mu.Lock()
	s.chats = append(s.chats, raw)
	s.mu.Unlock()
	answer := s.Chat
	if answer == nil {
		answer = Pick("a")
	}
	a := answer(req)
	select {
	case <-time.After(a.Wait):
	case <-r.Context().Done():
		if a.Gone != nil {
			a.Gone()
		}
		return
	}
	if a.Status != 0 {
		w.WriteHeader(a.Status)
		fmt.Fprintf(w, `{"error":"status %d"}`, a.Status)
		return
	}
	half := len(a.Content) / 2
	part(w, api.ChatResponse{Model: req.Model, Message: api.Message{Role: "assistant", Content: a.Content[:half]}})
	switch {
	case a.Stall:
		<-r.Context().Done()
		if a.Gone != nil {
			a.Gone()
		}
		return
	case a.Cut:
		panic(http.ErrAbortHandler)
	}
	reason := a.Reason
	if reason == "" {
		reason = "stop"
	}
	part(w, api.ChatResponse{Model: req.Model, Message: api.Message{Role: "assistant", Content: a.Content[half:]}})
	part(w, api.ChatResponse{Model: req.Model, Done: true, DoneReason: reason, Metrics: api.Metrics{TotalDuration: 20 * time.Millisecond}})
}

func part(w http.ResponseWriter, p api.ChatResponse) {
	if err := json.NewEncoder(w).Encode(p); err != nil {
		return // the client went away
	}
	w.(http.Flusher).Flush()
}

func (s *Server) embed(w http.ResponseWriter, r *http.Request) {
	var req struct{ Input []string }
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		http.Error(w, `{"error":"bad request"}`, http.StatusBadRequest)
		return
	}
	answer := s.Embed
	if answer == nil {
		answer = Vectors
	}
	vectors, status := answer(req.Input)
	if status != 0 {
		w.WriteHeader(status)
		fmt.Fprint(w, `{"error":"broken"}`)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"embeddings": vectors}) // the client may be gone
}

// Vectors makes vectors of 384 floats that depend on the texts alone.
func Vectors(texts []string) ([][]float32, int) {
	out := make([][]float32, len(texts))
	for i, t := range texts {
		out[i] = make([]float32, 384)
		for j := range t {
			out[i][(j*31+int(t[j]))%384]++
		}
	}
	return out, 0
}

func (s *Server) size() string {
	if s.Size == "" {
		return "3.2B"
	}
	return s.Size
}

func (s *Server) tags(w http.ResponseWriter, _ *http.Request) {
	var list []map[string]any
	for _, m := range s.Models {
		list = append(list, map[string]any{"name": m, "digest": "sha256:" + m, "details": map[string]any{"family": "llama", "parameter_size": s.size(), "quantization_level": "Q4"}})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"models": list})
}
