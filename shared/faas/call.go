package faas

import (
	"context"
	"log/slog"
	"net/http"
	"regexp"

	"github.com/google/uuid"

	"github.com/intellifit/intellifit/shared/gym"
)

// The headers that carry identity of a call.
const (
	CallIDHeader         = "X-Call-Id"
	IdempotencyKeyHeader = "Idempotency-Key"
)

// maxIdempotencyKey is the longest key that is taken, as at Stripe.
const maxIdempotencyKey = 255

var (
	callID         = regexp.MustCompile(`^[A-Za-z0-9._-]{1,128}$`)
	idempotencyKey = regexp.MustCompile(`^[\x21-\x7e]+$`)
)

// ValidCallID reports whether s may be a call id: 1 to 128 letters, digits, dots, underscores and hyphens.
func ValidCallID(s string) bool { return callID.MatchString(s) }

// NewCallID makes a call id.
func NewCallID() string { return uuid.NewString() }

// KeptCallID is the request's own call id, or a new one when it sent none or one that is not valid.
func KeptCallID(h http.Header) string {
	if id := h.Get(CallIDHeader); ValidCallID(id) {
		return id
	}
	return NewCallID()
}

// call is what one request carries through its context.
type call struct {
	id          string
	idempotency string
	log         *slog.Logger
	principal   gym.Principal // set by the token check, for the log line
	bearer      string        // the header Authorization, for calls on the caller's behalf; never logged
	stream      bool
	code        string // of the problem that was answered, for the log line
}

type callKey struct{}

func withCall(ctx context.Context, c *call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

func callFrom(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{log: slog.New(slog.DiscardHandler)}
}

// WithCall ties ctx to a call, for a host that answers problems itself. A function's own API makes its call from the
// headers of the request.
func WithCall(ctx context.Context, id string, log *slog.Logger) context.Context {
	return withCall(ctx, &call{id: id, log: log.With("call_id", id)})
}

// CallID is the id of the call that ctx belongs to: the X-Call-Id that came in, or the one made for it.
func CallID(ctx context.Context) string { return callFrom(ctx).id }

// IdempotencyKey is what the client sent as Idempotency-Key, or "".
func IdempotencyKey(ctx context.Context) string { return callFrom(ctx).idempotency }

// WriteKey identifies one intended write: the Idempotency-Key when the client sent one, else the call id. A repeat with
// the same key must find what the first one did.
func WriteKey(ctx context.Context) string {
	c := callFrom(ctx)
	if c.idempotency != "" {
		return c.idempotency
	}
	return c.id
}

// Authorization is the header with which the caller came: a function that calls another one for the same person sends it on.
func Authorization(ctx context.Context) string { return callFrom(ctx).bearer }

// Logger is the logger of the call, with its call_id and function on every line.
func Logger(ctx context.Context) *slog.Logger { return callFrom(ctx).log }

func newCall(function string, h http.Header, log *slog.Logger) (*call, error) {
	c := &call{id: KeptCallID(h), bearer: h.Get("Authorization")}
	c.log = log.With("call_id", c.id, "function", function)
	key := h.Get(IdempotencyKeyHeader)
	if key == "" {
		return c, nil
	}
	if len(key) > maxIdempotencyKey || !idempotencyKey.MatchString(key) {
		return c, gym.Errorf(gym.ErrInvalid, CodeIdempotencyKeyInvalid,
			"the header Idempotency-Key is longer than %d characters or has characters other than visible ASCII", maxIdempotencyKey)
	}
	c.idempotency = key
	return c, nil
}
