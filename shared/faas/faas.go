// Package faas is what every function is made with, so that a function's own code is transport and wiring only: the
// huma API with its limits and problem documents, the bearer token, the call id, secrets from files, logs without health
// data, health routes, and the adapter to the OpenFaaS Go SDK.
//
//	func New(ctx context.Context, host faas.Host) (*Function, error) {
//		api, err := faas.NewAPI("plan", "1.0.0", "Workout and nutrition plans.", host)
//		if err != nil {
//			return nil, err
//		}
//		f := &Function{API: api}
//		huma.Register(api, huma.Operation{
//			OperationID: "plan-create", Method: http.MethodPost, Path: "/", Summary: "Make a plan",
//			Security: faas.Roles(gym.RoleMember, gym.RoleCoach),
//		}, f.create)
//		return f, nil
//	}
//
// An operation without Security needs a valid token of any role; Security: faas.Public() needs none. A handler returns a
// *gym.Error for what a caller may know; every other error is logged once and answered as a plain 500.
package faas

import (
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"time"
)

// Host is what surrounds a function: the local runner and the OpenFaaS template both make one.
type Host struct {
	Getenv  func(name string) string
	Secrets Secrets
	Log     *slog.Logger
	Now     func() time.Time
}

// OSHost is the host of a process of its own: its environment, the mounted secrets, JSON logs on stderr, the real clock.
func OSHost() Host {
	return Host{
		Getenv:  os.Getenv,
		Secrets: SecretDir(secretsDir(os.Getenv)),
		Log:     NewLogger(os.Stderr, slog.LevelInfo),
		Now:     time.Now,
	}
}

// withDefaults fills what a caller left out, so that a test may give only what it needs.
func (h Host) withDefaults() Host {
	if h.Getenv == nil {
		h.Getenv = func(string) string { return "" }
	}
	if h.Secrets == nil {
		h.Secrets = SecretMap{}
	}
	if h.Log == nil {
		h.Log = slog.New(slog.DiscardHandler)
	}
	if h.Now == nil {
		h.Now = time.Now
	}
	return h
}

// Number reads a variable that holds a whole number from 0 up; without a value it is the standard one.
func Number(getenv func(string) string, name string, standard int) (int, error) {
	text := getenv(name)
	if text == "" {
		return standard, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("read %s: must be a whole number from 0 up", name)
	}
	return n, nil
}
