package llm

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
)

// Priority says whose call goes first when several wait for the model. A running call is never broken off for another.
type Priority int

// The classes of calls, least urgent first.
const (
	PriorityRetrain Priority = iota // nobody waits
	PriorityPlan                    // somebody comes back later
	PriorityChat                    // somebody reads along
	PriorityCall                    // somebody listens
)

// queue admits calls to one server. Ollama's own limit does not hold for a model that is loaded, and it knows no classes.
type queue struct {
	mu       sync.Mutex
	parallel int // calls that run at once
	running  int
	waiting  []*waiter // most urgent first, in order of arrival within a class
}

type waiter struct {
	priority Priority
	admitted chan bool // false: put out for a more urgent one
}

// queues holds the queue of each server: the functions of one process share it, whoever made the client.
var queues sync.Map

func queueOf(host string, parallel int) *queue {
	found, _ := queues.LoadOrStore(host, &queue{parallel: parallel})
	q := found.(*queue)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.parallel = max(q.parallel, parallel)
	return q
}

// enter waits for a place, at most as long as maxWait and with at most `most` others. It fails with code model_busy when
// there is none, and with ctx's error when the caller went away; else leave must be called.
func (q *queue) enter(ctx context.Context, p Priority, most int, maxWait time.Duration) (leave func(), err error) {
	w, err := q.join(p, most)
	if err != nil {
		return nil, err
	}
	if w == nil {
		return q.leave, nil
	}
	late := time.NewTimer(maxWait)
	defer late.Stop()
	select {
	case ok := <-w.admitted:
		if !ok {
			return nil, busy()
		}
		return q.leave, nil
	case <-late.C:
		err = busy()
	case <-ctx.Done():
		err = ctx.Err()
	}
	if q.withdraw(w) {
		return nil, err
	}
	if <-w.admitted { // admitted in the same moment
		q.leave()
	}
	return nil, err
}

// join returns nil when the call may run at once.
func (q *queue) join(p Priority, most int) (*waiter, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.running < q.parallel && len(q.waiting) == 0 {
		q.running++
		return nil, nil
	}
	if len(q.waiting) >= most {
		last := len(q.waiting) - 1
		if last < 0 || q.waiting[last].priority >= p {
			return nil, busy()
		}
		q.waiting[last].admitted <- false
		q.waiting = q.waiting[:last]
	}
	w := &waiter{priority: p, admitted: make(chan bool, 1)}
	at := slices.IndexFunc(q.waiting, func(o *waiter) bool { return o.priority < p })
	if at < 0 {
		at = len(q.waiting)
	}
	q.waiting = slices.Insert(q.waiting, at, w)
	return w, nil
}

func (q *queue) withdraw(w *waiter) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	at := slices.Index(q.waiting, w)
	if at < 0 {
		return false
	}
	q.waiting = slices.Delete(q.waiting, at, at+1)
	return true
}

func (q *queue) leave() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running--
	for q.running < q.parallel && len(q.waiting) > 0 {
		q.running++
		q.waiting[0].admitted <- true
		q.waiting = slices.Delete(q.waiting, 0, 1)
	}
}

func busy() error {
	return gym.Errorf(gym.ErrBusy, "model_busy", "too many requests wait for the model")
}
