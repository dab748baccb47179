package runner

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/intellifit/intellifit/internal/runner/manifest"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
)

// The codes that the host itself answers with.
const (
	codeFunctionNotFound = "function_not_found"
	codeTooManyCalls     = "too_many_calls"
	codeAnswerTooLarge   = "answer_too_large"
)

// maxLastWord is less than what a stopping runner waits after it has cancelled its calls.
const maxLastWord = 500 * time.Millisecond

// documented is a function with a specification; *faas.API is.
type documented interface{ OpenAPI() *huma.OpenAPI }

// readier is a function that can tell what it misses; *faas.API is.
type readier interface {
	Ready(ctx context.Context) error
}

// function is one hosted function with its limits.
type function struct {
	spec  manifest.Function
	impl  Function
	slots chan struct{} // one token per running call; nil: no limit
}

func newFunction(spec manifest.Function, impl Function) *function {
	f := &function{spec: spec, impl: impl}
	if spec.MaxInflight > 0 {
		f.slots = make(chan struct{}, spec.MaxInflight)
	}
	return f
}

// asyncWorkers is how many asynchronous calls run at once: one as on OpenFaaS, or all slots but one, which stays for
// those who wait for their answer.
func (f *function) asyncWorkers() int { return max(1, f.spec.MaxInflight-1) }

func (f *function) tryAcquire() bool {
	if f.slots == nil {
		return true
	}
	select {
	case f.slots <- struct{}{}:
		return true
	default:
		return false
	}
}

func (f *function) acquire(ctx context.Context) error {
	if f.slots == nil {
		return nil
	}
	select {
	case f.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *function) release() {
	if f.slots != nil {
		<-f.slots
	}
}

// timeout is exec_timeout, which the header X-Timeout of a call may shorten.
func (f *function) timeout(h http.Header) time.Duration {
	if d, err := time.ParseDuration(h.Get("X-Timeout")); err == nil && d > 0 && d < f.spec.Timeouts.Exec {
		return d
	}
	return f.spec.Timeouts.Exec
}

// runBuffered runs the function in a goroutine of its own and waits for it or for the end of req's context. With
// ended=false there is no answer and the handler may still run. The caller holds the slot; it is given back when the
// handler ends.
func (r *Runner) runBuffered(f *function, answer *buffer, req *http.Request) (ended bool) {
	done := make(chan struct{})
	r.running.Add(1)
	go func() {
		defer r.running.Done()
		defer f.release()
		defer close(done)
		defer r.recoverInto(f, answer, req)
		f.impl.ServeHTTP(answer, req)
	}()
	select {
	case <-done:
	case <-req.Context().Done():
		if !lastWord(req.Context(), done) {
			answer.abandon()
			return false
		}
	}
	// What a function says after its deadline is how it gave up, under whatever status.
	return !errors.Is(req.Context().Err(), context.DeadlineExceeded)
}

// lastWord lets a function that is done, or nearly so, answer a context that has ended. A body that comes too slowly
// cancels the context too, a moment before the function reads of it and says so.
func lastWord(ctx context.Context, done <-chan struct{}) bool {
	var patience time.Duration
	if errors.Is(ctx.Err(), context.Canceled) {
		patience = maxLastWord
	}
	select {
	case <-done:
		return true
	default:
	}
	select {
	case <-done:
		return true
	case <-time.After(patience):
		return false
	}
}

// recoverInto turns a panic that left the function into its answer.
func (r *Runner) recoverInto(f *function, answer *buffer, req *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p != http.ErrAbortHandler {
		r.cfg.Log.Error("function panicked", "function", f.spec.Name, "call_id", faas.CallID(req.Context()), "stack", string(debug.Stack()))
	}
	answer.reset()
	answer.Header().Set(headerInternal, internalWatchdog)
	faas.WriteProblem(req.Context(), answer, faas.NewProblem(http.StatusInternalServerError, faas.CodeInternal, "something went wrong on our side", ""))
}

func errTooManyCalls(f *function) error {
	return faas.RetryAfter(gym.Errorf(gym.ErrBusy, codeTooManyCalls,
		"the function %s already runs %d calls, its limit", f.spec.Name, f.spec.MaxInflight), time.Second)
}

func errTimeout(f *function, limit time.Duration) error {
	return faas.NewProblem(http.StatusGatewayTimeout, faas.CodeTimeout,
		"the function "+f.spec.Name+" did not answer within "+limit.String(), "POST to /async-function/"+f.spec.Name+" for long work")
}
