package runner

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/internal/runner/manifest"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/faas/faastest"
)

// nightly notes when it is called, in a bubble with a clock of its own.
type nightly struct {
	takes time.Duration
	at    []string
	calls []string
	ended error // of the last call's context
}

func (n *nightly) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // an empty body does not fail
	n.at = append(n.at, time.Now().UTC().Format("02 15:04"))
	n.calls = append(n.calls, fmt.Sprintf("%s %s %q %s %s auth=%q", r.Method, r.URL.Path, body, r.Header.Get("X-Topic"), r.Header.Get("X-Connector"), r.Header.Get("Authorization")))
	select {
	case <-time.After(n.takes):
	case <-r.Context().Done():
	}
	n.ended = r.Context().Err()
	w.WriteHeader(http.StatusNoContent)
}

func (n *nightly) Close() error { return nil }

// keep runs the schedules of one function for a time. A bubble begins at midnight UTC on 1 January 2000.
func keep(t *testing.T, schedule string, n *nightly, span time.Duration) (log string) {
	t.Helper()
	const stack = "provider: {name: openfaas}\nfunctions:\n  nightly:\n    annotations: {topic: cron-function, schedule: %q}\n" +
		"    environment: {exec_timeout: 1h, read_timeout: 1h, write_timeout: 1h}\n"
	s, err := manifest.Parse(fmt.Appendf(nil, stack, schedule), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	lines := &faastest.Log{}
	r, err := New(t.Context(), Config{
		Stack: s, Secrets: faas.SecretMap{faas.KeySecret: faastest.Key}, Log: faas.NewLogger(lines, slog.LevelInfo),
		Functions: map[string]Constructor{"nightly": func(context.Context, faas.Host) (Function, error) { return n, nil }},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	wait := r.startSchedules(ctx)
	time.Sleep(span)
	cancel()
	wait()
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	return lines.String()
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, schedule string
		takes, span    time.Duration
		want           []string
		left           bool // a call was left out
	}{
		{"every five minutes", "*/5 * * * *", 0, 16 * time.Minute, []string{"01 00:05", "01 00:10", "01 00:15"}, false},
		{"nightly", "0 3 * * *", time.Minute, 48 * time.Hour, []string{"01 03:00", "02 03:00"}, false},
		{"in a zone", "CRON_TZ=Europe/Berlin 0 3 * * *", 0, 24 * time.Hour, []string{"01 02:00"}, false},
		{"longer than its interval", "*/5 * * * *", 12 * time.Minute, 36 * time.Minute, []string{"01 00:05", "01 00:20", "01 00:35"}, true},
		{"a day that never comes", "0 0 30 2 *", 0, 400 * 24 * time.Hour, nil, false},
		{"no schedule", "every night", 0, 48 * time.Hour, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &nightly{takes: tt.takes}
				log := keep(t, tt.schedule, n, tt.span)
				if diff := cmp.Diff(tt.want, n.at); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
				for _, call := range n.calls {
					if want := `POST / "" cron-function cron-connector auth=""`; call != want {
						t.Errorf("the function saw %s, want %s", call, want)
					}
				}
				if left := strings.Contains(log, "was left out"); left != tt.left || len(tt.want) > 0 && !strings.Contains(log, `"status":204`) {
					t.Errorf("log %s, want a call left out: %v", log, tt.left)
				}
			})
		})
	}
}

// TestScheduleEndsWithTheRunner: a stop does not wait for the night's work.
func TestScheduleEndsWithTheRunner(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &nightly{takes: 30 * time.Minute}
		began := time.Now()
		keep(t, "*/5 * * * *", n, 6*time.Minute)
		if n.ended != context.Canceled || time.Since(began) > 7*time.Minute {
			t.Errorf("the call ended with %v after %v", n.ended, time.Since(began))
		}
	})
}
