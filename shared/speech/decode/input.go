package decode

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/intellifit/intellifit/shared/gym"
)

// window is how far ahead a format may look: more than the longest page of Ogg.
const window = 1 << 16

// input is the recording as it comes in, with an eye on how much that is and whether anybody still waits for it.
type input struct {
	*bufio.Reader // of source
	source
}

// source is what input buffers.
type source struct {
	ctx   context.Context
	r     io.Reader
	most  int64
	taken int64
	err   error // why it ended, unless it came to its end; stays
}

func newInput(ctx context.Context, r io.Reader, most int64) *input {
	in := &input{source: source{ctx: ctx, r: r, most: most}}
	in.Reader = bufio.NewReaderSize(&in.source, window)
	return in
}

// Read is the input's own; source is read through it alone.
func (in *input) Read(p []byte) (int, error) { return in.Reader.Read(p) }

func (s *source) Read(p []byte) (int, error) {
	if s.err == nil {
		s.err = s.ctx.Err()
	}
	if s.err != nil {
		return 0, s.err
	}
	if room := s.most + 1 - s.taken; int64(len(p)) > room {
		p = p[:room]
	}
	n, err := s.r.Read(p)
	s.taken += int64(n)
	if s.taken > s.most {
		s.err = errTooLarge(s.most)
		return 0, s.err
	}
	if err != nil && err != io.EOF {
		s.err = upload(err, s.most)
		return n, s.err
	}
	return n, err
}

// skip passes over n bytes. Unlike Discard it takes any length that a header may state.
func (in *input) skip(n int64) error {
	_, err := io.CopyN(io.Discard, in.Reader, n)
	return err
}

// upload is what a client gets to know when its recording does not arrive.
func upload(err error, most int64) error {
	var tooLarge *http.MaxBytesError
	var ours *gym.Error
	switch {
	case errors.As(err, &tooLarge):
		return errTooLarge(min(most, tooLarge.Limit))
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &gym.Error{Kind: gym.ErrInvalid, Code: CodeUnreadable, Detail: "the recording broke off while it was sent", Hint: "send it again", Err: err}
	case errors.As(err, &ours):
		return err
	}
	return fmt.Errorf("%w: %w", errUpload, err)
}
