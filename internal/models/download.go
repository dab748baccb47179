package models

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	maxWait  = 20 * time.Second // longest pause before a retry
	maxTries = 60               // per source, however much each try gains
)

var errStalled = errors.New("no byte came for too long")

// retryable marks an error that may pass by itself.
type retryable struct {
	err   error
	after time.Duration // what the server asked for; 0 when nothing
}

func (r *retryable) Error() string { return r.err.Error() }
func (r *retryable) Unwrap() error { return r.err }

// retry repeats a step while it fails with a retryable error. A step that gained something does not use up a try.
func (s *Store) retry(ctx context.Context, step func() (gained bool, err error)) error {
	idle := 0
	for try := 1; ; try++ {
		gained, err := step()
		var r *retryable
		if err == nil || ctx.Err() != nil || !errors.As(err, &r) {
			return err
		}
		idle++
		if gained {
			idle = 0
		}
		if idle >= s.attempts || try >= maxTries {
			return fmt.Errorf("gave up after %d tries: %w", try, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(s.wait(idle, r.after)):
		}
	}
}

// wait doubles with every idle try and is spread by half, so that many clients do not return at once.
func (s *Store) wait(idle int, asked time.Duration) time.Duration {
	d := s.backoff << max(idle-1, 0)
	d = d/2 + rand.N(d/2+1)
	return min(max(d, asked), maxWait)
}

// download gets the file from one address, resuming what is there, and keeps it once its checksum is right.
func (s *Store) download(ctx context.Context, a Artifact, u *url.URL, meter Meter) error {
	part := s.part(a)
	for range 2 {
		resumed := sizeOf(part) > 0
		err := s.retry(ctx, func() (bool, error) {
			before := sizeOf(part)
			resumed = resumed || before > 0
			err := s.attempt(ctx, a, u, part, meter)
			return sizeOf(part) > before, err
		})
		if err != nil {
			var wrong *ChecksumError
			if errors.As(err, &wrong) {
				return err
			}
			return fmt.Errorf("artifact %s: download from %s: %w", a.Name, place(u), err)
		}
		meter.Note("verify")
		err = checkFile(ctx, a, part, place(u))
		meter.Note("")
		if err == nil {
			if err := commit(part, s.Path(a)); err != nil {
				return fmt.Errorf("artifact %s: keep file: %w", a.Name, err)
			}
			return nil
		}
		if ctx.Err() != nil {
			return err
		}
		os.Remove(part)
		if !resumed {
			return err
		}
		// The first half may be at fault, not this source: once more from the start.
		meter.Set(0, a.Size)
	}
	return fmt.Errorf("artifact %s: the file from %s is still wrong after a new start", a.Name, place(u))
}

func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// attempt makes one request and appends what it brings to the part file.
func (s *Store) attempt(ctx context.Context, a Artifact, u *url.URL, part string, meter Meter) error {
	offset := sizeOf(part)
	if offset > a.Size {
		os.Remove(part)
		offset = 0
	}
	meter.Set(offset, a.Size)
	if offset == a.Size {
		return nil
	}

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timer := time.AfterFunc(s.stall, func() { cancel(errStalled) })
	defer timer.Stop()

	resp, err := s.get(ctx, u, offset)
	if err != nil {
		return networkError(ctx, err)
	}
	defer resp.Body.Close()
	if offset, err = startOf(resp, a, u, offset); err != nil {
		return err
	}

	f, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Truncate(offset); err != nil {
		return err
	}
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return err
	}
	done, err := s.receive(f, resp.Body, offset, a, meter, timer)
	switch {
	case err != nil:
		var disk *os.PathError
		if errors.As(err, &disk) {
			return err
		}
		return networkError(ctx, err)
	case done > a.Size:
		f.Close()
		os.Remove(part)
		return &ChecksumError{Artifact: a.Name, Filename: a.Filename, From: place(u), Want: fmt.Sprintf("%d bytes", a.Size), Got: "more"}
	case done < a.Size:
		return &retryable{err: fmt.Errorf("connection ended at byte %d of %d", done, a.Size)}
	}
	return nil
}

func (s *Store) get(ctx context.Context, u *url.URL, offset int64) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "intellifit")
	req.Header.Set("Accept-Encoding", "identity")
	if offset > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
	}
	return s.Client.Do(req)
}

// receive copies the body and stops one byte after the pinned size.
func (s *Store) receive(w io.Writer, body io.Reader, done int64, a Artifact, meter Meter, timer *time.Timer) (int64, error) {
	body = io.LimitReader(body, a.Size-done+1)
	buf := make([]byte, 128<<10)
	for {
		n, err := body.Read(buf)
		if n > 0 {
			timer.Reset(s.stall)
			if _, err := w.Write(buf[:n]); err != nil {
				return done, err
			}
			done += int64(n)
			meter.Set(min(done, a.Size), a.Size)
		}
		if err == io.EOF {
			return done, nil
		}
		if err != nil {
			return done, err
		}
	}
}

// startOf judges the answer's head and says at which byte its body begins.
func startOf(resp *http.Response, a Artifact, u *url.URL, offset int64) (int64, error) {
	switch resp.StatusCode {
	case http.StatusOK: // also a server that ignores Range
		if resp.ContentLength >= 0 && resp.ContentLength != a.Size {
			return 0, sizeError(a, place(u), resp.ContentLength)
		}
		return 0, nil
	case http.StatusPartialContent:
		start, total, err := contentRange(resp.Header.Get("Content-Range"))
		if err != nil {
			return 0, err
		}
		if total >= 0 && total != a.Size {
			return 0, sizeError(a, place(u), total)
		}
		if start != offset {
			return 0, fmt.Errorf("asked for bytes from %d, got them from %d", offset, start)
		}
		return offset, nil
	default:
		return 0, statusError(resp)
	}
}

// contentRange reads "bytes 100-199/200"; a total of * is -1.
func contentRange(h string) (start, total int64, err error) {
	var span, size string
	rest, ok := strings.CutPrefix(h, "bytes ")
	if ok {
		span, size, ok = strings.Cut(rest, "/")
	}
	first, _, dash := strings.Cut(span, "-")
	if !ok || !dash {
		return 0, 0, fmt.Errorf("answer with unreadable Content-Range %q", h)
	}
	if start, err = strconv.ParseInt(first, 10, 64); err != nil {
		return 0, 0, fmt.Errorf("answer with unreadable Content-Range %q", h)
	}
	if size == "*" {
		return start, -1, nil
	}
	if total, err = strconv.ParseInt(size, 10, 64); err != nil {
		return 0, 0, fmt.Errorf("answer with unreadable Content-Range %q", h)
	}
	return start, total, nil
}

// statusError turns a status into an error, retryable where the server may recover.
func statusError(resp *http.Response) error {
	err := fmt.Errorf("status %s", resp.Status)
	switch resp.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests,
		http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		return &retryable{err: err, after: time.Duration(max(seconds, 0)) * time.Second}
	}
	return err
}

// networkError says what broke a request. A host that does not exist will not come up while we wait; anything else is
// worth another try.
func networkError(ctx context.Context, err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // without the address, which may carry credentials
	}
	if errors.Is(context.Cause(ctx), errStalled) {
		err = errStalled
	}
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return err
	}
	return &retryable{err: err}
}
