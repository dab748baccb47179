package postgres

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/intellifit/intellifit/shared/gym"
)

// CallState is how far a call has come.
type CallState string

// The states of a call.
const (
	CallQueued  CallState = "queued"
	CallRunning CallState = "running"
	CallDone    CallState = "done"
	CallFailed  CallState = "failed"
)

// Call is one asynchronous or idempotent request. Body is there until the call has ended.
type Call struct {
	MemberID    string // subject of the token that asked, whatever its role
	ID          string
	Role        gym.Role
	Function    string
	Path        string
	Query       string
	ContentType string
	Body        []byte
	RequestHash []byte // of function, path, query and body: the same id with other content is a conflict
	State       CallState
	Status      int             // HTTP status of the answer, 0 before it ended
	Problem     json.RawMessage // problem+json of a failed call
	Attempts    int
	CreatedAt   time.Time
	StartedAt   *time.Time
	FinishedAt  *time.Time
}

const callColumns = `member_id, call_id, role, function, path, query, content_type, body, request_hash, state, COALESCE(status, 0), problem,
	attempts, created_at, started_at, finished_at`

func scanCall(row pgx.CollectableRow) (c Call, err error) {
	err = row.Scan(&c.MemberID, &c.ID, &c.Role, &c.Function, &c.Path, &c.Query, &c.ContentType, &c.Body, &c.RequestHash, &c.State, &c.Status,
		&c.Problem, &c.Attempts, &c.CreatedAt, &c.StartedAt, &c.FinishedAt)
	return c, err
}

func oneCall(ctx context.Context, tx pgx.Tx, memberID, id, suffix string) (Call, error) {
	rows, err := tx.Query(ctx, `SELECT `+callColumns+` FROM call WHERE gym_id = acting_gym() AND member_id = $1 AND call_id = $2`+suffix, memberID, id)
	if err != nil {
		return Call{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanCall)
}

// EnqueueCall stores a new call in tx, which acts for whoever asks. It reports false when the same call is stored already;
// the same id with other content is gym.ErrConflict.
func EnqueueCall(ctx context.Context, tx pgx.Tx, c Call) (created bool, err error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO call (gym_id, member_id, call_id, role, function, path, query, content_type, body, request_hash, state)
		VALUES (acting_gym(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (gym_id, member_id, call_id) DO NOTHING`,
		c.MemberID, c.ID, string(c.Role), c.Function, c.Path, c.Query, c.ContentType, c.Body, c.RequestHash, string(c.State))
	if err != nil {
		return false, translate("store call", err)
	}
	if tag.RowsAffected() == 1 {
		return true, nil
	}
	stored, err := oneCall(ctx, tx, c.MemberID, c.ID, "")
	if err != nil {
		return false, translate("read stored call", err)
	}
	if !bytes.Equal(stored.RequestHash, c.RequestHash) {
		return false, gym.Errorf(gym.ErrConflict, "call_id_reused", "this call id was used for another request")
	}
	return false, nil
}

// Call reads one call of the principal, or, for the worker, of anybody in the gym.
func (db *DB) Call(ctx context.Context, memberID, id string) (c Call, err error) {
	err = db.read(ctx, func(tx pgx.Tx) (err error) {
		c, err = oneCall(ctx, tx, memberID, id, "")
		return err
	})
	return c, translate("read call", err)
}

// StartCall marks a call as running and counts the attempt.
func (db *DB) StartCall(ctx context.Context, memberID, id string) (c Call, err error) {
	err = db.InTx(ctx, func(tx pgx.Tx) error {
		if c, err = oneCall(ctx, tx, memberID, id, " FOR UPDATE"); err != nil {
			return err
		}
		if c.State == CallDone || c.State == CallFailed {
			return nil
		}
		c.State = CallRunning
		c.Attempts++
		_, err := tx.Exec(ctx, `
			UPDATE call SET state = 'running', attempts = attempts + 1, started_at = COALESCE(started_at, now())
			WHERE gym_id = acting_gym() AND member_id = $1 AND call_id = $2`, memberID, id)
		return err
	})
	return c, translate("start call", err)
}

// FinishCall records how a call ended and clears its body.
func (db *DB) FinishCall(ctx context.Context, memberID, id string, state CallState, status int, problem json.RawMessage) error {
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE call SET state = $3, status = $4, problem = $5, body = NULL, finished_at = now()
			WHERE gym_id = acting_gym() AND member_id = $1 AND call_id = $2`, memberID, id, string(state), status, problem)
		return err
	})
	return translate("finish call", err)
}
