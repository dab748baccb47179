package speech

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
)

// server is one server of speech: how it is asked, and what its failures are called.
type server struct {
	cfg         Config
	base        string // without "/v1"; empty when cfg.URL is no URL
	http        *http.Client
	does        string // what it is, for people: "the recogniser"
	env         string // begins the names of its settings: "WHISPER"
	unavailable string // codes
	busy        string
}

// Why a request was given up.
var (
	errLate    = errors.New("no answer in time")
	errStalled = errors.New("the answer stopped in the middle")
)

// pingTime bounds questions that need no work.
const pingTime = 5 * time.Second

func (s *server) at(address string) {
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	base, err := url.Parse(address)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return
	}
	s.base = strings.TrimSuffix(strings.TrimRight(address, "/"), "/v1")
}

// request is one question to the server.
type request struct {
	method, path string
	contentType  string
	accept       string
	body         []byte
}

// ask sends a request and gives the answer to it, whatever its status. The answer's body must be closed. A connection that was kept
// open and turns out to be dead, as after a restart of the server, is replaced.
func (s *server) ask(ctx context.Context, r request) (*http.Response, error) {
	if s.base == "" {
		return nil, &gym.Error{Kind: gym.ErrUnavailable, Code: s.unavailable, Detail: s.env + "_URL is not a URL", Hint: "set it to where " + s.does + " listens"}
	}
	var kept atomic.Bool
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) { kept.Store(c.Reused) }})
	res, err := s.send(traced, r)
	if err != nil && kept.Load() && ctx.Err() == nil {
		s.cfg.Log.Debug("a kept connection was dead", "to", s.does, "cause", err.Error())
		s.http.CloseIdleConnections()
		res, err = s.send(ctx, r)
	}
	return res, err
}

func (s *server) send(ctx context.Context, r request) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, s.base+r.path, bytes.NewReader(r.body))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	req.Header.Set("Accept", r.accept)
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
	}
	if s.cfg.Key != "" {
		req.Header.Set("Authorization", "Bearer "+s.cfg.Key)
	}
	return s.http.Do(req)
}

// refusal is an answer that is an error.
type refusal struct {
	status  int
	code    string // of OpenAI's shape of errors
	message string
	body    string        // its beginning
	wait    time.Duration // Retry-After, 0 when the server does not say
}

// Error is for the log. What is not of OpenAI's shape stays out: some frameworks repeat what was sent.
func (r *refusal) Error() string {
	return strings.TrimRight(fmt.Sprintf("status %d %s: %s", r.status, r.code, r.message), ": ")
}

// mentions reports whether the server complains of a field.
func (r *refusal) mentions(field string) bool {
	return (r.status == http.StatusBadRequest || r.status == http.StatusUnprocessableEntity) && strings.Contains(r.body, field)
}

// none reports whether the server does not have what was asked for.
func (r *refusal) none() bool {
	return r.status == http.StatusNotFound || r.status == http.StatusMethodNotAllowed || r.status == http.StatusNotImplemented
}

// readRefusal reads an answer that is an error, and closes it.
func readRefusal(res *http.Response) *refusal {
	defer res.Body.Close()
	head, _ := io.ReadAll(io.LimitReader(res.Body, 8<<10)) // a cut body is as good as none
	r := &refusal{status: res.StatusCode, body: string(head), wait: retryAfter(res.Header.Get("Retry-After"))}
	var shaped struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(head, &shaped) != nil {
		return r
	}
	var known struct {
		Message string `json:"message"`
		Code    string `json:"code"`
	}
	if json.Unmarshal(shaped.Error, &known) == nil {
		r.code, r.message = short(known.Code), short(known.Message)
	}
	return r
}

func short(text string) string { return strings.ToValidUTF8(text[:min(len(text), 200)], "") }

// longestWait bounds what a server may ask for before another try.
const longestWait = 5 * time.Minute

func retryAfter(header string) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil {
		return min(max(time.Duration(seconds)*time.Second, 0), longestWait)
	}
	if at, err := http.ParseTime(header); err == nil {
		return min(max(time.Until(at).Round(time.Second), 0), longestWait)
	}
	return 0
}

// refused gives a refusal a kind and a stable code.
func (s *server) refused(attempt string, r *refusal) error {
	switch {
	case r.status == http.StatusTooManyRequests || r.status == http.StatusServiceUnavailable:
		err := fmt.Errorf("%s: %w", attempt, &gym.Error{Kind: gym.ErrBusy, Code: s.busy, Detail: s.does + " has too much to do", Err: r})
		if r.wait > 0 {
			return gym.RetryAfter(err, r.wait)
		}
		return err
	case r.status >= 500:
		return s.fail(attempt, s.does+" answered with an error", r)
	}
	return fmt.Errorf("%s: %w", attempt, &gym.Error{Kind: gym.ErrUnavailable, Code: s.unavailable, Detail: s.does + " refused the request", Hint: "check " + s.env + "_URL, " + s.env + "_MODEL and the key", Err: r})
}

// lost gives an error of a request or of reading its answer a kind and a stable code. ctx is the context of the request.
func (s *server) lost(ctx context.Context, attempt string, err error) error {
	var known *gym.Error
	cause := context.Cause(ctx)
	switch {
	case errors.As(err, &known):
		return fmt.Errorf("%s: %w", attempt, err)
	case errors.Is(cause, errStalled):
		return s.fail(attempt, s.does+" stopped in the middle of its answer", errStalled)
	case errors.Is(cause, errLate), errors.Is(cause, context.DeadlineExceeded):
		return s.fail(attempt, s.does+" did not answer in time", cause)
	case cause != nil: // the caller went away, for whatever reason
		return fmt.Errorf("%s: %w", attempt, context.Canceled)
	}
	return s.fail(attempt, s.does+" does not answer", err)
}

func (s *server) fail(attempt, detail string, err error) error {
	return fmt.Errorf("%s: %w", attempt, &gym.Error{Kind: gym.ErrUnavailable, Code: s.unavailable, Detail: detail, Hint: "run: intellifit status", Err: err})
}

// healths are where servers tell how they are: ours, whisper.cpp, and those that only list models.
var healths = []string{"/healthz", "/health", "/v1/models"}

// ping asks how the server is. known is false when it answers, but has none of the paths that tell.
func (s *server) ping(ctx context.Context) (known bool, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, pingTime, errLate)
	defer cancel()
	for _, path := range healths {
		res, err := s.ask(ctx, request{method: http.MethodGet, path: path, accept: "application/json"})
		if err != nil {
			return false, s.lost(ctx, "ask "+s.does+" how it is", err)
		}
		if r := readRefusal(res); r.status >= 300 {
			if r.none() {
				continue
			}
			return true, s.fail("ask "+s.does+" how it is", s.does+" is not ready", r)
		}
		return true, nil
	}
	return false, nil
}
