package postgres_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/postgres"
	"github.com/intellifit/intellifit/shared/postgres/postgrestest"
)

func call(id string) postgres.Call {
	return postgres.Call{MemberID: "anna", ID: id, Role: gym.RoleMember, Function: "plan", Path: "/", Query: "a=1", ContentType: "application/json",
		Body: []byte(`{"wishes":"private"}`), RequestHash: []byte("hash"), State: postgres.CallQueued}
}

func enqueue(t *testing.T, db *postgres.DB, ctx context.Context, c postgres.Call) (created bool, err error) {
	t.Helper()
	err = db.InTx(ctx, func(tx pgx.Tx) (err error) {
		created, err = postgres.EnqueueCall(ctx, tx, c)
		return err
	})
	return created, err
}

// TestCallStates follows one call from the queue to its end: attempts count, the start stays the first one, the body goes
// with the end, and nothing starts a call again that has ended.
func TestCallStates(t *testing.T) {
	t.Parallel()
	db := postgrestest.Open(t)
	anna, worker := postgrestest.As(t.Context(), "anna", gym.RoleMember), postgrestest.Service(t.Context())
	if created, err := enqueue(t, db, anna, call("c1")); err != nil || !created {
		t.Fatalf("enqueue: %t, %v", created, err)
	}
	queued, err := db.Call(anna, "anna", "c1")
	if err != nil {
		t.Fatal(err)
	}
	want := call("c1")
	want.CreatedAt = queued.CreatedAt
	if diff := cmp.Diff(want, queued); diff != "" || queued.CreatedAt.IsZero() {
		t.Errorf("queued (-want +got):\n%s", diff)
	}
	var started []*time.Time
	for attempt := 1; attempt <= 2; attempt++ { // the second one follows a crash
		got, err := db.StartCall(worker, "anna", "c1")
		if err != nil || got.State != postgres.CallRunning || got.Attempts != attempt || string(got.Body) != string(want.Body) {
			t.Fatalf("attempt %d: %+v, %v", attempt, got, err)
		}
		running, err := db.Call(worker, "anna", "c1")
		if err != nil || running.State != postgres.CallRunning || running.Attempts != attempt || running.StartedAt == nil || running.FinishedAt != nil {
			t.Fatalf("running: %+v, %v", running, err)
		}
		started = append(started, running.StartedAt)
	}
	if !started[1].Equal(*started[0]) {
		t.Errorf("started at %v, then at %v", started[0], started[1])
	}
	problem := json.RawMessage(`{"code": "plan_infeasible"}`)
	if err := db.FinishCall(worker, "anna", "c1", postgres.CallFailed, 422, problem); err != nil {
		t.Fatal(err)
	}
	again, err := db.StartCall(worker, "anna", "c1")
	if err != nil {
		t.Fatal(err)
	}
	ended, err := db.Call(anna, "anna", "c1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(again, ended); diff != "" {
		t.Errorf("a start changed a call that had ended:\n%s", diff)
	}
	if ended.State != postgres.CallFailed || ended.Status != 422 || string(ended.Problem) != string(problem) || ended.Body != nil || ended.FinishedAt == nil ||
		ended.Attempts != 2 || !ended.StartedAt.Equal(*started[0]) {
		t.Errorf("ended: %+v", ended)
	}
}

// TestCallIDOfAnotherRequest: a repeated call is one call; the same id for anything else is refused, and changes nothing.
func TestCallIDOfAnotherRequest(t *testing.T) {
	t.Parallel()
	db := postgrestest.Open(t)
	anna := postgrestest.As(t.Context(), "anna", gym.RoleMember)
	if _, err := enqueue(t, db, anna, call("c1")); err != nil {
		t.Fatal(err)
	}
	if created, err := enqueue(t, db, anna, call("c1")); err != nil || created {
		t.Errorf("the same call again: %t, %v", created, err)
	}
	other := call("c1")
	other.RequestHash, other.Body = []byte("other"), []byte("other")
	_, err := enqueue(t, db, anna, other)
	var known *gym.Error
	if !errors.Is(err, gym.ErrConflict) || !errors.As(err, &known) || known.Code != "call_id_reused" {
		t.Errorf("another request under the id: %v", err)
	}
	if stored, err := db.Call(anna, "anna", "c1"); err != nil || string(stored.Body) != string(call("c1").Body) {
		t.Errorf("stored %q, %v", stored.Body, err)
	}
	ben := postgrestest.As(t.Context(), "ben", gym.RoleMember)
	same := call("c1")
	same.MemberID = "ben"
	if created, err := enqueue(t, db, ben, same); err != nil || !created {
		t.Errorf("the same id of another member: %t, %v", created, err)
	}
}

// TestCallOfAnother: a call is seen by whoever asked, in the role in which it was asked, and by the worker of that gym.
func TestCallOfAnother(t *testing.T) {
	t.Parallel()
	db := postgrestest.Open(t)
	anna := postgrestest.As(t.Context(), "anna", gym.RoleMember)
	if _, err := enqueue(t, db, anna, call("c1")); err != nil {
		t.Fatal(err)
	}
	for name, ctx := range map[string]context.Context{
		"another member": postgrestest.As(t.Context(), "ben", gym.RoleMember), "a coach of that name": postgrestest.As(t.Context(), "anna", gym.RoleCoach),
		"a manager":                postgrestest.As(t.Context(), "boss", gym.RoleManager),
		"the same id elsewhere":    gym.WithPrincipal(t.Context(), gym.Principal{GymID: "othergym", Subject: "anna", Role: gym.RoleMember}),
		"another gym's own worker": gym.WithPrincipal(t.Context(), gym.Principal{GymID: "othergym", Subject: "worker", Role: gym.RoleService}),
	} {
		if _, err := db.Call(ctx, "anna", "c1"); !errors.Is(err, gym.ErrNotFound) {
			t.Errorf("%s reads the call: %v", name, err)
		}
		if _, err := db.StartCall(ctx, "anna", "c1"); !errors.Is(err, gym.ErrNotFound) {
			t.Errorf("%s starts the call: %v", name, err)
		}
		if err := db.FinishCall(ctx, "anna", "c1", postgres.CallDone, 200, nil); err != nil {
			t.Errorf("%s ends the call: %v", name, err)
		}
	}
	if _, err := enqueue(t, db, postgrestest.As(t.Context(), "ben", gym.RoleMember), call("c2")); !errors.Is(err, gym.ErrForbidden) {
		t.Errorf("ben asks in anna's name: %v", err)
	}
	if c, err := db.Call(anna, "anna", "c1"); err != nil || c.State != postgres.CallQueued || c.Attempts != 0 {
		t.Errorf("afterwards the call is %+v, %v", c, err)
	}
}
