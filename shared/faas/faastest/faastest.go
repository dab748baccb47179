// Package faastest makes hosts and tokens for the tests of functions.
package faastest

import (
	"bytes"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
)

// Key signs the tokens of tests.
const Key = "0123456789abcdef0123456789abcdef-test-only"

// Now is the clock of Host.
var Now = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// Host returns a host with the test key, the given variables, a clock that stands at Now, and a log that goes to Log.
func Host(env map[string]string, log *Log) faas.Host {
	host := faas.Host{
		Getenv:  func(name string) string { return env[name] },
		Secrets: faas.SecretMap{faas.KeySecret: Key},
		Now:     func() time.Time { return Now },
	}
	if log != nil {
		host.Log = faas.NewLogger(log, slog.LevelDebug)
	}
	return host
}

// Token returns a token for p that holds at Now.
func Token(t testing.TB, p gym.Principal) string {
	t.Helper()
	token, err := faas.Sign(Key, p, 10*time.Minute, Now)
	if err != nil {
		t.Fatalf("sign token: %v", err)
	}
	return token
}

// Member returns a token for a member of the gym "demo".
func Member(t testing.TB, id string) string {
	return Token(t, gym.Principal{GymID: "demo", Subject: id, Role: gym.RoleMember})
}

// Coach returns a token for a coach of the gym "demo".
func Coach(t testing.TB, id string) string {
	return Token(t, gym.Principal{GymID: "demo", Subject: id, Role: gym.RoleCoach})
}

// Log collects log lines; it may be written from several goroutines.
type Log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write appends lines.
func (l *Log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

// String is all lines so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
