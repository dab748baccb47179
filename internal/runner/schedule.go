package runner

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
)

// longestNap bounds one wait for a schedule: after a suspended machine or a corrected clock the time is looked at again.
const longestNap = time.Minute

// startSchedules calls the functions that have a schedule, as the cron connector of OpenFaaS does: POST, no body, no
// token, times in UTC unless the schedule names a zone. Unlike it, a call that is still running is not joined by the next
// one. Both end with ctx; wait returns when they have.
func (r *Runner) startSchedules(ctx context.Context) (wait func()) {
	var running sync.WaitGroup
	for _, f := range r.functions {
		schedule, ok, err := f.spec.Schedule()
		if err != nil || !ok { // New has said what is wrong with it
			continue
		}
		running.Go(func() { r.keepSchedule(ctx, f, schedule) })
	}
	return running.Wait
}

func (r *Runner) keepSchedule(ctx context.Context, f *function, schedule cron.Schedule) {
	next := schedule.Next(r.cfg.Now().UTC())
	for !next.IsZero() { // zero: a day that never comes, such as 30 February
		select {
		case <-time.After(min(next.Sub(r.cfg.Now()), longestNap)):
		case <-ctx.Done():
			return
		}
		if r.cfg.Now().Before(next) {
			continue
		}
		r.callScheduled(ctx, f)
		now := r.cfg.Now().UTC()
		if missed := schedule.Next(next); !missed.IsZero() && !missed.After(now) {
			r.cfg.Log.Warn("a scheduled call was left out: the one before it was still running, or the machine slept", "function", f.spec.Name)
		}
		next = schedule.Next(now)
	}
}

func (r *Runner) callScheduled(ctx context.Context, f *function) {
	req := &http.Request{
		Method: http.MethodPost, URL: &url.URL{Path: "/function/" + f.spec.Name}, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"X-Topic": {"cron-function"}, "X-Connector": {"cron-connector"}}, Body: http.NoBody,
	}
	answer := newBuffer(nil)
	r.serveFunction(answer, req.WithContext(ctx))
	line := r.cfg.Log.Info
	if answer.code() >= 300 {
		line = r.cfg.Log.Warn
	}
	line("scheduled call ended", "function", f.spec.Name, "call_id", answer.Header().Get("X-Call-Id"), "status", answer.code())
}
