package speech

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const (
	mostSound  = 64 << 20               // bytes of one utterance: ten minutes and more
	mostHeader = 64 << 10               // bytes before the first sample of a WAV file
	trailTime  = 250 * time.Millisecond // for what may follow the last sample
)

// The rates in Hz that a voice can have.
const (
	lowestRate  = 4_000
	highestRate = 192_000
)

var (
	errClosed   = fmt.Errorf("the utterance was closed: %w", fs.ErrClosed)
	errNotSound = errors.New("not the sound that was asked for")
)

// sound is the answer of a server that speaks: the samples behind whatever header it has. Reads give whole samples, as far as the
// buffer has room for one.
type sound struct {
	server *server
	ctx    context.Context // of the request
	cancel context.CancelCauseFunc
	body   io.ReadCloser
	r      *bufio.Reader
	left   int64 // bytes until the end that the header names, or until it is too much
	sized  bool  // the header names an end
	given  int64
	err    error // that all further reads give
	closed atomic.Bool
}

func newSound(ctx context.Context, cancel context.CancelCauseFunc, s *server, body io.ReadCloser) *sound {
	return &sound{server: s, ctx: ctx, cancel: cancel, body: body, r: bufio.NewReaderSize(body, 32<<10), left: mostSound}
}

// open reads up to the first sample and gives the rate. It waits as long as the request may.
func (s *sound) open(h http.Header, raw bool) (rate int, err error) {
	head, err := s.r.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, s.server.lost(s.ctx, "speak", err)
	}
	contentType, params, _ := mime.ParseMediaType(h.Get("Content-Type")) // what cannot be read says nothing
	switch format := formatOf(head, contentType, raw); format {
	case "wav":
		rate, err = s.wav()
	case "pcm":
		rate = firstRate(h.Get("X-Sample-Rate"), params["rate"])
		rate = or(rate, s.server.cfg.Rate)
	default:
		err = fmt.Errorf("%w: %s", errNotSound, format)
	}
	if err == nil && (rate < lowestRate || rate > highestRate) {
		err = fmt.Errorf("%w: %d Hz", errNotSound, rate)
	}
	if err != nil {
		return 0, s.unreadable(err)
	}
	if _, err := s.r.Peek(1); err != nil && !errors.Is(err, io.EOF) {
		return 0, s.server.lost(s.ctx, "speak", err)
	}
	return rate, nil
}

// unreadable is the error of an answer that does not begin as it should.
func (s *sound) unreadable(err error) error {
	if s.ctx.Err() != nil || !errors.Is(err, errNotSound) {
		return s.server.lost(s.ctx, "speak", err)
	}
	return s.server.fail("speak", s.server.does+" did not answer in 16-bit mono WAV or PCM", err)
}

// formatOf is what an answer that begins with head is: "wav", "pcm", or the name of something else. Its bytes decide, except that
// samples have no mark: for them the server must say so, or have been asked for nothing else.
func formatOf(head []byte, contentType string, raw bool) string {
	says := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(contentType, w) {
				return true
			}
		}
		return false
	}
	begins := func(mark string) bool { return strings.HasPrefix(string(head), mark) }
	switch {
	case begins("RIFF"):
		return "wav"
	case says("mpeg", "mp3"), begins("ID3"):
		return "MP3"
	case begins("OggS"), says("ogg", "opus"):
		return "Ogg"
	case begins("fLaC"), says("flac"):
		return "FLAC"
	case says("json", "html", "text/"):
		return "text"
	case says("pcm", "l16"), raw && !says("wav"):
		return "pcm"
	case len(head) > 1 && head[0] == 0xFF && head[1]&0xE0 == 0xE0:
		return "MP3 or AAC"
	case len(head) == 0:
		return "nothing"
	}
	return or(contentType, "no known format")
}

func firstRate(texts ...string) int {
	for _, text := range texts {
		if rate, err := strconv.Atoi(text); err == nil && rate > 0 {
			return rate
		}
	}
	return 0
}

// wav reads the header of a WAV file up to its first sample.
func (s *sound) wav() (rate int, err error) {
	var riff [12]byte
	if err := s.fill(riff[:]); err != nil {
		return 0, err
	}
	if string(riff[8:]) != "WAVE" {
		return 0, fmt.Errorf("%w: RIFF without WAVE", errNotSound)
	}
	for read := int64(len(riff)); read < mostHeader; {
		var chunk [8]byte
		if err := s.fill(chunk[:]); err != nil {
			return 0, err
		}
		size := int64(binary.LittleEndian.Uint32(chunk[4:]))
		switch id := string(chunk[:4]); {
		case id == "data" && rate == 0:
			return 0, fmt.Errorf("%w: samples before their format", errNotSound)
		case id == "data":
			s.ends(size)
			return rate, nil
		case size > mostHeader:
			return 0, fmt.Errorf("%w: a part of %d bytes before the samples", errNotSound, size)
		case id == "fmt ":
			b := make([]byte, size)
			if err := s.fill(b); err != nil {
				return 0, err
			}
			if rate, err = samplesOf(b); err != nil {
				return 0, err
			}
		default:
			if _, err := s.r.Discard(int(size)); err != nil {
				return 0, s.cut(err)
			}
		}
		if size%2 == 1 { // parts begin at even places
			if _, err := s.r.Discard(1); err != nil {
				return 0, s.cut(err)
			}
		}
		read += int64(len(chunk)) + size
	}
	return 0, fmt.Errorf("%w: no samples in sight", errNotSound)
}

// samplesOf gives the rate of a format that is 16-bit mono.
func samplesOf(b []byte) (rate int, err error) {
	if len(b) < 16 {
		return 0, fmt.Errorf("%w: a format of %d bytes", errNotSound, len(b))
	}
	kind, channels := binary.LittleEndian.Uint16(b), binary.LittleEndian.Uint16(b[2:])
	hz, bits := binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint16(b[14:])
	if kind == 0xFFFE && len(b) >= 26 { // extensible: the kind proper comes later
		kind = binary.LittleEndian.Uint16(b[24:])
	}
	if kind != 1 || channels != 1 || bits != 16 || hz > highestRate {
		return 0, fmt.Errorf("%w: WAV of kind %d with %d channels of %d bits at %d Hz", errNotSound, kind, channels, bits, hz)
	}
	return int(hz), nil
}

// ends takes the size that a header gives for the samples. A server that streams does not know it, and writes none or one that is far
// too large.
func (s *sound) ends(size int64) {
	if size > 0 && size < math.MaxInt32-mostHeader {
		s.left, s.sized = min(size&^1, mostSound), size <= mostSound
	}
}

func (s *sound) fill(b []byte) error {
	if _, err := io.ReadFull(s.r, b); err != nil {
		return s.cut(err)
	}
	return nil
}

// cut tells a header that ends too early from a connection that does.
func (s *sound) cut(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: WAV without samples", errNotSound)
	}
	return err
}

// Read gives samples as they come. It fails with gym.ErrUnavailable when the server stops in the middle.
func (s *sound) Read(p []byte) (int, error) {
	if s.closed.Load() {
		return 0, errClosed
	}
	if s.err != nil || len(p) == 0 {
		return 0, s.err
	}
	if s.left == 0 {
		return 0, s.end()
	}
	stall := time.AfterFunc(s.server.cfg.Stall, func() { s.cancel(errStalled) })
	defer stall.Stop()
	odd := int(s.given % 2)
	if _, err := s.r.Peek(2 - odd); err != nil { // an odd byte at the end is no sample
		s.err = s.over(err)
		return 0, s.err
	}
	n := int(min(int64(s.r.Buffered()), int64(len(p)), s.left))
	if n > 1 && (n+odd)%2 == 1 {
		n--
	}
	n, err := s.r.Read(p[:n])
	s.given, s.left = s.given+int64(n), s.left-int64(n)
	if err != nil {
		s.err = s.over(err)
	}
	return n, nil
}

// over is what a read gives when the body ended with err.
func (s *sound) over(err error) error {
	switch {
	case s.closed.Load():
		return errClosed
	case !errors.Is(err, io.EOF) || s.ctx.Err() != nil:
		return s.server.lost(s.ctx, "speak", err)
	case s.sized && s.left > 0:
		return s.server.fail("speak", s.server.does+" broke off", io.ErrUnexpectedEOF)
	}
	return io.EOF
}

// end is what a read gives at the last byte that is wanted. The connection can be used again when the body is read to its end.
func (s *sound) end() error {
	if !s.sized {
		s.err = s.server.fail("speak", s.server.does+" speaks without end", nil)
		return s.err
	}
	trail := time.AfterFunc(trailTime, func() { s.cancel(nil) })
	defer trail.Stop()
	_, _ = io.CopyN(io.Discard, s.r, mostHeader) // what comes is no sound, and how it ends does not matter
	s.err = io.EOF
	return s.err
}

// Close ends the work of the server at once, unless it is through.
func (s *sound) Close() error {
	s.closed.Store(true)
	s.cancel(nil)
	if err := s.body.Close(); err != nil && s.ctx.Err() == nil {
		return fmt.Errorf("close the utterance: %w", err)
	}
	return nil
}
