package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/intellifit/intellifit/functions/speak"
	"github.com/intellifit/intellifit/functions/transcribe"
	"github.com/intellifit/intellifit/shared/faas/faastest"
	"github.com/intellifit/intellifit/shared/speech/speechtest"
)

// TestSpeechDocs runs the commands of docs/speech.md, one after the other, as somebody would who reads it.
func TestSpeechDocs(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not there")
	}
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "speech.md"))
	if err != nil {
		t.Fatal(err)
	}
	host := faastest.Host(map[string]string{"WHISPER_URL": speechtest.NewWhisper(t).URL, "TTS_URL": speechtest.NewTTS(t).URL, "SPEECH_LANGUAGE": "en"}, nil)
	hear, err := transcribe.New(t.Context(), host)
	if err != nil {
		t.Fatal(err)
	}
	say, err := speak.New(t.Context(), host)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/function/transcribe/", http.StripPrefix("/function/transcribe", hear))
	mux.Handle("/function/speak/", http.StripPrefix("/function/speak", say))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Count(r.URL.Path, "/") == 2 { // the mux would lead elsewhere
			r.URL.Path += "/"
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)

	script := "set -eu\nintellifit() { echo '" + faastest.Member(t, "mara") + "'; }\ncurl() { command curl --fail-with-body \"$@\"; echo; }\n"
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(doc), -1)
	for _, b := range blocks {
		script += strings.ReplaceAll(b[1], "http://127.0.0.1:8080", server.URL)
	}
	run := exec.CommandContext(t.Context(), "bash", "-c", script)
	run.Dir = t.TempDir()
	out, err := run.CombinedOutput()
	if err != nil || len(blocks) < 3 {
		t.Fatalf("%d blocks: %v\n%s", len(blocks), err, out)
	}
	for _, want := range []string{
		`"text":"hello coach","language":"en"`, "00:00:00,000 --> 00:00:0", "event: transcript.text.done", `{"voices":[{"id":"test-voice"`, "event: speech.audio.done",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("nothing answers %s:\n%.2000s", want, out)
		}
	}
}
