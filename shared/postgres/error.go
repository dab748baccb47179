package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/intellifit/intellifit/shared/gym"
)

// SQLSTATE codes that callers act on.
const (
	uniqueViolation     = "23505"
	foreignKeyViolation = "23503"
	checkViolation      = "23514"
	exclusionViolation  = "23P01"
	badText             = "22021" // e.g. a NUL byte
	insufficientRight   = "42501" // row-level security refused a write
	cannotConnectNow    = "57P03"
	adminShutdown       = "57P01"
	crashShutdown       = "57P02"
)

// translate names what was attempted and gives the error a kind. Texts of the server stay in the chain for the log; a
// client sees only the kind's code.
func translate(attempt string, err error) error {
	if err == nil {
		return nil
	}
	var known *gym.Error
	if errors.As(err, &known) {
		return fmt.Errorf("%s: %w", attempt, err)
	}
	fail := func(kind error, code, detail string) error {
		return fmt.Errorf("%s: %w", attempt, &gym.Error{Kind: kind, Code: code, Detail: detail, Err: err})
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return fail(gym.ErrNotFound, "not_found", "no such row, or none that you may see")
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: %w", attempt, err)
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case uniqueViolation:
			return fail(gym.ErrConflict, "conflict", "such a row exists already")
		case foreignKeyViolation:
			return fail(gym.ErrInvalid, "unknown_reference", "the row names another that does not exist")
		case checkViolation, badText:
			return fail(gym.ErrInvalid, "value_refused", "the database refuses a value: "+pg.ConstraintName)
		case insufficientRight:
			return fail(gym.ErrForbidden, "forbidden", "the token does not give this right")
		case cannotConnectNow, adminShutdown, crashShutdown:
			return fail(gym.ErrUnavailable, "database_unavailable", "the database is restarting")
		}
		return fmt.Errorf("%s: %w", attempt, err)
	}
	var network net.Error
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || pgconn.SafeToRetry(err) {
		return fail(gym.ErrUnavailable, "database_unavailable", "the database does not answer")
	}
	return fmt.Errorf("%s: %w", attempt, err)
}
