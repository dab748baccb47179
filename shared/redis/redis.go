// Package redis keeps what lives between two requests and may be lost: proposals that wait for a yes, what is open in a
// conversation, and the answers of turns that may come twice. What must survive is in package postgres; a write that is
// confirmed twice is held back there as well.
package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/intellifit/intellifit/shared/gym"
)

// prefix carries the version of what is stored: another one begins with nothing.
const prefix = "intellifit:1:"

// DB is one Redis server.
type DB struct {
	client *goredis.Client
	Now    func() time.Time // decides what has expired
}

// Open prepares a client for a URL like redis://:password@host:6379. It dials nothing: the first command does.
func Open(url string) (*DB, error) {
	options, err := goredis.ParseURL(url)
	if err != nil {
		// The cause would repeat the URL with its password.
		return nil, gym.Errorf(gym.ErrInvalid, "redis_url_invalid", "REDIS_URL is not a Redis URL")
	}
	// A server that is away must not cost a turn much more than its first command: it is near, or it is not there.
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = time.Second, 2*time.Second, 2*time.Second
	options.MaxRetries, options.MaxRetryBackoff, options.DialerRetries = 1, 50*time.Millisecond, 1
	options.ContextTimeoutEnabled = true
	quiet()
	return &DB{client: goredis.NewClient(options), Now: time.Now}, nil
}

// quiet keeps the library from writing lines of its own: what fails is returned, and logged once where a call ends.
var quiet = sync.OnceFunc(func() { goredis.SetLogger(silent{}) })

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// Close ends all connections.
func (db *DB) Close() error { return db.client.Close() }

// Ping reports whether the server answers.
func (db *DB) Ping(ctx context.Context) error {
	return translate("ping redis", db.client.Ping(ctx).Err())
}

// literal makes a gym's id match itself alone in a pattern of keys.
var literal = strings.NewReplacer(":", "%3A", "*", `\*`, "?", `\?`, "[", `\[`, "]", `\]`, `\`, `\\`)

// DropGym forgets everything of the gym that ctx acts for.
func (db *DB) DropGym(ctx context.Context) error {
	gymID, err := gymOf(ctx)
	if err != nil {
		return err
	}
	pattern := prefix + "*:" + literal.Replace(gymID) + ":*"
	for keys := db.client.Scan(ctx, 0, pattern, 1000).Iterator(); ; {
		if !keys.Next(ctx) {
			return translate("forget a gym", keys.Err())
		}
		if err := db.client.Unlink(ctx, keys.Val()).Err(); err != nil {
			return translate("forget a gym", err)
		}
	}
}

// CountGym counts what is kept of the gym that ctx acts for.
func (db *DB) CountGym(ctx context.Context) (n int, err error) {
	gymID, err := gymOf(ctx)
	if err != nil {
		return 0, err
	}
	keys := db.client.Scan(ctx, 0, prefix+"*:"+literal.Replace(gymID)+":*", 1000).Iterator()
	for keys.Next(ctx) {
		n++
	}
	return n, translate("count what is kept of a gym", keys.Err())
}

// key names a value of one member. Ids are bounded and plain where they come from; a colon in one must not reach into
// another's.
func key(kind string, parts ...string) string {
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(p, ":", "%3A")
	}
	return prefix + kind + ":" + strings.Join(parts, ":")
}

// gymOf is the gym that ctx acts for.
func gymOf(ctx context.Context) (string, error) {
	p, ok := gym.PrincipalFrom(ctx)
	if !ok {
		return "", gym.Errorf(gym.ErrUnauthorized, "token_missing", "the request acts for nobody")
	}
	return p.GymID, nil
}

// translate names what was attempted and gives a failure of the server its kind.
func translate(attempt string, err error) error {
	var known *gym.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known), errors.Is(err, context.Canceled):
		return fmt.Errorf("%s: %w", attempt, err)
	}
	return fmt.Errorf("%s: %w", attempt, &gym.Error{Kind: gym.ErrUnavailable, Code: "redis_unavailable", Detail: "the store of conversations does not answer", Hint: "run: intellifit status", Err: err})
}
