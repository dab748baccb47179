package speak_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/intellifit/intellifit/functions/speak"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/faas/faastest"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/speechtest"
	"github.com/intellifit/intellifit/shared/speech/spoken"
	"github.com/intellifit/intellifit/shared/speech/wav"
)

// bundle is the function with a stand-in for the voice.
type bundle struct {
	server *httptest.Server
	tts    *speechtest.TTS
	log    *faastest.Log
}

func setup(t *testing.T) *bundle {
	t.Helper()
	tts := speechtest.NewTTS(t)
	b := serve(t, tts.URL, nil)
	b.tts = tts
	return b
}

func serve(t *testing.T, url string, env map[string]string) *bundle {
	t.Helper()
	b := &bundle{log: &faastest.Log{}}
	variables := map[string]string{"TTS_URL": url, "TTS_MODEL": "piper"}
	maps.Copy(variables, env)
	f, err := speak.New(t.Context(), faastest.Host(variables, b.log))
	if err != nil {
		t.Fatal(err)
	}
	b.server = httptest.NewServer(f)
	t.Cleanup(b.server.Close)
	return b
}

type reply struct {
	status int
	header http.Header
	body   []byte
}

// call sends a request as mara; header holds pairs of name and value.
func (b *bundle) call(t *testing.T, method, path, body string, header ...string) *reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, b.server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+faastest.Member(t, "mara"))
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := b.server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return &reply{res.StatusCode, res.Header, got}
}

func (r *reply) code(t *testing.T) string {
	t.Helper()
	var p faas.Problem
	if err := json.Unmarshal(r.body, &p); err != nil || p.Status != r.status || r.header.Get("Content-Type") != faas.ProblemType {
		t.Fatalf("no problem: %d %s %.300s", r.status, r.header, r.body)
	}
	return p.Code
}

// clip is the sound of an answer that is a WAV.
func (r *reply) clip(t *testing.T) pcm.Clip {
	t.Helper()
	if r.status != http.StatusOK || r.header.Get("Content-Type") != "audio/wav" {
		t.Fatalf("no WAV: %d %s %.300s", r.status, r.header, r.body)
	}
	return readWAV(t, r.body)
}

func readWAV(t *testing.T, b []byte) pcm.Clip {
	t.Helper()
	c, err := wav.Read(bytes.NewReader(b), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// event is one of a stream.
type event struct {
	Type     string  `json:"type"`
	Audio    string  `json:"audio"`
	Rate     int     `json:"sample_rate"`
	Duration float64 `json:"duration_s"`
	Error    struct{ Code string }
}

// events are those of a stream, and the sound of all together.
func (r *reply) events(t *testing.T) (all []event, sound []byte) {
	t.Helper()
	if r.status != http.StatusOK || r.header.Get("Content-Type") != faas.EventStreamType {
		t.Fatalf("no events: %d %s %.300s", r.status, r.header, r.body)
	}
	name := ""
	for line := range strings.Lines(string(r.body)) {
		line = strings.TrimSuffix(line, "\n")
		if n, ok := strings.CutPrefix(line, "event: "); ok {
			name = n
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			var e event
			if err := json.Unmarshal([]byte(data), &e); err != nil || e.Type != name {
				t.Fatalf("%s: %.200s, %v", name, data, err)
			}
			piece, err := base64.StdEncoding.DecodeString(e.Audio)
			if err != nil {
				t.Fatal(err)
			}
			all, sound = append(all, e), append(sound, piece...)
		}
	}
	return all, sound
}

func request(t *testing.T, fields map[string]any) string {
	t.Helper()
	b, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// same compares sound by its samples.
func same(t *testing.T, what string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Errorf("%s: %d bytes of sound, want other %d", what, len(got), len(want))
	}
}

const text = "Three sets of twelve, then rest."

func TestSpeak(t *testing.T) {
	t.Parallel()
	b := setup(t)
	want := speechtest.Tone(text, speechtest.Rate, 1)
	for _, path := range []string{"/", "/v1/audio/speech"} {
		r := b.call(t, "POST", path, request(t, map[string]any{"input": text}))
		same(t, path, r.clip(t).Bytes16(), want.Bytes16())
		if r.header.Get("X-Sample-Rate") != "22050" || r.clip(t).Rate != speechtest.Rate || r.header.Get("Content-Length") != strconv.Itoa(44+2*len(want.Samples)) {
			t.Errorf("%s: %s", path, r.header)
		}
		r = b.call(t, "POST", path, request(t, map[string]any{"input": text, "response_format": "pcm", "speed": 2, "voice": "test-voice", "model": "tts-1", "instructions": "Whisper."}))
		same(t, path, r.body, speechtest.Tone(text, speechtest.Rate, 2).Bytes16())
		if r.header.Get("Content-Type") != "audio/pcm" || r.header.Get("X-Sample-Rate") != "22050" {
			t.Errorf("%s: %s", path, r.header)
		}
	}
	asked := b.tts.Asked()
	if last := asked[len(asked)-1]; last.Speed != 2 || last.Voice != "test-voice" || last.Model != "piper" || last.Input != text {
		t.Errorf("asked %+v", last)
	}
	if strings.Contains(b.log.String(), "twelve") {
		t.Error("the log repeats what was said")
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	b := setup(t)
	want := speechtest.Tone(text, speechtest.Rate, 1)
	for name, r := range map[string]*reply{
		"by Accept": b.call(t, "POST", "/", request(t, map[string]any{"input": text}), "Accept", "text/event-stream"),
		"by field":  b.call(t, "POST", "/v1/audio/speech", request(t, map[string]any{"input": text, "stream_format": "sse"})),
	} {
		events, sound := r.events(t)
		c := readWAV(t, sound)
		same(t, name, c.Bytes16(), want.Bytes16())
		last := events[len(events)-1]
		if len(events) < 4 || last.Type != "speech.audio.done" || events[0].Type != "speech.audio.delta" || events[0].Rate != speechtest.Rate || c.Rate != speechtest.Rate || r.header.Get("X-Sample-Rate") != "22050" ||
			math.Abs(last.Duration-want.Duration().Seconds()) > 0.001 {
			t.Errorf("%s: %d events, the last %+v, %s", name, len(events), last, r.header)
		}
	}
	_, sound := b.call(t, "POST", "/", request(t, map[string]any{"input": text, "stream_format": "sse", "response_format": "pcm"})).events(t)
	same(t, "PCM", sound, want.Bytes16())
}

// TestFirst: the first event comes while the voice still speaks.
func TestFirst(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.tts.Speak = func(speechtest.Asked) speechtest.Speech { return speechtest.Speech{Pace: 50 * time.Millisecond} }
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL, strings.NewReader(request(t, map[string]any{"input": text})))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+faastest.Member(t, "mara"))
	req.Header.Set("Accept", "text/event-stream")
	res, err := b.server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	first := make([]byte, 100)
	if _, err := io.ReadFull(res.Body, first); err != nil || b.tts.Open() != 1 || !bytes.Contains(first, []byte("speech.audio.delta")) {
		t.Errorf("%d calls of the voice are open after %s, %v", b.tts.Open(), first, err)
	}
}

// TestWords: what is written is put in words for the voice, unless the client did.
func TestWords(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const written = "**Bench** press: 3x12 @ 60 kg"
	b.call(t, "POST", "/", request(t, map[string]any{"input": written})).clip(t)
	b.call(t, "POST", "/", request(t, map[string]any{"input": written, "raw": true})).clip(t)
	if asked := b.tts.Asked(); asked[0].Input != spoken.Say(written) || !strings.Contains(asked[0].Input, "twelve") || asked[1].Input != written {
		t.Errorf("the voice is asked to say %q and %q", asked[0].Input, asked[1].Input)
	}
}

// TestLong: words are longer than figures; a text of 2,000 characters is then spoken in parts, without a gap.
func TestLong(t *testing.T) {
	t.Parallel()
	b := setup(t)
	input := strings.Repeat("3x12 @ 60 kg. ", 142) + "Done, well."
	if len(input) != 1999 {
		t.Fatalf("the text has %d characters", len(input))
	}
	got := b.call(t, "POST", "/", request(t, map[string]any{"input": input, "speed": 4})).clip(t)
	asked := b.tts.Asked()
	var want []byte
	var said []string
	for _, a := range asked {
		want, said = append(want, speechtest.Tone(a.Input, speechtest.Rate, 4).Bytes16()...), append(said, a.Input)
	}
	same(t, "in parts", got.Bytes16(), want)
	if words := spoken.Say(input); len(words) < 2500 || len(asked) < 2 || strings.Join(said, " ") != words {
		t.Errorf("%d parts of %d characters", len(asked), len(words))
	}
}

// TestRate: another rate is made here, of sound that comes in pieces as of the whole.
func TestRate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, rate := range []int{8000, 16000, 22050, 24000, 44100, 48000} {
		want := pcm.Resample(pcm.Of16(speechtest.Tone(text, speechtest.Rate, 1).Bytes16(), speechtest.Rate), rate)
		r := b.call(t, "POST", "/", request(t, map[string]any{"input": text, "sample_rate": rate}))
		same(t, fmt.Sprint(rate, " Hz"), r.clip(t).Bytes16(), want.Bytes16())
		if r.clip(t).Rate != rate || r.header.Get("X-Sample-Rate") != strconv.Itoa(rate) {
			t.Errorf("%d Hz: %s", rate, r.header)
		}
		_, sound := b.call(t, "POST", "/", request(t, map[string]any{"input": text, "sample_rate": rate, "stream_format": "sse", "response_format": "pcm"})).events(t)
		same(t, fmt.Sprint(rate, " Hz in events"), sound, want.Bytes16())
	}
}

func TestVoices(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.call(t, "GET", "/v1/audio/voices", "")
	if want := `{"voices":[{"id":"test-voice","name":"Test","language":"en","sample_rate":22050}]}`; r.status != 200 || strings.TrimSpace(string(r.body)) != want {
		t.Errorf("%d %.300s", r.status, r.body)
	}
	plain := speechtest.NewPlainTTS(t)
	plain.Silent = true
	if r := serve(t, plain.URL, nil).call(t, "GET", "/v1/audio/voices", ""); r.status != 404 || r.code(t) != "voices_unknown" {
		t.Errorf("%d %.300s", r.status, r.body)
	}
}

// TestAnotherVoice: a server of another make works by its URL.
func TestAnotherVoice(t *testing.T) {
	t.Parallel()
	for _, noWAV := range []bool{false, true} {
		plain := speechtest.NewPlainTTS(t)
		plain.NoWAV = noWAV
		b := serve(t, plain.URL+"/v1", map[string]string{"TTS_VOICE": "alloy", "TTS_RATE": strconv.Itoa(speechtest.PlainRate)})
		r := b.call(t, "POST", "/", request(t, map[string]any{"input": text}))
		same(t, "another voice", r.clip(t).Bytes16(), speechtest.Tone(text, speechtest.PlainRate, 1).Bytes16())
		if r.header.Get("X-Sample-Rate") != strconv.Itoa(speechtest.PlainRate) {
			t.Errorf("%s", r.header)
		}
		if r := b.call(t, "GET", "/v1/audio/voices", ""); r.status != 200 || !strings.Contains(string(r.body), `"id":"nova"`) {
			t.Errorf("%d %.300s", r.status, r.body)
		}
	}
}

func TestBad(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, c := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"2,001 characters":            {request(t, map[string]any{"input": strings.Repeat("é", 2001)}), 400, "input_too_long"},
		"unknown voice":               {request(t, map[string]any{"input": text, "voice": "nobody"}), 400, "voice_unknown"},
		"unknown voice as events":     {request(t, map[string]any{"input": text, "voice": "nobody", "stream_format": "sse"}), 400, "voice_unknown"},
		"nothing":                     {request(t, map[string]any{"input": ""}), 400, "input_empty"},
		"nothing to say":              {request(t, map[string]any{"input": " … – * 💪"}), 400, "input_empty"},
		"nothing to say, as it is":    {request(t, map[string]any{"input": "?!", "raw": true}), 400, "input_empty"},
		"no input":                    {`{}`, 400, "invalid_request"},
		"MP3":                         {request(t, map[string]any{"input": text, "response_format": "mp3"}), 400, "invalid_request"},
		"too fast":                    {request(t, map[string]any{"input": text, "speed": 4.1}), 400, "invalid_request"},
		"too slow":                    {request(t, map[string]any{"input": text, "speed": 0.2}), 400, "invalid_request"},
		"no speed":                    {request(t, map[string]any{"input": text, "speed": 0}), 400, "invalid_request"},
		"1 Hz":                        {request(t, map[string]any{"input": text, "sample_rate": 1}), 400, "invalid_request"},
		"384 kHz":                     {request(t, map[string]any{"input": text, "sample_rate": 384000}), 400, "invalid_request"},
		"stream of another kind":      {request(t, map[string]any{"input": text, "stream_format": "ndjson"}), 400, "invalid_request"},
		"no text":                     {`{"input":["a"]}`, 400, "invalid_request"},
		"no JSON":                     {`input=x`, 400, "invalid_json"},
		"0 bytes":                     {``, 400, "body_required"},
		"a field that does not exist": {request(t, map[string]any{"input": text, "pitch": 2}), 400, "unknown_field"},
		"too much":                    {request(t, map[string]any{"input": text, "instructions": strings.Repeat("x", 260_000)}), 413, "body_too_large"},
	} {
		if r := b.call(t, "POST", "/", c.body); r.status != c.status || r.code(t) != c.code {
			t.Errorf("%s: %d %.300s, want %d %s", name, r.status, r.body, c.status, c.code)
		}
	}
	// OpenAI's clients may send fields of models that we do not have.
	b.call(t, "POST", "/v1/audio/speech", request(t, map[string]any{"input": text, "pitch": 2})).clip(t)
	if r := b.call(t, "POST", "/v1/audio/speech", request(t, map[string]any{"input": text, "speed": 9})); r.status != 400 || r.code(t) != "invalid_request" {
		t.Errorf("%d %.300s", r.status, r.body)
	}
	b.call(t, "POST", "/", request(t, map[string]any{"input": strings.Repeat("é", 1999) + "a", "speed": 4})).clip(t)
}

// TestTooMuchSound: an answer in one piece is bounded; a stream is not kept.
func TestTooMuchSound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	slow := map[string]any{"input": strings.Repeat("long ", 399), "raw": true, "speed": 0.25, "sample_rate": 48000}
	if r := b.call(t, "POST", "/", request(t, slow)); r.status != 400 || r.code(t) != "input_too_long" || !strings.Contains(string(r.body), "stream_format") {
		t.Errorf("%d %.300s", r.status, r.body)
	}
	b.tts.WaitIdle(t, time.Second)
	slow["sample_rate"], slow["stream_format"] = 8000, "sse"
	if events, _ := b.call(t, "POST", "/", request(t, slow)).events(t); events[len(events)-1].Duration < 400 {
		t.Errorf("%+v", events[len(events)-1])
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	body := request(t, map[string]any{"input": text})
	for _, role := range []gym.Role{gym.RoleMember, gym.RoleCoach, gym.RoleManager, gym.RoleService} {
		token := faastest.Token(t, gym.Principal{GymID: "demo", Subject: "x", Role: role})
		b.call(t, "POST", "/", body, "Authorization", "Bearer "+token).clip(t)
	}
	for _, path := range []string{"/", "/v1/audio/speech"} {
		if r := b.call(t, "POST", path, body, "Authorization", ""); r.status != 401 || r.code(t) != "token_missing" {
			t.Errorf("%s without a token: %d %s", path, r.status, r.body)
		}
	}
}
