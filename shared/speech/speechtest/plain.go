package speechtest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// PlainWhisper is a recogniser of another dialect, as whisper.cpp's server speaks it: one call at a time, an answer of nothing but
// text with a space before and a line break behind, errors as bare words with status 400, no list of models, no judge of turns.
type PlainWhisper struct {
	*httptest.Server
	Traffic
	// Hear answers a call; nil = "hello coach" to sound, and "[BLANK_AUDIO]" to silence.
	Hear func(Heard) Hearing
	// Strict refuses formats of answers other than json and text, as recognisers of other makes do.
	Strict bool

	model sync.Mutex // one decoding at a time
	mu    sync.Mutex
	heard []Heard
}

// NewPlainWhisper starts a stand-in that ends with the test.
func NewPlainWhisper(t testing.TB) *PlainWhisper {
	t.Helper()
	s := &PlainWhisper{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/audio/transcriptions", s.counted(s.transcribe))
	mux.HandleFunc("GET /health", healthy)
	s.Server = start(t, mux)
	return s
}

// Heard are the calls so far.
func (s *PlainWhisper) Heard() []Heard {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Heard(nil), s.heard...)
}

func (s *PlainWhisper) transcribe(w http.ResponseWriter, r *http.Request) {
	heard, err := readUpload(r)
	if err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"error": "failed to read audio data"})
		return
	}
	if s.Strict && heard.Format != "json" && heard.Format != "text" {
		answer(w, http.StatusBadRequest, map[string]string{"error": "response_format must be json or text"})
		return
	}
	s.model.Lock()
	defer s.model.Unlock()
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
		answer(w, http.StatusBadRequest, map[string]string{"error": "failed to process audio"})
		return
	}
	text := h.Text
	if h.NoSpeech {
		text = "[BLANK_AUDIO]"
	}
	body, err := json.Marshal(map[string]string{"text": " " + text + "\n"})
	if err != nil {
		answer(w, http.StatusInternalServerError, map[string]string{"error": err.Error()})
		return
	}
	w.Header().Set("Content-Type", "application/json")
	s.send(w, r, h.Fault, string(body))
}

// PlainRate is the sampling rate in Hz of the plain voice, which says it only in a WAV header.
const PlainRate = 24_000

// PlainTTS is a voice of another dialect, as speaches and openedai-speech speak it: MP3 unless another format is asked for, no header
// that tells the rate, samples in chunks that end anywhere, WAV files with parts of others before the samples, errors in a shape of
// their own, voices as bare names.
type PlainTTS struct {
	*httptest.Server
	Traffic
	// Speak answers a call; nil = at once.
	Speak func(Asked) Speech
	// OnlyMP3 answers in MP3 whatever was asked for.
	OnlyMP3 bool
	// NoWAV refuses to make WAV files.
	NoWAV bool
	// Silent tells neither health nor models nor voices.
	Silent bool
}

// NewPlainTTS starts a stand-in that ends with the test.
func NewPlainTTS(t testing.TB) *PlainTTS {
	t.Helper()
	s := &PlainTTS{}
	told := func(next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if s.Silent {
				http.NotFound(w, r)
				return
			}
			next(w, r)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/audio/speech", s.counted(s.speak))
	mux.HandleFunc("GET /v1/audio/voices", told(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"voices": []string{"alloy", "nova"}})
	}))
	mux.HandleFunc("GET /v1/models", told(models("tts-1")))
	s.Server = start(t, mux)
	return s
}

// oddChunk is a length that no sample ends at.
const oddChunk = 1021

func (s *PlainTTS) speak(w http.ResponseWriter, r *http.Request) {
	asked, err := readAsked(r)
	if err != nil || asked.Input == "" || asked.Model == "" {
		answer(w, http.StatusUnprocessableEntity, map[string]any{"detail": []map[string]any{{"loc": []string{"body"}, "msg": "Field required", "input": asked.Input}}})
		return
	}
	script := Speech{}
	if s.Speak != nil {
		script = s.Speak(asked)
	}
	if !wait(r, script.Wait) {
		return
	}
	if script.Status != 0 {
		answer(w, script.Status, map[string]string{"detail": "by script"})
		return
	}
	if s.NoWAV && asked.Format == "wav" {
		answer(w, http.StatusUnprocessableEntity, map[string]string{"detail": "response_format: Input should be 'mp3' or 'pcm'"})
		return
	}
	samples := Tone(asked.Input, PlainRate, asked.Speed).Bytes16()
	var body []byte
	switch {
	case s.OnlyMP3, asked.Format != "wav" && asked.Format != "pcm":
		w.Header().Set("Content-Type", "audio/mpeg")
		body = append([]byte("ID3\x04\x00\x00\x00\x00\x00\x00\xff\xfb\x90\x64"), make([]byte, len(samples)/8)...)
	case asked.Format == "pcm":
		w.Header().Set("Content-Type", "audio/pcm")
		body = samples
	default:
		w.Header().Set("Content-Type", "audio/x-wav")
		body = append(header(PlainRate, endless, []byte("LIST\x1a\x00\x00\x00INFOISFT\x0e\x00\x00\x00Lavf61.7.100\x00\x00")...), samples...)
	}
	s.stream(w, r, script, body, oddChunk)
}
