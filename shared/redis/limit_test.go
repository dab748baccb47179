package redis_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/redis/redistest"
)

// TestLimit: so many calls a minute, whoever counts them, for each member and each kind.
func TestLimit(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"shared": redistest.URL(t), "Redis is away": "redis://127.0.0.1:1/0"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := open(t, url)
			ctx, _ := acting(t)
			var lost atomic.Int32
			limit := db.NewLimit("test", 5, func(context.Context, error) { lost.Add(1) })
			var allowed atomic.Int32
			var all sync.WaitGroup
			for range 20 {
				all.Go(func() {
					q, err := limit.Allow(ctx, "mara")
					if err != nil || q.Limit != 5 || !q.Allowed && (q.RetryAfter <= 0 || q.RetryAfter > 13*time.Second || q.Remaining != 0) {
						t.Errorf("got %+v, %v", q, err)
					}
					if q.Allowed {
						allowed.Add(1)
					}
				})
			}
			all.Wait()
			if allowed.Load() != 5 || (lost.Load() > 0) != (name != "shared") {
				t.Errorf("%d allowed, %d times lost", allowed.Load(), lost.Load())
			}
			if q, err := limit.Allow(ctx, "omar"); err != nil || !q.Allowed || q.Remaining != 4 || q.ResetAfter <= 0 {
				t.Errorf("another member: %+v, %v", q, err)
			}
			if q, err := db.NewLimit("other", 1, func(context.Context, error) {}).Allow(ctx, "mara"); err != nil || !q.Allowed {
				t.Errorf("another kind: %+v, %v", q, err)
			}
		})
	}
	ctx, _ := acting(t)
	none := open(t, "redis://127.0.0.1:1/0").NewLimit("test", 0, nil)
	for range 100 {
		if q, err := none.Allow(ctx, "mara"); err != nil || !q.Allowed {
			t.Fatalf("without a limit: %+v, %v", q, err)
		}
	}
}

// TestAlone: turns of one member run one after the other, one waits, and what comes then is refused.
func TestAlone(t *testing.T) {
	t.Parallel()
	db := open(t, redistest.URL(t))
	ctx, _ := acting(t)
	var running, most, done, refused atomic.Int32
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			got, err := db.Alone(ctx, "mara", func(context.Context) ([]byte, error) {
				most.Store(max(most.Load(), running.Add(1)))
				time.Sleep(300 * time.Millisecond)
				running.Add(-1)
				return fmt.Append(nil, i), nil
			})
			switch {
			case err == nil && string(got) == fmt.Sprint(i):
				done.Add(1)
			case code(err) == "turn_running" && errors.Is(err, gym.ErrBusy):
				refused.Add(1)
			default:
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	if _, err := db.Alone(ctx, "omar", func(context.Context) ([]byte, error) { return nil, nil }); err != nil {
		t.Errorf("another member: %v", err)
	}
	all.Wait()
	if most.Load() != 1 || done.Load() != 2 || refused.Load() != 8 {
		t.Errorf("%d at once, %d done, %d refused", most.Load(), done.Load(), refused.Load())
	}
	// Whatever a turn ends with, the next one may begin.
	wrong := errors.New("wrong")
	gone, leave := context.WithCancel(ctx)
	defer leave()
	for range 2 {
		if _, err := db.Alone(gone, "mara", func(context.Context) ([]byte, error) { leave(); return nil, wrong }); !errors.Is(err, wrong) && !errors.Is(err, context.Canceled) {
			t.Errorf("a turn that failed: %v", err)
		}
	}
	if _, err := db.Alone(ctx, "mara", func(context.Context) ([]byte, error) { return nil, nil }); err != nil {
		t.Errorf("the next one: %v", err)
	}
}
