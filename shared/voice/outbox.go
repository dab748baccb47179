package voice

import (
	"context"
	"sync"
	"time"
)

// outbox sends the events of a turn in order, by a goroutine of its own: a slow client must not hold up the coach. It is
// unbounded, since an answer is short.
type outbox struct {
	emit func(Event) error
	gone func(error) // hears of the first event that could not be sent

	mu         sync.Mutex
	events     []Event
	busy       bool          // events are being sent
	empty      chan struct{} // closed when nothing is left to send; nil when nobody waits
	closed     bool
	more       chan struct{}
	firstSound time.Time // when the first sound was handed over
	done       chan struct{}
}

func newOutbox(emit func(Event) error, gone func(error)) *outbox {
	o := &outbox{emit: emit, gone: gone, more: make(chan struct{}, 1), done: make(chan struct{})}
	go o.run()
	return o
}

func (o *outbox) send(e Event) {
	o.mu.Lock()
	o.events = append(o.events, e)
	o.mu.Unlock()
	o.tell()
}

func (o *outbox) tell() {
	select {
	case o.more <- struct{}{}:
	default:
	}
}

func (o *outbox) run() {
	defer close(o.done)
	failed := false
	for {
		o.mu.Lock()
		events, closed := o.events, o.closed
		o.events, o.busy = nil, len(o.events) > 0
		if !o.busy && o.empty != nil {
			close(o.empty)
			o.empty = nil
		}
		o.mu.Unlock()
		for _, e := range events {
			if failed {
				continue
			}
			if err := o.emit(e); err != nil {
				failed = true
				o.gone(err)
				continue
			}
			if e.Type == AudioDelta {
				o.sounded()
			}
		}
		if len(events) > 0 {
			continue
		}
		if closed {
			return
		}
		<-o.more
	}
}

func (o *outbox) sounded() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.firstSound.IsZero() {
		o.firstSound = time.Now()
	}
}

// first is when the first sound was handed over, zero before.
func (o *outbox) first() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.firstSound
}

// drain waits until everything is sent, or ctx ends.
func (o *outbox) drain(ctx context.Context) {
	o.mu.Lock()
	if len(o.events) == 0 && !o.busy {
		o.mu.Unlock()
		return
	}
	if o.empty == nil {
		o.empty = make(chan struct{})
	}
	empty := o.empty
	o.mu.Unlock()
	select {
	case <-empty:
	case <-ctx.Done():
	}
}

// drop leaves out what is not sent yet: after an interruption no sound may follow.
func (o *outbox) drop() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.events = nil
}

// close waits until everything is sent.
func (o *outbox) close() {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	o.tell()
	<-o.done
}
