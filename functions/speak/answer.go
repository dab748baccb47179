package speak

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech/wav"
)

// form is how a client gets the sound.
type form interface {
	sink
	// whole ends sound that did not break off.
	whole() error
	// fail ends sound that did, after it had begun.
	fail(*faas.Problem) error
	// begun reports whether status 200 is out.
	begun() bool
	end()
}

func formOf(r Request, w http.ResponseWriter) form {
	if r.Stream == "sse" {
		s := faas.NewEventStream(w)
		return &events{EventStream: s, w: w, wav: r.Format != "pcm", stop: s.Beat(), at: time.Now()}
	}
	return &document{w: w, wav: r.Format != "pcm"}
}

const rateHeader = "X-Sample-Rate"

// maxSound bounds an answer in one piece: 9 minutes of a voice of 22,050 Hz. 2,000 characters are 3 minutes at normal speed.
const maxSound = 24 << 20

// document is sound in one piece: a host that does not stream keeps it until it is whole anyway, and a length in the header is what
// players like.
type document struct {
	w      http.ResponseWriter
	wav    bool
	rate   int
	pieces [][]byte
	size   int
}

func (d *document) open(rate int) error {
	d.rate = rate
	return nil
}

func (d *document) sound(samples []byte) error {
	if d.size += len(samples); d.size > maxSound {
		return &gym.Error{Kind: gym.ErrInvalid, Code: "input_too_long", Detail: fmt.Sprintf("the speech would be longer than %d bytes", maxSound),
			Hint: "take it as a stream (stream_format sse), say less, faster, or at a lower sample_rate"}
	}
	d.pieces = append(d.pieces, append([]byte(nil), samples...))
	return nil
}

func (d *document) begun() bool { return false }

func (d *document) fail(*faas.Problem) error { return nil } // it never begins before it is whole

func (d *document) end() {}

func (d *document) whole() error {
	h := d.w.Header()
	h.Set("Content-Type", "audio/pcm")
	h.Set("Cache-Control", "no-store")
	h.Set(rateHeader, strconv.Itoa(d.rate))
	size := d.size
	if d.wav {
		header := wav.Header(d.rate, d.size/2)
		h.Set("Content-Type", "audio/wav")
		d.pieces, size = append([][]byte{header}, d.pieces...), size+len(header)
	}
	h.Set("Content-Length", strconv.Itoa(size))
	for _, p := range d.pieces {
		if _, err := d.w.Write(p); err != nil {
			return fmt.Errorf("write to the client: %w", err)
		}
	}
	return nil
}

// events sends sound as it is made. The headers go out with the first: a voice that cannot speak is told by the status.
type events struct {
	*faas.EventStream
	w     http.ResponseWriter
	wav   bool
	rate  int
	stop  func()
	at    time.Time
	first time.Duration // until the first sound
	size  int           // bytes of sound so far
}

const (
	deltaEvent = "speech.audio.delta"
	doneEvent  = "speech.audio.done"
)

// delta is a piece of sound in base64: the pieces after each other are the file.
type delta struct {
	Type  string `json:"type"`
	Audio []byte `json:"audio"`
	Rate  int    `json:"sample_rate"`
}

type done struct {
	Type     string           `json:"type"`
	Rate     int              `json:"sample_rate"`
	Duration float64          `json:"duration_s"`
	Timings  map[string]int64 `json:"timings_ms"`
}

func (e *events) open(rate int) error {
	e.rate = rate
	e.w.Header().Set(rateHeader, strconv.Itoa(rate))
	return nil
}

func (e *events) sound(samples []byte) error {
	first := e.size == 0
	e.size += len(samples)
	if first {
		e.first = time.Since(e.at)
		if e.wav {
			samples = append(wav.Header(e.rate, wav.Streaming), samples...)
		}
	}
	return e.Send("", deltaEvent, delta{deltaEvent, samples, e.rate})
}

func (e *events) whole() error {
	seconds := float64(e.size/2) / float64(e.rate)
	return e.Send("", doneEvent, done{doneEvent, e.rate, seconds, map[string]int64{"first": e.first.Milliseconds(), "total": time.Since(e.at).Milliseconds()}})
}

func (e *events) fail(p *faas.Problem) error {
	return e.Send("", "error", map[string]any{"type": "error", "error": map[string]string{"type": p.Title, "code": p.Code, "message": p.Detail}})
}

func (e *events) begun() bool { return e.Begun() }

func (e *events) end() {
	e.stop()
	e.End()
}
