package faas

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// EventStreamType is the media type of server-sent events.
const EventStreamType = "text/event-stream"

// heartbeat keeps proxies from closing a stream while nothing is said.
const heartbeat = 15 * time.Second

// EventStream writes server-sent events. The headers go out with the first event, so that what fails before it is answered
// as a problem with its own status. It is safe for concurrent use.
type EventStream struct {
	w http.ResponseWriter

	mu    sync.Mutex
	begun bool
	ended bool
}

// NewEventStream prepares a stream on w and writes nothing yet.
func NewEventStream(w http.ResponseWriter) *EventStream { return &EventStream{w: w} }

// Send writes one event; an id or a name of "" leaves its line out.
func (s *EventStream) Send(id, name string, data any) error {
	body, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("write the event %s: %w", name, err)
	}
	return s.Raw(id, name, string(body))
}

// Raw is Send of data that is text already and has no line break.
func (s *EventStream) Raw(id, name, data string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil
	}
	if !s.begun {
		s.begun = true
		s.w.Header().Set("Content-Type", EventStreamType)
		s.w.Header().Set("Cache-Control", "no-store")
		s.w.Header().Set("X-Accel-Buffering", "no")
		s.w.WriteHeader(http.StatusOK)
	}
	if id != "" {
		id = "id: " + id + "\n"
	}
	if name != "" {
		name = "event: " + name + "\n"
	}
	return s.write(id + name + "data: " + data + "\n\n")
}

func (s *EventStream) write(text string) error {
	if _, err := s.w.Write([]byte(text)); err != nil {
		return fmt.Errorf("write to the client: %w", err)
	}
	return http.NewResponseController(s.w).Flush()
}

// Begun reports whether an event went out: status 200 is told then.
func (s *EventStream) Begun() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begun
}

// End makes the stream leave out whatever comes later.
func (s *EventStream) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
}

// Beat sends comments until stop is called.
func (s *EventStream) Beat() (stop func()) {
	done := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		tick := time.NewTicker(heartbeat)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			s.mu.Lock()
			if s.begun && !s.ended {
				_ = s.write(": still here\n\n") // a client that went away shows in the request's context
			}
			s.mu.Unlock()
		}
	})
	return func() { close(done); all.Wait() }
}

// Broke ends an answer whose work failed. One of which nothing is out becomes a problem with its own status; behind the first bytes
// fail tells of it in the client's dialect. A client that went away needs no answer. what names the work in the log.
func Broke(ctx context.Context, w http.ResponseWriter, what string, err error, begun bool, fail func(*Problem) error) {
	switch {
	case errors.Is(err, context.Canceled):
		Logger(ctx).Info("the client went away", "cause", err.Error())
	case !begun:
		WriteProblem(ctx, w, err)
	default:
		p := ProblemOf(err)
		Logger(ctx).Error(what+" broke off", "code", p.Code, "cause", err.Error())
		if err := fail(p); err != nil {
			Logger(ctx).Info("the client went away", "cause", err.Error())
		}
	}
}
