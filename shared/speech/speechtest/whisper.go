package speechtest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/intellifit/intellifit/shared/speech/pcm"
)

// Heard is one call of a recogniser.
type Heard struct {
	Clip     pcm.Clip
	Model    string
	Language string
	Prompt   string
	Heat     string // temperature
	Format   string
	Words    bool
	Key      string // bearer token
}

// Hearing is how a recogniser answers one call.
type Hearing struct {
	Fault
	Text     string
	NoSpeech bool
	Body     string // not empty: the whole answer instead
}

// Judgement is how the judge of turns answers.
type Judgement struct {
	Fault
	Probability float64
}

// Whisper is the stand-in for servers/whisper.
type Whisper struct {
	*httptest.Server
	Traffic
	// Hear answers a call; nil = "hello coach" to sound, and no speech to silence.
	Hear func(Heard) Hearing
	// Judge answers whether a turn is over; nil = there is no judge.
	Judge func(pcm.Clip) Judgement
	// Sick is the fault of its health.
	Sick Fault

	mu    sync.Mutex
	heard []Heard
}

// NewWhisper starts a stand-in that ends with the test.
func NewWhisper(t testing.TB) *Whisper {
	t.Helper()
	s := &Whisper{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/audio/transcriptions", s.counted(s.transcribe))
	mux.HandleFunc("POST /v1/audio/turn", s.counted(s.turn))
	mux.HandleFunc("GET /v1/models", models("whisper"))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		if s.Sick.Status != 0 {
			refuse(w, s.Sick.Status, s.Sick.Code, "sick", s.Sick.RetryAfter)
			return
		}
		healthy(w, r)
	})
	s.Server = start(t, mux)
	return s
}

// Heard are the calls so far.
func (s *Whisper) Heard() []Heard {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Heard(nil), s.heard...)
}

// Texts makes a script that hears one text after the other, and the last one for ever.
func Texts(texts ...string) func(Heard) Hearing {
	var mu sync.Mutex
	return func(Heard) Hearing {
		mu.Lock()
		defer mu.Unlock()
		text := texts[0]
		if len(texts) > 1 {
			texts = texts[1:]
		}
		return Hearing{Text: text, NoSpeech: text == ""}
	}
}

func (s *Whisper) transcribe(w http.ResponseWriter, r *http.Request) {
	heard, err := readUpload(r)
	if err != nil {
		refuse(w, http.StatusBadRequest, "audio_unreadable", err.Error(), 0)
		return
	}
	s.mu.Lock()
	s.heard = append(s.heard, heard)
	s.mu.Unlock()
	hear := s.Hear
	if hear == nil {
		hear = hello
	}
	h := hear(heard)
	if !wait(r, h.Wait) {
		return
	}
	if h.Status != 0 {
		refuse(w, h.Status, h.Code, "by script", h.RetryAfter)
		return
	}
	body := h.Body
	if body == "" {
		body = verbose(heard, h)
	}
	w.Header().Set("Content-Type", "application/json")
	s.send(w, r, h.Fault, body)
}

// send writes an answer in two parts, with what the fault does between them.
func (t *Traffic) send(w http.ResponseWriter, r *http.Request, f Fault, body string) {
	half := len(body) / 2
	if !t.write(w, r, []byte(body[:half])) {
		return
	}
	switch {
	case f.Stall:
		<-r.Context().Done()
		return
	case f.Cut:
		panic(http.ErrAbortHandler)
	}
	t.write(w, r, []byte(body[half:]))
}

func hello(h Heard) Hearing {
	for _, sample := range h.Clip.Samples {
		if sample > 0.001 || sample < -0.001 {
			return Hearing{Text: "hello coach"}
		}
	}
	return Hearing{NoSpeech: true}
}

// verbose is the answer as servers/whisper words it.
func verbose(heard Heard, h Hearing) string {
	seconds := heard.Clip.Duration().Seconds()
	segments, words := "[]", ""
	if h.Text != "" {
		segments = fmt.Sprintf(`[{"id":0,"start":0,"end":%.2f,"text":%q,"no_speech_prob":0.02,"avg_logprob":-0.25,"compression_ratio":1.1}]`, seconds, " "+h.Text)
	}
	if heard.Words {
		said := strings.Fields(h.Text)
		for i, word := range said {
			step := seconds / float64(len(said))
			words += fmt.Sprintf(`,{"word":%q,"start":%.2f,"end":%.2f}`, word, step*float64(i), step*float64(i+1))
		}
		words = `,"words":[` + strings.TrimPrefix(words, ",") + "]"
	}
	return fmt.Sprintf(`{"task":"transcribe","language":"english","duration":%.2f,"text":%q,"segments":%s%s,"no_speech":%t,"audio_ms":%d,"stt_ms":1}`,
		seconds, h.Text, segments, words, h.NoSpeech, heard.Clip.Duration().Milliseconds())
}

func (s *Whisper) turn(w http.ResponseWriter, r *http.Request) {
	if s.Judge == nil {
		refuse(w, http.StatusNotFound, "turn_model_missing", "started without a judge of turns", 0)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client went away
	}
	clip, err := readWAV(body)
	if err != nil {
		refuse(w, http.StatusBadRequest, "audio_unreadable", err.Error(), 0)
		return
	}
	j := s.Judge(clip)
	if !wait(r, j.Wait) {
		return
	}
	if j.Status != 0 {
		refuse(w, j.Status, j.Code, "by script", j.RetryAfter)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	s.send(w, r, j.Fault, fmt.Sprintf(`{"complete":%t,"probability":%g,"took_ms":1}`, j.Probability > 0.5, j.Probability))
}

// readUpload reads the form of a call. It reads the body to its end: a server hears of a client that left only then.
func readUpload(r *http.Request) (Heard, error) {
	if err := r.ParseMultipartForm(64 << 20); err != nil {
		return Heard{}, fmt.Errorf("read the form: %w", err)
	}
	file, _, err := r.FormFile("file")
	if err != nil {
		return Heard{}, fmt.Errorf("read the file: %w", err)
	}
	defer file.Close()
	b, err := io.ReadAll(file)
	if err != nil {
		return Heard{}, fmt.Errorf("read the file: %w", err)
	}
	clip, err := readWAV(b)
	if err != nil {
		return Heard{}, err
	}
	h := Heard{
		Clip: clip, Model: r.FormValue("model"), Language: r.FormValue("language"), Prompt: r.FormValue("prompt"), Format: r.FormValue("response_format"),
		Heat: r.FormValue("temperature"),
		Key:  strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "),
	}
	for _, g := range r.MultipartForm.Value["timestamp_granularities[]"] {
		h.Words = h.Words || g == "word"
	}
	return h, nil
}

// readWAV reads the one form of WAV that clients of recognisers send, strictly.
func readWAV(b []byte) (pcm.Clip, error) {
	if len(b) < 44 || string(b[:4]) != "RIFF" || string(b[8:16]) != "WAVEfmt " || string(b[36:40]) != "data" {
		return pcm.Clip{}, errors.New("not the WAV that is sent")
	}
	le := binary.LittleEndian
	rate, size := le.Uint32(b[24:]), int(le.Uint32(b[40:]))
	if le.Uint32(b[16:]) != 16 || le.Uint16(b[20:]) != 1 || le.Uint16(b[22:]) != 1 || rate != pcm.Rate || le.Uint32(b[28:]) != 2*rate ||
		le.Uint16(b[32:]) != 2 || le.Uint16(b[34:]) != 16 || size != len(b)-44 || int(le.Uint32(b[4:])) != len(b)-8 {
		return pcm.Clip{}, errors.New("not 16 kHz mono in 16 bits")
	}
	return pcm.Of16(b[44:], int(rate)), nil
}
