package runner

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/rivertype"

	"github.com/intellifit/intellifit/internal/runner/manifest"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/faas/faastest"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/postgres"
	"github.com/intellifit/intellifit/shared/postgres/postgrestest"
)

// effect is a function with an effect in the database that is idempotent by call id, as plan is.
type effect struct {
	*faas.API
	db      *postgres.DB
	entered chan string   // call ids, when not nil
	release chan struct{} // what /wait waits for
	fail    atomic.Int32  // so many calls of /flaky fail first
}

const effectTables = `
CREATE TABLE effect (call_id text PRIMARY KEY, subject text NOT NULL, gym_id text NOT NULL, path text NOT NULL, query text NOT NULL, size integer NOT NULL);
CREATE TABLE effect_run (call_id text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
GRANT ALL ON effect, effect_run TO intellifit_app`

type effectInput struct {
	Note string `query:"note"`
	Body struct {
		Text   string `json:"text,omitempty"`
		Millis int    `json:"millis,omitempty"`
	}
}

func newEffect(host faas.Host, db *postgres.DB, entered chan string) (*effect, error) {
	api, err := faas.NewAPI("effect", "1.0.0", "Writes one row per call.", host)
	if err != nil {
		return nil, err
	}
	f := &effect{API: api, db: db, entered: entered, release: make(chan struct{})}
	for _, path := range []string{"/", "/sub", "/wait", "/flaky", "/refuse", "/slow", "/after"} {
		huma.Register(api, huma.Operation{OperationID: "effect" + path, Method: http.MethodPost, Path: path}, func(ctx context.Context, in *effectInput) (*struct{}, error) {
			return nil, f.run(ctx, path, in)
		})
	}
	return f, nil
}

func (f *effect) run(ctx context.Context, path string, in *effectInput) error {
	id := faas.CallID(ctx)
	if _, err := f.db.Pool().Exec(ctx, `INSERT INTO effect_run (call_id) VALUES ($1)`, id); err != nil {
		return err
	}
	if f.entered != nil {
		f.entered <- id
	}
	switch path {
	case "/wait":
		select {
		case <-f.release:
		case <-ctx.Done():
			return ctx.Err()
		}
	case "/slow":
		<-ctx.Done()
		return ctx.Err()
	case "/refuse":
		return &gym.Error{Kind: gym.ErrInfeasible, Code: "refused", Detail: "no"}
	case "/flaky":
		if f.fail.Add(-1) >= 0 {
			return gym.Errorf(gym.ErrUnavailable, "model_loading", "loading")
		}
	}
	time.Sleep(time.Duration(in.Body.Millis) * time.Millisecond)
	p, _ := gym.PrincipalFrom(ctx)
	_, err := f.db.Pool().Exec(ctx, `INSERT INTO effect (call_id, subject, gym_id, path, query, size) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
		id, p.Subject, p.GymID, path, in.Note, len(in.Body.Text))
	if err != nil || path != "/after" {
		return err
	}
	select {
	case <-f.release:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *effect) Close() error { return nil }

const effectStack = `
provider: {name: openfaas}
functions:
  effect:
    environment: {exec_timeout: 2s, read_timeout: 10s, write_timeout: 10s, max_inflight: 3}
`

// at once repeats a failed call without a wait.
type atOnce struct{}

func (atOnce) NextRetry(*rivertype.JobRow) time.Time { return time.Now() }

func effectConfig(db *postgres.DB, entered chan string, made func(*effect)) (Config, error) {
	stack, err := manifest.Parse([]byte(effectStack), func(string) string { return "" })
	if err != nil {
		return Config{}, err
	}
	return Config{
		Stack: stack, Secrets: faas.SecretMap{faas.KeySecret: faastest.Key}, DB: db, Retry: atOnce{}, Drain: 300 * time.Millisecond,
		Functions: map[string]Constructor{"effect": func(_ context.Context, host faas.Host) (Function, error) {
			f, err := newEffect(host, db, entered)
			if err == nil && made != nil {
				made(f)
			}
			return f, err
		}},
	}, nil
}

// asyncBundle is a runner on a database of its own.
type asyncBundle struct {
	url    string // of the database, for the runtime role
	db     *postgres.DB
	effect *effect
	base   string // of the server
	stop   func() // ends the runner and waits
}

// newURLs makes a database with the tables of effect and returns how the runtime role and the owner reach it.
func newURLs(t *testing.T) (app, owner string) {
	t.Helper()
	app, owner = postgrestest.URLs(t)
	conn, err := pgx.Connect(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), effectTables); err != nil {
		t.Fatal(err)
	}
	return app, owner
}

func openDatabase(t *testing.T, url string) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

func newDatabase(t *testing.T) (url string, db *postgres.DB) {
	t.Helper()
	url, _ = newURLs(t)
	return url, openDatabase(t, url)
}

func setupAsync(t *testing.T, db *postgres.DB, entered chan string) *asyncBundle {
	t.Helper()
	b := &asyncBundle{db: db}
	cfg, err := effectConfig(db, entered, func(f *effect) { b.effect = f })
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	b.base = "http://" + cfg.Listener.Addr().String()
	r, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	stopped := false
	b.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	}
	t.Cleanup(b.stop)
	eventually(t, "the runner serves", func() bool {
		res, err := http.Get(b.base + "/healthz")
		if err != nil {
			return false
		}
		return res.Body.Close() == nil
	})
	return b
}

func (b *asyncBundle) token(t *testing.T) string {
	t.Helper()
	token, err := faas.Sign(faastest.Key, gym.Principal{GymID: postgrestest.GymID, Subject: "m1", Role: gym.RoleMember}, time.Minute, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return token
}
