package stack

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/internal/process"
)

// postgresBinaries returns the binaries that `up` would use.
func postgresBinaries(t *testing.T) string {
	t.Helper()
	home, err := Home(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := PostgresBinaries(t.Context(), home, models.Silent())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// clusterDir returns a place for a cluster that the account which runs it can reach.
func clusterDir(t *testing.T) string {
	t.Helper()
	dir, err := temporaryPlace()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "data")
}

func execute(t *testing.T, databaseURL, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, databaseURL, sql string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestPostgresKeepsCommittedRowsOverAKill(t *testing.T) {
	t.Parallel()
	data := clusterDir(t)
	events := make(chan process.Event, 8)
	server, err := StartPostgres(t.Context(), PostgresOptions{
		BinDir: postgresBinaries(t), DataDir: data, Password: "secret-1", Event: func(e process.Event) { events <- e },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Stop() })
	execute(t, server.URL("postgres"), `CREATE EXTENSION vector; CREATE TABLE kept (v vector(2)); INSERT INTO kept VALUES ('[1,2]')`)

	before, port := server.PID(), server.Port()
	if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	awaitReady(t, events)
	if server.PID() == before || server.Port() != port {
		t.Errorf("after the kill: pid %d (was %d), port %d (was %d); want another process at the same address", server.PID(), before, server.Port(), port)
	}
	if n := count(t, server.URL("postgres"), `SELECT count(*) FROM kept`); n != 1 {
		t.Errorf("rows after the kill = %d, want 1", n)
	}
	if err := server.Stop(); err != nil {
		t.Errorf("Stop() = %v", err)
	}
	if _, err := os.Stat(filepath.Join(data, "postmaster.pid")); !os.IsNotExist(err) {
		t.Error("an orderly stop left postmaster.pid behind")
	}
}

func TestPostgresStartsOverAStaleLock(t *testing.T) {
	t.Parallel()
	o := PostgresOptions{BinDir: postgresBinaries(t), DataDir: clusterDir(t), Password: "secret-2"}
	first, err := StartPostgres(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, first.URL("postgres"), `CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)`)
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	// The lock names a process that lives and is no postmaster: this one.
	lock := strconv.Itoa(os.Getpid()) + "\n" + o.DataDir + "\n1\n5432\n\nlocalhost\n"
	if err := os.WriteFile(filepath.Join(o.DataDir, "postmaster.pid"), []byte(lock), 0o644); err != nil {
		t.Fatal(err)
	}
	second, err := StartPostgres(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Stop()
	if n := count(t, second.URL("postgres"), `SELECT count(*) FROM kept`); n != 1 {
		t.Errorf("rows after a restart = %d, want 1", n)
	}
}

// TestPostgresOutlivesItsSecrets: whoever removes INTELLIFIT_HOME and starts again finds the rows that were kept elsewhere.
func TestPostgresOutlivesItsSecrets(t *testing.T) {
	t.Parallel()
	var notes []string
	o := PostgresOptions{BinDir: postgresBinaries(t), DataDir: clusterDir(t), Password: "lost", Note: func(line string) { notes = append(notes, line) }}
	first, err := StartPostgres(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, first.URL("postgres"), `CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)`)
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	if len(notes) > 0 {
		t.Errorf("a new cluster was taken for an old one: %q", notes)
	}
	o.Password = "it's new"
	second, err := StartPostgres(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Stop()
	if n := count(t, second.URL("postgres"), `SELECT count(*) FROM kept`); n != 1 {
		t.Errorf("rows under the new password = %d, want 1", n)
	}
	if len(notes) != 1 || !strings.Contains(notes[0], o.DataDir) {
		t.Errorf("said %q, want one line that names %s", notes, o.DataDir)
	}
}

func TestPostgresEvictsAnOrphan(t *testing.T) {
	t.Parallel()
	o := PostgresOptions{BinDir: postgresBinaries(t), DataDir: clusterDir(t), Password: "secret-3"}
	orphan, err := StartPostgres(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer orphan.Stop()
	pid := orphan.PID()
	if err := evict(t.Context(), o.DataDir); err != nil {
		t.Fatal(err)
	}
	if process.Alive(pid) {
		t.Errorf("the postmaster %d of the data folder still runs", pid)
	}
}

func TestPostgresEphemeralLeavesNothing(t *testing.T) {
	t.Parallel()
	server, err := StartPostgres(t.Context(), PostgresOptions{BinDir: postgresBinaries(t), Ephemeral: true})
	if err != nil {
		t.Fatal(err)
	}
	pid, dir := server.PID(), server.tempDir
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there", dir)
	}
	if process.Alive(pid) {
		t.Errorf("process %d still runs", pid)
	}
}

// awaitReady waits until a service reports that it answers again.
func awaitReady(t *testing.T, events <-chan process.Event) {
	t.Helper()
	for limit := time.After(time.Minute); ; {
		select {
		case e := <-events:
			if e.Ready {
				return
			}
		case <-limit:
			t.Fatal("the service did not come back")
		}
	}
}
