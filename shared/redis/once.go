package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// The times of a claim: who runs renews it; who died loses it; what was answered is known for a while.
const (
	lease    = 15 * time.Second
	renewal  = 5 * time.Second
	answered = 10 * time.Minute
	look     = 50 * time.Millisecond
)

// A claim's value begins with one of these.
const (
	runs = "runs:"
	done = "done:"
)

// release removes a claim, and extend keeps it, only while it is ours.
var (
	release = goredis.NewScript(`if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`)
	extend  = goredis.NewScript(`if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`)
)

// Once runs f for the first of several calls with the same member and id, and gives the others what it returned; they wait for
// it. When f fails nothing is kept and the next call runs. first tells who ran.
func (db *DB) Once(ctx context.Context, memberID, id string, f func(context.Context) ([]byte, error)) (result []byte, first bool, err error) {
	gymID, err := gymOf(ctx)
	if err != nil {
		return nil, false, err
	}
	at, mine := key("turn", gymID, memberID, id), runs+rand.Text()
	for {
		claimed, err := db.client.SetNX(ctx, at, mine, lease).Result()
		if err != nil {
			return nil, false, translate("claim a turn", err)
		}
		if claimed {
			result, err := db.run(ctx, at, mine, f)
			return result, true, err
		}
		value, err := db.client.Get(ctx, at).Result()
		if errors.Is(err, goredis.Nil) {
			continue // given up in this moment
		}
		if err != nil {
			return nil, false, translate("wait for a turn", err)
		}
		if value == mine { // the claim went through, its answer was lost, and the client asked again
			result, err := db.run(ctx, at, mine, f)
			return result, true, err
		}
		if stored, ok := strings.CutPrefix(value, done); ok {
			return []byte(stored), false, nil
		}
		select {
		case <-ctx.Done():
			return nil, false, fmt.Errorf("wait for a turn: %w", ctx.Err())
		case <-time.After(look):
		}
	}
}

func (db *DB) run(ctx context.Context, at, mine string, f func(context.Context) ([]byte, error)) ([]byte, error) {
	stop := db.renew(ctx, at, mine)
	defer stop()
	result, err := f(ctx)
	// The client may be gone by now; the claim must end all the same.
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err != nil {
		if released := release.Run(after, db.client, []string{at}, mine).Err(); released != nil {
			return nil, errors.Join(err, translate("give up a turn", released))
		}
		return nil, err
	}
	// What was done is told even when it cannot be kept: who asks again finds its proposal used.
	_ = db.client.Set(after, at, done+string(result), answered).Err()
	return result, nil
}

// renew keeps a claim while f runs. One that cannot be renewed ends with its lease.
func (db *DB) renew(ctx context.Context, at, mine string) (stop func()) {
	ended := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		tick := time.NewTicker(renewal)
		defer tick.Stop()
		for {
			select {
			case <-ended:
				return
			case <-tick.C:
				_ = extend.Run(context.WithoutCancel(ctx), db.client, []string{at}, mine, lease.Milliseconds()).Err()
			}
		}
	})
	return func() { close(ended); all.Wait() }
}

// opened is how long a question or proposal stays open in a conversation.
const opened = time.Hour

// Open returns what SetOpen stored last, nil when there is nothing or too old.
func (db *DB) Open(ctx context.Context, memberID, conversationID string) ([]byte, error) {
	gymID, err := gymOf(ctx)
	if err != nil {
		return nil, err
	}
	value, err := db.client.Get(ctx, key("open", gymID, memberID, conversationID)).Bytes()
	if errors.Is(err, goredis.Nil) {
		return nil, nil
	}
	return value, translate("read what is open", err)
}

// SetOpen stores what is open in a conversation; nothing removes it.
func (db *DB) SetOpen(ctx context.Context, memberID, conversationID string, open []byte) error {
	gymID, err := gymOf(ctx)
	if err != nil {
		return err
	}
	at := key("open", gymID, memberID, conversationID)
	if len(open) == 0 {
		return translate("forget what is open", db.client.Del(ctx, at).Err())
	}
	return translate("store what is open", db.client.Set(ctx, at, open, opened).Err())
}
