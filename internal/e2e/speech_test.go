//go:build integration

package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/intellifit/intellifit/internal/stack"
)

// converse has tts say a sentence and whisper hear it, each also after it was killed. Names are left out: whisper hears them
// one way or another.
func (i *installation) converse(t *testing.T) {
	t.Helper()
	state, err := stack.LoadState(i.home)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "tts", "whisper"} {
		if name != "" {
			i.killEngine(t, name)
		}
		heard := i.hear(t, state.WhisperURL, i.say(t, state.TTSURL, "Please book me a session with Jonas on Friday morning."))
		for _, word := range []string{"book", "session", "friday", "morning"} {
			if !strings.Contains(strings.ToLower(heard), word) {
				t.Errorf("after the kill of %q: heard %q, which lacks %q", name, heard, word)
			}
		}
	}
}

// killEngine is kill -9 of one server; it returns when another process answers in its place.
func (i *installation) killEngine(t *testing.T, name string) {
	t.Helper()
	find := func() (c stack.Component, ready bool) {
		report, err := stack.Look(t.Context(), i.home)
		if err != nil {
			t.Fatal(err)
		}
		for _, component := range report.Components {
			if component.Name == name {
				c = component
			}
		}
		return c, report.Ready
	}
	before, _ := find()
	if err := syscall.Kill(before.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		if now, ready := find(); ready && now.PID != before.PID && now.Restarts == before.Restarts+1 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not come back", name)
		}
	}
}

func (i *installation) say(t *testing.T, url, text string) []byte {
	t.Helper()
	question, err := json.Marshal(map[string]string{"input": text, "response_format": "wav"})
	if err != nil {
		t.Fatal(err)
	}
	return i.post(t, url+"/v1/audio/speech", "application/json", question)
}

func (i *installation) hear(t *testing.T, url string, clip []byte) string {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("file", "clip.wav")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(clip); err != nil {
		t.Fatal(err)
	}
	if err := form.WriteField("language", "en"); err != nil {
		t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	var transcript struct{ Text string }
	if err := json.Unmarshal(i.post(t, url+"/v1/audio/transcriptions", form.FormDataContentType(), body.Bytes()), &transcript); err != nil {
		t.Fatal(err)
	}
	return transcript.Text
}

func (i *installation) post(t *testing.T, url, contentType string, body []byte) []byte {
	t.Helper()
	response, err := http.Post(url, contentType, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("POST %s: %s %v %.300s", url, response.Status, err, answer)
	}
	return answer
}
