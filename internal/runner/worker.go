package runner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/riverqueue/river"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/postgres"
)

// recordTimeout bounds the write of a result, which also happens while the runner stops.
const recordTimeout = 10 * time.Second

// worker runs one asynchronous call per job.
type worker struct {
	river.WorkerDefaults[callArgs]
	queue *queue
}

// errRetry makes River run the job again.
var errRetry = errors.New("the call will be repeated")

// Work runs the call once and records its end. A crash at any point repeats the call, so functions are idempotent by
// call id; a call that has ended is never run again.
func (w *worker) Work(ctx context.Context, job *river.Job[callArgs]) error {
	key := job.Args.callKey
	c, err := w.queue.db.StartCall(key.as(ctx), key.Subject, key.CallID)
	switch {
	case errors.Is(err, gym.ErrNotFound): // the member's data was erased meanwhile
		return river.JobCancel(err)
	case err != nil:
		return interrupted(ctx, err)
	case c.State == postgres.CallDone || c.State == postgres.CallFailed:
		return nil
	}
	res, err := w.run(ctx, key, c)
	if err != nil {
		return interrupted(ctx, err)
	}
	if res.retryable() && job.Attempt < job.MaxAttempts {
		return fmt.Errorf("status %d: %w", res.status, errRetry)
	}
	return w.record(ctx, key, res)
}

// interrupted tells a stopping runner, which costs the call no attempt, from a failure.
func interrupted(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return river.JobSnooze(time.Second)
	}
	return err
}

// record writes the end of a call, also while the runner stops. A crash between this and the end of River's job is
// harmless: the job finds the call ended.
func (w *worker) record(ctx context.Context, key callKey, res result) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	return w.queue.db.FinishCall(key.as(ctx), key.Subject, key.CallID, res.state(), res.status, res.problem)
}

// run calls the function in this process, as the one who asked.
func (w *worker) run(ctx context.Context, key callKey, c postgres.Call) (result, error) {
	r := w.queue.runner
	f, ok := r.functions[c.Function]
	if !ok {
		return problemResult(gym.Errorf(gym.ErrNotFound, codeFunctionNotFound, "the function %s is gone", c.Function)), nil
	}
	if c.Attempts > maxStarts {
		return problemResult(faas.NewProblem(http.StatusUnprocessableEntity, codeGaveUp, fmt.Sprintf("the call was interrupted %d times", maxStarts), "")), nil
	}
	if err := f.acquire(ctx); err != nil {
		return result{}, err
	}
	req, err := w.request(ctx, key, c)
	if err != nil {
		f.release()
		return result{}, err
	}
	started := time.Now()
	limit := f.spec.Timeouts.Exec
	callCtx, cancel := context.WithTimeout(faas.WithCall(ctx, key.CallID, r.cfg.Log), limit)
	defer cancel()
	r.metrics.begin(f)
	answer := newBuffer(nil)
	ended := r.runBuffered(f, answer, req.WithContext(callCtx))
	switch {
	case ctx.Err() != nil && (!ended || answer.code() >= 300): // stopping: what it says to the cancelled context is no answer
		r.metrics.end(f, statusClientGone, started)
		return result{}, ctx.Err()
	case !ended:
		r.metrics.end(f, http.StatusGatewayTimeout, started)
		return problemResult(errTimeout(f, limit)), nil
	}
	r.metrics.end(f, answer.code(), started)
	return answerResult(answer), nil
}

// request is the call as the function sees it, with a token that holds for its time limit and never lay anywhere.
func (w *worker) request(ctx context.Context, key callKey, c postgres.Call) (*http.Request, error) {
	r := w.queue.runner
	secret, err := r.cfg.Secrets.Secret(faas.KeySecret)
	if err != nil {
		return nil, err
	}
	token, err := faas.Sign(secret, gym.Principal{GymID: key.GymID, Subject: key.Subject, Role: c.Role}, faas.MaxTokenTTL, r.cfg.Now())
	if err != nil {
		return nil, err
	}
	header := http.Header{}
	header.Set("Authorization", "Bearer "+token)
	header.Set(faas.CallIDHeader, key.CallID)
	header.Set(headerStartTime, strconv.FormatInt(time.Now().UnixNano(), 10))
	if c.ContentType != "" {
		header.Set("Content-Type", c.ContentType)
	}
	req := &http.Request{
		Method: http.MethodPost, URL: &url.URL{Path: c.Path, RawQuery: c.Query}, Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(bytes.NewReader(c.Body)), ContentLength: int64(len(c.Body)),
	}
	req.RequestURI = req.URL.RequestURI()
	return req.WithContext(ctx), nil
}
