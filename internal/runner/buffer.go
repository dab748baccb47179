package runner

import (
	"bytes"
	"errors"
	"maps"
	"net/http"
	"sync"
	"time"
)

// maxAnswer bounds an answer that is kept until it is whole.
const maxAnswer = 64 << 20

var (
	errAbandoned = errors.New("write answer: the call has ended")
	errOverlong  = errors.New("write answer: over the limit of a whole answer")
)

// buffer keeps a whole answer until the function has ended: a client that did not ask for a stream never sees half an
// answer under status 200. The function may outlive its call; what it writes then goes nowhere.
type buffer struct {
	mu        sync.Mutex
	header    http.Header
	status    int
	body      bytes.Buffer
	limit     int
	overlong  bool
	abandoned bool
	under     *http.ResponseController // of the connection; nil for an asynchronous call
}

func newBuffer(under http.ResponseWriter) *buffer {
	b := &buffer{header: http.Header{}, limit: maxAnswer}
	if under != nil {
		b.under = http.NewResponseController(under)
	}
	return b
}

// Header is the answer's header.
func (b *buffer) Header() http.Header { return b.header }

// WriteHeader keeps the first final status.
func (b *buffer) WriteHeader(status int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.status == 0 && status >= 200 {
		b.status = status
	}
}

// Write adds to the body, up to the limit.
func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.status == 0 {
		b.status = http.StatusOK
	}
	switch {
	case b.abandoned:
		return 0, errAbandoned
	case b.overlong || b.body.Len()+len(p) > b.limit:
		b.overlong = true
		return 0, errOverlong
	}
	return b.body.Write(p)
}

// Flush does nothing: the client asked for a whole answer.
func (b *buffer) Flush() {}

// SetReadDeadline bounds the reading of the request's body.
func (b *buffer) SetReadDeadline(t time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.abandoned || b.under == nil {
		return http.ErrNotSupported
	}
	return b.under.SetReadDeadline(t)
}

// SetWriteDeadline does nothing: the host sets one when it sends the whole answer.
func (b *buffer) SetWriteDeadline(time.Time) error { return nil }

func (b *buffer) abandon() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.abandoned = true
}

func (b *buffer) reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.status, b.overlong = 0, false
	b.body.Reset()
	clear(b.header)
}

// code is the status of the finished answer.
func (b *buffer) code() int {
	if b.status == 0 {
		return http.StatusOK
	}
	return b.status
}

// sendTo writes the finished answer.
func (b *buffer) sendTo(w http.ResponseWriter) {
	kept := w.Header().Clone()
	maps.Copy(w.Header(), b.header)
	maps.Copy(w.Header(), kept) // the host's own headers win
	w.WriteHeader(b.code())
	_, _ = w.Write(b.body.Bytes()) // a client that left is not our failure
}
