package faas

import (
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Upload is a body that is read as it comes, for bodies that are too large to be kept whole. An operation that takes one has
// no Body in its input, and reads it when it answers with a huma.StreamResponse: that is after the token check.
type Upload struct {
	r       *http.Request
	body    io.Reader
	limit   int64
	control *http.ResponseController
}

// OpenUpload begins to read the body of a call: at most limit bytes, within a time. Reading fails with what the client is to
// be told.
func OpenUpload(ctx huma.Context, limit int64, within time.Duration) (*Upload, error) {
	r, w := humago.Unwrap(ctx)
	if err := refuseEncoding(r.Header); err != nil {
		return nil, err
	}
	if r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	u := &Upload{r: r, body: http.MaxBytesReader(w, r.Body, limit), limit: limit, control: http.NewResponseController(w)}
	_ = u.control.SetReadDeadline(time.Now().Add(within)) // what is not a connection has no slow client
	return u, nil
}

// ContentType is the header of that name; it may be empty.
func (u *Upload) ContentType() string { return u.r.Header.Get("Content-Type") }

// Read gives the next bytes of the body.
func (u *Upload) Read(p []byte) (int, error) {
	n, err := u.body.Read(p)
	if err != nil && err != io.EOF {
		err = bodyError(u.r.Context(), err, u.limit)
	}
	return n, err
}

// Close passes over the rest of the body. A client that still sends does not read an answer, and only after a body's end does
// the server notice that a client went away.
func (u *Upload) Close() {
	_, _ = io.Copy(io.Discard, u.body) // how the rest ends changes nothing
	_ = u.control.SetReadDeadline(time.Time{})
}
