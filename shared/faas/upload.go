package faas

import (
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Upload is a body that is read as it comes, for bodies that are too large to be kept whole. An operation that takes one has
// no body in its input and none in its huma.Operation, documents it by TakesUpload, and reads it when it answers with a
// huma.StreamResponse: that is after the token check.
type Upload struct {
	r       *http.Request
	body    io.Reader
	limit   int64
	left    time.Duration // for the client to send the rest; what the reader does with it takes none of that
	control *http.ResponseController
}

// TakesUpload documents the body of a registered POST operation, in a copy: huma and our adapter read a body that they know of.
func (a *API) TakesUpload(path string, body *huma.RequestBody) {
	documented := *a.OpenAPI().Paths[path].Post
	documented.RequestBody = body
	a.OpenAPI().Paths[path].Post = &documented
}

// OpenUpload begins to read the body of a call: at most limit bytes, for which the client is waited for so long in all. Reading
// fails with what the client is to be told.
func OpenUpload(ctx huma.Context, limit int64, within time.Duration) (*Upload, error) {
	r, w := humago.Unwrap(ctx)
	if err := refuseEncoding(r.Header); err != nil {
		return nil, err
	}
	if r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	return &Upload{r: r, body: http.MaxBytesReader(w, r.Body, limit), limit: limit, left: within, control: http.NewResponseController(w)}, nil
}

// ContentType is the header of that name; it may be empty.
func (u *Upload) ContentType() string { return u.r.Header.Get("Content-Type") }

// Read gives the next bytes of the body.
func (u *Upload) Read(p []byte) (int, error) {
	began := time.Now()
	_ = u.control.SetReadDeadline(began.Add(u.left)) // what is not a connection has no slow client
	n, err := u.body.Read(p)
	u.left -= time.Since(began)
	if err != nil && err != io.EOF {
		err = bodyError(u.r.Context(), err, u.limit)
	}
	return n, err
}

// Close passes over the rest of the body. A client that still sends does not read an answer, and only after a body's end does
// the server notice that a client went away.
func (u *Upload) Close() {
	_, _ = io.Copy(io.Discard, u) // how the rest ends changes nothing
	_ = u.control.SetReadDeadline(time.Time{})
}
