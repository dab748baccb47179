package runner

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
)

// readyTimeout bounds every check of /readyz.
const readyTimeout = 3 * time.Second

// The states of a check.
const (
	StateOK      = "ok"
	StateLoading = "loading" // it comes by itself; Percent says how far it is
	StateMissing = "missing" // somebody must provide it
	StateDown    = "down"
)

// Check is one thing that must be there before calls can be answered well.
type Check struct {
	Name string
	Run  func(ctx context.Context) CheckResult
}

// CheckResult is what a check found. An empty State is StateOK.
type CheckResult struct {
	State   string `json:"state"`
	Percent *int   `json:"percent,omitempty"`
	Model   string `json:"model,omitempty"`
	Detail  string `json:"detail,omitempty"` // for a person; no addresses with passwords, no health data
}

type namedResult struct {
	Name string `json:"name"`
	CheckResult
}

type readiness struct {
	Status string        `json:"status"` // ok or not_ready
	Checks []namedResult `json:"checks"`
}

func live(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]string{"status": StateOK})
}

// readyz answers 200 when all is there, else 503; either way what each check found.
func (r *Runner) readyz(w http.ResponseWriter, req *http.Request) {
	ctx, cancel := context.WithTimeout(req.Context(), readyTimeout)
	defer cancel()
	answer := readiness{Status: StateOK, Checks: r.runChecks(ctx)}
	status := http.StatusOK
	if slices.ContainsFunc(answer.Checks, func(c namedResult) bool { return c.State != StateOK }) {
		answer.Status, status = "not_ready", http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "5")
	}
	writeJSON(w, status, answer)
}

func (r *Runner) runChecks(ctx context.Context) []namedResult {
	checks := r.allChecks()
	results := make([]namedResult, len(checks))
	var wait sync.WaitGroup
	for i, c := range checks {
		wait.Go(func() { results[i] = namedResult{c.Name, bounded(ctx, c)} })
	}
	wait.Wait()
	return results
}

// bounded gives up on a check that does not follow its context.
func bounded(ctx context.Context, c Check) CheckResult {
	found := make(chan CheckResult, 1)
	go func() { found <- c.Run(ctx) }()
	select {
	case res := <-found:
		if res.State == "" {
			res.State = StateOK
		}
		return res
	case <-ctx.Done():
		return CheckResult{State: StateDown, Detail: "does not answer in time"}
	}
}

func (r *Runner) allChecks() []Check {
	checks := slices.Clone(r.cfg.Checks)
	if r.queue != nil {
		checks = append(checks, Check{Name: "queue", Run: func(ctx context.Context) CheckResult {
			if _, err := r.queue.depth(ctx); err != nil {
				return CheckResult{State: StateDown, Detail: "the database does not answer"}
			}
			return CheckResult{}
		}})
	}
	for name, f := range r.functions {
		if ready, ok := f.impl.(readier); ok {
			checks = append(checks, Check{Name: "function " + name, Run: func(ctx context.Context) CheckResult {
				return resultOf(ready.Ready(ctx))
			}})
		}
	}
	slices.SortStableFunc(checks, func(a, b Check) int { return strings.Compare(a.Name, b.Name) })
	return checks
}

// resultOf says of a function's error what is safe to say.
func resultOf(err error) CheckResult {
	var known *gym.Error
	switch {
	case err == nil:
		return CheckResult{}
	case errors.As(err, &known):
		return CheckResult{State: StateDown, Detail: known.Detail}
	default:
		return CheckResult{State: StateDown}
	}
}
