package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/postgres"
	"github.com/intellifit/intellifit/shared/postgres/postgrestest"
)

// small opens a populated database through at most so many connections, so that principals must share them.
func small(t *testing.T, connections int) *postgres.DB {
	t.Helper()
	app, _ := postgrestest.URLs(t)
	separator := "?"
	if strings.Contains(app, "?") {
		separator = "&"
	}
	db, err := postgres.Open(t.Context(), fmt.Sprintf("%s%spool_max_conns=%d", app, separator, connections))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if err := db.UpsertGym(postgrestest.Service(t.Context()), gym.Gym{ID: postgrestest.GymID, Name: "Test gym", TimeZone: "UTC"}); err != nil {
		t.Fatal(err)
	}
	populate(t, db)
	return db
}

// TestConnectionForgets: however a transaction ends, the connection that goes back to the pool acts for nobody.
func TestConnectionForgets(t *testing.T) {
	t.Parallel()
	db := small(t, 1)
	service := postgrestest.Service(t.Context())
	failed := errors.New("no")
	for name, use := range map[string]func(){
		"commit": func() {
			if _, err := db.Members(service); err != nil {
				t.Error(err)
			}
		},
		"rollback": func() {
			if err := db.InTx(service, func(pgx.Tx) error { return failed }); !errors.Is(err, failed) {
				t.Error(err)
			}
		},
		"broken statement": func() {
			err := db.InTx(service, func(tx pgx.Tx) error { _, err := tx.Exec(service, "SELECT nothing FROM nowhere"); return err })
			if err == nil {
				t.Error("a broken statement passed")
			}
		},
		"cancel": func() {
			ctx, cancel := context.WithCancel(service)
			err := db.InTx(ctx, func(tx pgx.Tx) error { cancel(); _, err := tx.Exec(ctx, "SELECT 1"); return err })
			if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		},
		"panic": func() {
			defer func() { _ = recover() }()
			_ = db.InTx(service, func(pgx.Tx) error { panic("no") })
		},
	} {
		use()
		var who string
		var members int
		err := db.Pool().QueryRow(t.Context(), `
			SELECT concat(current_setting('app.gym', true), current_setting('app.subject', true), current_setting('app.role', true)), (SELECT count(*) FROM member)`).Scan(&who, &members)
		if err != nil || who != "" || members != 0 {
			t.Errorf("after %s the connection acts for %q and sees %d members, %v", name, who, members, err)
		}
	}
}

// TestPrincipalsShareConnections: callers who take turns on two connections see their own rows, every time.
func TestPrincipalsShareConnections(t *testing.T) {
	t.Parallel()
	db := small(t, 2)
	var g errgroup.Group
	for i := range 60 {
		id := []string{"anna", "ben"}[i%2]
		g.Go(func() error {
			members, err := db.Members(postgrestest.As(t.Context(), id, gym.RoleMember))
			if err != nil {
				return err
			}
			if len(members) != 1 || members[0].ID != id {
				return fmt.Errorf("%s sees %d members", id, len(members))
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}
