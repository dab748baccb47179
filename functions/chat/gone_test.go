package chat_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ollama/ollama/api"

	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/shared/faas/faastest"
	"github.com/intellifit/intellifit/shared/llm/llmtest"
)

// TestGone: when the client closes the connection, in whatever dialect and before or after the first words, the model is stopped
// within a second.
func TestGone(t *testing.T) {
	for name, c := range map[string]struct {
		path, body, accept string
	}{
		"events":        {"/", question, "text/event-stream"},
		"whole":         {"/", question, "application/json"},
		"OpenAI stream": {"/v1/chat/completions", `{"stream":true,"messages":[{"role":"user","content":"how do I keep my back straight"}]}`, "text/event-stream"},
		"UI stream":     {"/ui", `{"id":"gone","messages":[{"role":"user","parts":[{"type":"text","text":"how do I keep my back straight"}]}]}`, "text/event-stream"},
	} {
		for _, when := range []string{"before the first words", "in the middle"} {
			t.Run(name+" "+when, func(t *testing.T) {
				t.Parallel()
				b := setup(t)
				_, tokens := b.join(t, 1)
				asked, stopped := make(chan struct{}, 1), make(chan time.Time, 1)
				b.ollama.Chat = func(r api.ChatRequest) llmtest.Answer {
					if len(r.Format) > 0 {
						return llmtest.Answer{Content: `{"action":"reply"}`}
					}
					asked <- struct{}{}
					a := llmtest.Answer{Content: sentence, Wait: 30 * time.Second, Gone: func() { stopped <- time.Now() }}
					if when == "in the middle" {
						a = llmtest.Answer{Content: "Keep your chest up. And so on and on and on it goes and goes.", Stall: true, Gone: a.Gone}
					}
					return a
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				req, err := http.NewRequestWithContext(ctx, "POST", b.server.URL+c.path, strings.NewReader(c.body))
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Authorization", "Bearer "+tokens[0])
				req.Header.Set("Content-Type", "application/json")
				req.Header.Set("Accept", c.accept)
				left := make(chan time.Time, 1)
				go func() {
					<-asked
					time.Sleep(100 * time.Millisecond)
					left <- time.Now()
					cancel()
				}()
				if res, err := http.DefaultClient.Do(req); err == nil {
					if _, err := io.Copy(io.Discard, res.Body); err == nil {
						t.Error("the answer ended by itself")
					}
					res.Body.Close()
				}
				select {
				case at := <-stopped:
					if took := at.Sub(<-left); took > time.Second {
						t.Errorf("the model went on for %v", took)
					}
				case <-time.After(5 * time.Second):
					t.Errorf("the model goes on for nobody; it was asked %d times: %s", len(b.ollama.Chats()), b.log.String())
				}
			})
		}
	}
}

// TestGoneAfterYes: a client that sends a yes and leaves has booked, and finds the answer under the same key.
func TestGoneAfterYes(t *testing.T) {
	b := setup(t)
	mara := faastest.Member(t, demo.MemberID)
	for i := range 4 {
		r := b.offer(t, mara, "", 8*i)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Duration(i)*5*time.Millisecond, cancel)
		key := []string{"Idempotency-Key", r.Proposal.ID}
		b.callIn(ctx, mara, "POST", "/", yes(r), key...)
		if again := b.reply(t, mara, yes(r), key...); again.Action.Status != "done" || b.booked(t, demo.MemberID) != i+1 {
			t.Errorf("left after %d ms: %+v, %d booked", 5*i, again, b.booked(t, demo.MemberID))
		}
	}
}
