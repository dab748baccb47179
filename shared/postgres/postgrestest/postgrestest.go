// Package postgrestest gives tests a real, migrated database of their own: PostgreSQL with pgvector, started once for each
// test binary, and a copy of one migrated template for each test.
package postgrestest

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/internal/stack"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/postgres"
)

// Cluster is the variable with the superuser's URL of a cluster to use instead of starting one.
const Cluster = "INTELLIFIT_TEST_DATABASE_URL"

const (
	template = "intellifit_template"
	password = "only-for-tests"
)

// GymID is the gym that Open creates.
const GymID = "testgym"

type cluster struct {
	superuser string
	stop      func() error
}

var (
	once    sync.Once
	shared  cluster
	failed  error
	cloning sync.Mutex // CREATE DATABASE … TEMPLATE wants the template to itself
)

// URLs creates a fresh migrated database that is dropped after the test, and returns how the runtime role and the owner
// reach it.
func URLs(t testing.TB) (app, owner string) {
	t.Helper()
	once.Do(func() { shared, failed = start() })
	if failed != nil {
		t.Fatalf("start PostgreSQL for tests: %v", failed)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	name := "test_" + strings.ToLower(rand.Text())
	cloning.Lock()
	err := execute(ctx, shared.superuser, fmt.Sprintf(`CREATE DATABASE %s TEMPLATE %s OWNER %s`, name, template, postgres.OwnerRole))
	cloning.Unlock()
	if err != nil {
		t.Fatalf("create database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := execute(ctx, shared.superuser, `DROP DATABASE IF EXISTS `+name+` WITH (FORCE)`); err != nil {
			t.Errorf("drop database: %v", err)
		}
	})
	at := postgres.WithDatabase(shared.superuser, name)
	return postgres.AsRole(at, postgres.AppRole, password), postgres.AsRole(at, postgres.OwnerRole, password)
}

// Start starts a cluster of the test's own, with one migrated database, for tests that end it. Unlike the shared one it keeps
// what was committed when it is killed, and is started again then. app is how the runtime role reaches the database.
func Start(t testing.TB) (server *stack.Postgres, app string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	dir, err := os.MkdirTemp("", "intellifit-pg-own-") // a short path, for the socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil { // another account may run the server
		t.Fatal(err)
	}
	server, err = launch(ctx, stack.PostgresOptions{DataDir: filepath.Join(dir, "data"), Password: password})
	if err != nil {
		t.Fatalf("start PostgreSQL for a test: %v", err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Errorf("stop PostgreSQL: %v", err)
		}
	})
	if err := prepare(ctx, server.URL("postgres")); err != nil {
		t.Fatalf("migrate the database of a test: %v", err)
	}
	return server, postgres.AsRole(server.URL(template), postgres.AppRole, password)
}

// Open is URLs with a *postgres.DB under the runtime role and the gym GymID in it.
func Open(t testing.TB) *postgres.DB {
	t.Helper()
	app, _ := URLs(t)
	db, err := postgres.Open(t.Context(), app)
	if err != nil {
		t.Fatalf("open database: %v", err)
	}
	t.Cleanup(db.Close)
	if err := db.UpsertGym(Service(t.Context()), gym.Gym{ID: GymID, Name: "Test gym", TimeZone: "Europe/Berlin"}); err != nil {
		t.Fatalf("create gym: %v", err)
	}
	return db
}

// Service acts as the gym's service, which sees and writes everything of the gym.
func Service(ctx context.Context) context.Context { return As(ctx, "importer", gym.RoleService) }

// As acts as anybody of the gym.
func As(ctx context.Context, subject string, role gym.Role) context.Context {
	return gym.WithPrincipal(ctx, gym.Principal{GymID: GymID, Subject: subject, Role: role})
}

// Stop ends the cluster of this test binary. Servers die with the process that started them, so only a test that looks for
// leaks needs it, in its TestMain.
func Stop() error {
	if shared.stop == nil {
		return nil
	}
	return shared.stop()
}

func start() (cluster, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	c := cluster{superuser: os.Getenv(Cluster)}
	if c.superuser == "" {
		server, err := launch(ctx, stack.PostgresOptions{Ephemeral: true})
		if err != nil {
			return c, err
		}
		c.superuser, c.stop = server.URL("postgres"), server.Stop
	}
	return c, prepare(ctx, c.superuser)
}

func launch(ctx context.Context, o stack.PostgresOptions) (*stack.Postgres, error) {
	home, err := stack.Home(os.Getenv)
	if err != nil {
		return nil, err
	}
	if o.BinDir, err = stack.PostgresBinaries(ctx, home, models.NewProgress(os.Stderr, os.Getenv)); err != nil {
		return nil, fmt.Errorf("provide PostgreSQL: %w", err)
	}
	return stack.StartPostgres(context.WithoutCancel(ctx), o)
}

// prepare migrates the template that every test copies.
func prepare(ctx context.Context, superuser string) error {
	if err := execute(ctx, superuser, `DROP DATABASE IF EXISTS `+template+` WITH (FORCE)`); err != nil {
		return err
	}
	err := postgres.Bootstrap(ctx, superuser, postgres.BootstrapOptions{Database: template, OwnerPassword: password, AppPassword: password})
	if err != nil {
		return err
	}
	return postgres.Migrate(ctx, postgres.AsRole(postgres.WithDatabase(superuser, template), postgres.OwnerRole, password))
}

func execute(ctx context.Context, url, statement string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, statement)
	return err
}
