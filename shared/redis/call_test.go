package redis_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/redis/redistest"
	"github.com/intellifit/intellifit/shared/voice"
)

// TestChangeSession: of many changes at once none is lost, and another member's call is unknown.
func TestChangeSession(t *testing.T) {
	t.Parallel()
	db := open(t, redistest.URL(t))
	ctx, _ := acting(t)
	s := voice.Session{ID: "call_" + uuid.NewString(), MemberID: "mara", ConversationID: "c", Rate: 22050}
	if err := db.SaveSession(ctx, s); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			_, err := db.ChangeSession(ctx, "mara", s.ID, func(s *voice.Session) error {
				s.Turns++
				s.Items = append(s.Items, voice.Item{ID: fmt.Sprint(i)})
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got, err := db.Session(ctx, "mara", s.ID)
	if err != nil || got.Turns != 8 || len(got.Items) != 8 {
		t.Errorf("%d turns, %d items, %v", got.Turns, len(got.Items), err)
	}
	refused := errors.New("no")
	if _, err := db.ChangeSession(ctx, "mara", s.ID, func(*voice.Session) error { return refused }); !errors.Is(err, refused) {
		t.Errorf("a change that fails: %v", err)
	}
	if _, err := db.Session(ctx, "omar", s.ID); !errors.Is(err, gym.ErrNotFound) {
		t.Errorf("another member: %v", err)
	}
	if err := db.DropSession(ctx, "mara", s.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ChangeSession(ctx, "mara", s.ID, func(*voice.Session) error { return nil }); !errors.Is(err, gym.ErrNotFound) {
		t.Errorf("after its end: %v", err)
	}
}

// TestCancellations: who runs a turn hears of its end, wherever that was asked for, and of no other call's.
func TestCancellations(t *testing.T) {
	t.Parallel()
	db := open(t, redistest.URL(t))
	ctx, _ := acting(t)
	id := uuid.NewString()
	heard, stop, err := db.Cancellations(ctx, "mara", id)
	if err != nil {
		t.Fatal(err)
	}
	for _, cancel := range [][2]string{{"mara", "other"}, {"omar", id}} {
		if err := db.CancelTurn(ctx, cancel[0], cancel[1], ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.CancelTurn(ctx, "mara", id, "turn-2"); err != nil {
		t.Fatal(err)
	}
	select {
	case except := <-heard:
		if except != "turn-2" {
			t.Errorf("heard %q", except)
		}
	case <-time.After(2 * time.Second):
		t.Error("nothing was heard")
	}
	stop()
	for range heard { // ends
	}
}
