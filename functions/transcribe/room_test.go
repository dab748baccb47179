package transcribe

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/intellifit/intellifit/shared/faas/faastest"
	"github.com/intellifit/intellifit/shared/speech/recording"
)

// TestFull: recordings that do not fit in memory together are told when to come again.
func TestFull(t *testing.T) {
	t.Parallel()
	f, err := New(t.Context(), faastest.Host(map[string]string{"WHISPER_URL": "http://127.0.0.1:1"}, nil))
	if err != nil {
		t.Fatal(err)
	}
	f.room = recording.NewRoom(1000, errFull)
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("\x00\x40\x00\xc0", 8000)))
	r.Header.Set("Authorization", "Bearer "+faastest.Member(t, "mara"))
	r.Header.Set("Content-Type", "audio/pcm;rate=16000")
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	if w.Code != http.StatusTooManyRequests || !strings.Contains(w.Body.String(), "transcribe_capacity") || w.Header().Get("Retry-After") != "15" || f.room.Left() != 1000 {
		t.Errorf("%d %s %s, %d bytes left", w.Code, w.Header(), w.Body, f.room.Left())
	}
}

func TestConfiguration(t *testing.T) {
	t.Parallel()
	for _, env := range []map[string]string{{}, {"WHISPER_URL": "http://127.0.0.1:1", "TRANSCRIBE_PARALLEL": "many"}} {
		if _, err := New(t.Context(), faastest.Host(env, nil)); err == nil || !strings.Contains(err.Error(), "configure the function transcribe") {
			t.Errorf("%v: %v", env, err)
		}
	}
}
