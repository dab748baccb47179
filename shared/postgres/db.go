// Package postgres keeps everything that must survive: the gym's catalogue, its members, their plans and the calls that
// make them. Every method acts for the principal in its context; row-level security in the database decides what that
// principal sees, so that a forgotten WHERE clause shows nothing instead of everything.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	pgxvec "github.com/pgvector/pgvector-go/pgx"

	"github.com/intellifit/intellifit/shared/gym"
)

// statementTimeout bounds every statement on the server, as the last line behind the deadlines of the callers.
const statementTimeout = 30 * time.Second

// DB is the database under the runtime role, which owns no table.
type DB struct{ pool *pgxpool.Pool }

// Open prepares a pool for url. It dials nothing: the first query does.
func Open(ctx context.Context, url string) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		// The cause would repeat the URL with its password.
		return nil, gym.Errorf(gym.ErrInvalid, "database_url_invalid", "DATABASE_URL is not a PostgreSQL URL")
	}
	cfg.ConnConfig.RuntimeParams["statement_timeout"] = fmt.Sprint(statementTimeout.Milliseconds())
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	cfg.ConnConfig.ConnectTimeout = 5 * time.Second
	cfg.MaxConnIdleTime = 5 * time.Minute
	cfg.AfterConnect = pgxvec.RegisterTypes
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("prepare database pool: %w", err)
	}
	return &DB{pool: pool}, nil
}

// Close ends all connections.
func (db *DB) Close() { db.pool.Close() }

// Pool gives the connections to River, which keeps its jobs in the same database.
func (db *DB) Pool() *pgxpool.Pool { return db.pool }

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.pool.Ping(ctx); err != nil {
		return translate("ping database", err)
	}
	return nil
}

// InTx runs f in one transaction that acts for the principal in ctx, and commits when f returns nil.
func (db *DB) InTx(ctx context.Context, f func(tx pgx.Tx) error) error {
	return db.inTx(ctx, pgx.TxOptions{}, f)
}

func (db *DB) read(ctx context.Context, f func(tx pgx.Tx) error) error {
	return db.inTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly}, f)
}

func (db *DB) inTx(ctx context.Context, options pgx.TxOptions, f func(tx pgx.Tx) error) error {
	p, ok := gym.PrincipalFrom(ctx)
	if !ok {
		return gym.Errorf(gym.ErrUnauthorized, "token_missing", "the request acts for nobody")
	}
	return pgx.BeginTxFunc(ctx, beginner{db.pool}, options, func(tx pgx.Tx) error {
		// is_local: the settings end with the transaction, so a pooled connection never acts for the one before.
		const as = `SELECT set_config('app.gym', $1, true), set_config('app.subject', $2, true), set_config('app.role', $3, true)`
		if _, err := tx.Exec(ctx, as, p.GymID, p.Subject, string(p.Role)); err != nil {
			return err
		}
		return f(tx)
	})
}

// beginner begins transactions on a pool whose connections may be from before a restart of the server. Nothing was done when
// BEGIN fails, so it is tried again on another connection, as often as there can be stale ones.
type beginner struct{ pool *pgxpool.Pool }

func (b beginner) BeginTx(ctx context.Context, options pgx.TxOptions) (tx pgx.Tx, err error) {
	for range b.pool.Config().MaxConns + 1 {
		tx, err = b.pool.BeginTx(ctx, options)
		var connect *pgconn.ConnectError
		if err == nil || ctx.Err() != nil || errors.As(err, &connect) || !errors.Is(translate("begin", err), gym.ErrUnavailable) {
			return tx, err
		}
	}
	return tx, err
}
