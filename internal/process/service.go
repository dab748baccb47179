package process

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Service is a child that is kept alive: started, probed until it answers, and started again with a growing delay when
// it ends.
//
// A general supervisor library restarts at once up to a threshold and knows no readiness; what is needed here beside that
// (the first start's error with its log, a stable port, an ordered stop) is most of the work, so the loop is our own.
type Service struct {
	Name string
	// Command says what to start; it is asked before each start and may clean up after the last one.
	Command func(ctx context.Context) (Command, error)
	// Ready asks the child a real question; it is repeated until it returns nil.
	Ready func(ctx context.Context) error
	Log   *Log
	// StartLimit bounds one start until Ready; StopLimit bounds the orderly end.
	StartLimit, StopLimit time.Duration
	// Event hears of ends and restarts after the first readiness; nil hears nothing.
	Event func(Event)
	// Delay is the wait before the n-th start in a row (n ≥ 1); nil is Backoff.
	Delay func(n int) time.Duration
}

// Event is a change in the life of a service.
type Event struct {
	Service  string
	Ready    bool     // it answers again
	Err      error    // why it ended
	Tail     []string // its last log lines
	RetryIn  time.Duration
	Restarts int
}

// firstStarts is how often the first start is tried before it is given up.
const firstStarts = 3

// steady is how long a child must have lived for its failures to be forgotten.
const steady = time.Minute

// pollEvery is how often a starting child is asked whether it is ready.
const pollEvery = 25 * time.Millisecond

// Backoff is the wait before the n-th start in a row: 0.2 s, doubled up to 15 s.
func Backoff(n int) time.Duration {
	return min(200*time.Millisecond<<min(n-1, 10), 15*time.Second)
}

// Running is a supervised service.
type Running struct {
	service Service
	cancel  context.CancelFunc
	done    chan struct{}

	mu       sync.Mutex
	process  *Process
	ready    bool
	since    time.Time
	restarts int
	stopErr  error
}

// StartError says why a service did not come up.
type StartError struct {
	Service string
	Err     error
	Tail    []string
	LogPath string
}

func (e *StartError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s did not start: %v", e.Service, e.Err)
	if e.LogPath != "" {
		fmt.Fprintf(&b, "\n  log: %s", e.LogPath)
	}
	for _, line := range e.Tail {
		b.WriteString("\n  | " + line)
	}
	return b.String()
}

func (e *StartError) Unwrap() error { return e.Err }

// Start brings the service up and returns when it is ready. The end of ctx abandons the start but does not stop a service
// that is up.
func (s Service) Start(ctx context.Context) (*Running, error) {
	if s.Delay == nil {
		s.Delay = Backoff
	}
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := &Running{service: s, cancel: cancel, done: make(chan struct{})}
	first := make(chan error, 1)
	go r.run(life, first)
	select {
	case err := <-first:
		if err != nil {
			cancel()
			<-r.done
			return nil, &StartError{Service: s.Name, Err: err, Tail: s.Log.Tail(), LogPath: s.Log.Path()}
		}
		return r, nil
	case <-ctx.Done():
		cancel()
		<-r.done
		return nil, fmt.Errorf("start %s: %w", s.Name, context.Cause(ctx))
	}
}

// run keeps the child alive until life ends. first receives the outcome of the first start, once.
func (r *Running) run(life context.Context, first chan<- error) {
	defer close(r.done)
	pending := true
	for failures := 0; ; {
		began := time.Now()
		err := r.once(life, func() {
			if pending {
				pending = false
				first <- nil
			} else {
				r.emit(Event{Ready: true})
			}
		})
		if life.Err() != nil {
			if pending {
				first <- life.Err()
			}
			return
		}
		if time.Since(began) > steady {
			failures = 0
		}
		failures++
		if pending && failures >= firstStarts {
			first <- err
			return
		}
		delay := r.service.Delay(failures)
		if !pending {
			r.emit(Event{Err: err, Tail: r.service.Log.Tail(), RetryIn: delay})
		}
		select {
		case <-life.Done():
		case <-time.After(delay):
		}
		r.mu.Lock()
		r.restarts++
		r.mu.Unlock()
	}
}

func (r *Running) emit(e Event) {
	if r.service.Event == nil {
		return
	}
	r.mu.Lock()
	e.Service, e.Restarts = r.service.Name, r.restarts
	r.mu.Unlock()
	r.service.Event(e)
}

// once runs the child from its start to its end.
func (r *Running) once(life context.Context, up func()) error {
	starting, cancel := context.WithTimeout(life, r.service.StartLimit)
	defer cancel()
	command, err := r.service.Command(starting)
	if err != nil {
		return err
	}
	command.Output = r.service.Log
	p, err := Start(command)
	if err != nil {
		return err
	}
	r.set(p, false)
	defer r.set(nil, false)
	if err := r.await(starting, p); err != nil {
		return errors.Join(err, r.halt(p))
	}
	r.set(p, true)
	up()
	select {
	case <-p.Done():
		return p.Err()
	case <-life.Done():
		r.stopErr = r.halt(p)
		return r.stopErr
	}
}

func (r *Running) await(ctx context.Context, p *Process) error {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		err := r.service.Ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.Done():
			return p.Err()
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return fmt.Errorf("not ready within %s: %w", r.service.StartLimit, err)
			}
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

func (r *Running) halt(p *Process) error {
	ctx, cancel := context.WithTimeout(context.Background(), r.service.StopLimit)
	defer cancel()
	return p.Stop(ctx)
}

func (r *Running) set(p *Process, ready bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.process, r.ready = p, ready
	if ready {
		r.since = time.Now()
	}
}

// PID is the child's process id, 0 while there is none.
func (r *Running) PID() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.process == nil {
		return 0
	}
	return r.process.PID()
}

// Ready reports whether the child answers, and since when.
func (r *Running) Ready() (bool, time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ready, r.since
}

// Restarts is how often the child was started again.
func (r *Running) Restarts() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.restarts
}

// Stop ends the child in order. It may be called again.
func (r *Running) Stop() error {
	r.cancel()
	<-r.done
	return r.stopErr
}
