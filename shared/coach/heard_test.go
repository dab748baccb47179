package coach_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/gym"
)

// TestInterrupt: the conversation holds what was heard, and an offer that was not heard to its end cannot be agreed to.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		heard  func(coach.Reply) string
		booked int
	}{
		{"nothing", func(coach.Reply) string { return "" }, 0},
		{"half of the offer", func(r coach.Reply) string { return r.Proposal.Summary[:len(r.Proposal.Summary)/2] }, 0},
		{"the offer but for its question", func(r coach.Reply) string { return r.Proposal.Summary }, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			offer := b.must(t, "mara", coach.In{ConversationID: uuid.NewString(), Message: "book friday 9"})
			if offer.MessageID == 0 || offer.Proposal == nil {
				t.Fatalf("got %+v", offer)
			}
			heard := c.heard(offer)
			ctx := as(t.Context(), "mara")
			_, err := b.Interrupt(ctx, coach.Interruption{MemberID: "mara", ConversationID: offer.ConversationID, MessageID: offer.MessageID, Heard: heard, Proposal: offer.Proposal})
			if err != nil {
				t.Fatal(err)
			}
			said, err := b.db.Messages(ctx, "mara", offer.ConversationID, 0, 0)
			if err != nil || heard == "" && len(said) != 1 || heard != "" && (len(said) != 2 || said[1].Text != heard) {
				t.Errorf("stored %+v, %v", said, err)
			}
			yes := b.must(t, "mara", coach.In{ConversationID: offer.ConversationID, Message: "yes"})
			if n := b.booked(t, "mara"); n != c.booked {
				t.Errorf("%d booked after %q, want %d: %s", n, heard, c.booked, yes.Reply)
			}
		})
	}
}

// TestInterruptBeforeItWasStored: of a turn that was broken off the member's words stay, and what was heard.
func TestInterruptBeforeItWasStored(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, id := as(t.Context(), "mara"), uuid.NewString()
	kept, err := b.Interrupt(ctx, coach.Interruption{MemberID: "mara", ConversationID: id, Message: "how do I squat", Heard: "Hold the weight"})
	if err != nil {
		t.Fatal(err)
	}
	said, err := b.db.Messages(ctx, "mara", id, 0, 0)
	if err != nil || len(said) != 2 || said[1].ID != kept || said[0].Text != "how do I squat" || said[1].Text != "Hold the weight" {
		t.Errorf("stored %+v, %v", said, err)
	}
	if _, err := b.Interrupt(as(t.Context(), "omar"), coach.Interruption{MemberID: "mara", ConversationID: id, MessageID: said[1].ID, Heard: "x"}); !errors.Is(err, gym.ErrNotFound) {
		t.Errorf("another member amends it: %v", err)
	}
}

// TestWorking: a tool's begin is told before its end.
func TestWorking(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, events, err := b.say(t, "mara", coach.In{Message: "what do I have"})
	if err != nil {
		t.Fatal(err)
	}
	kinds := ""
	for _, e := range events {
		kinds += string(e.Kind) + " "
	}
	if !strings.HasPrefix(kinds, "conversation working action delta") {
		t.Errorf("got %s", kinds)
	}
}

// TestPreload: the model reads what stands before the first words, which then begin the real prompt.
func TestPreload(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := b.Preload(as(t.Context(), "mara"), "mara", ""); err != nil {
		t.Fatal(err)
	}
	b.must(t, "mara", coach.In{Message: "how do I keep my back straight"})
	var systems []string
	for _, body := range b.ollama.Chats() {
		var asked struct{ Messages []struct{ Content string } }
		if err := json.Unmarshal(body, &asked); err != nil {
			t.Fatal(err)
		}
		systems = append(systems, asked.Messages[0].Content)
	}
	if len(systems) < 2 || systems[0] != systems[len(systems)-1] {
		t.Errorf("%d prompts, want the same beginning: %q", len(systems), systems)
	}
}
