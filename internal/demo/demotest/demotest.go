// Package demotest gives tests a real database with the demo gym in it.
package demotest

import (
	"context"
	"testing"

	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/postgres"
	"github.com/intellifit/intellifit/shared/postgres/postgrestest"
)

// Open is a database of the test's own with the demo gym, and its URL under the runtime role.
func Open(t testing.TB) (db *postgres.DB, app string) {
	t.Helper()
	app, _ = postgrestest.URLs(t)
	return OpenAt(t, app), app
}

// OpenAt is Open of a database that exists.
func OpenAt(t testing.TB, app string) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), app)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if err := demo.Seed(Service(t.Context()), db, models.Silent()); err != nil {
		t.Fatal(err)
	}
	return db
}

// Service acts for the demo gym itself.
func Service(ctx context.Context) context.Context {
	return gym.WithPrincipal(ctx, gym.Principal{GymID: demo.GymID, Subject: "test", Role: gym.RoleService})
}
