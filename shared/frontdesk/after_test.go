package frontdesk

import (
	"context"
	"testing"
	"time"
)

// TestAfter: jobs run one at a time behind their askers, too many are left out, and closing ends the one that runs.
func TestAfter(t *testing.T) {
	t.Parallel()
	a := newAfter()
	asker, gone := context.WithCancel(t.Context())
	started, ended := make(chan struct{}), make(chan error, 1)
	a.run(asker, func(ctx context.Context) {
		close(started)
		<-ctx.Done()
		ended <- ctx.Err()
	})
	<-started
	gone()
	ran := 0
	for range waitingJobs + 10 {
		a.run(t.Context(), func(context.Context) { ran++ })
	}
	select {
	case err := <-ended:
		t.Fatalf("the job ended with its asker: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	a.close()
	if err := <-ended; err != context.Canceled {
		t.Errorf("the job that ran ended with %v", err)
	}
	if ran > waitingJobs {
		t.Errorf("%d jobs ran", ran)
	}
	a.run(t.Context(), func(context.Context) { t.Error("a job runs after the end") })
}
