package runner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/intellifit/intellifit/shared/postgres"
)

const (
	maxAttempts = 5
	// maxStarts ends a call whose process dies under it again and again.
	maxStarts = 25
	// jobMargin is what a job may take beyond its function's exec_timeout.
	jobMargin = 30 * time.Second
	// ownerLock is the advisory lock that says which process works the queue.
	ownerLock   = 0x1f17_0001
	queuePrefix = "function-"
	jobKind     = "function_call"
)

// queue keeps asynchronous calls in PostgreSQL. The row of table call is the truth; River's job holds its key alone.
type queue struct {
	runner *Runner
	db     *postgres.DB
	client *river.Client[pgx.Tx]
	owner  *pgx.Conn // holds ownerLock while this process works the queue
}

// callArgs are the arguments of a job: ids, and no health data.
type callArgs struct {
	callKey
}

// Kind names the job.
func (callArgs) Kind() string { return jobKind }

func newQueue(r *Runner) (*queue, error) {
	q := &queue{runner: r, db: r.cfg.DB}
	queues := map[string]river.QueueConfig{}
	longest := time.Duration(0)
	for name, f := range r.functions {
		queues[queuePrefix+name] = river.QueueConfig{MaxWorkers: f.asyncWorkers()}
		longest = max(longest, f.spec.Timeouts.Exec)
	}
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, &worker{queue: q}); err != nil {
		return nil, fmt.Errorf("make the queue: %w", err)
	}
	client, err := river.NewClient(riverpgxv5.New(r.cfg.DB.Pool()), &river.Config{
		Queues:               queues,
		Workers:              workers,
		MaxAttempts:          maxAttempts,
		JobTimeout:           longest + jobMargin,
		RescueStuckJobsAfter: longest + 2*jobMargin,
		SoftStopTimeout:      r.cfg.Drain,
		RetryPolicy:          r.cfg.Retry,
		FetchPollInterval:    500 * time.Millisecond,
		Logger:               slog.New(quiet{r.cfg.Log.Handler()}),
	})
	if err != nil {
		return nil, fmt.Errorf("make the queue: %w", err)
	}
	q.client = client
	return q, nil
}

// enqueue stores the call and its job in one transaction: either both are there or neither. The same request under the
// same id is accepted again and changes nothing.
func (q *queue) enqueue(ctx context.Context, key callKey, c postgres.Call) error {
	c.MemberID, c.ID, c.State = key.Subject, key.CallID, postgres.CallQueued
	c.RequestHash = requestHash(c)
	return q.db.InTx(key.as(ctx), func(tx pgx.Tx) error {
		created, err := postgres.EnqueueCall(ctx, tx, c)
		if err != nil || !created {
			return err
		}
		if err := q.room(ctx, tx, c.Function); err != nil {
			return err
		}
		if _, err := q.client.InsertTx(ctx, tx, callArgs{key}, &river.InsertOpts{Queue: queuePrefix + c.Function}); err != nil {
			return fmt.Errorf("queue the call: %w", err)
		}
		return nil
	})
}

// room refuses a call when the function's queue is full.
func (q *queue) room(ctx context.Context, tx pgx.Tx, function string) error {
	var waiting int
	if err := tx.QueryRow(ctx, `
		SELECT count(*) FROM (
		  SELECT FROM river_job WHERE queue = $1 AND state IN ('available', 'retryable', 'scheduled') LIMIT $2) AS waiting`,
		queuePrefix+function, maxQueued).Scan(&waiting); err != nil {
		return fmt.Errorf("count the queue: %w", err)
	}
	if waiting >= maxQueued {
		return errQueueFull(function)
	}
	return nil
}

// start claims the queue and begins to work it. When no other process works it, calls that a killed process left
// running start again at once; otherwise River brings them back after their time limit.
func (q *queue) start(ctx context.Context) error {
	owner, err := q.claim(ctx)
	if err != nil {
		return fmt.Errorf("claim the queue: %w", err)
	}
	q.owner = owner
	if owner == nil {
		q.runner.cfg.Log.Warn("another process works the same queue: calls that it leaves behind are repeated after their time limit")
	} else if err := q.rescue(ctx); err != nil {
		return errors.Join(fmt.Errorf("bring back interrupted calls: %w", err), q.disown())
	}
	if err := q.client.Start(context.WithoutCancel(ctx)); err != nil {
		return errors.Join(fmt.Errorf("start the queue: %w", err), q.disown())
	}
	return nil
}

// The lock of a process that was killed a moment ago is still there until PostgreSQL has noticed: who starts right behind it
// asks again for so long.
const (
	claimPatience = time.Second
	claimAgain    = 50 * time.Millisecond
)

// claim takes the lock on a connection of its own, which lives as long as the process; nil when another process has it.
func (q *queue) claim(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, q.db.Pool().Config().ConnConfig)
	if err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(claimPatience); ; {
		var mine bool
		if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, int64(ownerLock)).Scan(&mine); err != nil {
			return nil, errors.Join(err, conn.Close(ctx))
		}
		if mine {
			return conn, nil
		}
		if time.Now().After(deadline) {
			return nil, conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), conn.Close(context.WithoutCancel(ctx)))
		case <-time.After(claimAgain):
		}
	}
}

// rescue makes the jobs of a dead process available again. The death was not the call's failure, so it costs no attempt.
func (q *queue) rescue(ctx context.Context) error {
	tag, err := q.db.Pool().Exec(ctx, `
		UPDATE river_job SET state = 'available', scheduled_at = now(), attempt = greatest(attempt - 1, 0)
		WHERE kind = $1 AND state = 'running'`, jobKind)
	if err != nil {
		return err
	}
	if n := tag.RowsAffected(); n > 0 {
		q.runner.cfg.Log.Info("interrupted calls start again", "count", n)
	}
	return nil
}

func (q *queue) disown() error {
	if q.owner == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := q.owner.Close(ctx)
	q.owner = nil
	return err
}

// stop lets running calls finish for the drain time and then interrupts them; they go back to the queue.
func (q *queue) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), q.runner.cfg.Drain+5*time.Second)
	defer cancel()
	err := q.client.Stop(ctx)
	return errors.Join(err, q.disown())
}

// queueRow is the state of one function's queue.
type queueRow struct {
	function         string
	waiting, running int
	oldest           time.Duration
}

func (q *queue) depth(ctx context.Context) ([]queueRow, error) {
	rows, err := q.db.Pool().Query(ctx, `
		SELECT queue, count(*) FILTER (WHERE state <> 'running'), count(*) FILTER (WHERE state = 'running'),
		  coalesce(extract(epoch FROM now() - min(created_at) FILTER (WHERE state <> 'running')), 0)::float8
		FROM river_job WHERE kind = $1 AND state IN ('available', 'retryable', 'scheduled', 'running')
		GROUP BY queue`, jobKind)
	if err != nil {
		return nil, fmt.Errorf("read the queue: %w", err)
	}
	found := map[string]queueRow{}
	var name string
	var row queueRow
	var seconds float64
	if _, err := pgx.ForEachRow(rows, []any{&name, &row.waiting, &row.running, &seconds}, func() error {
		row.oldest = time.Duration(seconds * float64(time.Second))
		found[strings.TrimPrefix(name, queuePrefix)] = row
		return nil
	}); err != nil {
		return nil, fmt.Errorf("read the queue: %w", err)
	}
	out := make([]queueRow, 0, len(q.runner.functions))
	for name := range q.runner.functions {
		row := found[name]
		row.function = name
		out = append(out, row)
	}
	return out, nil
}

// quiet lets only River's warnings and errors through: its attributes are not on the list of keys that a log may hold.
type quiet struct{ slog.Handler }

// Enabled is true from warnings up.
func (h quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}

// WithAttrs keeps the handler quiet.
func (h quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{h.Handler.WithAttrs(attrs)} }

// WithGroup keeps the handler quiet.
func (h quiet) WithGroup(name string) slog.Handler { return quiet{h.Handler.WithGroup(name)} }
