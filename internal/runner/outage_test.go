package runner

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/intellifit/intellifit/shared/postgres"
	"github.com/jackc/pgx/v5"
)

// TestDatabaseOutage cuts every connection and lets none in: calls are refused with what to do, and the same call is
// accepted and worked when the database is back.
func TestDatabaseOutage(t *testing.T) {
	t.Parallel()
	app, owner := newURLs(t)
	db := openDatabase(t, app)
	b := setupAsync(t, db, nil)
	cfg, err := pgx.ParseConfig(owner)
	if err != nil {
		t.Fatal(err)
	}
	name := pgx.Identifier{cfg.Database}.Sanitize()
	// A session cannot close the database that it is in.
	admin, err := pgx.Connect(t.Context(), postgres.WithDatabase(owner, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(t.Context())
	allow := func(on bool) {
		if _, err := admin.Exec(t.Context(), fmt.Sprintf(`ALTER DATABASE %s WITH ALLOW_CONNECTIONS %t`, name, on)); err != nil {
			t.Fatal(err)
		}
	}
	killer, err := pgx.Connect(t.Context(), app)
	if err != nil {
		t.Fatal(err)
	}
	defer killer.Close(t.Context())
	allow(false)
	if _, err := killer.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()`); err != nil {
		t.Fatal(err)
	}
	status, _, answer, err := b.post(t, "/", `{}`, "outage")
	if err != nil || status != 503 || code(t, answer) != "queue_unavailable" {
		t.Errorf("POST = %d %s %v, want 503", status, answer, err)
	}
	res, err := http.Get(b.base + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 503 {
		t.Errorf("/readyz = %d, want 503", res.StatusCode)
	}
	allow(true)
	b.mustPost(t, "/", `{}`, "outage")
	if c := b.ended(t, "outage"); c.State != postgres.CallDone {
		t.Errorf("call %+v", c)
	}
}
