package llm

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/intellifit/intellifit/shared/gym"
)

// TestQueueOrder: who waits is admitted by urgency, then by arrival; a full queue puts out the least urgent.
func TestQueueOrder(t *testing.T) {
	t.Parallel()
	q := &queue{parallel: 1}
	leave, err := q.enter(t.Context(), PriorityPlan, 3, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var order []string
	refused := make(chan string, 1)
	var all sync.WaitGroup
	arrive := func(name string, p Priority) {
		before := waitingIn(q)
		all.Go(func() {
			done, err := q.enter(t.Context(), p, 3, time.Minute)
			if err != nil {
				refused <- name
				return
			}
			mu.Lock()
			order = append(order, name)
			mu.Unlock()
			done()
		})
		for waitingIn(q) == before && len(refused) == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	arrive("retrain", PriorityRetrain)
	arrive("plan", PriorityPlan)
	arrive("chat", PriorityChat)
	arrive("call", PriorityCall) // the queue is full: it takes the place of the least urgent
	if name := <-refused; name != "retrain" {
		t.Errorf("%s was put out", name)
	}
	if _, err := q.enter(t.Context(), PriorityPlan, 3, time.Minute); !errors.Is(err, gym.ErrBusy) {
		t.Errorf("a plan more than fits: %v", err)
	}
	leave()
	all.Wait()
	if len(order) != 3 || order[0] != "call" || order[1] != "chat" || order[2] != "plan" {
		t.Errorf("admitted %v", order)
	}
}

func waitingIn(q *queue) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}

// TestQueueNeverLeaks: whatever callers do, no more run than may, and every place comes back.
func TestQueueNeverLeaks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q := &queue{parallel: rapid.IntRange(1, 3).Draw(t, "parallel")}
		var running, most int
		var mu sync.Mutex
		var all sync.WaitGroup
		for _, p := range rapid.SliceOfN(rapid.IntRange(0, 3), 1, 20).Draw(t, "callers") {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(p)*time.Millisecond)
				defer cancel()
				leave, err := q.enter(ctx, Priority(p), 4, 2*time.Millisecond)
				if err != nil {
					return
				}
				mu.Lock()
				running++
				most = max(most, running)
				mu.Unlock()
				time.Sleep(time.Millisecond)
				mu.Lock()
				running--
				mu.Unlock()
				leave()
			})
		}
		all.Wait()
		if most > q.parallel || q.running != 0 || len(q.waiting) != 0 {
			t.Fatalf("%d ran at once of %d; afterwards %d run and %d wait", most, q.parallel, q.running, len(q.waiting))
		}
	})
}
