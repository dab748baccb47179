package demo_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/postgres"
	"github.com/intellifit/intellifit/shared/postgres/postgrestest"
)

// now is the day on which the members' ages are counted.
var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// open gives a real database, empty but for its tables.
func open(t *testing.T) *postgres.DB {
	t.Helper()
	app, _ := postgrestest.URLs(t)
	db, err := postgres.Open(t.Context(), app)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

func as(ctx context.Context, subject string, role gym.Role) context.Context {
	return gym.WithPrincipal(ctx, gym.Principal{GymID: demo.GymID, Subject: subject, Role: role})
}

// contents gives, for each table that Seed fills, its rows and a digest of every column, times of change included.
func contents(t *testing.T, db *postgres.DB) map[string]content {
	t.Helper()
	ctx := as(t.Context(), "test", gym.RoleService)
	out := map[string]content{}
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		for _, table := range []string{"gym", "coach", "equipment", "exercise", "food", "member"} {
			var c content
			query := `SELECT count(*), md5(coalesce(string_agg(r::text, E'\n' ORDER BY r::text), '')) FROM ` + table + ` r`
			if err := tx.QueryRow(ctx, query).Scan(&c.Rows, &c.Digest); err != nil {
				return err
			}
			out[table] = c
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

type content struct {
	Rows   int
	Digest string
}

func TestSeedTwice(t *testing.T) {
	db := open(t)
	ctx := as(t.Context(), "test", gym.RoleService)
	var shown bytes.Buffer
	if err := demo.Seed(ctx, db, models.NewLines(&shown)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(shown.String(), "demo gym") {
		t.Errorf("seeding shows nothing: %q", shown.String())
	}
	first := contents(t, db)
	exercises, foods, err := demo.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	members, err := demo.Members()
	if err != nil {
		t.Fatal(err)
	}
	for table, want := range map[string]int{"gym": 1, "coach": 3, "exercise": len(exercises), "food": len(foods), "member": len(members)} {
		if got := first[table].Rows; got != want {
			t.Errorf("%s has %d rows, want %d", table, got, want)
		}
	}
	if err := demo.Seed(ctx, db, models.Silent()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, contents(t, db)); diff != "" {
		t.Errorf("the second seeding changed something (-first +second):\n%s", diff)
	}
	g, err := db.Gym(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(gym.Gym{ID: demo.GymID, Name: "Studio Nordlicht", TimeZone: "Europe/Berlin"}, g); diff != "" {
		t.Errorf("gym (-want +got):\n%s", diff)
	}
}

// TestSeedOfAnotherGym: a service of another gym cannot fill the demo gym.
func TestSeedOfAnotherGym(t *testing.T) {
	db := open(t)
	ctx := gym.WithPrincipal(t.Context(), gym.Principal{GymID: "other", Subject: "test", Role: gym.RoleService})
	if err := demo.Seed(ctx, db, models.Silent()); err == nil {
		t.Error("a service of another gym seeded the demo gym")
	}
	if rows := contents(t, db)["exercise"].Rows; rows != 0 {
		t.Errorf("a refused seeding left %d exercises", rows)
	}
}
