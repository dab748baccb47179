package chat

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/faas"
)

// eventStream is the media type of server-sent events.
const eventStream = "text/event-stream"

// heartbeat keeps proxies from closing a stream while the model thinks.
const heartbeat = 15 * time.Second

// sse writes server-sent events. The headers go out with the first event, so that what fails before it is answered as a
// problem with its own status.
type sse struct {
	w http.ResponseWriter

	mu    sync.Mutex
	begun bool
	ended bool
}

// send writes one event; a name of "" leaves the event line out.
func (s *sse) send(name string, data any) error {
	body, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("write the event %s: %w", name, err)
	}
	return s.raw(name, string(body))
}

func (s *sse) raw(name, data string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil
	}
	if !s.begun {
		s.begun = true
		s.w.Header().Set("Content-Type", eventStream)
		s.w.Header().Set("Cache-Control", "no-store")
		s.w.Header().Set("X-Accel-Buffering", "no")
		s.w.WriteHeader(http.StatusOK)
	}
	if name != "" {
		name = "event: " + name + "\n"
	}
	return s.write(name + "data: " + data + "\n\n")
}

func (s *sse) write(text string) error {
	if _, err := s.w.Write([]byte(text)); err != nil {
		return fmt.Errorf("write to the client: %w", err)
	}
	return http.NewResponseController(s.w).Flush()
}

// beat sends comments until stop is called.
func (s *sse) beat() (stop func()) {
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

// encoder turns the events of a turn into a client's dialect.
type encoder interface {
	event(coach.Event) error
	// fail tells of a turn that broke after its first event: status 200 is out.
	fail(*faas.Problem) error
}

// stream runs a turn and answers with server-sent events.
func (f *Function) stream(in coach.In, dialect func(*sse) encoder, headers map[string]string) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		r, w := humago.Unwrap(hctx)
		ctx := hctx.Context()
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		s := &sse{w: w}
		stop := s.beat()
		defer stop()
		enc := dialect(s)
		if _, err := f.coach.Turn(ctx, in, enc.event); err != nil {
			f.broke(ctx, r, w, s, enc, err)
		}
		s.mu.Lock()
		s.ended = true
		s.mu.Unlock()
	}}
}

func (f *Function) broke(ctx context.Context, _ *http.Request, w http.ResponseWriter, s *sse, enc encoder, err error) {
	s.mu.Lock()
	begun := s.begun
	s.mu.Unlock()
	if !begun {
		faas.WriteProblem(ctx, w, err)
		return
	}
	problem := faas.ProblemOf(err)
	problem.RequestID = faas.CallID(ctx)
	faas.Logger(ctx).Error("the turn broke off", "code", problem.Code, "cause", err.Error())
	if err := enc.fail(problem); err != nil {
		faas.Logger(ctx).Info("the client went away", "cause", err.Error())
	}
}

// typed is our own dialect: the events of package coach under their names.
type typed struct{ *sse }

func (t typed) event(e coach.Event) error { return t.send(string(e.Kind), e) }

func (t typed) fail(p *faas.Problem) error { return t.send("error", p) }
