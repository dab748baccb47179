package faas

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/intellifit/intellifit/shared/gym"
)

// ProblemType is the media type of every error (RFC 9457).
const ProblemType = "application/problem+json"

// maxProblemFields bounds the list of errors: a body of ten thousand wrong fields gets twenty lines and a count.
const maxProblemFields = 20

// Problem is the body of every error. It never holds what the client sent, since that may be health data.
type Problem struct {
	Type      string      `json:"type" doc:"urn:intellifit:problem: and the code"`
	Title     string      `json:"title" doc:"the words of the status"`
	Status    int         `json:"status"`
	Code      string      `json:"code" doc:"stable; branch on this"`
	Detail    string      `json:"detail,omitempty" doc:"one sentence for a person"`
	Hint      string      `json:"hint,omitempty" doc:"what to do about it"`
	Errors    []gym.Field `json:"errors,omitempty" doc:"what is wrong, field by field"`
	RequestID string      `json:"request_id,omitempty" doc:"the call id; the log has the cause under it"`

	header http.Header
	cause  error
}

// NewProblem makes a problem of the given status and code.
func NewProblem(status int, code, detail, hint string) *Problem {
	return &Problem{
		Type: "urn:intellifit:problem:" + code, Title: titleFor(status), Status: status,
		Code: code, Detail: detail, Hint: hint,
	}
}

// Error is the code and the detail; the cause stays out.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// Unwrap gives the cause, for errors.Is and the log.
func (p *Problem) Unwrap() error { return p.cause }

// GetStatus makes a Problem a huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType makes huma answer a Problem as application/problem+json.
func (p *Problem) ContentType(string) string { return ProblemType }

// GetHeaders makes a Problem a huma.HeadersError.
func (p *Problem) GetHeaders() http.Header { return p.header }

// SetHeader adds a header that goes out with the problem.
func (p *Problem) SetHeader(name, value string) *Problem {
	if p.header == nil {
		p.header = http.Header{}
	}
	p.header.Set(name, value)
	return p
}

// retryError is an error that says when to come back.
type retryError struct {
	error
	after time.Duration
}

func (e retryError) Unwrap() error { return e.error }

// GetHeaders lets huma send the header also when the error inside is a ready Problem.
func (e retryError) GetHeaders() http.Header {
	return http.Header{"Retry-After": {retrySeconds(e.after)}}
}

func retrySeconds(after time.Duration) string {
	return strconv.Itoa(max(1, int((after+time.Second-1)/time.Second)))
}

// RetryAfter makes the answer to err carry a Retry-After of at least one second.
func RetryAfter(err error, after time.Duration) error {
	return retryError{gym.RetryAfter(err, after), after}
}

// ProblemOf is the problem that err is answered with. A *gym.Error and a *Problem keep what they say; any other error
// becomes a plain 500 (or 504 and 499 for a passed deadline and a gone client) that tells nothing of its text.
func ProblemOf(err error) *Problem {
	p := problemOf(err)
	wait, ok := gym.Wait(err)
	switch {
	case ok:
		p.SetHeader("Retry-After", retrySeconds(wait))
	case p.header.Get("Retry-After") != "":
	case p.Status == http.StatusTooManyRequests:
		p.SetHeader("Retry-After", "1")
	case p.Status == http.StatusServiceUnavailable:
		p.SetHeader("Retry-After", "5")
	}
	return p
}

func problemOf(err error) *Problem {
	var known *gym.Error
	var ready *Problem
	switch {
	case errors.As(err, &ready):
		p := *ready
		p.header = ready.header.Clone()
		return &p
	case errors.As(err, &known):
		p := NewProblem(kindOf(known.Kind), known.Code, known.Detail, known.Hint)
		p.Errors = boundFields(known.Fields)
		p.cause = err
		return p
	case errors.Is(err, context.DeadlineExceeded):
		p := NewProblem(http.StatusGatewayTimeout, CodeTimeout, "the answer took longer than its time limit", "try again, or use /async-function for long work")
		p.cause = err
		return p
	case errors.Is(err, context.Canceled):
		p := NewProblem(statusClientGone, CodeCancelled, "the request was cancelled", "")
		p.cause = err
		return p
	}
	for _, k := range kindStatus {
		if errors.Is(err, k.kind) {
			p := NewProblem(k.status, codeFor(k.status), k.kind.Error(), "")
			p.cause = err
			return p
		}
	}
	p := NewProblem(http.StatusInternalServerError, CodeInternal, "something went wrong on our side", "try again; if it stays, give the request_id to whoever runs the server")
	p.cause = err
	return p
}

func kindOf(kind error) int {
	for _, k := range kindStatus {
		if errors.Is(kind, k.kind) {
			return k.status
		}
	}
	return http.StatusInternalServerError
}

func boundFields(fields []gym.Field) []gym.Field {
	if len(fields) <= maxProblemFields {
		return fields
	}
	more := gym.Field{Name: "…", Message: strconv.Itoa(len(fields)-maxProblemFields) + " more"}
	return append(fields[:maxProblemFields:maxProblemFields], more)
}

// WriteProblem answers err as problem+json and logs its cause when it is ours. ctx names the call.
func WriteProblem(ctx context.Context, w http.ResponseWriter, err error) {
	p := ProblemOf(err)
	p.finish(ctx)
	for name, values := range p.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", ProblemType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // a client that left is not our failure
}

// finish ties the problem to its call and logs the cause of a failure of ours, once.
func (p *Problem) finish(ctx context.Context) {
	c := callFrom(ctx)
	if p.RequestID == "" {
		p.RequestID = c.id
	}
	c.code = p.Code
	if p.Status >= http.StatusInternalServerError && p.cause != nil {
		c.log.Error("call failed", "code", p.Code, "cause", p.cause)
	}
}

// finishProblem is the transformer that ties a Problem to its call when a handler returned one ready-made.
func finishProblem(ctx huma.Context, _ string, v any) (any, error) {
	p, ok := v.(*Problem)
	if !ok || p.RequestID != "" {
		return v, nil
	}
	mine := *p
	mine.finish(ctx.Context())
	return &mine, nil
}

// causeText is err for the log. A database error may quote a row's value, so only its SQLSTATE is kept of it.
func causeText(err error) string {
	text := err.Error()
	var db interface {
		error
		SQLState() string
	}
	if errors.As(err, &db) {
		text = strings.ReplaceAll(text, db.Error(), "SQLSTATE "+db.SQLState())
	}
	return text
}

// huma makes its own errors (validation, negotiation) through these two hooks, the only ones it has: they are set once,
// before any API exists, so that no function can answer in another shape.
func init() {
	huma.ValidateStrictCasing = true // "Goal" is not "goal"
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError { return humaProblem(status, msg, errs) }
	huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
		p := humaProblem(status, msg, errs)
		if ctx != nil {
			for name := range p.header {
				ctx.SetHeader(name, p.header.Get(name))
			}
			ctx.SetHeader("Cache-Control", "no-store")
			p.finish(ctx.Context())
		}
		return p
	}
}

// humaProblem turns what huma found, or what a handler returned, into a problem.
func humaProblem(status int, msg string, errs []error) *Problem {
	if status == http.StatusInternalServerError {
		return ProblemOf(errors.Join(errs...))
	}
	for _, err := range errs {
		var known *gym.Error
		if errors.As(err, &known) { // a resolver's own error
			return ProblemOf(known)
		}
	}
	if status != http.StatusUnprocessableEntity && status != http.StatusBadRequest {
		return NewProblem(status, codeFor(status), msg, "")
	}
	p := NewProblem(http.StatusBadRequest, CodeInvalidRequest, "the request has fields that are wrong or missing", "")
	if len(errs) == 0 {
		p.Detail = msg
	}
	fields := make([]gym.Field, 0, len(errs))
	for _, err := range errs {
		fields = append(fields, fieldOf(err))
		if unknownField(err) {
			p.Code, p.Type = CodeUnknownField, "urn:intellifit:problem:"+CodeUnknownField
			p.Detail = "the request has a field that does not exist"
			p.Hint = "GET /openapi.json lists the fields"
		}
	}
	p.Errors = boundFields(fields)
	return p
}
