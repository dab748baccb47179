package call_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/shared/faas/faastest"
)

// TestRealtime: a WebSocket reaches the function, with the token in the handshake's protocols as a browser sends it, and a typed turn is
// answered in speech. Package realtime has the tests of the rest.
func TestRealtime(t *testing.T) {
	b := setup(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	at, err := url.Parse(b.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	at.Scheme, at.Path = "ws", "/v1/realtime"
	conn, _, err := websocket.Dial(ctx, at.String(), &websocket.DialOptions{Subprotocols: []string{"realtime", "openai-insecure-api-key." + faastest.Member(t, demo.MemberID)}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	conn.SetReadLimit(4 << 20)
	for _, event := range []string{
		`{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"how do I keep my back straight"}]}}`, `{"type":"response.create"}`,
	} {
		if err := conn.Write(ctx, websocket.MessageText, []byte(event)); err != nil {
			t.Fatal(err)
		}
	}
	said, sounds := "", 0
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			t.Fatalf("after %q and %d sounds: %v", said, sounds, err)
		}
		var e struct{ Type, Delta string }
		if err := json.Unmarshal(data, &e); err != nil {
			t.Fatal(err)
		}
		switch e.Type {
		case "response.output_audio_transcript.delta":
			said += e.Delta
		case "response.output_audio.delta":
			sounds++
		case "error":
			t.Fatalf("%s", data)
		}
		if e.Type == "response.done" {
			break
		}
	}
	if !strings.Contains(said, sentence) || sounds == 0 {
		t.Errorf("said %q in %d sounds", said, sounds)
	}
	if res, err := http.Get(b.server.URL + "/v1/realtime"); err != nil || res.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("without an upgrade: %v, %v", res, err)
	}
}

// TestDetect: sound without speech is no turn, and what is no sound gets a code.
func TestDetect(t *testing.T) {
	b := setup(t)
	token := faastest.Member(t, demo.MemberID)
	look := func(body []byte) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL+"/detect", strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", "audio/wav")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var out struct {
			Code      string
			Speech    []any
			EndOfTurn bool  `json:"end_of_turn"`
			SilenceMS int64 `json:"silence_ms"`
		}
		if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
			t.Fatal(err)
		}
		if res.StatusCode == http.StatusOK && (len(out.Speech) > 0 || out.EndOfTurn || out.SilenceMS < 500) {
			t.Errorf("a tone: %+v", out)
		}
		return res.StatusCode, out.Code
	}
	if status, code := look(clip(t)); status != 200 {
		t.Errorf("%d %s", status, code)
	}
	if status, code := look([]byte("no sound")); status != http.StatusUnsupportedMediaType || code != "audio_format" {
		t.Errorf("%d %s", status, code)
	}
}
