package redis_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/redis"
	"github.com/intellifit/intellifit/shared/redis/redistest"
	"github.com/intellifit/intellifit/shared/toolbox"
)

func open(t *testing.T, url string) *redis.DB {
	t.Helper()
	db, err := redis.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// acting is a context of a gym that only this test has.
func acting(t *testing.T) (context.Context, string) {
	t.Helper()
	id := uuid.NewString()
	return gym.WithPrincipal(t.Context(), gym.Principal{GymID: id, Subject: "mara", Role: gym.RoleMember}), id
}

func code(err error) string {
	var known *gym.Error
	if errors.As(err, &known) {
		return known.Code
	}
	return fmt.Sprint(err)
}

func proposal(gymID string) toolbox.Proposal {
	return toolbox.Proposal{ID: uuid.NewString(), GymID: gymID, MemberID: "mara", ConversationID: "c1", Tool: "schedule_appointment",
		Args: json.RawMessage(`{"coach":"ada"}`), Summary: "I would book.", ExpiresAt: time.Now().Add(time.Minute)}
}

// TestProposalIsUsedOnce: of a hundred confirmations at once one gets it.
func TestProposalIsUsedOnce(t *testing.T) {
	t.Parallel()
	db := open(t, redistest.URL(t))
	ctx, gymID := acting(t)
	p := proposal(gymID)
	if err := db.Put(ctx, p); err != nil {
		t.Fatal(err)
	}
	var got, used atomic.Int32
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			taken, err := db.Take(ctx, gymID, "mara", "c1", p.ID)
			switch {
			case err == nil && taken.Summary == p.Summary && string(taken.Args) == string(p.Args):
				got.Add(1)
			case code(err) == "proposal_used":
				used.Add(1)
			default:
				t.Errorf("took %+v, %v", taken, err)
			}
		})
	}
	all.Wait()
	if got.Load() != 1 || used.Load() != 99 {
		t.Errorf("%d got it, %d were told that it was used", got.Load(), used.Load())
	}
}

func TestProposalIsRefused(t *testing.T) {
	t.Parallel()
	db := open(t, redistest.URL(t))
	ctx, gymID := acting(t)
	p := proposal(gymID)
	late := proposal(gymID)
	late.ExpiresAt = time.Now().Add(-time.Second)
	for _, each := range []toolbox.Proposal{p, late} {
		if err := db.Put(ctx, each); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct{ gym, member, conversation, id, code string }{
		"another gym":          {"other", "mara", "c1", p.ID, "proposal_unknown"},
		"another member":       {gymID, "omar", "c1", p.ID, "proposal_unknown"},
		"another conversation": {gymID, "mara", "c2", p.ID, "proposal_unknown"},
		"ids that run over":    {gymID, "mara:c1", p.ID, "", "proposal_unknown"},
		"never made":           {gymID, "mara", "c1", "x", "proposal_unknown"},
		"expired":              {gymID, "mara", "c1", late.ID, "proposal_expired"},
	} {
		if _, err := db.Take(ctx, c.gym, c.member, c.conversation, c.id); code(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	if _, err := db.Take(ctx, gymID, "mara", "c1", p.ID); err != nil {
		t.Errorf("after the strangers its own member: %v", err)
	}
}

// TestTurnRunsOnce: of many calls with one id one runs, and all get its answer.
func TestTurnRunsOnce(t *testing.T) {
	t.Parallel()
	db := open(t, redistest.URL(t))
	ctx, _ := acting(t)
	var ran, first atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			got, mine, err := db.Once(ctx, "mara", "turn-1", func(context.Context) ([]byte, error) {
				ran.Add(1)
				time.Sleep(100 * time.Millisecond)
				return []byte("answer"), nil
			})
			if err != nil || string(got) != "answer" {
				t.Errorf("got %q, %v", got, err)
			}
			if mine {
				first.Add(1)
			}
		})
	}
	all.Wait()
	if ran.Load() != 1 || first.Load() != 1 {
		t.Errorf("it ran %d times, %d were the first", ran.Load(), first.Load())
	}
	// What failed may be tried again; what another member does under the same id is something else.
	wrong := errors.New("wrong")
	if _, _, err := db.Once(ctx, "mara", "turn-2", func(context.Context) ([]byte, error) { return nil, wrong }); !errors.Is(err, wrong) {
		t.Errorf("a failed turn: %v", err)
	}
	for _, member := range []string{"mara", "omar"} {
		if got, mine, err := db.Once(ctx, member, "turn-2", func(context.Context) ([]byte, error) { return []byte(member), nil }); err != nil || !mine || string(got) != member {
			t.Errorf("%s: %q, %t, %v", member, got, mine, err)
		}
	}
	waiting, cancel := context.WithTimeout(ctx, 150*time.Millisecond)
	defer cancel()
	blocked := make(chan struct{})
	all.Go(func() {
		_, _, err := db.Once(ctx, "mara", "turn-3", func(context.Context) ([]byte, error) { <-blocked; return nil, nil })
		if err != nil {
			t.Error(err)
		}
	})
	time.Sleep(50 * time.Millisecond)
	if _, _, err := db.Once(waiting, "mara", "turn-3", func(context.Context) ([]byte, error) { return nil, errors.New("ran twice") }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("who waits too long: %v", err)
	}
	close(blocked)
	all.Wait()
}

// TestRedisRestarts: what was written is there after a kill.
func TestRedisRestarts(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	db := open(t, server.URL())
	ctx, gymID := acting(t)
	p := proposal(gymID)
	if err := db.Put(ctx, p); err != nil {
		t.Fatal(err)
	}
	if err := db.SetOpen(ctx, "mara", "c1", []byte("question")); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1200 * time.Millisecond) // its file is synced every second
	killed := server.PID()
	if err := syscall.Kill(killed, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); server.PID() == killed || db.Ping(ctx) != nil; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not come back")
		}
	}
	if open, err := db.Open(ctx, "mara", "c1"); err != nil || string(open) != "question" {
		t.Errorf("after the restart %q is open, %v", open, err)
	}
	if _, err := db.Take(ctx, gymID, "mara", "c1", p.ID); err != nil {
		t.Errorf("after the restart: %v", err)
	}
}

func TestRedisIsAway(t *testing.T) {
	t.Parallel()
	db := open(t, "redis://127.0.0.1:1/0")
	ctx, gymID := acting(t)
	_, _, once := db.Once(ctx, "mara", "turn", func(context.Context) ([]byte, error) { return nil, errors.New("ran") })
	_, open := db.Open(ctx, "mara", "c1")
	_, take := db.Take(ctx, gymID, "mara", "c1", "p")
	for name, err := range map[string]error{"ping": db.Ping(ctx), "put": db.Put(ctx, proposal(gymID)), "once": once, "open": open, "take": take} {
		if code(err) != "redis_unavailable" || !errors.Is(err, gym.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWithoutPrincipal(t *testing.T) {
	t.Parallel()
	db := open(t, redistest.URL(t))
	if _, err := db.Open(t.Context(), "mara", "c1"); code(err) != "token_missing" {
		t.Errorf("nobody reads: %v", err)
	}
	if _, err := redis.Open("http://x"); code(err) != "redis_url_invalid" {
		t.Errorf("a wrong URL: %v", err)
	}
}
