// Package llm speaks to Ollama for every function. It owns what all calls share: one options profile, so that Ollama never
// reloads the model; a deadline and a stall timer for each call; a bounded queue, most urgent first, and a breaker in front. What
// comes back is complete or an error, never a cut answer that looks whole.
package llm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/ollama/ollama/api"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
)

// The aliases that `intellifit up` creates for either profile; functions know no other names.
const (
	ChatModel  = "coach"
	EmbedModel = "embed"
	Dimensions = 384 // of EmbedModel
)

// Config is where Ollama is and how long it may take.
type Config struct {
	Host     string        // OLLAMA_HOST, e.g. http://127.0.0.1:11434
	Deadline time.Duration // of one chat call, 0 = 90 s
	Stall    time.Duration // without a token, 0 = 20 s
	Priority Priority      // of this client's calls
	Parallel int           // calls that run at once on this server, 0 = 1; all clients of a server share the places
	Waiting  int           // calls that may wait, 0 = 32
	MaxWait  time.Duration // for a place, 0 = 30 s
	Log      *slog.Logger
}

// Client speaks to one Ollama server. It is safe for concurrent use and dials only when called.
type Client struct {
	cfg     Config
	api     *api.Client
	queue   *queue
	breaker circuitbreaker.CircuitBreaker[*api.ChatResponse]
	vectors vectorCache

	mu       sync.Mutex
	identity planner.ModelID
	size     string // parameters, as Ollama words it: "3.2B"
}

// New returns a client; it dials nothing.
func New(cfg Config) (*Client, error) {
	host := cfg.Host
	if !strings.Contains(host, "://") {
		host = "http://" + host
	}
	base, err := url.Parse(host)
	if err != nil || base.Host == "" {
		return nil, gym.Errorf(gym.ErrInvalid, "ollama_host_invalid", "OLLAMA_HOST is not a URL")
	}
	cfg.Deadline = or(cfg.Deadline, 90*time.Second)
	cfg.Stall = or(cfg.Stall, 20*time.Second)
	cfg.Parallel = or(cfg.Parallel, 1)
	cfg.Waiting = or(cfg.Waiting, 32)
	cfg.MaxWait = or(cfg.MaxWait, 30*time.Second)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	// A refused or broken call counts; a busy queue and a caller that went away say nothing about the server.
	breaker := circuitbreaker.NewBuilder[*api.ChatResponse]().
		HandleIf(func(_ *api.ChatResponse, err error) bool { return errors.Is(err, gym.ErrUnavailable) }).
		WithFailureThreshold(5).WithDelay(10 * time.Second).Build()
	return &Client{
		cfg:     cfg,
		api:     api.NewClient(base, &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8, IdleConnTimeout: time.Minute}}),
		queue:   queueOf(base.String(), cfg.Parallel),
		breaker: breaker,
		vectors: newVectorCache(2048),
	}, nil
}

func or[T comparable](value, standard T) T {
	var zero T
	if value == zero {
		return standard
	}
	return value
}

// profile is the one set of options of all functions. A call may set seed, num_predict and temperature; num_ctx and the
// rest stay, or Ollama would load the model again.
func profile(asked map[string]any) map[string]any {
	options := map[string]any{"num_ctx": 8192, "num_predict": 256, "temperature": 0.2, "top_k": 40, "top_p": 0.9, "repeat_penalty": 1.1, "seed": 1}
	for _, key := range []string{"seed", "num_predict", "temperature"} {
		if v, ok := asked[key]; ok {
			options[key] = v
		}
	}
	return options
}

// Identity says which model answers under the alias "coach". It is asked once.
func (c *Client) Identity(ctx context.Context) (planner.ModelID, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.identity.Digest != "" {
		return c.identity, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	list, err := c.api.List(ctx)
	if err != nil {
		return planner.ModelID{}, c.explain("list models", err)
	}
	i := slices.IndexFunc(list.Models, func(m api.ListModelResponse) bool { return strings.TrimSuffix(m.Name, ":latest") == ChatModel })
	if i < 0 {
		return planner.ModelID{}, missing(ChatModel)
	}
	m := list.Models[i]
	c.size = m.Details.ParameterSize
	c.identity = planner.ModelID{Name: strings.TrimSuffix(fmt.Sprintf("%s (%s %s %s)", ChatModel, m.Details.Family, m.Details.ParameterSize, m.Details.QuantizationLevel), " "), Digest: m.Digest}
	return c.identity, nil
}

// leastToTalk is the number of parameters, in billions, from which on a model's own words on training are let through at all:
// what is far below invents and contradicts the notes that it is given.
const leastToTalk = 1

// Talks reports whether the model is large enough to word an answer of its own. One whose size is unknown is not.
func (c *Client) Talks(ctx context.Context) bool {
	if _, err := c.Identity(ctx); err != nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	number, ok := strings.CutSuffix(strings.ToUpper(strings.TrimSpace(c.size)), "B")
	billions, err := strconv.ParseFloat(number, 64)
	return ok && err == nil && billions >= leastToTalk
}

// Ping reports whether the server answers.
func (c *Client) Ping(ctx context.Context) error {
	if _, err := c.api.Version(ctx); err != nil {
		return c.explain("ask Ollama's version", err)
	}
	return nil
}

func missing(model string) error {
	return &gym.Error{Kind: gym.ErrUnavailable, Code: "model_missing", Detail: "the model " + model + " is not loaded yet", Hint: "run: intellifit up"}
}

// explain gives an error of Ollama's a kind and a stable code.
func (c *Client) explain(attempt string, err error) error {
	fail := func(code, detail, hint string) error {
		return fmt.Errorf("%s: %w", attempt, &gym.Error{Kind: gym.ErrUnavailable, Code: code, Detail: detail, Hint: hint, Err: err})
	}
	var status api.StatusError
	var known *gym.Error
	switch {
	case errors.As(err, &known):
		return fmt.Errorf("%s: %w", attempt, err)
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%s: %w", attempt, err)
	case errors.Is(err, context.DeadlineExceeded):
		return fail("model_timeout", "the model did not answer in time", "")
	case errors.As(err, &status) && status.StatusCode == http.StatusNotFound:
		return fail("model_missing", "the model is not loaded yet", "run: intellifit up")
	case strings.Contains(strings.ToLower(err.Error()), "out of memory"):
		return fail("model_out_of_memory", "the model server is out of memory", "use a smaller model or free memory, then run: intellifit doctor")
	}
	return fail("model_unavailable", "the model server does not answer", "run: intellifit status")
}
