package call_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ollama/ollama/api"
	goredis "github.com/redis/go-redis/v9"

	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/internal/dial"
	"github.com/intellifit/intellifit/shared/faas/faastest"
	"github.com/intellifit/intellifit/shared/llm/llmtest"
	"github.com/intellifit/intellifit/shared/redis/redistest"
	"github.com/intellifit/intellifit/shared/speech/decode/decodetest"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/speechtest"
	"github.com/intellifit/intellifit/shared/speech/wav"
	"github.com/intellifit/intellifit/shared/voice"
)

// TestEngineFaults: whatever an engine does, the turn ends soon, with a code or a spoken answer, and the next one is right.
func TestEngineFaults(t *testing.T) {
	whisper := func(f speechtest.Fault) func(*bundle) {
		return func(b *bundle) {
			b.whisper.Hear = func(speechtest.Heard) speechtest.Hearing {
				return speechtest.Hearing{Text: "how do I squat", Fault: f}
			}
		}
	}
	tts := func(f speechtest.Fault) func(*bundle) {
		return func(b *bundle) {
			b.tts.Speak = func(speechtest.Asked) speechtest.Speech { return speechtest.Speech{Fault: f} }
		}
	}
	model := func(a llmtest.Answer) func(*bundle) {
		return func(b *bundle) { b.ollama.Chat = func(api.ChatRequest) llmtest.Answer { return a } }
	}
	for _, c := range []struct {
		name         string
		fault        func(*bundle)
		status, code string
		spoken       bool // some sound comes
		text         string
	}{
		{"whisper fails", whisper(speechtest.Fault{Status: 500}), voice.Failed, "whisper_unavailable", true, "I cannot hear you right now."},
		{"whisper is busy", whisper(speechtest.Fault{Status: 503, Code: "busy", RetryAfter: 2}), voice.Failed, "whisper_busy", true, "I cannot hear you right now."},
		{"whisper breaks off", whisper(speechtest.Fault{Cut: true}), voice.Failed, "whisper_unavailable", true, "I cannot hear you right now."},
		{"whisper is gone", func(b *bundle) { b.whisper.Close() }, voice.Failed, "whisper_unavailable", true, "I cannot hear you right now."},
		{"whisper is slow", whisper(speechtest.Fault{Wait: time.Second}), voice.Completed, "", true, sentence},
		{"tts fails", tts(speechtest.Fault{Status: 500}), voice.Incomplete, "tts_unavailable", false, sentence},
		{"tts is busy", tts(speechtest.Fault{Status: 503, Code: "busy", RetryAfter: 1}), voice.Incomplete, "tts_busy", false, sentence},
		{"tts breaks off", tts(speechtest.Fault{Cut: true}), voice.Incomplete, "tts_unavailable", true, sentence},
		{"tts is gone", func(b *bundle) { b.tts.Close() }, voice.Incomplete, "tts_unavailable", false, sentence},
		{"tts is slow", tts(speechtest.Fault{Wait: time.Second}), voice.Completed, "", true, sentence},
		{"the model fails", model(llmtest.Answer{Status: 500}), voice.Completed, "", true, ""},
		{"the model is missing", model(llmtest.Answer{Status: 404}), voice.Completed, "", true, ""},
		{"the model breaks off", model(llmtest.Answer{Content: sentence, Cut: true}), voice.Completed, "", true, ""},
		{"the model is slow", model(llmtest.Answer{Content: sentence, Wait: time.Second}), voice.Completed, "", true, sentence},
		{"the model is gone", func(b *bundle) { b.ollama.Close() }, voice.Completed, "", true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			c.fault(b)
			l := b.line(t, demo.MemberID)
			began := time.Now()
			a, err := l.Say(t.Context(), turn(t), nil)
			if err != nil {
				t.Fatal(err)
			}
			code := ""
			if a.Response.Details != nil {
				code = a.Response.Details.Code
			}
			if a.Response.Status != c.status || code != c.code || (len(a.Sound) > 0) != c.spoken || !strings.HasPrefix(a.Text, c.text) || a.Text == "" {
				t.Errorf("%s %s %q with %d bytes of sound", a.Response.Status, code, a.Text, len(a.Sound))
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// TestStalled: an engine that begins and then says nothing more does not hold a turn for ever.
func TestStalled(t *testing.T) {
	for name, fault := range map[string]func(*bundle){
		"whisper": func(b *bundle) {
			b.whisper.Hear = func(speechtest.Heard) speechtest.Hearing {
				return speechtest.Hearing{Fault: speechtest.Fault{Stall: true}}
			}
		},
		"tts": func(b *bundle) {
			b.tts.Speak = func(speechtest.Asked) speechtest.Speech {
				return speechtest.Speech{Fault: speechtest.Fault{Stall: true}}
			}
		},
		"the model": func(b *bundle) {
			b.ollama.Chat = func(api.ChatRequest) llmtest.Answer { return llmtest.Answer{Content: sentence, Stall: true} }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			fault(b)
			began := time.Now()
			a, err := b.line(t, demo.MemberID).Say(t.Context(), turn(t), nil)
			if err != nil || a.Text == "" || a.Response.Status == "" {
				t.Errorf("%+v %q, %v", a.Response, a.Text, err)
			}
			if took := time.Since(began); took > 40*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// TestRedisFlushed: Redis is emptied in the middle of an answer, and the call goes on; emptied between two turns it is unknown by
// code, and goes on in its conversation.
func TestRedisFlushed(t *testing.T) {
	server := redistest.Start(t)
	b := setupOn(t, server.URL(), nil)
	options, err := goredis.ParseURL(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	client := goredis.NewClient(options)
	defer client.Close()
	l := b.line(t, demo.MemberID)
	if _, err := l.Open(t.Context(), "flushed", nil); err != nil {
		t.Fatal(err)
	}
	flushed := false
	b.hears("book me with Jonas on Friday at 10 am")
	offer, err := l.Say(t.Context(), turn(t), func(e dial.Event) error {
		if e.Type == voice.Transcribed {
			flushed = true
			return client.FlushAll(t.Context()).Err()
		}
		return nil
	})
	if err != nil || !flushed || offer.Response.Status != voice.Completed {
		t.Fatalf("%+v, %v", offer.Response, err)
	}
	next := b.say(t, l, "how do I keep my back straight")
	if next.Response.Status != voice.Completed {
		t.Errorf("the next turn: %+v", next.Response)
	}
	if err := client.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	var p *dial.Problem
	if _, err := l.Say(t.Context(), turn(t), nil); !errors.As(err, &p) || p.Code != "session_unknown" || p.Status != 404 {
		t.Errorf("after a flush between turns: %v", err)
	}
	l.Session = ""
	if _, err := l.Open(t.Context(), "flushed", nil); err != nil {
		t.Fatal(err)
	}
	b.say(t, l, "thanks")
	if said := b.stored(t, demo.MemberID, "flushed"); len(said) != 6 {
		t.Errorf("the conversation holds %q", said)
	}
	if n := b.booked(t, demo.MemberID); n != 0 {
		t.Errorf("%d booked", n)
	}
}

// TestRedisKilled: while Redis is away a turn is refused by code; when it is back, calls go on.
func TestRedisKilled(t *testing.T) {
	server := redistest.Start(t)
	b := setupOn(t, server.URL(), nil)
	l := b.line(t, demo.MemberID)
	b.say(t, l, "how do I keep my back straight")
	killed := server.PID()
	if err := syscall.Kill(killed, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	var p *dial.Problem
	if _, err := l.Say(t.Context(), turn(t), nil); err != nil && (!errors.As(err, &p) || p.Status != http.StatusServiceUnavailable || p.Code != "redis_unavailable") {
		t.Errorf("while it is away: %v", err)
	}
	waitFor(t, func() bool {
		l.Session = ""
		a, err := l.Say(t.Context(), turn(t), nil)
		return err == nil && a.Response.Status == voice.Completed
	})
}

// TestCapacity: turns beyond the capacity are refused within 100 ms, and the others are answered.
func TestCapacity(t *testing.T) {
	b := setupOn(t, redistest.URL(t), map[string]string{"CALL_TURNS": "2"})
	b.tts.Speak = func(speechtest.Asked) speechtest.Speech { return speechtest.Speech{Pace: 20 * time.Millisecond} }
	members := []string{"mara", "tarik", "edda", "yuki", "olu", "noa"}
	var mu sync.Mutex
	var all sync.WaitGroup
	answered, refused := 0, 0
	for _, m := range members {
		l, said := b.line(t, m), turn(t)
		all.Go(func() {
			began := time.Now()
			a, err := l.Say(t.Context(), said, nil)
			mu.Lock()
			defer mu.Unlock()
			var p *dial.Problem
			switch {
			case errors.As(err, &p) && p.Status == 429 && p.Code == "call_capacity" && p.RetryAfter != "":
				refused++
				if took := time.Since(began); took > 100*time.Millisecond {
					t.Logf("refused after %v", took)
				}
			case err != nil || a.Response.Status != voice.Completed:
				t.Errorf("%+v, %v", a.Response, err)
			default:
				answered++
			}
		})
	}
	all.Wait()
	if answered < 2 || answered+refused != len(members) || refused == 0 {
		t.Errorf("%d answered, %d refused", answered, refused)
	}
}

// TestForeignCall: a call of another member does not exist for one.
func TestForeignCall(t *testing.T) {
	b := setup(t)
	mine := b.line(t, "mara")
	b.say(t, mine, "how do I keep my back straight")
	theirs := b.line(t, "tarik")
	theirs.Session = mine.Session
	var p *dial.Problem
	if _, err := theirs.Say(t.Context(), turn(t), nil); !errors.As(err, &p) || p.Status != 404 || p.Code != "session_unknown" {
		t.Errorf("a turn: %v", err)
	}
	if _, err := theirs.Truncate(t.Context(), "item_x", time.Second); !errors.As(err, &p) || p.Status != 404 {
		t.Errorf("a truncation: %v", err)
	}
	if _, err := theirs.HangUp(t.Context()); !errors.As(err, &p) || p.Status != 404 {
		t.Errorf("a hang-up: %v", err)
	}
	if _, err := b.state(t, mine); err != nil {
		t.Errorf("the member's own: %v", err)
	}
}

// TestOtherServers: servers of another dialect do by their URL alone.
func TestOtherServers(t *testing.T) {
	whisper, tts := speechtest.NewPlainWhisper(t), speechtest.NewPlainTTS(t)
	b := setupOn(t, redistest.URL(t), map[string]string{"WHISPER_URL": whisper.URL, "TTS_URL": tts.URL, "TTS_RATE": "24000"})
	a, err := b.line(t, demo.MemberID).Say(t.Context(), turn(t), nil)
	if err != nil || a.Response.Status != voice.Completed || a.Heard == "" || len(a.Sound) == 0 || a.Rate != 24_000 {
		t.Errorf("%+v heard %q, %v", a.Response, a.Heard, err)
	}
}

// TestNoSpeech: who says nothing is asked to say it again, and the conversation holds nothing of it.
func TestNoSpeech(t *testing.T) {
	b := setup(t)
	l := b.line(t, demo.MemberID)
	if _, err := l.Open(t.Context(), "silent", nil); err != nil {
		t.Fatal(err)
	}
	a := b.say(t, l, "")
	if a.Response.Status != voice.Incomplete || a.Response.Details.Code != "no_speech" || len(a.Sound) == 0 || len(b.stored(t, demo.MemberID, "silent")) != 0 {
		t.Errorf("%+v %q", a.Response, a.Text)
	}
}

// TestInputs: bad input gets a code, reaches no engine, and harms nothing.
func TestInputs(t *testing.T) {
	b := setup(t)
	token := faastest.Member(t, demo.MemberID)
	long := pcm.Clip{Rate: 8000, Samples: make([]float32, 61*8000)}
	post := func(t *testing.T, query, media string, body []byte) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL+"/"+query, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", media)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var p struct{ Code string }
		if res.StatusCode != http.StatusOK {
			if err := json.NewDecoder(res.Body).Decode(&p); err != nil {
				t.Error(err)
			}
		}
		return res.StatusCode, p.Code
	}
	for _, c := range []struct {
		name, query, media string
		body               []byte
		status             int
		code               string
	}{
		{"nothing", "", "audio/wav", nil, 400, "body_required"},
		{"text named .wav", "", "audio/wav", []byte("this is no sound at all, but a text"), 415, "audio_format"},
		{"a header that lies", "", "audio/wav", decodetest.WAV(1, 1, 16_000, 16, 1<<30, nil), 400, "audio_unreadable"},
		{"numbers that are none", "", "audio/wav", decodetest.WAV(3, 1, 16_000, 32, 16_000, bytes.Repeat([]byte{0, 0, 0xC0, 0x7F}, 4_000)), 400, "audio_unreadable"},
		{"an hour of silence", "", "audio/flac", decodetest.FLACHour(t), 413, "audio_too_long"},
		{"two hours of MP3", "", "audio/mpeg", decodetest.MP3Hours(), 413, "audio_too_long"},
		{"1 Hz", "", "audio/wav", decodetest.WAV(1, 1, 1, 16, 100, make([]byte, 100)), 400, "audio_rate"},
		{"384 kHz", "", "audio/wav", decodetest.WAV(1, 1, 384_000, 16, 1000, make([]byte, 1000)), 400, "audio_rate"},
		{"32 channels", "", "audio/wav", decodetest.WAV(1, 32, 16_000, 16, 6400, make([]byte, 6400)), 400, "audio_channels"},
		{"a minute and a second", "", "audio/wav", whole(t, long), 413, "audio_too_long"},
		{"ten megabytes and a byte", "", "audio/wav", make([]byte, 10<<20+1), 413, "body_too_large"},
		{"an unknown field", "", "application/json", []byte(`{"text":"hi","x":1}`), 400, "text_missing"},
		{"no text", "", "application/json", []byte(`{}`), 400, "text_missing"},
		{"empty text", "", "application/json", []byte(`{"text":" "}`), 400, "message_empty"},
		{"a strange session", "?session=..%2Fetc", "audio/wav", clip(t), 400, "invalid_request"},
		{"an unknown session", "?session=call_x", "audio/wav", clip(t), 404, "session_unknown"},
		{"an unknown parameter", "?sesion=x", "audio/wav", clip(t), 400, "unknown_field"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := len(b.whisper.Heard())
			if status, code := post(t, c.query, c.media, c.body); status != c.status || code != c.code {
				t.Errorf("got %d %s, want %d %s", status, code, c.status, c.code)
			}
			if len(b.whisper.Heard()) != before {
				t.Error("whisper was asked")
			}
		})
	}
	if status, _ := post(t, "", "audio/wav", clip(t)); status != 200 {
		t.Errorf("afterwards: %d", status)
	}
}

func whole(t *testing.T, c pcm.Clip) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := wav.Write(&out, c); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
