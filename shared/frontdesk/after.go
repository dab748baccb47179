package frontdesk

import (
	"context"
	"sync"
)

// waitingJobs is how many jobs may wait behind the turns. One that finds no place is left out: the next turn asks again.
const waitingJobs = 64

// after runs jobs behind the answers, one at a time: nobody waits for them, and turns need the machine more.
type after struct {
	jobs chan func()
	stop context.CancelFunc
	ctx  context.Context // ends the job that runs when the function is closed
	all  sync.WaitGroup
}

func newAfter() *after {
	a := &after{jobs: make(chan func(), waitingJobs)}
	a.ctx, a.stop = context.WithCancel(context.Background())
	a.all.Go(func() {
		for {
			select {
			case <-a.ctx.Done():
				return
			case job := <-a.jobs:
				job()
			}
		}
	})
	return a
}

// run takes a job for later. It keeps who asked for it, not that they still wait.
func (a *after) run(ctx context.Context, job func(context.Context)) {
	ctx = context.WithoutCancel(ctx)
	select {
	case a.jobs <- func() {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(a.ctx, cancel)()
		job(ctx)
	}:
	default:
	}
}

// close ends the job that runs and waits for it; jobs that wait are left out.
func (a *after) close() {
	a.stop()
	a.all.Wait()
}
