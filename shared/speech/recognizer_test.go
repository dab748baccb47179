package speech_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/speechtest"
)

// soon is within what a test waits for a server to notice that its client left.
const soon = 2 * time.Second

func recognizer(url string) *speech.Recognizer {
	return speech.NewRecognizer(speech.Config{URL: url, Timeout: 5 * time.Second})
}

func said(d time.Duration) pcm.Clip {
	return speechtest.Tone(strings.Repeat("a", int(d/(60*time.Millisecond))), pcm.Rate, 1)
}

func code(err error) string {
	var known *gym.Error
	if errors.As(err, &known) {
		return known.Code
	}
	return ""
}

// TestTranscribe: the clip arrives as it is, with all that a server may want to know, and the transcript comes back whole.
func TestTranscribe(t *testing.T) {
	t.Parallel()
	s := speechtest.NewWhisper(t)
	s.Hear = speechtest.Texts("Book me in on Friday.")
	r := speech.NewRecognizer(speech.Config{URL: s.URL + "/v1/", Model: "whisper-small", Key: "secret"})
	clip := said(1200 * time.Millisecond)
	got, err := r.Transcribe(t.Context(), clip, speech.Listening{Language: "en", Prompt: "deadlift", Words: true})
	if err != nil {
		t.Fatal(err)
	}
	if got.Text != "Book me in on Friday." || got.Language != "en" || got.NoSpeech || got.Audio != clip.Duration() || got.Took <= 0 {
		t.Errorf("heard %+v", got)
	}
	if len(got.Segments) != 1 || got.Segments[0].AvgLogprob != -0.25 || len(got.Words) != 5 || got.Words[4] != (speech.Word{Word: "Friday.", Start: 0.96, End: 1.2}) {
		t.Errorf("segments %+v, words %+v", got.Segments, got.Words)
	}
	asked := s.Heard()[0]
	if diff := cmp.Diff(pcm.Of16(clip.Bytes16(), pcm.Rate).Samples, asked.Clip.Samples); diff != "" {
		t.Errorf("the clip changed on its way: %s", diff)
	}
	asked.Clip = pcm.Clip{}
	if want := (speechtest.Heard{Model: "whisper-small", Language: "en", Prompt: "deadlift", Format: "verbose_json", Words: true, Key: "secret"}); !cmp.Equal(asked, want) {
		t.Errorf("asked %+v", asked)
	}
}

// TestTranscribeAnswers: what servers leave out or write for silence.
func TestTranscribeAnswers(t *testing.T) {
	t.Parallel()
	unsure := `"no_speech_prob":0.8,"avg_logprob":-1.4`
	for name, c := range map[string]struct {
		body     string
		text     string
		noSpeech bool
		code     string
	}{
		"plain":                 {`{"text":" squats \n"}`, "squats", false, ""},
		"unknown fields":        {`{"text":"squats","usage":{"type":"duration","seconds":1},"x":[1]}`, "squats", false, ""},
		"null fields":           {`{"text":"squats","segments":null,"words":null,"language":null}`, "squats", false, ""},
		"segments alone":        {`{"segments":[{"text":" three"},{"text":" squats "}]}`, "three squats", false, ""},
		"empty text":            {`{"text":""}`, "", true, ""},
		"no speech":             {`{"text":"squats","no_speech":true}`, "", true, ""},
		"silence in marks":      {`{"text":" [BLANK_AUDIO]\n"}`, "", true, ""},
		"music in marks":        {`{"text":"(upbeat music) ♪ *sighs*"}`, "", true, ""},
		"a mark beside words":   {`{"text":"squats [BLANK_AUDIO] please"}`, "squats please", false, ""},
		"words in brackets":     {`{"text":"squats (with the bar)"}`, "squats (with the bar)", false, ""},
		"made up":               {`{"text":"Thank you.","segments":[{"text":"Thank you.",` + unsure + `}]}`, "", true, ""},
		"made up in part":       {`{"text":"Thank you. Squats.","segments":[{"text":"Thank you.",` + unsure + `},{"text":"Squats.","no_speech_prob":0.1,"avg_logprob":-0.2}]}`, "Thank you. Squats.", false, ""},
		"unsure of silence":     {`{"text":"Squats.","segments":[{"text":"Squats.","no_speech_prob":0.5,"avg_logprob":-1.4}]}`, "Squats.", false, ""},
		"sure of words":         {`{"text":"Squats.","segments":[{"text":"Squats.","no_speech_prob":0.9,"avg_logprob":-0.3}]}`, "Squats.", false, ""},
		"without probabilities": {`{"text":"Squats.","segments":[{"text":"Squats."}]}`, "Squats.", false, ""},
		"credits of a film":     {`{"text":"Thanks for watching!"}`, "", true, ""},
		"thanks":                {`{"text":"Thank you."}`, "Thank you.", false, ""},
		"invalid text":          {"{\"text\":\"squats \xff\"}", "squats \ufffd", false, ""},
		"no text":               {`{"error":"failed to read audio"}`, "", false, "whisper_unavailable"},
		"not json":              {`<html>It works!</html>`, "", false, "whisper_unavailable"},
		"another type":          {`{"text":5}`, "", false, "whisper_unavailable"},
		"cut":                   {`{"text":"squ`, "", false, "whisper_unavailable"},
		"endless":               {`{"text":"` + strings.Repeat("squats ", 700_000) + `"}`, "", false, "whisper_unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := speechtest.NewWhisper(t)
			s.Hear = func(speechtest.Heard) speechtest.Hearing { return speechtest.Hearing{Body: c.body} }
			got, err := recognizer(s.URL).Transcribe(t.Context(), said(time.Second), speech.Listening{Language: "en"})
			if code(err) != c.code || (err != nil) != (c.code != "") {
				t.Fatalf("error %v", err)
			}
			if got.Text != c.text || got.NoSpeech != c.noSpeech {
				t.Errorf("heard %q, no speech %t", got.Text, got.NoSpeech)
			}
		})
	}
}

// TestTranscribeFaults: whatever the server does, there is a transcript or an error with a kind and a code, in time.
func TestTranscribeFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault speechtest.Fault
		kind  error
		code  string
		wait  time.Duration
	}{
		"busy":             {speechtest.Fault{Status: 503, Code: "busy", RetryAfter: 3}, gym.ErrBusy, "whisper_busy", 3 * time.Second},
		"too many":         {speechtest.Fault{Status: 429}, gym.ErrBusy, "whisper_busy", 0},
		"long wait":        {speechtest.Fault{Status: 503, RetryAfter: 90_000}, gym.ErrBusy, "whisper_busy", 5 * time.Minute},
		"error":            {speechtest.Fault{Status: 500}, gym.ErrUnavailable, "whisper_unavailable", 0},
		"bad gateway":      {speechtest.Fault{Status: 502}, gym.ErrUnavailable, "whisper_unavailable", 0},
		"no key":           {speechtest.Fault{Status: 401}, gym.ErrUnavailable, "whisper_unavailable", 0},
		"no such path":     {speechtest.Fault{Status: 404}, gym.ErrUnavailable, "whisper_unavailable", 0},
		"no such language": {speechtest.Fault{Status: 400, Code: "language_unknown"}, gym.ErrInvalid, "language_unknown", 0},
		"too long":         {speechtest.Fault{Status: 413, Code: "audio_too_long"}, gym.ErrTooLarge, "audio_too_long", 0},
		"long prompt":      {speechtest.Fault{Status: 400, Code: "prompt_too_long"}, gym.ErrInvalid, "prompt_too_long", 0},
		"leads elsewhere":  {speechtest.Fault{Status: 307}, gym.ErrUnavailable, "whisper_unavailable", 0},
		"silent":           {speechtest.Fault{Wait: time.Minute}, gym.ErrUnavailable, "whisper_unavailable", 0},
		"stalled":          {speechtest.Fault{Stall: true}, gym.ErrUnavailable, "whisper_unavailable", 0},
		"broken off":       {speechtest.Fault{Cut: true}, gym.ErrUnavailable, "whisper_unavailable", 0},
		"slow, yet not so": {speechtest.Fault{Wait: 100 * time.Millisecond}, nil, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := speechtest.NewWhisper(t)
			s.Hear = func(speechtest.Heard) speechtest.Hearing { return speechtest.Hearing{Fault: c.fault, Text: "squats"} }
			r := speech.NewRecognizer(speech.Config{URL: s.URL, Timeout: 700 * time.Millisecond})
			got, err := r.Transcribe(t.Context(), said(time.Second), speech.Listening{Language: "en"})
			if c.kind == nil {
				if err != nil || got.Text != "squats" {
					t.Errorf("heard %q, %v", got.Text, err)
				}
				return
			}
			if wait, _ := gym.Wait(err); !errors.Is(err, c.kind) || code(err) != c.code || wait != c.wait {
				t.Errorf("error %v, wait %s", err, wait)
			}
			s.WaitIdle(t, soon) // a call that was given up is given up on the server too
		})
	}
}

// TestTranscribeErrorsKeepQuiet: what a server says goes to the log, and not what it repeats of the request.
func TestTranscribeErrorsKeepQuiet(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = w.Write([]byte(`{"detail":[{"input":"my knee hurts"}]}`))
	}))
	t.Cleanup(s.Close)
	_, err := recognizer(s.URL).Transcribe(t.Context(), said(time.Second), speech.Listening{Prompt: "my knee hurts"})
	if err == nil || strings.Contains(err.Error(), "knee") {
		t.Errorf("error %v", err)
	}
}

func TestTranscribeCancelled(t *testing.T) {
	t.Parallel()
	s := speechtest.NewWhisper(t)
	started := make(chan struct{}, 1)
	s.Hear = func(speechtest.Heard) speechtest.Hearing {
		started <- struct{}{}
		return speechtest.Hearing{Fault: speechtest.Fault{Wait: time.Minute}}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() { <-started; cancel(errors.New("the member spoke")) }()
	if _, err := recognizer(s.URL).Transcribe(ctx, said(time.Second), speech.Listening{}); !errors.Is(err, context.Canceled) || errors.Is(err, gym.ErrUnavailable) {
		t.Errorf("error %v", err)
	}
	s.WaitIdle(t, soon)
	if s.Cancelled() != 1 {
		t.Errorf("%d calls were cancelled", s.Cancelled())
	}
}

func TestTranscribeWithoutServer(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "http://", "ftp://127.0.0.1", "http://[", "127.0.0.1:1"} {
		r := recognizer(url)
		if _, err := r.Transcribe(t.Context(), said(time.Second), speech.Listening{}); !errors.Is(err, gym.ErrUnavailable) || code(err) != "whisper_unavailable" {
			t.Errorf("%q: %v", url, err)
		}
		if err := r.Ping(t.Context()); !errors.Is(err, gym.ErrUnavailable) {
			t.Errorf("%q pings: %v", url, err)
		}
	}
}

// TestTranscribeClips: what is not to be sent.
func TestTranscribeClips(t *testing.T) {
	t.Parallel()
	s := speechtest.NewWhisper(t)
	r := recognizer(s.URL)
	if got, err := r.Transcribe(t.Context(), pcm.Clip{Rate: pcm.Rate}, speech.Listening{Language: "en"}); err != nil || !got.NoSpeech {
		t.Errorf("an empty clip: %+v, %v", got, err)
	}
	if _, err := r.Transcribe(t.Context(), pcm.Clip{Rate: 48_000, Samples: make([]float32, 48_000)}, speech.Listening{}); err == nil || code(err) != "" {
		t.Errorf("another rate: %v", err)
	}
	if n := len(s.Heard()); n != 0 {
		t.Errorf("%d clips were sent", n)
	}
}

// TestTranscribeKeepsConnections: calls that follow each other share a connection, and a connection that died meanwhile costs nothing.
func TestTranscribeKeepsConnections(t *testing.T) {
	t.Parallel()
	s := speechtest.NewWhisper(t)
	r := recognizer(s.URL)
	for range 5 {
		if _, err := r.Transcribe(t.Context(), said(time.Second), speech.Listening{}); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Connections(); n != 1 {
		t.Errorf("%d connections", n)
	}
	s.CloseClientConnections()
	if _, err := r.Transcribe(t.Context(), said(time.Second), speech.Listening{}); err != nil {
		t.Errorf("after the server closed the connection: %v", err)
	}
}

func TestTranscribeInParallel(t *testing.T) {
	t.Parallel()
	s := speechtest.NewWhisper(t)
	s.Hear = func(h speechtest.Heard) speechtest.Hearing { return speechtest.Hearing{Text: h.Prompt} }
	r := recognizer(s.URL)
	var wg sync.WaitGroup
	for _, prompt := range strings.Fields("squat bench deadlift row press curl plank lunge") {
		wg.Go(func() {
			if got, err := r.Transcribe(t.Context(), said(time.Second), speech.Listening{Prompt: prompt}); err != nil || got.Text != prompt {
				t.Errorf("asked for %q: %q, %v", prompt, got.Text, err)
			}
		})
	}
	wg.Wait()
}

func TestTurn(t *testing.T) {
	t.Parallel()
	s := speechtest.NewWhisper(t)
	var length atomic.Int64
	s.Judge = func(c pcm.Clip) speechtest.Judgement {
		length.Store(int64(c.Duration()))
		return speechtest.Judgement{Probability: 0.875}
	}
	complete, p, err := recognizer(s.URL).Turn(t.Context(), said(12*time.Second))
	if err != nil || !complete || p != 0.875 || time.Duration(length.Load()) != 8*time.Second {
		t.Errorf("judged %t with %v of %s, %v", complete, p, time.Duration(length.Load()), err)
	}
	s.Judge = func(pcm.Clip) speechtest.Judgement { return speechtest.Judgement{Probability: 0.25} }
	if complete, p, err = recognizer(s.URL).Turn(t.Context(), said(time.Second)); err != nil || complete || p != 0.25 {
		t.Errorf("judged %t with %v, %v", complete, p, err)
	}
}

// TestTurnFaults: a judge that is not there is asked once a minute; one that fails is an error of its own.
func TestTurnFaults(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"not found": 404, "not allowed": 405, "not built": 501} {
		s := speechtest.NewWhisper(t)
		s.Judge = func(pcm.Clip) speechtest.Judgement {
			return speechtest.Judgement{Fault: speechtest.Fault{Status: status}}
		}
		r := recognizer(s.URL)
		for range 3 {
			if _, _, err := r.Turn(t.Context(), said(time.Second)); !errors.Is(err, gym.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := s.Served(); n != 1 {
			t.Errorf("%s: asked %d times", name, n)
		}
	}
	for name, c := range map[string]struct {
		fault speechtest.Fault
		code  string
	}{
		"error": {speechtest.Fault{Status: 500}, "whisper_unavailable"}, "busy": {speechtest.Fault{Status: 503}, "whisper_busy"},
		"cut": {speechtest.Fault{Cut: true}, "whisper_unavailable"}, "stalled": {speechtest.Fault{Stall: true}, "whisper_unavailable"},
	} {
		s := speechtest.NewWhisper(t)
		s.Judge = func(pcm.Clip) speechtest.Judgement { return speechtest.Judgement{Fault: c.fault} }
		r := speech.NewRecognizer(speech.Config{URL: s.URL, Timeout: 500 * time.Millisecond})
		if _, _, err := r.Turn(t.Context(), said(time.Second)); code(err) != c.code || errors.Is(err, gym.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPing(t *testing.T) {
	t.Parallel()
	s := speechtest.NewWhisper(t)
	if err := recognizer(s.URL).Ping(t.Context()); err != nil {
		t.Errorf("a healthy server: %v", err)
	}
	s.Sick = speechtest.Fault{Status: 503, Code: "model_missing"}
	if err := recognizer(s.URL).Ping(t.Context()); !errors.Is(err, gym.ErrUnavailable) {
		t.Errorf("a sick one: %v", err)
	}
	web := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(web.Close)
	if err := recognizer(web.URL).Ping(t.Context()); !errors.Is(err, gym.ErrUnavailable) {
		t.Errorf("a server of something else: %v", err)
	}
	mute, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and says nothing
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mute.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := recognizer("http://" + mute.Addr().String()).Ping(ctx); !errors.Is(err, gym.ErrUnavailable) {
		t.Errorf("a mute server: %v", err)
	}
}
