package chat_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/ollama/ollama/api"
	goredis "github.com/redis/go-redis/v9"

	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/internal/demo/demotest"
	"github.com/intellifit/intellifit/internal/stack"
	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/faas/faastest"
	"github.com/intellifit/intellifit/shared/llm/llmtest"
	"github.com/intellifit/intellifit/shared/postgres/postgrestest"
	"github.com/intellifit/intellifit/shared/redis/redistest"
)

// offer makes the coach propose a booking; each n is another time.
func (b *bundle) offer(t *testing.T, token, conversation string, n int) coach.Reply {
	t.Helper()
	day := []string{"tuesday", "wednesday", "thursday", "friday"}[n/8%4]
	r := b.reply(t, token, fmt.Sprintf(`{"conversation_id":%q,"message":"book me with Jonas on %s at %d am"}`, conversation, day, 8+n%4))
	if r.Proposal == nil {
		t.Fatalf("no proposal: %+v", r)
	}
	return r
}

func (b *bundle) booked(t *testing.T, member string) int {
	t.Helper()
	list, err := b.db.Appointments(demotest.Service(t.Context()), member, faastest.Now, faastest.Now.AddDate(0, 2, 0))
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// yes is the app's answer to a proposal.
func yes(r coach.Reply) string {
	return fmt.Sprintf(`{"conversation_id":%q,"confirm":%q}`, r.ConversationID, r.Proposal.ID)
}

func said(r coach.Reply, words string) string {
	return fmt.Sprintf(`{"conversation_id":%q,"message":%q}`, r.ConversationID, words)
}

// unavailable checks the answer while something is away.
func unavailable(t *testing.T, w *httptest.ResponseRecorder, want string) {
	t.Helper()
	if w.Code != http.StatusServiceUnavailable || code(w) != want || w.Header().Get("Retry-After") == "" {
		t.Errorf("got %d %s, headers %v, want 503 %s", w.Code, w.Body, w.Header(), want)
	}
}

// TestSameYesThreeTimes: a yes that is delivered three times at once books once, and each delivery gets the same answer.
func TestSameYesThreeTimes(t *testing.T) {
	b := setup(t)
	mara := faastest.Member(t, demo.MemberID)
	for name, answer := range map[string]func(coach.Reply) string{"by the id": yes, "in words": func(r coach.Reply) string { return said(r, "yes") }} {
		t.Run(name, func(t *testing.T) {
			before := b.booked(t, demo.MemberID)
			r := b.offer(t, mara, "", 8*before)
			bodies, id := make([]string, 3), uuid.NewString()
			var all sync.WaitGroup
			for i := range bodies {
				all.Go(func() {
					w := b.call(t, mara, "POST", "/", answer(r), faas.IdempotencyKeyHeader, id)
					bodies[i] = fmt.Sprint(w.Code, w.Body)
				})
			}
			all.Wait()
			if bodies[0] != bodies[1] || bodies[1] != bodies[2] || !strings.Contains(bodies[0], `"done"`) || b.booked(t, demo.MemberID) != before+1 {
				t.Errorf("%d booked, answers %q", b.booked(t, demo.MemberID)-before, bodies)
			}
			b.problem(t, 409, "proposal_used", mara, "POST", "/", yes(r))
		})
	}
}

// TestRedisIsEmptied: Redis is killed and comes back with nothing. The conversation goes on from the database, and a yes to an
// offer that is lost hears so.
func TestRedisIsEmptied(t *testing.T) {
	app, _ := postgrestest.URLs(t)
	server := redistest.Start(t)
	b := setupOn(t, app, server.URL(), map[string]string{"CHAT_PER_MINUTE": "100"})
	mara := faastest.Member(t, demo.MemberID)
	first := b.reply(t, mara, `{"message":"my word is marzipan, how do I keep my back straight"}`)
	r := b.offer(t, mara, first.ConversationID, 0)

	killed := server.PID()
	if err := syscall.Kill(killed, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	options, err := goredis.ParseURL(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	client := goredis.NewClient(options)
	defer client.Close()
	for began := time.Now(); server.PID() == killed || client.FlushAll(t.Context()).Err() != nil; time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > 20*time.Second {
			t.Fatal("Redis did not come back")
		}
	}
	lost := b.reply(t, mara, said(r, "yes"))
	if lost.Action.Status != coach.StatusRefused || lost.Action.Code != "proposal_unknown" || !strings.HasPrefix(lost.Reply, "That offer is no longer open.") {
		t.Errorf("a yes in words: %+v", lost)
	}
	b.problem(t, 404, "proposal_unknown", mara, "POST", "/", yes(r))
	if n := b.booked(t, demo.MemberID); n != 0 {
		t.Errorf("%d booked", n)
	}
	b.reply(t, mara, said(r, "how do I keep my knees out"))
	asked := b.ollama.Chats()
	if !bytes.Contains(asked[len(asked)-1], []byte("marzipan")) {
		t.Errorf("the model is asked %s", asked[len(asked)-1])
	}
	again := b.offer(t, mara, r.ConversationID, 0)
	if done := b.reply(t, mara, yes(again)); done.Action.Status != coach.StatusDone || b.booked(t, demo.MemberID) != 1 {
		t.Errorf("booked anew: %+v, %d booked", done, b.booked(t, demo.MemberID))
	}
}

// TestRedisIsAway: what only reads is answered, what would write is not begun, and who is in danger hears what to do.
func TestRedisIsAway(t *testing.T) {
	app, _ := postgrestest.URLs(t)
	server := redistest.Start(t)
	b := setupOn(t, app, server.URL(), map[string]string{"CHAT_PER_MINUTE": "100"})
	mara := faastest.Member(t, demo.MemberID)
	first := b.reply(t, mara, `{"message":"my word is marzipan, how do I keep my back straight"}`)
	r := b.offer(t, mara, first.ConversationID, 0)
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if talk := b.reply(t, mara, said(r, "how do I keep my knees out")); talk.Reply != sentence || talk.ConversationID != r.ConversationID {
		t.Errorf("talk: %+v", talk)
	}
	if asked := b.ollama.Chats(); !bytes.Contains(asked[len(asked)-1], []byte("marzipan")) {
		t.Errorf("the model is asked %s", asked[len(asked)-1])
	}
	if free := b.reply(t, mara, said(r, "when is Jonas free on thursday")); free.Action.Status != coach.StatusRead {
		t.Errorf("free times: %+v", free)
	}
	if stop := b.reply(t, mara, said(r, "I have chest pain right now")); stop.Safety == nil || !strings.Contains(stop.Reply, "112") {
		t.Errorf("a red flag: %+v", stop)
	}
	for _, body := range []string{yes(r), said(r, "yes"), said(r, "no"), said(r, "book me with Jonas on thursday at 9 am"),
		fmt.Sprintf(`{"conversation_id":%q,"decline":%q}`, r.ConversationID, r.Proposal.ID)} {
		unavailable(t, b.call(t, mara, "POST", "/", body), "redis_unavailable")
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("eight turns took %v", took)
	}
	if n := b.booked(t, demo.MemberID); n != 0 {
		t.Errorf("%d booked", n)
	}
	if w := b.call(t, mara, "GET", "/conversations/"+r.ConversationID, ""); w.Code != http.StatusOK {
		t.Errorf("reading: %d %s", w.Code, w.Body)
	}
}

// TestDatabaseCrash kills PostgreSQL at several moments of a yes. While it is away calls are told to come back; the same yes,
// sent until it is answered, books once.
func TestDatabaseCrash(t *testing.T) {
	server, app := postgrestest.Start(t)
	b := setupOn(t, app, redistest.URL(t), nil)
	mara := faastest.Member(t, demo.MemberID)
	conversation := ""
	for round := range 4 {
		r := b.offer(t, mara, conversation, 8*(round/2)+round%2)
		conversation = r.ConversationID
		id, killed := uuid.NewString(), server.PID()
		back := make(chan time.Time, 1)
		time.AfterFunc(time.Duration(round)*6*time.Millisecond, func() {
			if err := syscall.Kill(killed, syscall.SIGKILL); err != nil {
				t.Error(err)
			}
			back <- answers(t, server)
		})
		refused := b.insist(t, mara, yes(r), func() string {
			if round%2 == 1 {
				id = uuid.NewString() // an app that does not repeat its key
			}
			return id
		})
		at := <-back // a yes may have been quicker than the kill
		for b.call(t, mara, "GET", "/conversations", "").Code != http.StatusOK {
			time.Sleep(20 * time.Millisecond)
		}
		if took := time.Since(at); took > 5*time.Second {
			t.Errorf("round %d: connected again after %v", round, took)
		}
		if n := b.booked(t, demo.MemberID); n != round+1 {
			t.Fatalf("round %d: %d booked, %d times refused", round, n, refused)
		}
	}
}

// answers is when a server that was killed answers again.
func answers(t *testing.T, server *stack.Postgres) time.Time {
	for began := time.Now(); time.Since(began) < 30*time.Second; time.Sleep(10 * time.Millisecond) {
		if conn, err := pgx.Connect(t.Context(), server.URL("postgres")); err == nil {
			conn.Close(t.Context())
			return time.Now()
		}
	}
	t.Error("PostgreSQL did not come back")
	return time.Now()
}

// insist sends a yes until it is carried out, and counts how often it was told to come back.
func (b *bundle) insist(t *testing.T, token, body string, key func() string) (refused int) {
	t.Helper()
	for began := time.Now(); time.Since(began) < 30*time.Second; time.Sleep(20 * time.Millisecond) {
		w := b.call(t, token, "POST", "/", body, faas.IdempotencyKeyHeader, key())
		if w.Code != http.StatusOK {
			unavailable(t, w, "database_unavailable")
			refused++
			continue
		}
		var done coach.Reply
		if err := json.Unmarshal(w.Body.Bytes(), &done); err != nil || done.Action.Status != coach.StatusDone {
			t.Errorf("%s, %v", w.Body, err)
		}
		return refused
	}
	t.Fatal("the yes was never carried out")
	return refused
}

// TestOllamaFails: whatever the model server does, the member gets whole sentences, and a stream has its end.
func TestOllamaFails(t *testing.T) {
	for name, c := range map[string]struct {
		answer llmtest.Answer
		want   string // "": the catalogue's words, or whom to ask
	}{
		"dies in the middle": {llmtest.Answer{Content: "Keep your chest up. Breathe out. And then you should always keep on going", Cut: true}, "Keep your chest up."},
		"is cut":             {llmtest.Answer{Content: "Keep your chest up. And then", Reason: "length"}, "Keep your chest up."},
		"fails":              {llmtest.Answer{Status: 500}, ""},
		"has no model":       {llmtest.Answer{Status: 404}, ""},
		"is slow":            {llmtest.Answer{Content: sentence, Wait: 1500 * time.Millisecond}, sentence},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			_, tokens := b.join(t, 1)
			b.ollama.Chat = func(r api.ChatRequest) llmtest.Answer {
				if len(r.Format) > 0 {
					return llmtest.Answer{Content: `{"action":"reply"}`}
				}
				return c.answer
			}
			w := b.call(t, tokens[0], "POST", "/", question, "Accept", "text/event-stream")
			at := strings.LastIndex(w.Body.String(), "data: ")
			var last coach.Event
			if err := json.Unmarshal([]byte(strings.TrimSpace(w.Body.String()[at+6:])), &last); err != nil || w.Code != http.StatusOK || last.Kind != coach.Done {
				t.Fatalf("%d %s, %v", w.Code, w.Body, err)
			}
			if r := last.Reply; r.Reply == "" || !strings.HasPrefix(r.Reply, c.want) || c.want == "" && !r.Degraded {
				t.Errorf("says %q, degraded %t", r.Reply, r.Degraded)
			}
		})
	}
	t.Run("is not there", func(t *testing.T) {
		app, _ := postgrestest.URLs(t)
		b := setupOn(t, app, redistest.URL(t), map[string]string{"OLLAMA_HOST": "127.0.0.1:1"})
		mara := faastest.Member(t, demo.MemberID)
		if r := b.reply(t, mara, question); !r.Degraded || r.Reply == "" {
			t.Errorf("talk: %+v", r)
		}
		r := b.offer(t, mara, "", 0)
		if done := b.reply(t, mara, yes(r)); done.Action.Status != coach.StatusDone {
			t.Errorf("a booking needs no model: %+v", done)
		}
	})
}
