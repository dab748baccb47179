package stack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/intellifit/intellifit/internal/process"
)

// PostgresOptions says how to run a PostgreSQL cluster of our own.
type PostgresOptions struct {
	// BinDir holds initdb and postgres.
	BinDir string
	// DataDir is the cluster; it is created when it does not exist. Empty with Ephemeral: a temporary folder.
	DataDir string
	// Password is the superuser's, set when the cluster is created. Empty with Ephemeral: a random one.
	Password string
	// Port is the loopback port to prefer; any free one is taken when it is 0 or in use.
	Port int
	// LogFile receives the server's log; empty keeps only its last lines.
	LogFile string
	// Ephemeral is for tests: nothing is synced to disk, and Stop removes the folder.
	Ephemeral bool
	// Event hears of restarts.
	Event func(process.Event)
	// Note hears what a person should know.
	Note func(line string)
}

// Superuser is the name of the cluster's superuser.
const Superuser = "intellifit_admin"

// maxSocketPath is the longest folder for a Unix socket: sockaddr_un holds 108 bytes, the file name takes up to 19.
const maxSocketPath = 108 - 20

// Postgres is a running PostgreSQL server.
type Postgres struct {
	*process.Running
	options PostgresOptions
	account *process.User
	port    int
	up      bool // it was ready once; written and read by the supervising goroutine
	tempDir string
	log     *process.Log
}

// StartPostgres creates the cluster where there is none, starts the server under supervision and returns when it answers
// a query. As root the server runs as an unprivileged account, which must be able to reach BinDir and DataDir.
func StartPostgres(ctx context.Context, o PostgresOptions) (_ *Postgres, err error) {
	p := &Postgres{options: o}
	defer func() {
		if err != nil {
			p.clean()
		}
	}()
	if err := p.place(); err != nil {
		return nil, err
	}
	if p.log, err = process.OpenLog(o.LogFile); err != nil {
		return nil, err
	}
	if err := p.create(ctx); err != nil {
		return nil, err
	}
	if err := p.adopt(ctx); err != nil {
		return nil, err
	}
	p.Running, err = process.Service{
		Name: "postgres", Command: p.command, Ready: p.ping, Log: p.log, Event: o.Event,
		StartLimit: time.Minute, StopLimit: stopLimit,
	}.Start(ctx)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// place decides where the cluster lies and who runs it.
func (p *Postgres) place() (err error) {
	if p.options.DataDir == "" {
		if !p.options.Ephemeral {
			return errors.New("start postgres: no data folder given")
		}
		if p.tempDir, err = temporaryPlace(); err != nil {
			return fmt.Errorf("start postgres: %w", err)
		}
		p.options.DataDir = filepath.Join(p.tempDir, "data")
	}
	if p.options.Password == "" && p.options.Ephemeral {
		p.options.Password = randomSecret()
	}
	if p.account, err = databaseAccount(p.options.DataDir); err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	for _, dir := range []string{p.options.BinDir, filepath.Dir(p.options.DataDir)} {
		if p.account == nil {
			break
		}
		if ok, barrier := p.account.CanReach(dir); !ok {
			return fmt.Errorf("start postgres: user %s cannot reach %s: %s bars the way (chmod o+x %s)", p.account.Name, dir, barrier, barrier)
		}
	}
	return nil
}

// command prepares one start: what a killed predecessor left is put away.
func (p *Postgres) command(ctx context.Context) (process.Command, error) {
	if err := evict(ctx, p.options.DataDir); err != nil {
		return process.Command{}, err
	}
	if !p.up { // once it was up, its address stays
		port, err := freePort(p.options.Port)
		if err != nil {
			return process.Command{}, err
		}
		p.port = port
	}
	return process.Command{
		Path: filepath.Join(p.options.BinDir, "postgres"),
		Args: append([]string{"-D", p.options.DataDir}, p.settings()...),
		Env:  p.environment(),
		Dir:  "/",
		User: p.account,
		Stop: syscall.SIGINT, // fast shutdown: sessions are ended, a checkpoint is written
	}, nil
}

// settings are for a small machine that the server shares with a language model. They are given at each start, so that
// postgresql.conf stays as initdb wrote it.
func (p *Postgres) settings() []string {
	set := map[string]string{
		"listen_addresses":                loopback,
		"port":                            strconv.Itoa(p.port),
		"unix_socket_directories":         p.SocketDir(),
		"unix_socket_permissions":         "0700",
		"max_connections":                 "80",
		"shared_buffers":                  "128MB",
		"work_mem":                        "8MB",
		"maintenance_work_mem":            "64MB",
		"max_wal_size":                    "512MB",
		"max_parallel_workers_per_gather": "0",
		"jit":                             "off", // compiling a query takes longer than ours run
		"huge_pages":                      "off",
		"timezone":                        "UTC",
		"log_timezone":                    "UTC",
		"logging_collector":               "off",
		// A statement or the detail of an error may hold a member's health data: neither is logged.
		"log_min_error_statement": "panic",
		"log_error_verbosity":     "terse",
		"log_statement":           "none",
	}
	if p.options.Ephemeral {
		for _, name := range []string{"fsync", "full_page_writes", "synchronous_commit"} {
			set[name] = "off"
		}
		set["max_connections"] = "200" // many test packages' pools
	}
	var args []string
	for name, value := range set {
		args = append(args, "-c", name+"="+value)
	}
	return args
}

// environment keeps the caller's PG* variables away from the server.
func (p *Postgres) environment() []string {
	return []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC", "HOME=/"}
}

// SocketDir is the folder of the server's Unix socket, empty when its path would be too long for one.
func (p *Postgres) SocketDir() string {
	if len(p.options.DataDir) > maxSocketPath {
		return ""
	}
	return p.options.DataDir
}

// Port is the loopback port that the server listens on.
func (p *Postgres) Port() int { return p.port }

// URL is the superuser's URL of a database of the cluster.
func (p *Postgres) URL(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(Superuser, p.options.Password),
		Host: net.JoinHostPort(loopback, strconv.Itoa(p.port)), Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

func (p *Postgres) ping(ctx context.Context) error {
	if _, err := postgresVersion(ctx, p.URL("postgres")); err != nil {
		return err
	}
	p.up = true
	return nil
}

// Stop shuts the server down; an ephemeral one is removed.
func (p *Postgres) Stop() error {
	err := p.Running.Stop()
	return errors.Join(err, p.clean())
}

func (p *Postgres) clean() error {
	var err error
	if p.log != nil {
		err = p.log.Close()
	}
	if p.tempDir != "" {
		err = errors.Join(err, os.RemoveAll(p.tempDir))
	}
	return err
}

// postgresVersion asks a server for its version and that of its vector extension, "" where it has none to offer.
func postgresVersion(ctx context.Context, databaseURL string) (version string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return "", fmt.Errorf("connect to postgres: %w", redact(err))
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var vector *string
	err = conn.QueryRow(ctx, `
		SELECT split_part(current_setting('server_version'), ' ', 1),
		       (SELECT default_version FROM pg_available_extensions WHERE name = 'vector')`).Scan(&version, &vector)
	if err != nil {
		return "", fmt.Errorf("ask postgres for its version: %w", err)
	}
	if vector == nil {
		return "", fmt.Errorf("postgres %s: %w", version, errNoVector)
	}
	return version + " + pgvector " + *vector, nil
}

var errNoVector = errors.New("it has no pgvector extension")

// redact shortens a connection error to its cause: the whole text repeats the address and the user.
func redact(err error) error {
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) && connect.Unwrap() != nil {
		return connect.Unwrap()
	}
	return err
}
