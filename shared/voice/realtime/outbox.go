package realtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/coder/websocket"
)

// maxQueued bounds what waits for a client that reads slowly: more than a minute of sound at 48 kHz in base64.
const maxQueued = 16 << 20

var errSlow = errors.New("the client reads too slowly")

type message struct {
	data  []byte
	sound string // the answer whose sound it is; "" for all else
}

// outbox holds what is to be sent, in order; one goroutine sends it.
type outbox struct {
	mu     sync.Mutex
	list   []message
	bytes  int
	most   int
	closed bool
	more   chan struct{} // holds a token when something changed
}

func newOutbox(most int) *outbox { return &outbox{most: most, more: make(chan struct{}, 1)} }

func (o *outbox) put(m message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.bytes+len(m.data) > o.most {
		return errSlow
	}
	o.list = append(o.list, m)
	o.bytes += len(m.data)
	o.wake()
	return nil
}

func (o *outbox) wake() {
	select {
	case o.more <- struct{}{}:
	default:
	}
}

// drop leaves out the sound of an answer that is not sent yet: the member has spoken over it.
func (o *outbox) drop(answer string) {
	if answer == "" {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.list = slices.DeleteFunc(o.list, func(m message) bool {
		if m.sound != answer {
			return false
		}
		o.bytes -= len(m.data)
		return true
	})
}

// close lets run return once everything is sent.
func (o *outbox) close() {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	o.wake()
}

func (o *outbox) next() (m message, ok, closed bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.list) == 0 {
		return message{}, false, o.closed
	}
	m, o.list = o.list[0], o.list[1:]
	o.bytes -= len(m.data)
	return m, true, false
}

// run sends until the outbox is closed and empty, ctx ends, or the client does not take it.
func (o *outbox) run(ctx context.Context, conn *websocket.Conn) error {
	for {
		m, ok, closed := o.next()
		switch {
		case closed:
			return nil
		case !ok:
			select {
			case <-o.more:
			case <-ctx.Done():
				return ctx.Err()
			}
			continue
		}
		if err := write(ctx, conn, m.data); err != nil {
			return err
		}
	}
}

func write(ctx context.Context, conn *websocket.Conn, data []byte) error {
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	if err := conn.Write(ctx, websocket.MessageText, data); err != nil {
		return fmt.Errorf("send an event: %w", err)
	}
	return nil
}
