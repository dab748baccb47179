package redis

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
)

// patience is how long a member's second message waits for the first one's answer. It is longer than a lease: the turn of a
// process that was killed ends within it.
const patience = 20 * time.Second

// Alone runs f while no other turn of the member runs. People send twice: one more turn waits for the first one to end; what
// comes while one waits is refused with code turn_running.
func (db *DB) Alone(ctx context.Context, memberID string, f func(context.Context) ([]byte, error)) ([]byte, error) {
	gymID, err := gymOf(ctx)
	if err != nil {
		return nil, err
	}
	speaks, waits, mine := key("speaks", gymID, memberID), key("waits", gymID, memberID), runs+rand.Text()
	claimed, err := db.client.SetNX(ctx, speaks, mine, lease).Result()
	if err != nil {
		return nil, translate("begin a turn", err)
	}
	if !claimed {
		if err := db.wait(ctx, speaks, waits, mine); err != nil {
			return nil, err
		}
	}
	stop := db.renew(ctx, speaks, mine)
	defer func() {
		stop()
		db.giveUp(ctx, speaks, mine)
	}()
	return f(ctx)
}

// wait takes the one place behind the turn that runs, and then that turn's place.
func (db *DB) wait(ctx context.Context, speaks, waits, mine string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, turnRunning())
	defer cancel()
	if err := db.queue(ctx, waits, mine); err != nil {
		return err
	}
	defer db.giveUp(ctx, waits, mine)
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for a turn's end: %w", context.Cause(ctx))
		case <-time.After(look):
		}
		claimed, err := db.client.SetNX(ctx, speaks, mine, lease).Result()
		switch {
		case ctx.Err() != nil:
			return fmt.Errorf("wait for a turn's end: %w", context.Cause(ctx))
		case err != nil:
			return translate("wait for a turn's end", err)
		case claimed:
			return nil
		}
	}
}

// grace is how long the place behind a turn may be taken by one that is giving it up: who talks over an answer that has not begun leaves
// and comes back within milliseconds.
const grace = 200 * time.Millisecond

// queue takes the one place behind the turn that runs.
func (db *DB) queue(ctx context.Context, waits, mine string) error {
	for end := time.Now().Add(grace); ; {
		next, err := db.client.SetNX(ctx, waits, mine, patience+lease).Result()
		switch {
		case err != nil:
			return translate("wait for a turn's end", err)
		case next:
			return nil
		case time.Now().After(end):
			return turnRunning()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for a turn's end: %w", context.Cause(ctx))
		case <-time.After(look):
		}
	}
}

// giveUp removes a claim of ours, also when the client has gone. One that stays ends by itself.
func (db *DB) giveUp(ctx context.Context, at, mine string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	_ = release.Run(ctx, db.client, []string{at}, mine).Err()
}

func turnRunning() error {
	return &gym.Error{Kind: gym.ErrBusy, Code: "turn_running", Detail: "the last message is still being answered", Hint: "wait for its answer"}
}
