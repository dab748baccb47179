package chat_test

import (
	"bufio"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ollama/ollama/api"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/intellifit/intellifit/functions/chat"
	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/internal/demo/demotest"
	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/faas/faastest"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/llm/llmtest"
	"github.com/intellifit/intellifit/shared/postgres"
	"github.com/intellifit/intellifit/shared/postgres/postgrestest"
	"github.com/intellifit/intellifit/shared/redis/redistest"
)

// bundle is the function on a real database and Redis with the demo gym, and a stand-in for Ollama that says one sentence.
type bundle struct {
	f      *chat.Function
	server *httptest.Server
	ollama *llmtest.Server
	log    *faastest.Log
	db     *postgres.DB
	later  atomic.Int64 // nanoseconds that the clock is ahead of faastest.Now
}

const sentence = "Keep your chest up."

func setup(t *testing.T) *bundle {
	t.Helper()
	app, _ := postgrestest.URLs(t)
	return setupOn(t, app, redistest.URL(t), nil)
}

// setupOn is setup on servers of the test's own, with variables beside the usual ones.
func setupOn(t *testing.T, app, redisURL string, env map[string]string) *bundle {
	t.Helper()
	db := demotest.OpenAt(t, app)
	b := &bundle{db: db, log: &faastest.Log{}, ollama: llmtest.New(t)}
	// Made-up vectors mean nothing: the judges that read meaning abstain, and the catalogue is searched by words.
	b.ollama.Embed = func([]string) ([][]float32, int) { return nil, http.StatusInternalServerError }
	b.ollama.Chat = func(r api.ChatRequest) llmtest.Answer {
		if len(r.Format) > 0 { // the router asks
			return llmtest.Answer{Content: `{"action":"reply"}`}
		}
		return llmtest.Answer{Content: sentence}
	}
	// Tests share members and Redis, so the count of one would be the count of all.
	variables := map[string]string{"REDIS_URL": redisURL, "OLLAMA_HOST": b.ollama.URL, "GATEWAY_URL": "http://127.0.0.1:9", "EMERGENCY_NUMBER": "112", "CHAT_PER_MINUTE": "0"}
	maps.Copy(variables, env)
	host := faastest.Host(variables, b.log)
	host.Now = func() time.Time { return faastest.Now.Add(time.Duration(b.later.Load())) }
	host.Secrets = faas.SecretMap{faas.KeySecret: faastest.Key, "database-url": app}
	var err error
	if b.f, err = chat.New(t.Context(), host); err != nil {
		t.Fatal(err)
	}
	b.server = httptest.NewServer(b.f)
	t.Cleanup(func() {
		b.server.Close()
		if err := b.f.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// call sends one request; header holds pairs of name and value.
func (b *bundle) call(t *testing.T, token, method, path, body string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	return b.callIn(t.Context(), token, method, path, body, header...)
}

func (b *bundle) callIn(ctx context.Context, token, method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body)).WithContext(ctx)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	b.f.ServeHTTP(w, r)
	return w
}

func (b *bundle) reply(t *testing.T, token, body string, header ...string) coach.Reply {
	t.Helper()
	w := b.call(t, token, "POST", "/", body, header...)
	var r coach.Reply
	if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return r
}

func (b *bundle) problem(t *testing.T, status int, code, token, method, path, body string, header ...string) {
	t.Helper()
	w := b.call(t, token, method, path, body, header...)
	var p faas.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != status || p.Code != code || w.Header().Get("Content-Type") != faas.ProblemType {
		t.Errorf("%s %s %.60s: %d %s %.300s, want %d %s", method, path, body, w.Code, w.Header().Get("Content-Type"), w.Body, status, code)
	}
}

func TestTalk(t *testing.T) {
	b := setup(t)
	mara := faastest.Member(t, demo.MemberID)
	first := b.reply(t, mara, `{"message":"how do I keep my back straight"}`, faas.IdempotencyKeyHeader, "one")
	if first.Reply != sentence || first.ConversationID == "" || first.Degraded {
		t.Errorf("got %+v", first)
	}
	if again := b.reply(t, mara, `{"message":"how do I keep my back straight"}`, faas.IdempotencyKeyHeader, "one"); again.ConversationID != first.ConversationID {
		t.Errorf("a repeat began another conversation: %+v", again)
	}
	stop := b.reply(t, mara, `{"message":"I have chest pain right now"}`)
	if stop.Safety == nil || stop.Safety.Code != "chest_pain" || !strings.Contains(stop.Reply, "112") || strings.Contains(stop.Reply, sentence) {
		t.Errorf("got %+v", stop)
	}
	for _, said := range []string{"back straight", "chest pain"} {
		if strings.Contains(b.log.String(), said) {
			t.Errorf("the log repeats %q", said)
		}
	}
}

func TestEvents(t *testing.T) {
	b := setup(t)
	mara := faastest.Member(t, demo.MemberID)
	w := b.call(t, mara, "POST", "/", `{"message":"how do I keep my back straight"}`, "Accept", "text/event-stream")
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%d %s", w.Code, w.Header())
	}
	var kinds []string
	lines := bufio.NewScanner(strings.NewReader(w.Body.String()))
	for lines.Scan() {
		if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			kinds = append(kinds, name)
		}
	}
	if got := strings.Join(kinds, " "); got != "conversation delta done" {
		t.Errorf("events %s in\n%s", got, w.Body)
	}
	// What fails before the first event has its own status.
	b.problem(t, 400, coach.CodeMessageEmpty, mara, "POST", "/", `{"message":""}`, "Accept", "text/event-stream")
}

func TestConversationsAndPersona(t *testing.T) {
	b := setup(t)
	mara := faastest.Member(t, demo.MemberID)
	r := b.reply(t, mara, `{"message":"how do I keep my back straight"}`)
	var list struct{ Conversations []struct{ ID, Title string } }
	if err := json.Unmarshal(b.call(t, mara, "GET", "/conversations", "").Body.Bytes(), &list); err != nil || len(list.Conversations) != 1 || list.Conversations[0].ID != r.ConversationID {
		t.Errorf("lists %+v, %v", list, err)
	}
	var whole struct{ Messages []struct{ Role, Text string } }
	if err := json.Unmarshal(b.call(t, mara, "GET", "/conversations/"+r.ConversationID, "").Body.Bytes(), &whole); err != nil || len(whole.Messages) != 2 || whole.Messages[1].Text != sentence {
		t.Errorf("reads %+v, %v", whole, err)
	}
	b.problem(t, 404, "conversation_unknown", faastest.Member(t, "omar"), "GET", "/conversations/"+r.ConversationID, "")
	if w := b.call(t, mara, "DELETE", "/conversations/"+r.ConversationID, ""); w.Code != http.StatusNoContent {
		t.Errorf("deleted: %d %s", w.Code, w.Body)
	}
	b.problem(t, 404, "conversation_unknown", mara, "GET", "/conversations/"+r.ConversationID, "")
	manager := faastest.Token(t, gym.Principal{GymID: demo.GymID, Subject: "boss", Role: gym.RoleManager})
	if w := b.call(t, manager, "PUT", "/persona", `{"name":"Kim","tone":"factual","language":"en"}`); w.Code != http.StatusOK {
		t.Errorf("persona: %d %s", w.Code, w.Body)
	}
	b.reply(t, mara, `{"message":"how do I keep my back straight"}`)
	asked := b.ollama.Chats()
	if last := string(asked[len(asked)-1]); !strings.Contains(last, "You are Kim, the coach of Studio Nordlicht.") {
		t.Errorf("the model is asked %s", last)
	}
}

// TestOpenAI speaks to the function with OpenAI's own client, by its base URL alone.
func TestOpenAI(t *testing.T) {
	b := setup(t)
	client := openai.NewClient(option.WithBaseURL(b.server.URL+"/v1"), option.WithAPIKey(faastest.Member(t, demo.MemberID)), option.WithMaxRetries(0))
	ask := openai.ChatCompletionNewParams{Model: "coach", Messages: []openai.ChatCompletionMessageParamUnion{openai.SystemMessage("You are a pirate."), openai.UserMessage("how do I keep my back straight")}}
	whole, err := client.Chat.Completions.New(t.Context(), ask)
	if err != nil || whole.Choices[0].Message.Content != sentence || whole.Choices[0].FinishReason != "stop" {
		t.Fatalf("got %+v, %v", whole, err)
	}
	stream := client.Chat.Completions.NewStreaming(t.Context(), ask)
	text, last := "", ""
	for stream.Next() {
		choice := stream.Current().Choices[0]
		text += choice.Delta.Content
		last = string(choice.FinishReason)
	}
	if err := stream.Err(); err != nil || text != sentence || last != "stop" {
		t.Errorf("streamed %q, finished %q, %v", text, last, err)
	}
	for _, asked := range b.ollama.Chats() {
		if strings.Contains(string(asked), "pirate") {
			t.Error("a client's system message reached the model")
		}
	}
	stranger := openai.NewClient(option.WithBaseURL(b.server.URL+"/v1"), option.WithAPIKey("wrong"), option.WithMaxRetries(0))
	if _, err := stranger.Chat.Completions.New(t.Context(), ask); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("a wrong key: %v", err)
	}
}

func TestUIStream(t *testing.T) {
	b := setup(t)
	w := b.call(t, faastest.Member(t, demo.MemberID), "POST", "/ui", `{"id":"chat-1","trigger":"submit-message","messages":[{"id":"u1","role":"user","parts":[{"type":"text","text":"how do I keep my back straight"}]}]}`, faas.CallIDHeader, "call-one")
	want := `data: {"messageId":"call-one","messageMetadata":{"conversation_id":"chat-1"},"type":"start"}

data: {"type":"start-step"}

data: {"id":"text","type":"text-start"}

data: {"delta":"Keep your chest up.","id":"text","type":"text-delta"}

data: {"id":"text","type":"text-end"}

data: {"type":"finish-step"}

data: {"type":"finish"}

data: [DONE]

`
	if got := w.Body.String(); got != want || w.Header().Get("X-Vercel-Ai-Ui-Message-Stream") != "v1" {
		t.Errorf("got %s\n%s", w.Header(), got)
	}
}
