package gym

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// The kinds of failure that a caller can act on. Package faas maps each to one HTTP status; everything else is a 500.
var (
	ErrInvalid      = errors.New("invalid")      // 400: the request itself is wrong
	ErrUnauthorized = errors.New("unauthorized") // 401: no token, or one that does not hold
	ErrForbidden    = errors.New("forbidden")    // 403: the token does not give this right
	ErrNotFound     = errors.New("not found")    // 404: no such row, or none that the caller may see
	ErrConflict     = errors.New("conflict")     // 409: the same key with other content, a lost race
	ErrTooLarge     = errors.New("too large")    // 413: over a stated limit
	ErrUnsupported  = errors.New("unsupported")  // 415: a format that is not taken
	ErrInfeasible   = errors.New("infeasible")   // 422: understood and legal, but no safe answer exists
	ErrBusy         = errors.New("busy")         // 429: the bounded queue is full
	ErrUnavailable  = errors.New("unavailable")  // 503: a dependency is down or still loading
)

// Error is a failure that may be shown to a client. Detail and Fields are safe to show: they hold ids, limits and the
// names of fields, never health data. Err is the cause, for the log alone.
type Error struct {
	Kind   error   // one of the sentinels above
	Code   string  // stable and machine-readable, snake_case: "plan_blocked", "unknown_word"
	Detail string  // one sentence for a person
	Hint   string  // what to do about it, may be empty
	Fields []Field // what is wrong, field by field
	Err    error   // the cause, never shown
}

// Field says what is wrong with one field of a request or one line of a file.
type Field struct {
	Name    string `json:"location"`        // "body.days_per_week", "line 12: kcal"
	Message string `json:"message"`         // what is wrong, and what would be right
	Value   string `json:"value,omitempty"` // the offending word, when it is safe to repeat
}

// Errorf makes an Error of the given kind and code with a formatted detail.
func Errorf(kind error, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Detail: fmt.Sprintf(format, args...)}
}

func (e *Error) Error() string {
	parts := []string{e.Code}
	if e.Detail != "" {
		parts = append(parts, e.Detail)
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	return strings.Join(parts, ": ")
}

// Unwrap lets errors.Is find both the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// waiting is an error that says when another try makes sense.
type waiting struct {
	error
	wait time.Duration
}

func (w waiting) Unwrap() error { return w.error }

// RetryAfter makes err say how long to wait before another try.
func RetryAfter(err error, wait time.Duration) error { return waiting{err, wait} }

// Wait is how long err says to wait before another try; ok is false when it does not say.
func Wait(err error) (wait time.Duration, ok bool) {
	var w waiting
	ok = errors.As(err, &w)
	return w.wait, ok
}
