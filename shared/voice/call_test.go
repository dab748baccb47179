package voice_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/voice"
)

// TestHangUp: the call is recorded once, with what was said only while the member agrees, and is gone.
func TestHangUp(t *testing.T) {
	t.Parallel()
	for _, agrees := range []bool{true, false} {
		b := setup(t)
		var l listener
		open, err := b.Open(b.as(t.Context()), voice.In{ID: uuid.NewString(), MemberID: b.member.ID}, l.emit)
		if err != nil || !strings.HasPrefix(open.Text, "Hello Mara, this is ") || !strings.Contains(open.Text, "Iron House") || l.soundMS() == 0 {
			t.Fatalf("%+v, %v", open, err)
		}
		in := b.clip()
		in.SessionID = open.Session.ID
		if _, err := b.Turn(b.as(t.Context()), in, l.emit); err != nil {
			t.Fatal(err)
		}
		b.member.Consent.Voice = agrees
		ended, err := b.HangUp(b.as(t.Context()), b.member.ID, open.Session.ID)
		if err != nil || ended.Turns != 1 || ended.TranscriptStored != agrees || len(b.records) != 1 || (len(b.records[0].Transcript) == 3) != agrees {
			t.Errorf("agrees %v: %+v %+v, %v", agrees, ended, b.records, err)
		}
		if _, err := b.HangUp(b.as(t.Context()), b.member.ID, open.Session.ID); !errors.Is(err, gym.ErrNotFound) {
			t.Errorf("again: %v", err)
		}
	}
}

// TestLostSession: a store that is emptied in the middle of a turn gets the call back.
func TestLostSession(t *testing.T) {
	t.Parallel()
	b := setup(t)
	open, err := b.Open(b.as(t.Context()), voice.In{ID: uuid.NewString(), MemberID: b.member.ID}, (&listener{}).emit)
	if err != nil {
		t.Fatal(err)
	}
	b.coach.script = func(ctx context.Context, in coach.In, emit func(coach.Event) error) (coach.Reply, error) {
		if err := b.sessions.DropSession(ctx, b.member.ID, open.Session.ID); err != nil {
			t.Error(err)
		}
		return say(emit, in, "Good.")
	}
	in := b.clip()
	in.SessionID = open.Session.ID
	if _, err := b.Turn(b.as(t.Context()), in, (&listener{}).emit); err != nil {
		t.Fatal(err)
	}
	if s, err := b.State(b.as(t.Context()), b.member.ID, open.Session.ID); err != nil || s.Turns != 1 || s.Items[len(s.Items)-1].Text != "Good." {
		t.Errorf("%+v, %v", s, err)
	}
}
