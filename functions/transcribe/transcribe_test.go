package transcribe_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/functions/transcribe"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/faas/faastest"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/speechtest"
	"github.com/intellifit/intellifit/shared/speech/wav"
)

// bundle is the function with a stand-in for the recogniser.
type bundle struct {
	server  *httptest.Server
	whisper *speechtest.Whisper
	log     *faastest.Log
}

func setup(t *testing.T) *bundle {
	t.Helper()
	whisper := speechtest.NewWhisper(t)
	b := serve(t, whisper.URL, nil)
	b.whisper = whisper
	return b
}

func serve(t *testing.T, url string, env map[string]string) *bundle {
	t.Helper()
	b := &bundle{log: &faastest.Log{}}
	variables := map[string]string{"WHISPER_URL": url, "WHISPER_MODEL": "base", "SPEECH_LANGUAGE": "en"}
	maps.Copy(variables, env)
	f, err := transcribe.New(t.Context(), faastest.Host(variables, b.log))
	if err != nil {
		t.Fatal(err)
	}
	b.server = httptest.NewServer(f)
	t.Cleanup(b.server.Close)
	return b
}

// post sends a body as mara; header holds pairs of name and value.
func (b *bundle) post(t *testing.T, path, contentType string, body io.Reader, header ...string) *reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+faastest.Member(t, "mara"))
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := b.server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return &reply{res.StatusCode, res.Header, string(text)}
}

type reply struct {
	status int
	header http.Header
	body   string
}

func (r *reply) code(t *testing.T) string {
	t.Helper()
	var p faas.Problem
	if err := json.Unmarshal([]byte(r.body), &p); err != nil || p.Status != r.status || r.header.Get("Content-Type") != faas.ProblemType {
		t.Fatalf("no problem: %d %s %.300s", r.status, r.header, r.body)
	}
	return p.Code
}

// answer is our own dialect.
type answer struct {
	Text     string           `json:"text"`
	Language string           `json:"language"`
	Duration float64          `json:"duration_s"`
	NoSpeech *bool            `json:"no_speech"`
	Segments []speech.Segment `json:"segments"`
	Words    []speech.Word    `json:"words"`
	Timings  map[string]int64 `json:"timings_ms"`
}

func (r *reply) answer(t *testing.T) answer {
	t.Helper()
	var a answer
	if err := json.Unmarshal([]byte(r.body), &a); err != nil || r.status != http.StatusOK || a.NoSpeech == nil {
		t.Fatalf("%d %s", r.status, r.body)
	}
	return a
}

// event is one of a stream.
type event struct {
	Name, Type, Delta, Text string
	Done                    float64 `json:"done_s"`
	Total                   float64 `json:"total_s"`
	NoSpeech                bool    `json:"no_speech"`
	Segments                []speech.Segment
	Error                   struct{ Code string }
}

func (r *reply) events(t *testing.T) (all []event) {
	t.Helper()
	if r.status != http.StatusOK || r.header.Get("Content-Type") != faas.EventStreamType {
		t.Fatalf("no events: %d %s %s", r.status, r.header, r.body)
	}
	name := ""
	for lines := bufio.NewScanner(strings.NewReader(r.body)); lines.Scan(); {
		if n, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			name = n
		}
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			e := event{Name: name}
			if err := json.Unmarshal([]byte(data), &e); err != nil || e.Type != name {
				t.Fatalf("%s: %s, %v", name, data, err)
			}
			all = append(all, e)
		}
	}
	return all
}

// talk is phrases: each a tone of its own pitch for eight seconds, then two of silence.
func talk(phrases int) pcm.Clip {
	c := pcm.Clip{Rate: pcm.Rate, Samples: make([]float32, 10*phrases*pcm.Rate)}
	for i := range phrases {
		for s := range 8 * pcm.Rate {
			c.Samples[10*pcm.Rate*i+s] = float32(0.3 * math.Sin(2*math.Pi*(200+10*float64(i))*float64(s)/pcm.Rate))
		}
	}
	return c
}

// understand is a script that hears the phrases of talk, and says where in the clip they begin.
func understand(h speechtest.Heard) speechtest.Hearing {
	var texts, segments []string
	s := h.Clip.Samples
	for at := 0; at+pcm.Rate < len(s); {
		if s[at] == 0 && s[at+1] == 0 {
			at++
			continue
		}
		waves := 0
		for i := at + 1; i <= at+pcm.Rate; i++ {
			if s[i-1] < 0 && s[i] >= 0 {
				waves++
			}
		}
		text := fmt.Sprintf("p%d", (waves-200+5)/10)
		texts = append(texts, text)
		segments = append(segments, fmt.Sprintf(`{"id":0,"start":%.2f,"end":%.2f,"text":" %s"}`, float64(at)/pcm.Rate, float64(at)/pcm.Rate+8, text))
		at += 8*pcm.Rate + 10
	}
	return speechtest.Hearing{Body: fmt.Sprintf(`{"text":%q,"language":"en","segments":[%s],"no_speech":%t}`, strings.Join(texts, " "), strings.Join(segments, ","), len(texts) == 0)}
}

func file(t testing.TB, c pcm.Clip) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	if err := wav.Write(&b, c); err != nil {
		t.Fatal(err)
	}
	return &b
}

// form is a multipart body with the recording first, as OpenAI's clients send it; fields are pairs of name and value.
func form(t testing.TB, contentType string, recording []byte, fields ...string) (string, io.Reader) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if recording != nil {
		part, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="talk.wav"`}, "Content-Type": {contentType}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(recording); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; i+1 < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), &b
}

func decoded(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "shared", "speech", "decode", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestRecordings: every format reaches the recogniser as 16 kHz, raw or in a form, whatever it is called.
func TestRecordings(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, contentType := range map[string]string{
		"chromium.webm": "audio/webm;codecs=opus", "firefox.ogg": "audio/ogg", "mono44100.mp3": "audio/mpeg", "voice.flac": "", "stereo.flac": "audio/wav", "voice.webm": "video/webm",
	} {
		body := decoded(t, name)
		raw := b.post(t, "/", contentType, bytes.NewReader(body)).answer(t)
		heard := b.whisper.Heard()
		clip := heard[len(heard)-1].Clip
		if raw.Text != "hello coach" || *raw.NoSpeech || raw.Language != "en" || math.Abs(clip.Duration().Seconds()-raw.Duration) > 0.001 || raw.Duration < 0.5 || pcm.Silent(clip) || len(raw.Segments) != 1 {
			t.Errorf("%s: %+v, heard %v", name, raw, clip.Duration())
		}
		formType, form := form(t, "application/octet-stream", body)
		if got := b.post(t, "/", formType, form).answer(t); got.Text != raw.Text || got.Duration != raw.Duration {
			t.Errorf("%s in a form: %+v", name, got)
		}
	}
	samples := talk(1).Bytes16()
	if got := b.post(t, "/?words=true&prompt=squats&temperature=0.2", "audio/pcm;rate=8000;channels=2", bytes.NewReader(samples)).answer(t); got.Duration != 10 || len(got.Words) != 2 {
		t.Errorf("raw samples: %+v", got)
	}
	heard := b.whisper.Heard()
	if last := heard[len(heard)-1]; last.Prompt != "squats" || last.Language != "en" || !last.Words || last.Model != "base" {
		t.Errorf("asked %+v", last)
	}
	if log := b.log.String(); strings.Contains(log, "hello") || strings.Contains(log, "squats") {
		t.Error("the log repeats what was said")
	}
}

// TestSpeech sends real recordings.
func TestSpeech(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "data", "speech", "*.wav"))
	if err != nil || len(names) == 0 {
		t.Skip("../shared/data/speech is not there")
	}
	b := setup(t)
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.post(t, "/", "audio/wav", bytes.NewReader(body)).answer(t); got.Text == "" || got.Duration < 0.5 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestSilence(t *testing.T) {
	t.Parallel()
	b := setup(t)
	silence := pcm.Clip{Rate: pcm.Rate, Samples: make([]float32, 90*pcm.Rate)}
	if got := b.post(t, "/", "audio/wav", file(t, silence)).answer(t); got.Text != "" || !*got.NoSpeech || got.Duration != 90 || len(got.Segments) != 0 {
		t.Errorf("%+v", got)
	}
	formType, body := form(t, "audio/wav", file(t, silence).Bytes(), "response_format", "verbose_json")
	if got := b.post(t, "/v1/audio/transcriptions", formType, body); !strings.Contains(got.body, `"text":""`) || !strings.Contains(got.body, `"no_speech":true`) {
		t.Errorf("%s", got.body)
	}
	events := b.post(t, "/?stream=true", "audio/wav", file(t, silence)).events(t)
	if last := events[len(events)-1]; last.Type != "transcript.text.done" || !last.NoSpeech || last.Text != "" {
		t.Errorf("%+v", events)
	}
	if n := len(b.whisper.Heard()); n != 0 {
		t.Errorf("the recogniser was asked %d times about nothing", n)
	}
	// What is not silent may still be no speech: the recogniser says so.
	b.whisper.Hear = func(speechtest.Heard) speechtest.Hearing { return speechtest.Hearing{NoSpeech: true} }
	if got := b.post(t, "/", "audio/wav", file(t, talk(1))).answer(t); got.Text != "" || !*got.NoSpeech {
		t.Errorf("%+v", got)
	}
}

// TestLong: a long recording is recognised in parts, in order, and its times are the recording's.
func TestLong(t *testing.T) {
	t.Parallel()
	for _, parallel := range []string{"1", "2"} {
		whisper := speechtest.NewWhisper(t)
		whisper.Hear = func(h speechtest.Heard) speechtest.Hearing {
			hearing := understand(h)
			hearing.Wait = time.Duration(len(h.Clip.Samples)%7) * 5 * time.Millisecond
			return hearing
		}
		b := serve(t, whisper.URL, map[string]string{"TRANSCRIBE_PARALLEL": parallel})
		got := b.post(t, "/", "audio/wav", file(t, talk(12))).answer(t)
		if got.Text != "p0 p1 p2 p3 p4 p5 p6 p7 p8 p9 p10 p11" || got.Duration != 120 || len(whisper.Heard()) < 5 {
			t.Errorf("%d parts: %+v", len(whisper.Heard()), got)
		}
		for i, s := range got.Segments {
			if s.ID != i || math.Abs(s.Start-10*float64(i)) > 0.02 || math.Abs(s.End-s.Start-8) > 0.02 {
				t.Errorf("segment %d: %+v", i, s)
			}
		}
		for _, h := range whisper.Heard() {
			if h.Clip.Duration() > 28*time.Second {
				t.Errorf("a part of %v", h.Clip.Duration())
			}
		}
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.whisper.Hear = understand
	formType, body := form(t, "audio/wav", file(t, talk(12)).Bytes(), "stream", "true")
	for name, r := range map[string]*reply{
		"own":    b.post(t, "/", "audio/wav", file(t, talk(12)), "Accept", "text/event-stream"),
		"OpenAI": b.post(t, "/v1/audio/transcriptions", formType, body),
	} {
		text, done := "", 0.0
		events := r.events(t)
		for _, e := range events {
			switch e.Type {
			case "transcript.text.delta":
				text += e.Delta
			case "transcript.progress":
				if e.Done <= done || e.Done > e.Total || e.Total != 120 {
					t.Errorf("%s: after %v: %+v", name, done, e)
				}
				done = e.Done
			case "transcript.text.done":
				if e.Text != text || done != 120 {
					t.Errorf("%s: %+v after %q, %v s", name, e, text, done)
				}
			}
		}
		if last := events[len(events)-1]; last.Type != "transcript.text.done" || text != "p0 p1 p2 p3 p4 p5 p6 p7 p8 p9 p10 p11" || len(events) < 11 || (len(last.Segments) == 12) != (name == "own") {
			t.Errorf("%s: %q in %d events, then %+v", name, text, len(events), last)
		}
	}
	// A short one has no progress to tell.
	if events := b.post(t, "/?stream=true", "audio/wav", file(t, talk(2))).events(t); len(events) != 2 || events[0].Delta != "p0 p1" || events[1].Text != "p0 p1" {
		t.Errorf("%+v", events)
	}
}

// TestFormats: subtitles and text, with the times of a long recording.
func TestFormats(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.whisper.Hear = understand
	for format, want := range map[string]struct{ contentType, body string }{
		"text": {"text/plain; charset=utf-8", "p0 p1 p2 p3\n"},
		"srt": {"application/x-subrip; charset=utf-8", "1\n00:00:00,000 --> 00:00:08,000\np0\n\n2\n00:00:10,000 --> 00:00:18,000\np1\n\n" +
			"3\n00:00:20,000 --> 00:00:28,000\np2\n\n4\n00:00:30,000 --> 00:00:38,000\np3\n\n"},
		"vtt": {"text/vtt; charset=utf-8", "WEBVTT\n\n00:00:00.000 --> 00:00:08.000\np0\n\n00:00:10.000 --> 00:00:18.000\np1\n\n" +
			"00:00:20.000 --> 00:00:28.000\np2\n\n00:00:30.000 --> 00:00:38.000\np3\n\n"},
		"json": {"application/json", `{"text":"p0 p1 p2 p3","usage":{"type":"duration","seconds":40},"no_speech":false}` + "\n"},
	} {
		formType, body := form(t, "audio/wav", file(t, talk(4)).Bytes(), "model", "whisper-1", "response_format", format)
		got := b.post(t, "/v1/audio/transcriptions", formType, body)
		if diff := cmp.Diff(want.body, got.body); diff != "" || got.status != 200 || got.header.Get("Content-Type") != want.contentType {
			t.Errorf("%s: %d %s\n%s", format, got.status, got.header, diff)
		}
	}
}

// TestAnotherRecognizer: a server of another make works by its URL.
func TestAnotherRecognizer(t *testing.T) {
	t.Parallel()
	whisper := speechtest.NewPlainWhisper(t)
	whisper.Strict = true
	b := serve(t, whisper.URL+"/v1", nil)
	got := b.post(t, "/?words=true", "audio/wav", file(t, talk(6))).answer(t)
	if !strings.HasPrefix(got.Text, "hello coach hello coach") || len(got.Segments) < 3 || got.Segments[len(got.Segments)-1].End != 60 || got.Language != "en" {
		t.Errorf("%+v", got)
	}
	whisper.Hear = func(speechtest.Heard) speechtest.Hearing {
		return speechtest.Hearing{Fault: speechtest.Fault{Status: 400}}
	}
	if r := b.post(t, "/", "audio/wav", file(t, talk(1))); r.status != 503 || r.code(t) != "whisper_unavailable" {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, role := range []gym.Role{gym.RoleMember, gym.RoleCoach, gym.RoleManager, gym.RoleService} {
		token := faastest.Token(t, gym.Principal{GymID: "demo", Subject: "x", Role: role})
		if r := b.post(t, "/", "audio/wav", file(t, talk(1)), "Authorization", "Bearer "+token); r.status != http.StatusOK {
			t.Errorf("%s: %d %s", role, r.status, r.body)
		}
	}
	for _, path := range []string{"/", "/v1/audio/transcriptions"} {
		if r := b.post(t, path, "audio/wav", file(t, talk(1)), "Authorization", ""); r.status != 401 || r.code(t) != "token_missing" {
			t.Errorf("%s without a token: %d %s", path, r.status, r.body)
		}
	}
}
