package load

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/wav"
)

// The speed of the speech servers' stand-ins: that of whisper base and a medium Piper voice on two cores, rounded down.
const (
	hearTime  = 200 * time.Millisecond
	speakTime = 50 * time.Millisecond // before the first sound of a clause
	voiceRate = 22_050
	letterMS  = 10 // of sound for each letter
)

// speechServers stand in for whisper and tts. Whisper's reads the words that were written into the samples of a clip.
type speechServers struct {
	url    string
	server *http.Server
	served chan error
}

func startSpeech() (*speechServers, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the stand-ins of the speech servers: %w", err)
	}
	s := &speechServers{url: "http://" + listener.Addr().String(), served: make(chan error, 1)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/audio/transcriptions", hear)
	mux.HandleFunc("POST /v1/audio/speech", speak)
	s.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { s.served <- s.server.Serve(listener) }()
	return s, nil
}

func (s *speechServers) close(context.Context) error {
	err := s.server.Close()
	if served := <-s.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// step is between two letters in samples: what a way through floating point cannot blur.
const step = 200

// clip writes words into sound.
func clip(words string) ([]byte, error) {
	b := make([]byte, 0, 2*len(words))
	for _, letter := range []byte(words) {
		b = binary.LittleEndian.AppendUint16(b, uint16(int(letter)*step))
	}
	var out strings.Builder
	err := wav.Write(&out, pcm.Of16(b, pcm.Rate))
	return []byte(out.String()), err
}

// wordsIn reads them again.
func wordsIn(c pcm.Clip) string {
	b := c.Bytes16()
	var out strings.Builder
	for i := 0; i+1 < len(b); i += 2 {
		out.WriteByte(byte((int(int16(binary.LittleEndian.Uint16(b[i:]))) + step/2) / step))
	}
	return out.String()
}

func hear(w http.ResponseWriter, r *http.Request) {
	file, _, err := r.FormFile("file")
	if err != nil {
		http.Error(w, `{"error":{"message":"no file"}}`, http.StatusBadRequest)
		return
	}
	defer file.Close()
	c, err := wav.Read(file, pcm.Rate*60)
	if err != nil {
		http.Error(w, `{"error":{"message":"no sound"}}`, http.StatusBadRequest)
		return
	}
	if !wait(r.Context(), hearTime) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"text": wordsIn(c), "language": "en", "duration": c.Duration().Seconds()}) // the caller may be gone
}

func speak(w http.ResponseWriter, r *http.Request) {
	var req struct{ Input string }
	if err := json.NewDecoder(io.LimitReader(r.Body, 1<<16)).Decode(&req); err != nil {
		http.Error(w, `{"error":{"message":"no input"}}`, http.StatusBadRequest)
		return
	}
	if !wait(r.Context(), speakTime) {
		return
	}
	w.Header().Set("Content-Type", "audio/wav")
	_ = wav.Write(w, pcm.Clip{Rate: voiceRate, Samples: make([]float32, len(req.Input)*voiceRate*letterMS/1000)}) // the caller may be gone
}

func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
