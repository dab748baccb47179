package chat_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/ollama/ollama/api"

	"github.com/intellifit/intellifit/functions/chat"
	"github.com/intellifit/intellifit/internal/demo/demotest"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/faas/faastest"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/llm"
	"github.com/intellifit/intellifit/shared/llm/llmtest"
	"github.com/intellifit/intellifit/shared/postgres/postgrestest"
	"github.com/intellifit/intellifit/shared/redis/redistest"
)

const question = `{"message":"how do I keep my back straight"}`

// join adds members who agreed to the chat and whom no other test knows.
func (b *bundle) join(t *testing.T, n int) (ids, tokens []string) {
	t.Helper()
	members := make([]gym.Member, n)
	for i := range members {
		members[i] = gym.Member{ID: "m-" + uuid.NewString(), Name: "Member", BirthDate: gym.NewDate(1990, 1, 1), Sex: gym.Female, HeightCM: 170, WeightKG: 65, Goal: gym.Strength,
			Experience: gym.Intermediate, Activity: gym.Moderate, DaysPerWeek: 3, SessionMinutes: 60, Consent: gym.Consent{AIChat: true}}
		ids, tokens = append(ids, members[i].ID), append(tokens, faastest.Member(t, members[i].ID))
	}
	if _, err := b.db.UpsertMembers(demotest.Service(t.Context()), members); err != nil {
		t.Fatal(err)
	}
	return ids, tokens
}

func code(w *httptest.ResponseRecorder) string {
	var p faas.Problem
	_ = json.Unmarshal(w.Body.Bytes(), &p) // no problem has no code
	return p.Code
}

// TestLimit: a member may send so many messages a minute, in whatever dialect; reading and other members do not count. So it is
// also while Redis is away.
func TestLimit(t *testing.T) {
	app, _ := postgrestest.URLs(t)
	for name, url := range map[string]string{"counted by Redis": redistest.URL(t), "Redis is away": "redis://127.0.0.1:1/0"} {
		t.Run(name, func(t *testing.T) {
			b := setupOn(t, app, url, map[string]string{"CHAT_PER_MINUTE": "3"})
			_, tokens := b.join(t, 2)
			for i, dialect := range [][2]string{{"/", question}, {"/v1/chat/completions", `{"messages":[{"role":"user","content":"how do I keep my back straight"}]}`},
				{"/ui", `{"id":"ui","messages":[{"role":"user","parts":[{"type":"text","text":"how do I keep my back straight"}]}]}`}} {
				w := b.call(t, tokens[0], "POST", dialect[0], dialect[1])
				if w.Code != http.StatusOK || w.Header().Get("RateLimit-Limit") != "3" || w.Header().Get("RateLimit-Remaining") != strconv.Itoa(2-i) {
					t.Errorf("%s: %d, headers %v", dialect[0], w.Code, w.Header())
				}
			}
			asked := len(b.ollama.Chats())
			w := b.call(t, tokens[0], "POST", "/", question)
			wait, err := strconv.Atoi(w.Header().Get("Retry-After"))
			if w.Code != http.StatusTooManyRequests || code(w) != "rate_limited" || err != nil || wait < 1 || wait > 20 || w.Header().Get("RateLimit-Remaining") != "0" {
				t.Errorf("one too many: %d %s, headers %v", w.Code, w.Body, w.Header())
			}
			if len(b.ollama.Chats()) != asked {
				t.Error("the model was asked for a message that was refused")
			}
			if w := b.call(t, tokens[0], "GET", "/conversations", ""); w.Code != http.StatusOK {
				t.Errorf("reading: %d %s", w.Code, w.Body)
			}
			if w := b.call(t, tokens[1], "POST", "/", question); w.Code != http.StatusOK {
				t.Errorf("another member: %d %s", w.Code, w.Body)
			}
		})
	}
	host := faastest.Host(map[string]string{"REDIS_URL": redistest.URL(t), "OLLAMA_HOST": "http://127.0.0.1:9", "CHAT_PER_MINUTE": "many"}, nil)
	host.Secrets = faas.SecretMap{faas.KeySecret: faastest.Key, "database-url": app}
	if _, err := chat.New(t.Context(), host); err == nil || !strings.Contains(err.Error(), "CHAT_PER_MINUTE") {
		t.Errorf("a limit that is no number: %v", err)
	}
}

// TestOneTurnAtATime: a second message waits for the answer to the first one, a third is told so, and both answers are kept
// one after the other.
func TestOneTurnAtATime(t *testing.T) {
	b := setup(t)
	_, tokens := b.join(t, 2)
	answer := make(chan struct{})
	b.ollama.Chat = func(r api.ChatRequest) llmtest.Answer {
		if len(r.Format) == 0 && strings.Contains(r.Messages[len(r.Messages)-1].Content, "first") {
			<-answer
		}
		return llmtest.Answer{Content: sentence}
	}
	first := `{"conversation_id":"twice","message":"first: how do I keep my back straight"}`
	second := `{"conversation_id":"twice","message":"second: how do I keep my back straight"}`
	var all sync.WaitGroup
	codes := make([]int, 2)
	for i, body := range []string{first, second} {
		all.Go(func() { codes[i] = b.call(t, tokens[0], "POST", "/", body).Code })
		time.Sleep(300 * time.Millisecond)
	}
	began := time.Now()
	if w := b.call(t, tokens[0], "POST", "/", question); w.Code != http.StatusTooManyRequests || code(w) != "turn_running" || w.Header().Get("Retry-After") == "" {
		t.Errorf("a third message: %d %s, headers %v", w.Code, w.Body, w.Header())
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("it was refused after %v", took)
	}
	if w := b.call(t, tokens[1], "POST", "/", `{"message":"thank you"}`); w.Code != http.StatusOK { // no model is needed, there is one place
		t.Errorf("another member: %d %s", w.Code, w.Body)
	}
	close(answer)
	all.Wait()
	w := b.call(t, tokens[0], "GET", "/conversations/twice", "")
	var kept struct{ Messages []struct{ Text string } }
	if err := json.Unmarshal(w.Body.Bytes(), &kept); err != nil || codes[0] != 200 || codes[1] != 200 || len(kept.Messages) != 4 ||
		!strings.HasPrefix(kept.Messages[0].Text, "first") || !strings.HasPrefix(kept.Messages[2].Text, "second") {
		t.Errorf("answered %v, kept %s, %v", codes, w.Body, err)
	}
}

// TestQueueFull: what finds no place before the model is refused at once, and chat goes before plans that wait.
func TestQueueFull(t *testing.T) {
	const places = 1 + 32 // one runs, the others wait
	b := setup(t)
	_, tokens := b.join(t, places+1)
	goOn := make(chan struct{})
	b.ollama.Chat = func(r api.ChatRequest) llmtest.Answer { <-goOn; return llmtest.Answer{Content: sentence} }
	answers := make(chan *httptest.ResponseRecorder)
	for _, token := range tokens {
		go func() { answers <- b.call(t, token, "POST", "/", question) }()
	}
	select {
	case w := <-answers:
		if w.Code != http.StatusTooManyRequests || code(w) != "model_busy" || w.Header().Get("Retry-After") == "" {
			t.Errorf("one too many: %d %s, headers %v", w.Code, w.Body, w.Header())
		}
	case <-time.After(20 * time.Second):
		t.Error("nobody was refused")
	}
	close(goOn)
	for range places {
		if w := <-answers; w.Code != http.StatusOK {
			t.Errorf("one that found a place: %d %s", w.Code, w.Body)
		}
	}
}

// TestChatGoesBeforePlans: the function's calls have the priority of a chat.
func TestChatGoesBeforePlans(t *testing.T) {
	b := setup(t)
	_, tokens := b.join(t, 1)
	goOn := make(chan struct{})
	b.ollama.Chat = func(r api.ChatRequest) llmtest.Answer { <-goOn; return llmtest.Answer{Content: sentence} }
	plans, err := llm.New(llm.Config{Host: b.ollama.URL, Priority: llm.PriorityPlan})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 5 {
		all.Go(func() {
			if _, err := plans.Chat(t.Context(), &api.ChatRequest{Messages: []api.Message{{Role: "user", Content: fmt.Sprint("plan ", i)}}}); err != nil {
				t.Error(err)
			}
		})
	}
	time.Sleep(200 * time.Millisecond)
	all.Go(func() {
		if w := b.call(t, tokens[0], "POST", "/", question); w.Code != http.StatusOK {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
	time.Sleep(time.Second) // it has read the catalogue and waits by now
	close(goOn)
	all.Wait()
	for i, asked := range b.ollama.Chats() {
		if strings.Contains(string(asked), "back straight") && i > 1 {
			t.Errorf("the chat was the call number %d of the model", i+1)
		}
	}
}
