package faas

import "net/http"

// recorder notes the status and size of an answer as it passes.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= 200 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Flush sends what is buffered, for streams.
func (r *recorder) Flush() {
	_ = http.NewResponseController(r.ResponseWriter).Flush() // a writer that cannot flush sends at its end
}

// Unwrap lets http.ResponseController reach the connection's deadlines.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// headerOnly takes an answer and keeps only its status and header.
type headerOnly struct {
	header http.Header
	status int
}

func (h *headerOnly) Header() http.Header { return h.header }

func (h *headerOnly) WriteHeader(status int) { h.status = status }

func (h *headerOnly) Write(b []byte) (int, error) { return len(b), nil }
