package chat_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/faas/faastest"
)

// TestBadInput: what cannot be answered has a code, and leaves nothing behind.
func TestBadInput(t *testing.T) {
	b := setup(t)
	_, tokens := b.join(t, 1)
	me := tokens[0]
	b.problem(t, 401, "token_invalid", "nonsense", "POST", "/", `{"message":"hello"}`)
	b.problem(t, 403, "role_not_allowed", faastest.Coach(t, demo.CoachID), "POST", "/", `{"message":"hello"}`)
	b.problem(t, 403, "role_not_allowed", me, "PUT", "/persona", `{"name":"X","tone":"friendly","language":"en"}`)
	message := func(text string) string { return `{"message":"` + text + `"}` }
	for _, c := range []struct {
		name   string
		status int
		code   string
		body   string
	}{
		{"nothing", 400, "body_required", ""},
		{"no object", 400, "invalid_request", `[]`},
		{"no message", 400, coach.CodeMessageEmpty, `{}`},
		{"empty", 400, coach.CodeMessageEmpty, message("")},
		{"blank", 400, coach.CodeMessageEmpty, message(` \n\t `)},
		{"unseen", 400, coach.CodeMessageEmpty, message(`\u200b\u200d\ufeff`)},
		{"control tokens", 400, coach.CodeMessageEmpty, message("<|im_start|>")},
		{"more control tokens", 400, coach.CodeMessageEmpty, message("<|eot_id|><|start_header_id|><|end_header_id|>")},
		{"8 KB and one", 413, coach.CodeMessageTooLarge, message(strings.Repeat("x", coach.MaxMessage+1))},
		{"10,000 emoji", 413, coach.CodeMessageTooLarge, message(strings.Repeat("💪", 10_000))},
		{"more than any body", 413, "body_too_large", message(strings.Repeat("x", 300_000))},
		{"unknown field", 400, "unknown_field", `{"message":"hello","member_id":"omar"}`},
		{"a number for words", 400, "invalid_request", `{"message":7}`},
		{"no JSON", 400, "invalid_json", `{"message":`},
		{"two documents", 400, "invalid_json", message("hello") + message("hello")},
		{"the same key twice", 400, "duplicate_key", `{"message":"hello","message":"bye"}`},
		{"broken UTF-8", 400, "invalid_utf8", message("\xff\xfe")},
		{"NUL", 400, "nul_byte", message(`a\u0000b`)},
		{"an id out of form", 400, "invalid_request", `{"message":"hello","conversation_id":"../x"}`},
		{"a long id", 400, "invalid_request", `{"message":"hello","conversation_id":"` + strings.Repeat("x", 65) + `"}`},
		{"yes and no", 400, "confirm_and_decline", `{"confirm":"a","decline":"b"}`},
		{"yes to nothing", 404, "proposal_unknown", `{"confirm":"none"}`},
		{"no to nothing", 404, "proposal_unknown", `{"decline":"none"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			b.problem(t, c.status, c.code, me, "POST", "/", c.body)
			if c.status != 404 { // a stream has begun when the proposal is looked for: it ends with an event
				b.problem(t, c.status, c.code, me, "POST", "/", c.body, "Accept", "text/event-stream")
			}
		})
	}
	b.problem(t, 404, "conversation_unknown", me, "GET", "/conversations/none", "")
	b.problem(t, 404, "conversation_unknown", me, "DELETE", "/conversations/none", "")
	b.problem(t, 400, "invalid_request", me, "POST", "/v1/chat/completions", `{"messages":[{"role":"assistant","content":"hello"}]}`)
	b.problem(t, 400, coach.CodeMessageEmpty, me, "POST", "/v1/chat/completions", `{"messages":[{"role":"user","content":"<|im_start|>"}]}`)
	b.problem(t, 413, coach.CodeMessageTooLarge, me, "POST", "/v1/chat/completions", `{"messages":[{"role":"user","content":"`+strings.Repeat("💪", 2_049)+`"}]}`)
	b.problem(t, 400, "invalid_request", me, "POST", "/ui", `{"id":"c","messages":[{"role":"assistant","parts":[]}]}`)
	b.problem(t, 400, coach.CodeMessageEmpty, me, "POST", "/ui", `{"id":"c","messages":[{"role":"user","parts":[]}]}`)
	b.problem(t, 400, "conversation_id_invalid", me, "POST", "/ui", `{"id":"../c","messages":[{"role":"user","parts":[{"type":"text","text":"hello"}]}]}`)
	if w := b.call(t, me, "GET", "/conversations", ""); w.Code != http.StatusOK || strings.TrimSpace(w.Body.String()) != `{"conversations":[]}` {
		t.Errorf("it left %d %s", w.Code, w.Body)
	}
	if n := len(b.ollama.Chats()); n != 0 {
		t.Errorf("the model was asked %d times", n)
	}
	// The largest that is allowed is answered.
	for _, text := range []string{strings.Repeat("💪", 2_000), strings.Repeat("x", coach.MaxMessage)} {
		if r := b.reply(t, me, message(text)); r.Reply == "" {
			t.Errorf("%d bytes: %+v", len(text), r)
		}
	}
}

// TestForeignConversation: the id of another member's conversation is one's own, and new; its words, proposal and rows stay with
// whom they belong to.
func TestForeignConversation(t *testing.T) {
	b := setup(t)
	ids, tokens := b.join(t, 2)
	mara, omar := tokens[0], tokens[1]
	first := b.reply(t, mara, `{"message":"my word is marzipan, how do I keep my back straight"}`)
	r := b.offer(t, mara, first.ConversationID, 0)

	b.problem(t, 404, "conversation_unknown", omar, "GET", "/conversations/"+r.ConversationID, "")
	b.problem(t, 404, "conversation_unknown", omar, "DELETE", "/conversations/"+r.ConversationID, "")
	b.problem(t, 404, "proposal_unknown", omar, "POST", "/", yes(r))
	b.problem(t, 404, "proposal_unknown", omar, "POST", "/", fmt.Sprintf(`{"conversation_id":%q,"decline":%q}`, r.ConversationID, r.Proposal.ID))
	if w := b.call(t, omar, "POST", "/", said(r, "yes")); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "Booked") {
		t.Errorf("a foreign yes: %d %s", w.Code, w.Body)
	}
	b.reply(t, omar, said(r, "my word is nougat, how do I keep my knees out"))
	asked := b.ollama.Chats()
	if strings.Contains(string(asked[len(asked)-1]), "marzipan") {
		t.Errorf("the model is asked %s", asked[len(asked)-1])
	}
	for i, theirs := range []string{"marzipan", "nougat"} {
		w := b.call(t, tokens[i], "GET", "/conversations/"+r.ConversationID, "")
		if other := []string{"nougat", "marzipan"}[i]; !strings.Contains(w.Body.String(), theirs) || strings.Contains(w.Body.String(), other) {
			t.Errorf("member %d reads %d %s", i, w.Code, w.Body)
		}
	}
	if b.booked(t, ids[0])+b.booked(t, ids[1]) != 0 {
		t.Error("something is booked")
	}
	if done := b.reply(t, mara, yes(r)); done.Action.Status != coach.StatusDone || b.booked(t, ids[0]) != 1 || b.booked(t, ids[1]) != 0 {
		t.Errorf("its own member: %+v", done)
	}
	b.problem(t, 409, "proposal_used", mara, "POST", "/", yes(r))
	b.problem(t, 404, "proposal_unknown", mara, "POST", "/", fmt.Sprintf(`{"confirm":%q}`, r.Proposal.ID)) // of no conversation
}

// TestLateYes: after five minutes an offer is over, by its id and in words.
func TestLateYes(t *testing.T) {
	b := setup(t)
	ids, tokens := b.join(t, 1)
	byID, inWords := b.offer(t, tokens[0], "", 0), b.offer(t, tokens[0], "", 1)
	b.later.Store(int64(5*time.Minute + time.Second))
	b.problem(t, 409, "proposal_expired", tokens[0], "POST", "/", yes(byID))
	late := b.reply(t, tokens[0], said(inWords, "yes"))
	if late.Action.Status != coach.StatusRefused || late.Action.Code != "proposal_expired" || !strings.HasPrefix(late.Reply, "That offer is no longer open.") {
		t.Errorf("in words: %+v", late)
	}
	if n := b.booked(t, ids[0]); n != 0 {
		t.Errorf("%d booked", n)
	}
	w := b.call(t, tokens[0], "GET", "/conversations/"+byID.ConversationID, "")
	var kept struct{ Messages []struct{} }
	if err := json.Unmarshal(w.Body.Bytes(), &kept); err != nil || len(kept.Messages) != 2 {
		t.Errorf("kept %s, %v", w.Body, err)
	}
}
