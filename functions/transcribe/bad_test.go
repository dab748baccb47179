package transcribe_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/intellifit/intellifit/shared/speech/decode/decodetest"
)

// TestBadRecordings: each is refused with its code, raw and in a form, and none reaches the recogniser.
func TestBadRecordings(t *testing.T) {
	t.Parallel()
	b := setup(t)
	second := make([]byte, 32000)
	nan := binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(math.NaN())))
	opus := decoded(t, "celt.ogg")
	for name, c := range map[string]struct {
		body        []byte
		contentType string
		status      int
		code        string
	}{
		"nothing":                          {[]byte{}, "audio/wav", 400, "audio_empty"},
		"text named .wav":                  {[]byte("Dear coach, today I did three sets of squats."), "audio/wav", 415, "audio_format"},
		"a header that lies":               {decodetest.WAV(1, 1, 16000, 16, 1<<30, nil), "audio/wav", 400, "audio_unreadable"},
		"1 Hz":                             {decodetest.WAV(1, 1, 1, 16, 32000, second), "audio/wav", 400, "audio_rate"},
		"384 kHz":                          {decodetest.WAV(1, 1, 384000, 16, 32000, second), "audio/wav", 400, "audio_rate"},
		"32 channels":                      {decodetest.WAV(1, 32, 16000, 16, 32000, second), "audio/wav", 400, "audio_channels"},
		"NaN":                              {decodetest.WAV(3, 1, 16000, 32, 32004, append(nan, second...)), "audio/wav", 400, "audio_unreadable"},
		"Opus, truncated after 40 ms":      {opus[:420], "audio/ogg", 400, "audio_unreadable"},
		"Opus, truncated in its header":    {opus[:60], "audio/ogg", 400, "audio_unreadable"},
		"an hour of silence":               {decodetest.FLACHour(t), "audio/flac", 413, "audio_too_long"},
		"MP3 of two hours":                 {decodetest.MP3Hours(), "audio/mpeg", 413, "audio_too_long"},
		"Safari's MP4":                     {[]byte("\x00\x00\x00\x1cftypiso5\x00\x00\x00\x01isom"), "audio/mp4", 415, "audio_format"},
		"samples that do not say the rate": {second, "audio/pcm", 400, "audio_rate"},
		"25 MB and a byte":                 {make([]byte, 25<<20+1), "audio/pcm;rate=16000", 413, "audio_too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if r := b.post(t, "/", c.contentType, bytes.NewReader(c.body)); r.status != c.status || r.code(t) != c.code {
				t.Errorf("raw: %d %s, want %d %s", r.status, r.body, c.status, c.code)
			}
			if name == "MP3 of two hours" { // once is slow enough
				return
			}
			formType, body := form(t, c.contentType, c.body, "response_format", "json")
			if r := b.post(t, "/v1/audio/transcriptions", formType, body, "Accept", "text/event-stream"); r.status != c.status || r.code(t) != c.code {
				t.Errorf("in a form: %d %s, want %d %s", r.status, r.body, c.status, c.code)
			}
		})
	}
	t.Cleanup(func() {
		if heard := b.whisper.Heard(); len(heard) > 0 {
			t.Errorf("the recogniser was asked %d times", len(heard))
		}
	})
}

// TestBadRequests: what is wrong around a recording.
func TestBadRequests(t *testing.T) {
	t.Parallel()
	b := setup(t)
	good := file(t, talk(1)).Bytes()
	for name, c := range map[string]struct {
		fields []string
		says   string
	}{
		"format":          {[]string{"response_format", "diarized_json"}, "response_format"},
		"temperature":     {[]string{"temperature", "NaN"}, "temperature"},
		"hot":             {[]string{"temperature", "1.1"}, "temperature"},
		"stream":          {[]string{"stream", "maybe"}, "stream"},
		"granularity":     {[]string{"timestamp_granularities[]", "letter"}, "timestamp_granularities"},
		"language":        {[]string{"language", "English, please"}, "language"},
		"prompt":          {[]string{"prompt", strings.Repeat("é", 4001)}, "prompt"},
		"long field":      {[]string{"whatever", strings.Repeat("x", 17<<10)}, "whatever"},
		"no text":         {[]string{"prompt", "\xff"}, "prompt"},
		"subtitle stream": {[]string{"response_format", "srt", "stream", "true"}, "response_format"},
		"many fields":     {strings.Split(strings.TrimSuffix(strings.Repeat("x,y,", 70), ","), ","), "more than 64 fields"},
	} {
		formType, body := form(t, "audio/wav", good, c.fields...)
		if r := b.post(t, "/v1/audio/transcriptions", formType, body); r.status != 400 || r.code(t) != "invalid_request" || !strings.Contains(r.body, c.says) {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	withoutFile, body := form(t, "", nil, "model", "whisper-1")
	twice, both := form(t, "audio/wav", good)
	again := strings.Replace(readAll(t, both), "--"+strings.TrimPrefix(twice, "multipart/form-data; boundary=")+"--", "", 1)
	_, both = form(t, "audio/wav", good)
	cut, short := form(t, "audio/wav", good)
	for name, c := range map[string]struct {
		path, contentType string
		body              io.Reader
		status            int
		code              string
	}{
		"no file":             {"/", withoutFile, body, 400, "invalid_request"},
		"a form cut short":    {"/", cut, io.LimitReader(short, 20000), 400, "audio_unreadable"},
		"no boundary":         {"/", "multipart/form-data", strings.NewReader("x"), 400, "body_unreadable"},
		"no form":             {"/", "multipart/form-data; boundary=x", strings.NewReader("x"), 400, "body_unreadable"},
		"a form without end":  {"/", twice, strings.NewReader(again), 400, "body_unreadable"},
		"raw, where OpenAI's": {"/v1/audio/transcriptions", "audio/wav", bytes.NewReader(good), 415, "content_type_unsupported"},
		"unknown parameter":   {"/?model=x", "audio/wav", bytes.NewReader(good), 400, "unknown_field"},
		"wrong parameter":     {"/?response_format=mp3", "audio/wav", bytes.NewReader(good), 400, "invalid_request"},
		"wrong language":      {"/?language=1", "audio/wav", bytes.NewReader(good), 400, "invalid_request"},
	} {
		if r := b.post(t, c.path, c.contentType, c.body); r.status != c.status || r.code(t) != c.code {
			t.Errorf("%s: %d %s, want %d %s", name, r.status, r.body, c.status, c.code)
		}
	}
	if r := b.post(t, "/", "audio/wav", bytes.NewReader(good), "Content-Encoding", "gzip"); r.status != 415 || r.code(t) != "content_encoding_unsupported" {
		t.Errorf("packed: %d %s", r.status, r.body)
	}
	if r := b.post(t, "/", "audio/pcm;rate=16000", io.LimitReader(zeros{}, 27<<20)); r.status != 413 || r.code(t) != "audio_too_large" {
		t.Errorf("27 MB without a length: %d %s", r.status, r.body)
	}
	if heard := b.whisper.Heard(); len(heard) > 0 {
		t.Errorf("the recogniser was asked %d times", len(heard))
	}
	// And it is still there.
	if r := b.post(t, "/", "audio/wav", bytes.NewReader(good)); r.status != http.StatusOK {
		t.Errorf("afterwards: %d %s", r.status, r.body)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func readAll(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
