package faas

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/intellifit/intellifit/shared/gym"
)

// MaxJSONBody is how long a request body may be when the operation does not say otherwise (huma.Operation.MaxBodyBytes).
const MaxJSONBody = 256_000

// humaDefaultBody is what huma writes into an operation that gave no limit.
const humaDefaultBody = 1 << 20

// humaContext is huma.Context under a name that does not hide its method Context when embedded.
type humaContext huma.Context

// bodyContext reads and checks the body when huma asks for it, which is after the token check: a stranger cannot make
// the server read megabytes.
type bodyContext struct {
	humaContext
	w       http.ResponseWriter
	r       *http.Request
	limit   int64
	timeout time.Duration
}

// Unwrap lets humago.Unwrap find the request below.
func (c *bodyContext) Unwrap() huma.Context { return c.humaContext }

// SetReadDeadline does nothing: the deadline is set in BodyReader and taken off again there. huma would leave it on, and
// net/http ends a request whose connection passes its read deadline, however long the work may take.
func (c *bodyContext) SetReadDeadline(time.Time) error { return nil }

// BodyReader returns the checked body. A body that does not hold becomes a reader whose error huma hands to our hook.
func (c *bodyContext) BodyReader() io.Reader {
	body, err := c.read()
	if err != nil {
		return errorReader{err}
	}
	return bytes.NewReader(body)
}

func (c *bodyContext) read() ([]byte, error) {
	contentType, err := c.contentType()
	if err != nil {
		return nil, err
	}
	body, err := c.readAll()
	if err != nil {
		return nil, err
	}
	required := c.Operation().RequestBody.Required
	if len(body) == 0 {
		if required {
			return nil, &gym.Error{Kind: gym.ErrInvalid, Code: CodeBodyRequired, Detail: "the request has no body", Hint: "send a JSON object; {} takes all defaults"}
		}
		return nil, nil
	}
	if !isJSON(contentType) {
		return body, nil
	}
	return CheckJSON(body)
}

// readAll reads at most the limit, within the operation's time for a body.
func (c *bodyContext) readAll() ([]byte, error) {
	if c.r.ContentLength > c.limit {
		return nil, tooLarge(c.limit)
	}
	control := http.NewResponseController(c.w)
	if c.timeout > 0 && control.SetReadDeadline(time.Now().Add(c.timeout)) == nil {
		defer control.SetReadDeadline(time.Time{})
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, c.limit))
	if err != nil {
		return nil, bodyError(c.r.Context(), err, c.limit)
	}
	return body, nil
}

// bodyError is what a client gets to know when its body does not come as it should.
func bodyError(ctx context.Context, err error, limit int64) error {
	var large *http.MaxBytesError
	var network net.Error
	switch {
	case errors.As(err, &large):
		return tooLarge(limit)
	case errors.As(err, &network) && network.Timeout():
		return NewProblem(http.StatusRequestTimeout, CodeBodyTimeout, "the body came too slowly", "").SetHeader("Connection", "close")
	case ctx.Err() != nil:
		return ctx.Err()
	default:
		return &gym.Error{Kind: gym.ErrInvalid, Code: CodeBodyUnreadable, Detail: "the body broke off", Err: err}
	}
}

// contentType refuses a media type that the operation does not take. A missing one means JSON.
func (c *bodyContext) contentType() (string, error) {
	if err := refuseEncoding(c.r.Header); err != nil {
		return "", err
	}
	sent := c.r.Header.Get("Content-Type")
	allowed := mediaTypes(c.Operation())
	if sent == "" {
		if slices.Contains(allowed, "application/json") {
			return "application/json", nil
		}
		return allowed[0], nil
	}
	media, params, err := mime.ParseMediaType(sent)
	charset := params["charset"]
	switch {
	case err != nil, !slices.Contains(allowed, media) && !slices.Contains(allowed, "application/octet-stream"),
		isJSON(media) && charset != "" && !strings.EqualFold(charset, "utf-8"):
		return "", NewProblem(http.StatusUnsupportedMediaType, CodeContentType,
			"this operation takes "+strings.Join(allowed, ", ")+" only", "set the header Content-Type: "+allowed[0])
	}
	return media, nil
}

func refuseEncoding(h http.Header) error {
	if enc := h.Get("Content-Encoding"); enc != "" && !strings.EqualFold(enc, "identity") {
		return NewProblem(http.StatusUnsupportedMediaType, CodeContentEncoding, "compressed bodies are not taken", "send the body without Content-Encoding")
	}
	return nil
}

func mediaTypes(op *huma.Operation) []string {
	types := make([]string, 0, len(op.RequestBody.Content))
	for t := range op.RequestBody.Content {
		types = append(types, t)
	}
	if len(types) == 0 {
		return []string{"application/json"}
	}
	slices.Sort(types)
	return types
}

func isJSON(media string) bool {
	return media == "application/json" || strings.HasSuffix(media, "+json")
}

func tooLarge(limit int64) error {
	return gym.Errorf(gym.ErrTooLarge, CodeBodyTooLarge, "the body is longer than %d bytes", limit)
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }
