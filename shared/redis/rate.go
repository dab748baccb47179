package redis

import (
	"context"
	"sync"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"golang.org/x/time/rate"

	"github.com/intellifit/intellifit/shared/gym"
)

// Limit allows each member so many calls of one kind a minute, spread evenly once the first ones are used. All processes share
// the count; while Redis is away each counts for itself.
type Limit struct {
	kind    string
	most    int
	shared  *redis_rate.Limiter
	patient time.Duration // how long the shared count may take
	lost    func(ctx context.Context, err error)

	mu  sync.Mutex
	own map[string]*rate.Limiter
}

// NewLimit makes a limit of most calls a minute; 0 = no limit. lost hears why the shared count did not answer.
func (db *DB) NewLimit(kind string, most int, lost func(ctx context.Context, err error)) *Limit {
	return &Limit{kind: kind, most: most, shared: redis_rate.NewLimiter(db.client), patient: 500 * time.Millisecond, lost: lost, own: map[string]*rate.Limiter{}}
}

// Allow counts one call of a member.
func (l *Limit) Allow(ctx context.Context, memberID string) (gym.Quota, error) {
	if l.most <= 0 {
		return gym.Quota{Allowed: true}, nil
	}
	gymID, err := gymOf(ctx)
	if err != nil {
		return gym.Quota{}, err
	}
	at := key("rate", l.kind, gymID, memberID)
	quick, cancel := context.WithTimeout(ctx, l.patient)
	defer cancel()
	got, err := l.shared.Allow(quick, at, redis_rate.PerMinute(l.most))
	if err != nil {
		if ctx.Err() != nil {
			return gym.Quota{}, ctx.Err()
		}
		l.lost(ctx, translate("count a call", err))
		return l.alone(at), nil
	}
	return gym.Quota{Allowed: got.Allowed > 0, Limit: l.most, Remaining: got.Remaining, RetryAfter: max(0, got.RetryAfter), ResetAfter: got.ResetAfter}, nil
}

// members is how many an own count knows; above it the count begins anew, which lets some through rather than to keep all.
const members = 10_000

// alone counts within this process.
func (l *Limit) alone(at string) gym.Quota {
	l.mu.Lock()
	defer l.mu.Unlock()
	mine, ok := l.own[at]
	if !ok {
		if len(l.own) >= members {
			clear(l.own)
		}
		mine = rate.NewLimiter(rate.Every(time.Minute/time.Duration(l.most)), l.most)
		l.own[at] = mine
	}
	q := gym.Quota{Allowed: mine.Allow(), Limit: l.most}
	left := mine.Tokens()
	q.Remaining = max(0, int(left))
	each := float64(time.Minute) / float64(l.most)
	q.RetryAfter = time.Duration(max(0, 1-left) * each)
	q.ResetAfter = time.Duration(max(0, float64(l.most)-left) * each)
	return q
}
