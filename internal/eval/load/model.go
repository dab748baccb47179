package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ollama/ollama/api"
)

// The stand-in's speed beside that of its tokens.
const (
	promptTime = 100 * time.Millisecond // before the first token
	embedTime  = 10 * time.Millisecond
)

// mostHeard is how many canaries of its prompt the stand-in repeats, the newest: a long run sums up hundreds.
const mostHeard = 12

// canary is a word that one member says in one turn and nobody else ever.
var canary = regexp.MustCompile(`canary[a-z]{4}`)

// model is a stand-in for Ollama that repeats every canary of its prompt, at a known speed and without a limit of how many at
// once. It notes for each canary how long it was busy.
type model struct {
	url    string
	token  time.Duration
	server *http.Server
	served chan error

	mu    sync.Mutex
	busy  map[string]time.Duration // by the newest canary of the prompt; "" of prompts without one
	first map[string]time.Duration // the same up to the end of an answer's first sentence
}

func startModel(token time.Duration) (*model, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the stand-in of the model: %w", err)
	}
	m := &model{url: "http://" + listener.Addr().String(), token: token, busy: map[string]time.Duration{}, first: map[string]time.Duration{}, served: make(chan error, 1)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/chat", m.timed(m.chat))
	mux.HandleFunc("POST /api/embed", m.timed(m.embed))
	mux.HandleFunc("GET /api/tags", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"models":[{"name":"coach:latest","digest":"sha256:bench","details":{"family":"bench","parameter_size":"3.2B"}},{"name":"embed:latest","digest":"sha256:bench"}]}`)
	})
	m.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { m.served <- m.server.Serve(listener) }()
	return m, nil
}

// close breaks off what still runs: the function keeps idle connections to it.
func (m *model) close(context.Context) error {
	err := m.server.Close()
	if served := <-m.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// timed notes the time from a request's arrival to the end of its answer.
func (m *model) timed(answer func(w http.ResponseWriter, body []byte) (sentence time.Time)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the caller went away
		}
		sentence := answer(w, body)
		ended := time.Now()
		if sentence.IsZero() {
			sentence = ended
		}
		words := canary.FindAllString(string(body), -1)
		newest := ""
		if len(words) > 0 {
			newest = words[len(words)-1] // the prompt ends with what was said last
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		m.busy[newest] += ended.Sub(began)
		m.first[newest] += sentence.Sub(began)
	}
}

func (m *model) busyFor(word string) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.busy[word]
}

// untilFirst is how long the stand-in was busy for a turn before its first sentence was whole.
func (m *model) untilFirst(word string) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.first[word]
}

// unclaimed is the time that no turn is known for; it counts as overhead of some.
func (m *model) unclaimed() time.Duration { return m.busyFor("") }

func (m *model) chat(w http.ResponseWriter, body []byte) (sentence time.Time) {
	var req api.ChatRequest
	if err := json.Unmarshal(body, &req); err != nil {
		http.Error(w, `{"error":"bad request"}`, http.StatusBadRequest)
		return
	}
	time.Sleep(promptTime)
	if len(req.Format) > 0 { // the router asks
		return m.say(w, `{"action":"reply"}`)
	}
	var heard []string
	for _, message := range req.Messages {
		for _, word := range canary.FindAllString(message.Content, -1) {
			if !slices.Contains(heard, word) {
				heard = append(heard, word)
			}
		}
	}
	heard = heard[max(0, len(heard)-mostHeard):] // the coach lets no sentence out that is too long
	return m.say(w, "Keep your chest up and breathe out on the way up, then rest as long as you need.", "You said "+strings.Join(heard, " ")+".")
}

// say sends an answer word by word and returns when its first sentence was known to be whole: when the next one began.
func (m *model) say(w http.ResponseWriter, sentences ...string) (sentence time.Time) {
	encoder := json.NewEncoder(w)
	first := len(strings.Fields(sentences[0]))
	for i, word := range strings.SplitAfter(strings.Join(sentences, " "), " ") {
		time.Sleep(m.token)
		if err := encoder.Encode(api.ChatResponse{Model: "coach", Message: api.Message{Role: "assistant", Content: word}}); err != nil {
			return // the caller went away
		}
		w.(http.Flusher).Flush()
		if i == first {
			sentence = time.Now()
		}
	}
	_ = encoder.Encode(api.ChatResponse{Model: "coach", Done: true, DoneReason: "stop"}) // the same
	return sentence
}

func (m *model) embed(w http.ResponseWriter, body []byte) (none time.Time) {
	var req struct{ Input []string }
	if err := json.Unmarshal(body, &req); err != nil {
		http.Error(w, `{"error":"bad request"}`, http.StatusBadRequest)
		return
	}
	if !canary.Match(body) {
		// Vectors of a stand-in mean nothing to the router's classifier. Without one it abstains, and a request stays what the
		// rules took it for.
		http.Error(w, `{"error":"no vector for this"}`, http.StatusInternalServerError)
		return
	}
	time.Sleep(embedTime)
	_ = json.NewEncoder(w).Encode(map[string]any{"embeddings": vectors(req.Input)}) // the caller may be gone
	return
}

// dimensions of the vectors of the catalogue's model.
const dimensions = 384

// vectors depend on the texts alone. They are short: searches look at their direction, and the router's classifier takes a text
// whose vector is next to nothing for talk.
func vectors(texts []string) [][]float32 {
	out := make([][]float32, len(texts))
	for i, text := range texts {
		h := fnv.New64a()
		_, _ = h.Write([]byte(text))
		random := rand.New(rand.NewPCG(h.Sum64(), 1))
		v, sum := make([]float32, dimensions), 0.0
		for j := range v {
			x := random.NormFloat64()
			v[j], sum = float32(x), sum+x*x
		}
		for j := range v {
			v[j] /= float32(100 * math.Sqrt(sum))
		}
		out[i] = v
	}
	return out
}
