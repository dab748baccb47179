package postgres_test

import (
	"database/sql"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/intellifit/intellifit/migrations"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/postgres"
	"github.com/intellifit/intellifit/shared/postgres/postgrestest"
)

// TestUpDownUp takes every migration back and makes it again; what is stored afterwards works.
func TestUpDownUp(t *testing.T) {
	t.Parallel()
	app, owner := postgrestest.URLs(t)
	raw, err := sql.Open("pgx", owner)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, raw, migrations.Files)
	if err != nil {
		t.Fatal(err)
	}
	down, err := provider.DownTo(t.Context(), 0)
	if err != nil || len(down) == 0 {
		t.Fatalf("down: %d migrations, %v", len(down), err)
	}
	for range 2 { // the second time there is nothing to do
		if err := postgres.Migrate(t.Context(), owner); err != nil {
			t.Fatalf("up again: %v", err)
		}
	}
	db, err := postgres.Open(t.Context(), app)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx := postgrestest.Service(t.Context())
	if err := db.UpsertGym(ctx, gym.Gym{ID: postgrestest.GymID, Name: "Test gym", TimeZone: "UTC"}); err != nil {
		t.Fatal(err)
	}
	exercises, foods := random(5)
	fill(t, ctx, db, exercises, foods)
}
