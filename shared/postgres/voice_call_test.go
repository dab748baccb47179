package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/postgres/postgrestest"
	"github.com/intellifit/intellifit/shared/voice"
)

// TestStoreCall: an ended call is kept once, without words where the member did not agree, and nobody else reads it.
func TestStoreCall(t *testing.T) {
	t.Parallel()
	db := postgrestest.Open(t)
	if _, err := db.UpsertMembers(postgrestest.Service(t.Context()), []gym.Member{{ID: "mara"}, {ID: "omar"}}); err != nil {
		t.Fatal(err)
	}
	mara, omar, staff := postgrestest.As(t.Context(), "mara", gym.RoleMember), postgrestest.As(t.Context(), "omar", gym.RoleMember), postgrestest.As(t.Context(), "boss", gym.RoleManager)
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	told := voice.Record{ID: "a", MemberID: "mara", ConversationID: "c", StartedAt: at, EndedAt: at.Add(time.Minute), Turns: 1, Transcript: []voice.Item{{ID: "i", Role: "user", Text: "hello", At: at}}}
	silent := voice.Record{ID: "b", MemberID: "mara", ConversationID: "c", StartedAt: at.Add(time.Hour), EndedAt: at.Add(time.Hour), Turns: 2}
	for _, r := range []voice.Record{told, silent, told} {
		if err := db.StoreCall(mara, r); err != nil {
			t.Fatal(err)
		}
	}
	got, err := db.Calls(mara, "mara", 10)
	if err != nil || len(got) != 2 || got[0].ID != "b" || got[0].Transcript != nil || len(got[1].Transcript) != 1 || got[1].Transcript[0].Text != "hello" || !got[1].StartedAt.Equal(at) {
		t.Errorf("%+v, %v", got, err)
	}
	if err := db.StoreCall(omar, told); err == nil {
		t.Error("omar stores a call of mara's")
	}
	for who, ctx := range map[string]context.Context{"omar": omar, "the manager": staff} {
		if got, err := db.Calls(ctx, "mara", 10); err != nil && !errors.Is(err, gym.ErrForbidden) || len(got) != 0 {
			t.Errorf("%s reads %+v, %v", who, got, err)
		}
	}
}
