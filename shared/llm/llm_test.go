package llm_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ollama/ollama/api"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/llm"
	"github.com/intellifit/intellifit/shared/llm/llmtest"
)

func client(t *testing.T, s *llmtest.Server, change func(*llm.Config)) *llm.Client {
	t.Helper()
	cfg := llm.Config{Host: s.URL, Deadline: 5 * time.Second, Stall: 5 * time.Second}
	if change != nil {
		change(&cfg)
	}
	c, err := llm.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func hello() *api.ChatRequest {
	return &api.ChatRequest{Model: "another", Messages: []api.Message{{Role: "user", Content: "hello"}}, Options: map[string]any{"seed": 7, "num_predict": 20, "num_ctx": 99, "top_k": 1}}
}

func code(err error) string {
	var known *gym.Error
	if errors.As(err, &known) {
		return known.Code
	}
	return ""
}

// TestChatFaults: whatever the server does, an answer is whole or an error with a code.
func TestChatFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer llmtest.Answer
		code   string
		calls  int
	}{
		"whole":           {llmtest.Answer{Content: "good day"}, "", 1},
		"server error":    {llmtest.Answer{Status: 500}, "model_unavailable", 2}, // nothing came: it is tried once more
		"no such model":   {llmtest.Answer{Status: 404}, "model_missing", 2},
		"cut connection":  {llmtest.Answer{Content: "good day", Cut: true}, "model_unavailable", 1},
		"out of tokens":   {llmtest.Answer{Content: "good day", Reason: "length"}, "cut", 1},
		"ended by server": {llmtest.Answer{Content: "good day", Reason: "load"}, "cut", 1},
		"stalled":         {llmtest.Answer{Content: "good day", Stall: true}, "model_stalled", 1},
		"too slow":        {llmtest.Answer{Content: "good day", Wait: time.Minute}, "model_timeout", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := llmtest.New(t)
			s.Chat = func(api.ChatRequest) llmtest.Answer { return c.answer }
			client := client(t, s, func(cfg *llm.Config) {
				if c.answer.Stall {
					cfg.Stall = 100 * time.Millisecond
				}
				if c.answer.Wait > 0 {
					cfg.Deadline = 100 * time.Millisecond
				}
			})
			res, err := client.Chat(t.Context(), hello())
			switch {
			case c.code == "":
				if err != nil || res.Message.Content != "good day" || res.TotalDuration == 0 {
					t.Errorf("got %v, %v", res, err)
				}
			case c.code == "cut":
				if err == nil || !strings.Contains(err.Error(), "cut") {
					t.Errorf("a cut answer came back: %v, %v", res, err)
				}
			case code(err) != c.code:
				t.Errorf("got %v, want code %s", err, c.code)
			}
			if n := len(s.Chats()); n != c.calls {
				t.Errorf("%d calls, want %d", n, c.calls)
			}
		})
	}
}

// TestChatOptions: one options profile whatever a caller asks, or Ollama would load the model again; the format goes out as
// the bytes it is.
func TestChatOptions(t *testing.T) {
	t.Parallel()
	s := llmtest.New(t)
	c := client(t, s, nil)
	req := hello()
	req.Format = json.RawMessage(`{"type":"object","properties":{"z":{"type":"string","maxLength":5},"a":{"enum":["x"]}}}`)
	if _, err := c.Chat(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	var sent struct {
		Model   string
		Format  json.RawMessage
		Options map[string]any
		Stream  *bool
	}
	if err := json.Unmarshal(s.Chats()[0], &sent); err != nil {
		t.Fatal(err)
	}
	if sent.Model != llm.ChatModel || string(sent.Format) != string(req.Format) || sent.Stream == nil || !*sent.Stream {
		t.Errorf("sent %s", s.Chats()[0])
	}
	for key, want := range map[string]any{"num_ctx": 8192.0, "top_k": 40.0, "seed": 7.0, "num_predict": 20.0} {
		if sent.Options[key] != want {
			t.Errorf("%s is %v, want %v", key, sent.Options[key], want)
		}
	}
	if req.Model != "another" {
		t.Error("the caller's request was changed")
	}
}

func TestFormatIsChecked(t *testing.T) {
	t.Parallel()
	s := llmtest.New(t)
	c := client(t, s, nil)
	for name, format := range map[string]string{
		"ignored keyword": `{"type":"array","uniqueItems":true}`, "long string": `{"type":"string","maxLength":5000}`,
		"empty enum": `{"properties":{"a":{"enum":[]}}}`, "no JSON": `{`,
		"escape in a pattern": `{"properties":{"a":{"type":"string","pattern":"^\\d{4}$"}}}`,
	} {
		req := hello()
		req.Format = json.RawMessage(format)
		if _, err := c.Chat(t.Context(), req); err == nil {
			t.Errorf("%s was sent", name)
		}
	}
	if n := len(s.Chats()); n != 0 {
		t.Errorf("%d calls were sent", n)
	}
}

func TestCancelStopsTheCall(t *testing.T) {
	t.Parallel()
	s := llmtest.New(t)
	s.Chat = func(api.ChatRequest) llmtest.Answer { return llmtest.Answer{Content: "good day", Stall: true} }
	c := client(t, s, nil)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := c.Chat(ctx, hello()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestQueueIsBounded: more callers than may wait are told so at once.
func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	s := llmtest.New(t)
	s.Chat = func(api.ChatRequest) llmtest.Answer { return llmtest.Answer{Content: "good day", Stall: true} }
	c := client(t, s, func(cfg *llm.Config) { cfg.Waiting, cfg.MaxWait = 1, 50*time.Millisecond })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	started := make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		close(started)
		_, err := c.Chat(ctx, hello())
		ended <- err
	}()
	<-started
	for len(s.Chats()) == 0 {
		time.Sleep(5 * time.Millisecond)
	}
	if _, err := c.Chat(t.Context(), hello()); code(err) != "model_busy" || !errors.Is(err, gym.ErrBusy) {
		t.Errorf("got %v", err)
	}
	cancel()
	<-ended
}

// TestBreaker: after some failures the server is left alone.
func TestBreaker(t *testing.T) {
	t.Parallel()
	s := llmtest.New(t)
	s.Chat = func(api.ChatRequest) llmtest.Answer { return llmtest.Answer{Status: 500} }
	c := client(t, s, nil)
	for range 8 {
		if _, err := c.Chat(t.Context(), hello()); code(err) != "model_unavailable" {
			t.Fatalf("got %v", err)
		}
	}
	if n := len(s.Chats()); n != 10 { // five calls, each tried twice
		t.Errorf("%d calls reached the server", n)
	}
}

func TestEmbed(t *testing.T) {
	t.Parallel()
	s := llmtest.New(t)
	var asked atomic.Int32
	s.Embed = func(texts []string) ([][]float32, int) {
		asked.Add(int32(len(texts)))
		return llmtest.Vectors(texts)
	}
	c := client(t, s, nil)
	texts := make([]string, 70)
	for i := range texts {
		texts[i] = strings.Repeat("x", i+1)
	}
	first, err := c.Embed(t.Context(), texts)
	if err != nil {
		t.Fatal(err)
	}
	second, err := c.Embed(t.Context(), texts[:10])
	if err != nil {
		t.Fatal(err)
	}
	if asked.Load() != 70 || len(first) != 70 || len(second) != 10 {
		t.Errorf("%d texts asked, %d and %d vectors", asked.Load(), len(first), len(second))
	}
	s.Embed = func(texts []string) ([][]float32, int) { return [][]float32{{1, 2}}, 0 }
	if _, err := c.Embed(t.Context(), []string{"new"}); code(err) != "embedding_dimensions" {
		t.Errorf("wrong dimensions: %v", err)
	}
	s.Embed = func(texts []string) ([][]float32, int) { return nil, 500 }
	if _, err := c.Embed(t.Context(), []string{"other"}); code(err) != "model_unavailable" {
		t.Errorf("broken: %v", err)
	}
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	s := llmtest.New(t)
	id, err := client(t, s, nil).Identity(t.Context())
	if err != nil || id.Digest != "sha256:coach:latest" || !strings.HasPrefix(id.Name, "coach (llama") {
		t.Errorf("got %+v, %v", id, err)
	}
	s.Models = []string{"llama3.2:3b"}
	if _, err := client(t, s, nil).Identity(t.Context()); code(err) != "model_missing" {
		t.Errorf("without the alias: %v", err)
	}
	if _, err := llm.New(llm.Config{Host: ""}); code(err) != "ollama_host_invalid" {
		t.Errorf("without a host: %v", err)
	}
}
