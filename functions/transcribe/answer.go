package transcribe

import (
	"encoding/json"
	"io"
	"math"
	"net/http"
	"time"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/recording"
	"github.com/intellifit/intellifit/shared/speech/subtitle"
)

// form is how a client gets to know what was heard.
type form interface {
	part(recording.Heard) error
	// whole ends an answer that did not break off.
	whole(speech.Transcript) error
	// fail ends one that did, after it had begun.
	fail(*faas.Problem) error
	// begun reports whether status 200 is out.
	begun() bool
	end()
}

// times are when a call came and when its recording was there.
type times struct{ began, decoded time.Time }

func formOf(w wish, to http.ResponseWriter, length time.Duration, clock times) form {
	d := document{wish: w, w: to, clock: clock}
	if !w.Stream {
		return &d
	}
	s := faas.NewEventStream(to)
	return &events{EventStream: s, document: d, length: length, stop: s.Beat()}
}

// document is an answer in one piece.
type document struct {
	wish
	w     http.ResponseWriter
	clock times
}

// transcript is our own answer.
type transcript struct {
	Text     string           `json:"text"`
	Language string           `json:"language"`
	Duration float64          `json:"duration_s"`
	NoSpeech bool             `json:"no_speech"`
	Segments []speech.Segment `json:"segments,omitempty"`
	Words    []speech.Word    `json:"words,omitempty"`
	Timings  map[string]int64 `json:"timings_ms"`
}

// usage is what OpenAI's clients expect to be billed by.
type usage struct {
	Type    string  `json:"type"`
	Seconds float64 `json:"seconds"`
}

// short and verbose are OpenAI's answers; what is ours comes last.
type short struct {
	Text     string `json:"text"`
	Usage    usage  `json:"usage"`
	NoSpeech bool   `json:"no_speech"`
}

type verbose struct {
	Task     string           `json:"task"`
	Language string           `json:"language"`
	Duration float64          `json:"duration"`
	Text     string           `json:"text"`
	Segments []speech.Segment `json:"segments,omitempty"`
	Words    []speech.Word    `json:"words,omitempty"`
	Usage    usage            `json:"usage"`
	NoSpeech bool             `json:"no_speech"`
	AudioMS  int64            `json:"audio_ms"`
	STTMS    int64            `json:"stt_ms"`
}

func (d *document) part(recording.Heard) error { return nil }

func (d *document) begun() bool { return false }

func (d *document) fail(*faas.Problem) error { return nil } // it never begins before it is whole

func (d *document) end() {}

func (d *document) whole(t speech.Transcript) error {
	switch d.Format {
	case "text":
		return d.send("text/plain; charset=utf-8", t.Text+"\n")
	case "srt":
		return d.send(subtitle.SRTType, subtitle.SRT(t.Segments))
	case "vtt":
		return d.send(subtitle.VTTType, subtitle.VTT(t.Segments))
	}
	body, err := json.Marshal(d.body(t))
	if err != nil {
		return err
	}
	return d.send("application/json", string(body)+"\n")
}

func (d *document) send(contentType, body string) error {
	d.w.Header().Set("Content-Type", contentType)
	d.w.Header().Set("Cache-Control", "no-store")
	_, err := io.WriteString(d.w, body)
	return err
}

// body is a transcript in the dialect that was asked for.
func (d *document) body(t speech.Transcript) any {
	seconds, billed := round(t.Audio), usage{Type: "duration", Seconds: math.Ceil(t.Audio.Seconds())}
	if !d.Segments {
		t.Segments = nil
	}
	switch {
	case d.Format == "verbose_json":
		return verbose{Task: "transcribe", Language: t.Language, Duration: seconds, Text: t.Text, Segments: t.Segments, Words: t.Words, Usage: billed,
			NoSpeech: t.NoSpeech, AudioMS: t.Audio.Milliseconds(), STTMS: t.Took.Milliseconds()}
	case d.OpenAI:
		return short{t.Text, billed, t.NoSpeech}
	}
	return transcript{Text: t.Text, Language: t.Language, Duration: seconds, NoSpeech: t.NoSpeech, Segments: t.Segments, Words: t.Words, Timings: map[string]int64{
		"decode": d.clock.decoded.Sub(d.clock.began).Milliseconds(), "stt": t.Took.Milliseconds(), "total": time.Since(d.clock.began).Milliseconds(),
	}}
}

// round gives seconds to the millisecond.
func round(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }

// events tells each part when it was recognised. The headers go out with the first: a recogniser that cannot take it is told by the
// status.
type events struct {
	*faas.EventStream
	document
	length time.Duration
	stop   func()
	text   bool // something was said
}

const (
	deltaEvent    = "transcript.text.delta"
	progressEvent = "transcript.progress" // ours
	doneEvent     = "transcript.text.done"
)

func (e *events) part(h recording.Heard) error {
	if text := h.Transcript.Text; text != "" {
		if e.text {
			text = " " + text
		}
		e.text = true
		if err := e.Send("", deltaEvent, map[string]string{"type": deltaEvent, "delta": text}); err != nil {
			return err
		}
	}
	if e.length <= recording.Longest {
		return nil
	}
	return e.Send("", progressEvent, map[string]any{"type": progressEvent, "done_s": round(h.Done), "total_s": round(e.length)})
}

func (e *events) whole(t speech.Transcript) error {
	var body any
	switch b := e.body(t).(type) {
	case transcript:
		body = struct {
			Type string `json:"type"`
			transcript
		}{doneEvent, b}
	case short:
		body = struct {
			Type string `json:"type"`
			short
		}{doneEvent, b}
	case verbose:
		body = struct {
			Type string `json:"type"`
			verbose
		}{doneEvent, b}
	}
	return e.Send("", doneEvent, body)
}

func (e *events) fail(p *faas.Problem) error {
	return e.Send("", "error", map[string]any{"type": "error", "error": map[string]string{"type": p.Title, "code": p.Code, "message": p.Detail}})
}

func (e *events) begun() bool { return e.EventStream.Begun() }

func (e *events) end() {
	e.stop()
	e.End()
}
