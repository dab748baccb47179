package stack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// Check is one finding of the doctor.
type Check struct {
	Name   string `json:"name"`
	Status Status `json:"status"`
	What   string `json:"what"`
	Fix    string `json:"fix,omitempty"` // a command or an action that mends it; empty when all is well
}

// Status is the outcome of a check.
type Status string

// The outcomes: only Fail keeps `up` from starting.
const (
	OK   Status = "ok"
	Warn Status = "warn"
	Fail Status = "fail"
)

// Plan is what the doctor judges the machine for.
type Plan struct {
	Home    string
	Addr    string
	Profile string  // standard or small; empty when `up` chooses
	Speech  *Speech // nil goes without
	// Aliases compares the models in Ollama with those that `up` made.
	Aliases func(ctx context.Context, host string) error
}

// DefaultAddr is where `up` listens unless told otherwise.
const DefaultAddr = "127.0.0.1:8080"

// Examine runs all checks, in the order in which a person would mend what they find. What a running `up` holds counts as
// present.
func Examine(ctx context.Context, m Machine, p Plan) []Check {
	if p.Addr == "" {
		p.Addr = DefaultAddr
	}
	e := examination{machine: m, plan: p}
	if state, err := LoadState(p.Home); err == nil {
		e.state = &state
	}
	checks := []func(context.Context) Check{
		e.platform, e.home, e.account, e.port, e.disk, e.memory, e.compiler, e.python, e.downloads, e.postgres, e.redis, e.ollama,
		e.whisper, e.tts, e.models, e.device, e.leftover,
	}
	found := make([]Check, len(checks))
	var wait sync.WaitGroup
	for i, check := range checks {
		wait.Go(func() { found[i] = check(ctx) })
	}
	wait.Wait()
	return found
}

// examination is one visit to the doctor; state is that of a running `up`, nil without one.
type examination struct {
	machine Machine
	plan    Plan
	state   *State
}

// Unfit says which checks keep `up` from starting.
type Unfit struct{ Checks []Check }

func (u *Unfit) Error() string {
	var b strings.Builder
	b.WriteString("this machine is not ready:")
	for _, c := range u.Checks {
		fmt.Fprintf(&b, "\n  ✗ %s: %s\n    fix: %s", c.Name, c.What, c.Fix)
	}
	return b.String()
}

// Verdict is an *Unfit with the failed checks, nil without any.
func Verdict(checks []Check) error {
	var failed []Check
	for _, c := range checks {
		if c.Status == Fail {
			failed = append(failed, c)
		}
	}
	if failed == nil {
		return nil
	}
	return &Unfit{Checks: failed}
}

func ok(name, format string, args ...any) Check {
	return Check{Name: name, Status: OK, What: fmt.Sprintf(format, args...)}
}

func warn(name, what, fix string) Check { return Check{Name: name, Status: Warn, What: what, Fix: fix} }
func fail(name, what, fix string) Check { return Check{Name: name, Status: Fail, What: what, Fix: fix} }

// cause returns the innermost error of a network call, without the address that wraps it.
func cause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// gigabytes renders a size as people buy it.
func gigabytes(bytes uint64) string { return fmt.Sprintf("%.1f GB", float64(bytes)/1e9) }
