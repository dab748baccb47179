package speech_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/speechtest"
)

func synthesizer(url string) *speech.Synthesizer {
	return speech.NewSynthesizer(speech.Config{URL: url, Timeout: 700 * time.Millisecond, Stall: 700 * time.Millisecond})
}

// listen reads an utterance to its end.
func listen(t *testing.T, u *speech.Utterance) ([]byte, error) {
	t.Helper()
	b, err := io.ReadAll(u)
	if err := u.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	return b, err
}

// same fails the test when the samples are not those that the stand-in speaks on the text.
func same(t *testing.T, got []byte, text string, rate int) {
	t.Helper()
	if want := speechtest.Tone(text, rate, 1).Bytes16(); !bytes.Equal(got, want) {
		t.Errorf("%d bytes of sound, want %d, the same %d at the beginning", len(got), len(want), shared(got, want))
	}
}

func shared(a, b []byte) (n int) {
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

func TestSpeak(t *testing.T) {
	t.Parallel()
	s := speechtest.NewTTS(t)
	c := speech.NewSynthesizer(speech.Config{URL: s.URL, Model: "piper", Key: "secret", Voice: "test-voice"})
	const text = "Three sets of twelve at sixty kilos."
	u, err := c.Speak(t.Context(), text, speech.Speaking{Speed: 1})
	if err != nil {
		t.Fatal(err)
	}
	got, err := listen(t, u)
	if err != nil || u.Rate != speechtest.Rate {
		t.Errorf("rate %d, %v", u.Rate, err)
	}
	same(t, got, text, speechtest.Rate)
	if want := (speechtest.Asked{Model: "piper", Input: text, Voice: "test-voice", Format: "wav", Speed: 1, Key: "secret"}); !cmp.Equal(s.Asked()[0], want) {
		t.Errorf("asked %+v", s.Asked()[0])
	}
	for range 3 { // what was heard to its end leaves the connection for the next
		u, err := c.Speak(t.Context(), text, speech.Speaking{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := listen(t, u); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Connections(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// TestSpeakAnswers: what servers answer instead of a tidy streamed WAV file.
func TestSpeakAnswers(t *testing.T) {
	t.Parallel()
	samples := []byte{1, 0, 2, 0, 3, 0, 4, 0}
	riff := func(size uint32, parts ...string) []byte {
		b := []byte("RIFF\xff\xff\xff\xffWAVE" + strings.Join(parts, ""))
		b = append(b, "data"...)
		return append(append(b, byte(size), byte(size>>8), byte(size>>16), byte(size>>24)), samples...)
	}
	const (
		mono     = "fmt \x10\x00\x00\x00\x01\x00\x01\x00\x80\x3e\x00\x00\x00\x7d\x00\x00\x02\x00\x10\x00" // 16 kHz
		stereo   = "fmt \x10\x00\x00\x00\x01\x00\x02\x00\x80\x3e\x00\x00\x00\xfa\x00\x00\x04\x00\x10\x00"
		float    = "fmt \x10\x00\x00\x00\x03\x00\x01\x00\x80\x3e\x00\x00\x00\xfa\x00\x00\x04\x00\x20\x00"
		slow     = "fmt \x10\x00\x00\x00\x01\x00\x01\x00\x01\x00\x00\x00\x02\x00\x00\x00\x02\x00\x10\x00"
		extended = "fmt \x28\x00\x00\x00\xfe\xff\x01\x00\x80\x3e\x00\x00\x00\x7d\x00\x00\x02\x00\x10\x00\x16\x00\x10\x00\x04\x00\x00\x00\x01\x00\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"
		odd      = "junk\x03\x00\x00\x00abc\x00"
	)
	for name, c := range map[string]struct {
		body  []byte
		kind  string
		rate  int
		bytes int
		code  string // of the beginning
		cut   bool   // the end is missing
	}{
		"endless size":          {riff(math.MaxUint32, mono), "audio/wav", 16_000, 8, "", false},
		"no size":               {riff(0, mono), "audio/wav", 16_000, 8, "", false},
		"size of a 32-bit tool": {riff(math.MaxInt32-36, mono), "audio/wav", 16_000, 8, "", false},
		"true size":             {riff(8, mono), "audio/wav", 16_000, 8, "", false},
		"parts behind":          {append(riff(8, mono), "LIST\x04\x00\x00\x00INFO"...), "audio/wav", 16_000, 8, "", false},
		"parts before":          {riff(math.MaxUint32, odd, mono, odd), "audio/wav", 16_000, 8, "", false},
		"extensible":            {riff(math.MaxUint32, extended), "audio/wav", 16_000, 8, "", false},
		"wrong type of WAV":     {riff(math.MaxUint32, mono), "application/octet-stream", 16_000, 8, "", false},
		"odd last byte":         {append(riff(math.MaxUint32, mono), 9), "audio/wav", 16_000, 8, "", false},
		"odd size":              {append(riff(9, mono), 9), "audio/wav", 16_000, 8, "", false},
		"shorter than its size": {riff(100, mono), "audio/wav", 16_000, 8, "", true},
		"no sound":              {riff(math.MaxUint32, mono)[:44], "audio/wav", 16_000, 0, "", false},
		"samples without head":  {samples, "audio/pcm", 24_000, 8, "", false},
		"samples with a rate":   {samples, "audio/pcm;rate=16000", 16_000, 8, "", false},
		"linear samples":        {samples, "audio/L16; rate=8000; channels=1", 8_000, 8, "", false},
		"MP3":                   {[]byte("ID3\x04 and so on"), "audio/wav", 0, 0, "tts_unavailable", false},
		"MP3 by its type":       {samples, "audio/mpeg", 0, 0, "tts_unavailable", false},
		"MP3 by its bytes":      {[]byte("\xff\xfb\x90\x64 and so on"), "", 0, 0, "tts_unavailable", false},
		"Ogg":                   {[]byte("OggS and so on"), "audio/wav", 0, 0, "tts_unavailable", false},
		"FLAC":                  {[]byte("fLaC and so on"), "", 0, 0, "tts_unavailable", false},
		"JSON":                  {[]byte(`{"audio":"UklGRg=="}`), "application/json", 0, 0, "tts_unavailable", false},
		"nothing":               {[]byte{}, "audio/wav", 0, 0, "tts_unavailable", false},
		"stereo":                {riff(math.MaxUint32, stereo), "audio/wav", 0, 0, "tts_unavailable", false},
		"floats":                {riff(math.MaxUint32, float), "audio/wav", 0, 0, "tts_unavailable", false},
		"one sample a second":   {riff(math.MaxUint32, slow), "audio/wav", 0, 0, "tts_unavailable", false},
		"samples before format": {riff(math.MaxUint32), "audio/wav", 0, 0, "tts_unavailable", false},
		"cut header":            {riff(math.MaxUint32, mono)[:30], "audio/wav", 0, 0, "tts_unavailable", false},
		"RIFF of another kind":  {[]byte("RIFF\x00\x00\x00\x00AVI LIST"), "audio/wav", 0, 0, "tts_unavailable", false},
		"a part without end":    {riff(math.MaxUint32, "junk\xff\xff\xff\x7f"), "audio/wav", 0, 0, "tts_unavailable", false},
		"parts without end":     {riff(math.MaxUint32, strings.Repeat(odd, 9000)), "audio/wav", 0, 0, "tts_unavailable", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := speechtest.NewTTS(t)
			s.Speak = func(speechtest.Asked) speechtest.Speech { return speechtest.Speech{Body: c.body, Type: c.kind} }
			u, err := synthesizer(s.URL).Speak(t.Context(), "Hello.", speech.Speaking{})
			if code(err) != c.code || (err != nil) != (c.code != "") {
				t.Fatalf("error %v", err)
			}
			if err != nil {
				s.WaitIdle(t, soon)
				return
			}
			got, err := listen(t, u)
			if u.Rate != c.rate || !bytes.Equal(got, samples[:c.bytes]) {
				t.Errorf("%d Hz, %v", u.Rate, got)
			}
			if errors.Is(err, gym.ErrUnavailable) != c.cut || (err != nil) != c.cut {
				t.Errorf("error at the end: %v", err)
			}
		})
	}
}

func TestSpeakFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault speechtest.Fault
		begin string // code of Speak
		end   string // code of reading
		wait  time.Duration
	}{
		"busy":         {speechtest.Fault{Status: 503, RetryAfter: 2}, "tts_busy", "", 2 * time.Second},
		"too many":     {speechtest.Fault{Status: 429}, "tts_busy", "", 0},
		"error":        {speechtest.Fault{Status: 500}, "tts_unavailable", "", 0},
		"no key":       {speechtest.Fault{Status: 403}, "tts_unavailable", "", 0},
		"bad request":  {speechtest.Fault{Status: 400, Code: "speed"}, "tts_unavailable", "", 0},
		"silent":       {speechtest.Fault{Wait: time.Minute}, "tts_unavailable", "", 0},
		"stalled":      {speechtest.Fault{Stall: true}, "", "tts_unavailable", 0},
		"broken off":   {speechtest.Fault{Cut: true}, "", "tts_unavailable", 0},
		"slow to come": {speechtest.Fault{Wait: 100 * time.Millisecond}, "", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := speechtest.NewTTS(t)
			s.Speak = func(speechtest.Asked) speechtest.Speech { return speechtest.Speech{Fault: c.fault} }
			u, err := synthesizer(s.URL).Speak(t.Context(), "Hello there.", speech.Speaking{})
			if wait, _ := gym.Wait(err); code(err) != c.begin || (err == nil) != (c.begin == "") || wait != c.wait {
				t.Fatalf("error %v, wait %s", err, wait)
			}
			if err == nil {
				got, err := listen(t, u)
				if code(err) != c.end || (err == nil) != (c.end == "") || len(got) == 0 || len(got)%2 != 0 {
					t.Errorf("%d bytes, error %v", len(got), err)
				}
			}
			s.WaitIdle(t, soon)
		})
	}
}

// TestSpeakRefusals: what is wrong with the text or the voice is the caller's to know.
func TestSpeakRefusals(t *testing.T) {
	t.Parallel()
	s := speechtest.NewTTS(t)
	c := synthesizer(s.URL)
	for want, ask := range map[string]func() (*speech.Utterance, error){
		"input_empty": func() (*speech.Utterance, error) { return c.Speak(t.Context(), " \n", speech.Speaking{}) },
		"input_too_long": func() (*speech.Utterance, error) {
			return c.Speak(t.Context(), strings.Repeat("a", 2001), speech.Speaking{})
		},
		"voice_unknown": func() (*speech.Utterance, error) {
			return c.Speak(t.Context(), "Hi.", speech.Speaking{Voice: "nobody"})
		},
	} {
		if _, err := ask(); code(err) != want || !errors.Is(err, gym.ErrInvalid) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := c.Speak(t.Context(), "...", speech.Speaking{}); code(err) != "input_empty" { // by the server
		t.Errorf("nothing to pronounce: %v", err)
	}
}

// TestSpeakClosed: closing ends the call on the server at once, also under a reader that waits.
func TestSpeakClosed(t *testing.T) {
	t.Parallel()
	s := speechtest.NewTTS(t)
	s.Speak = func(speechtest.Asked) speechtest.Speech { return speechtest.Speech{Pace: 100 * time.Millisecond} }
	c := speech.NewSynthesizer(speech.Config{URL: s.URL})
	u, err := c.Speak(t.Context(), strings.Repeat("a long answer ", 40), speech.Speaking{})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, u)
		ended <- err
	}()
	time.Sleep(150 * time.Millisecond)
	closed := time.Now()
	if err := u.Close(); err != nil {
		t.Error(err)
	}
	s.WaitIdle(t, soon)
	if since, ok := s.IdleSince(); !ok || since.Sub(closed) > 250*time.Millisecond || s.Cancelled() != 1 {
		t.Errorf("idle %s after the close, %t, %d cancelled", since.Sub(closed), ok, s.Cancelled())
	}
	if err := <-ended; !errors.Is(err, fs.ErrClosed) {
		t.Errorf("the reader got %v", err)
	}
	if _, err := u.Read(make([]byte, 10)); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a later read: %v", err)
	}
	if err := u.Close(); err != nil {
		t.Errorf("a second close: %v", err)
	}
}

func TestSpeakCancelled(t *testing.T) {
	t.Parallel()
	s := speechtest.NewTTS(t)
	s.Speak = func(speechtest.Asked) speechtest.Speech {
		return speechtest.Speech{Fault: speechtest.Fault{Stall: true}}
	}
	c := speech.NewSynthesizer(speech.Config{URL: s.URL})
	ctx, cancel := context.WithCancel(t.Context())
	u, err := c.Speak(ctx, "A long answer, and then some more of it.", speech.Speaking{})
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := listen(t, u); !errors.Is(err, context.Canceled) || errors.Is(err, gym.ErrUnavailable) {
		t.Errorf("error %v", err)
	}
	s.WaitIdle(t, soon)
	s.Speak = func(speechtest.Asked) speechtest.Speech {
		return speechtest.Speech{Fault: speechtest.Fault{Wait: time.Minute}}
	}
	ctx, cancel = context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := c.Speak(ctx, "Hello.", speech.Speaking{}); !errors.Is(err, context.Canceled) {
		t.Errorf("before the first sound: %v", err)
	}
	s.WaitIdle(t, soon)
}

// TestSpeakSlowReader: a listener that takes its time is no stall of the server.
func TestSpeakSlowReader(t *testing.T) {
	t.Parallel()
	s := speechtest.NewTTS(t)
	c := speech.NewSynthesizer(speech.Config{URL: s.URL, Stall: 100 * time.Millisecond, Timeout: 5 * time.Second})
	const text = "Hello there."
	u, err := c.Speak(t.Context(), text, speech.Speaking{})
	if err != nil {
		t.Fatal(err)
	}
	first := make([]byte, 1000)
	if _, err := io.ReadFull(u, first); err != nil {
		t.Fatal(err)
	}
	time.Sleep(250 * time.Millisecond)
	rest, err := listen(t, u)
	if err != nil {
		t.Fatal(err)
	}
	same(t, append(first, rest...), text, speechtest.Rate)
}

// TestSpeakWholeSamples: reads give whole samples however the chunks fall, and no byte is lost to a reader of single ones.
func TestSpeakWholeSamples(t *testing.T) {
	t.Parallel()
	s := speechtest.NewPlainTTS(t)
	const text = "Hello."
	for _, size := range []int{2, 3, 7, 1000, 4096} {
		u, err := synthesizer(s.URL).Speak(t.Context(), text, speech.Speaking{})
		if err != nil {
			t.Fatal(err)
		}
		var got []byte
		b := make([]byte, size)
		for {
			n, err := u.Read(b)
			got = append(got, b[:n]...)
			if n%2 != 0 {
				t.Fatalf("a read of %d gave %d bytes", size, n)
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		same(t, got, text, speechtest.PlainRate)
	}
	u, err := synthesizer(s.URL).Speak(t.Context(), text, speech.Speaking{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(iotest.OneByteReader(u))
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, text, speechtest.PlainRate)
}

func TestSpeakWithoutEnd(t *testing.T) {
	t.Parallel()
	s := speechtest.NewTTS(t)
	s.Speak = func(speechtest.Asked) speechtest.Speech {
		return speechtest.Speech{Body: make([]byte, 65<<20), Type: "audio/pcm"}
	}
	u, err := speech.NewSynthesizer(speech.Config{URL: s.URL}).Speak(t.Context(), "Hello.", speech.Speaking{})
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, u)
	if n != 64<<20 || code(err) != "tts_unavailable" {
		t.Errorf("%d bytes, %v", n, err)
	}
	if err := u.Close(); err != nil {
		t.Error(err)
	}
	s.WaitIdle(t, soon)
}

func TestSpeakWithoutServer(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "127.0.0.1:1"} {
		if _, err := synthesizer(url).Speak(t.Context(), "Hello.", speech.Speaking{}); !errors.Is(err, gym.ErrUnavailable) || code(err) != "tts_unavailable" {
			t.Errorf("%q: %v", url, err)
		}
	}
	if _, err := synthesizer("").Speak(t.Context(), "Hello.", speech.Speaking{Speed: math.NaN()}); err == nil {
		t.Error("a speed that is no number")
	}
}

func TestVoices(t *testing.T) {
	t.Parallel()
	s := speechtest.NewTTS(t)
	got, err := synthesizer(s.URL).Voices(t.Context())
	if diff := cmp.Diff([]speech.Voice{{ID: "test-voice", Name: "Test", Language: "en", Rate: speechtest.Rate}}, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	other := speechtest.NewPlainTTS(t)
	got, err = synthesizer(other.URL).Voices(t.Context())
	if diff := cmp.Diff([]speech.Voice{{ID: "alloy", Name: "alloy"}, {ID: "nova", Name: "nova"}}, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	other.Silent = true
	if _, err := synthesizer(other.URL).Voices(t.Context()); !errors.Is(err, gym.ErrNotFound) {
		t.Errorf("a server that tells of none: %v", err)
	}
	if _, err := synthesizer("127.0.0.1:1").Voices(t.Context()); code(err) != "tts_unavailable" {
		t.Errorf("no server: %v", err)
	}
}
