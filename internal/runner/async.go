package runner

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/postgres"
)

const (
	codeGaveUp             = "gave_up"
	codeCallbackURLInvalid = "callback_url_invalid"
	codeQueueFull          = "queue_full"
	codeNoQueue            = "queue_unavailable"
)

// maxAsyncBody is the limit of OpenFaaS for an asynchronous body.
const maxAsyncBody = 256_000

// serveAsync accepts a call at /async-function/NAME: 202 and an X-Call-Id, under which the function keeps its result.
func (r *Runner) serveAsync(w http.ResponseWriter, req *http.Request) {
	inv, req := r.begin(w, req, "/async-function/")
	if err := r.accept(w, req, inv); err != nil {
		faas.WriteProblem(req.Context(), w, err)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

func (r *Runner) accept(w http.ResponseWriter, req *http.Request, inv invocation) error {
	f, err := r.lookup(inv)
	if err != nil {
		return err
	}
	if req.Method != http.MethodPost {
		return faas.NewProblem(http.StatusMethodNotAllowed, faas.CodeMethodNotAllowed,
			"an asynchronous call is a POST", "").SetHeader("Allow", http.MethodPost)
	}
	if err := checkCallback(w, req.Header); err != nil {
		return err
	}
	principal, err := r.verifier.Authenticate(req.Header)
	if err != nil {
		return err
	}
	if r.queue == nil {
		return gym.Errorf(gym.ErrUnavailable, codeNoQueue, "asynchronous calls need a database, and this host has none")
	}
	body, err := readAsync(w, req, f.spec.Timeouts.Read)
	if err != nil {
		return err
	}
	key := callKey{GymID: principal.GymID, Subject: principal.Subject, CallID: inv.id}
	err = r.queue.enqueue(req.Context(), key, postgres.Call{
		Role: principal.Role, Function: inv.name, Path: inv.path, Query: req.URL.RawQuery,
		ContentType: req.Header.Get("Content-Type"), Body: body,
	})
	var known *gym.Error
	if err != nil && !errors.As(err, &known) && req.Context().Err() == nil {
		return &gym.Error{Kind: gym.ErrUnavailable, Code: codeNoQueue, Detail: "the queue does not answer", Hint: "repeat with the same X-Call-Id", Err: err}
	}
	return err
}

// checkCallback refuses an X-Callback-Url that is none, as OpenFaaS does, and follows none: posting results unsigned to
// any address would let a caller reach what only this machine can.
func checkCallback(w http.ResponseWriter, h http.Header) error {
	raw := h.Get(headerCallback)
	if raw == "" {
		return nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return gym.Errorf(gym.ErrInvalid, codeCallbackURLInvalid, "the header X-Callback-Url is not an http or https URL")
	}
	w.Header().Set("Warning", `299 - "X-Callback-Url is not followed: ask the function for the result under the X-Call-Id"`)
	return nil
}

func readAsync(w http.ResponseWriter, req *http.Request, timeout time.Duration) ([]byte, error) {
	tooLarge := gym.Errorf(gym.ErrTooLarge, faas.CodeBodyTooLarge, "an asynchronous body is at most %d bytes", maxAsyncBody)
	if req.ContentLength > maxAsyncBody {
		return nil, tooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, timeBody(w, req, timeout), maxAsyncBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, tooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, faas.NewProblem(http.StatusRequestTimeout, faas.CodeBodyTimeout, "the body came too slowly", "").SetHeader("Connection", "close")
	case err != nil:
		return nil, &gym.Error{Kind: gym.ErrInvalid, Code: faas.CodeBodyUnreadable, Detail: "the body broke off", Err: err}
	}
	return body, nil
}

func errQueueFull(function string) error {
	return faas.RetryAfter(gym.Errorf(gym.ErrBusy, codeQueueFull, "%d calls of %s wait already", maxQueued, function), 10*time.Second)
}
