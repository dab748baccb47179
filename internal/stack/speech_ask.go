package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/wav"
)

// SpeechURL reads the address of a server of speech, without a slash at its end.
func SpeechURL(variable, raw string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("read %s: want http://HOST:PORT", variable)
	}
	return strings.TrimSuffix(u.String(), "/"), nil
}

// SpeechServer is a server of speech that somebody runs, known by its address.
type SpeechServer struct {
	URL   string
	Model string // of whisper; empty sends OpenAI's name for it
	Voice string // of tts; empty leaves it to the server
	Key   string // empty: the server wants none
}

// askLimit bounds a question: a server that loads its model when it is first asked takes a while.
const askLimit = time.Minute

// AskWhisper has a server transcribe half a second of silence.
func AskWhisper(ctx context.Context, s SpeechServer) error {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, field := range [][2]string{{"model", orElse(s.Model, "whisper-1")}, {"response_format", "json"}, {"language", "en"}} {
		if err := form.WriteField(field[0], field[1]); err != nil {
			return err
		}
	}
	file, err := form.CreateFormFile("file", "silence.wav")
	if err != nil {
		return err
	}
	if err := wav.Write(file, pcm.Clip{Rate: pcm.Rate, Samples: make([]float32, pcm.Rate/2)}); err != nil {
		return err
	}
	if err := form.Close(); err != nil {
		return err
	}
	answer, err := s.post(ctx, "/v1/audio/transcriptions", form.FormDataContentType(), &body)
	if err != nil {
		return err
	}
	var transcript struct{ Text *string }
	if err := json.Unmarshal(answer, &transcript); err != nil || transcript.Text == nil {
		return errors.New("ask for a transcript: the answer is none")
	}
	return nil
}

// AskTTS has a server speak a word.
func AskTTS(ctx context.Context, s SpeechServer) error {
	question := map[string]string{"model": orElse(s.Model, "tts-1"), "input": "Ready.", "response_format": "wav"}
	if s.Voice != "" {
		question["voice"] = s.Voice
	}
	body, err := json.Marshal(question)
	if err != nil {
		return err
	}
	answer, err := s.post(ctx, "/v1/audio/speech", "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	if len(answer) <= wav.HeaderSize || string(answer[:4]) != "RIFF" {
		return errors.New("ask for speech: the answer is no WAV")
	}
	return nil
}

func (s SpeechServer) post(ctx context.Context, path, contentType string, body io.Reader) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+path, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", contentType)
	if s.Key != "" {
		request.Header.Set("Authorization", "Bearer "+s.Key)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("POST %s: status %s: %.200s", path, response.Status, answer)
	}
	return answer, nil
}

func orElse(value, other string) string {
	if value == "" {
		return other
	}
	return value
}

// answers asks a server of speech whether it is there, which costs it no work.
func answers(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/v1/models", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	return response.Body.Close() // any answer is an answer
}
