package speechtest

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/pcm"
)

// Rate is the sampling rate in Hz of the stand-ins' voices, a medium Piper voice's.
const Rate = 22_050

// Asked is one call of a voice.
type Asked struct {
	Model  string  `json:"model"`
	Input  string  `json:"input"`
	Voice  string  `json:"voice"`
	Format string  `json:"response_format"`
	Speed  float64 `json:"speed"`
	Key    string  `json:"-"` // bearer token
}

// Speech is how a voice answers one call.
type Speech struct {
	Fault
	Pace time.Duration // between two chunks
	Body []byte        // not nil: the whole answer instead, as it is
	Type string        // Content-Type of Body
}

// TTS is the stand-in for servers/tts.
type TTS struct {
	*httptest.Server
	Traffic
	// Speak answers a call; nil = at once.
	Speak func(Asked) Speech
	// List are its voices; empty = one, "test-voice".
	List []speech.Voice
	// Sick is the fault of its health.
	Sick Fault

	mu    sync.Mutex
	asked []Asked
}

// NewTTS starts a stand-in that ends with the test.
func NewTTS(t testing.TB) *TTS {
	t.Helper()
	s := &TTS{List: []speech.Voice{{ID: "test-voice", Name: "Test", Language: "en", Rate: Rate}}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/audio/speech", s.counted(s.speak))
	mux.HandleFunc("GET /v1/audio/voices", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"voices": s.List})
	})
	mux.HandleFunc("GET /v1/models", models("tts"))
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

// Asked are the calls so far.
func (s *TTS) Asked() []Asked {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Asked(nil), s.asked...)
}

const (
	mostInput  = 2000 // characters
	chunkBytes = 4096 // an even number: ours ends chunks between samples
)

func (s *TTS) speak(w http.ResponseWriter, r *http.Request) {
	asked, err := readAsked(r)
	if err != nil {
		refuse(w, http.StatusBadRequest, "json_invalid", err.Error(), 0)
		return
	}
	s.mu.Lock()
	s.asked = append(s.asked, asked)
	s.mu.Unlock()
	script := Speech{}
	if s.Speak != nil {
		script = s.Speak(asked)
	}
	if !wait(r, script.Wait) {
		return
	}
	if script.Status != 0 {
		refuse(w, script.Status, script.Code, "by script", script.RetryAfter)
		return
	}
	if code, message := s.wrong(asked); code != "" {
		refuse(w, http.StatusBadRequest, code, message, 0)
		return
	}
	body, contentType := script.Body, script.Type
	if body == nil {
		body, contentType = Tone(asked.Input, Rate, asked.Speed).Bytes16(), "audio/pcm"
		w.Header().Set("X-Sample-Rate", strconv.Itoa(Rate))
		if asked.Format == "wav" {
			body, contentType = append(header(Rate, endless), body...), "audio/wav"
		}
	}
	w.Header().Set("Content-Type", contentType)
	s.stream(w, r, script, body, chunkBytes)
}

// wrong is the code of what is wrong with a call.
func (s *TTS) wrong(a Asked) (code, message string) {
	switch {
	case !strings.ContainsFunc(a.Input, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }):
		return "input_empty", "nothing to say"
	case utf8.RuneCountInString(a.Input) > mostInput:
		return "input_too_long", "at most 2000 characters"
	case a.Format != "" && a.Format != "wav" && a.Format != "pcm":
		return "response_format", "response_format must be wav or pcm"
	}
	for _, v := range s.List {
		if a.Voice == "" || a.Voice == v.ID {
			return "", ""
		}
	}
	return "voice_unknown", "no such voice"
}

// stream writes an answer in chunks, with what the script does between them.
func (t *Traffic) stream(w http.ResponseWriter, r *http.Request, script Speech, body []byte, chunk int) {
	for first := true; len(body) > 0; first = false {
		switch {
		case first:
		case script.Stall:
			<-r.Context().Done()
			return
		case script.Cut:
			panic(http.ErrAbortHandler)
		case !wait(r, script.Pace):
			return
		}
		n := min(chunk, len(body))
		if !t.write(w, r, body[:n]) {
			return
		}
		body = body[n:]
	}
}

func readAsked(r *http.Request) (Asked, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return Asked{}, err
	}
	asked := Asked{Key: strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")}
	return asked, json.Unmarshal(body, &asked)
}

// letterTime is how long the stand-ins speak on a letter: about what voices do.
const letterTime = 60 * time.Millisecond

// Length is how long the stand-ins speak on a text.
func Length(text string, speed float64) time.Duration {
	if speed == 0 {
		speed = 1
	}
	return time.Duration(float64(utf8.RuneCountInString(text)) * float64(letterTime) / speed)
}

// Tone is what the stand-ins say to a text: a tone as long as the text needs, of a pitch that depends on it.
func Tone(text string, rate int, speed float64) pcm.Clip {
	hz := 200.0
	for _, b := range []byte(text) {
		hz += float64(b % 7)
	}
	samples := make([]float32, int(Length(text, speed).Seconds()*float64(rate)))
	for i := range samples {
		samples[i] = float32(0.3 * math.Sin(2*math.Pi*math.Mod(hz, 800)*float64(i)/float64(rate)))
	}
	return pcm.Clip{Rate: rate, Samples: samples}
}

// endless is the size that a streamed WAV file gives its samples.
const endless = 0xFFFFFFFF

// header begins a WAV file of 16-bit mono samples.
func header(rate int, size uint32, before ...byte) []byte {
	le := binary.LittleEndian
	total := size
	if size != endless {
		total = uint32(36+len(before)) + size
	}
	b := le.AppendUint32([]byte("RIFF"), total)
	b = le.AppendUint32(append(b, "WAVEfmt "...), 16)
	b = le.AppendUint16(le.AppendUint16(b, 1), 1)
	b = le.AppendUint32(le.AppendUint32(b, uint32(rate)), uint32(2*rate))
	b = le.AppendUint16(le.AppendUint16(b, 2), 16)
	return le.AppendUint32(append(append(b, before...), "data"...), size)
}
