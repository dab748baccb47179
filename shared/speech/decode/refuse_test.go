package decode_test

import (
	"bytes"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/intellifit/intellifit/shared/speech/decode"
	"github.com/intellifit/intellifit/shared/speech/decode/decodetest"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/wav"
)

func floats(v ...float32) (b []byte) {
	for _, x := range v {
		b = le.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

// opusSilence is an hour of it in Ogg: packets of which none holds more than that nothing is sent.
func opusSilence() []byte {
	b := oggPage(2, 0, 0, opusHeader(1))
	b = append(b, oggPage(0, 1, 0, []byte("OpusTags\x00\x00\x00\x00\x00\x00\x00\x00"))...)
	packets := make([][]byte, 250)
	for i := range packets {
		packets[i] = []byte{11 << 3} // 60 ms of SILK without a frame
	}
	for n := range 3600 / 15 {
		b = append(b, oggPage(0, n+2, int64((n+1)*15*48000), packets...)...)
	}
	return b
}

func TestRefused(t *testing.T) {
	t.Parallel()
	nan := float32(math.NaN())
	zeros := make([]byte, 4000)
	for _, tc := range []struct {
		name, contentType string
		file              []byte
		want              string
	}{
		{"nothing", "audio/wav", nil, "audio_empty"},
		{"text named .wav", "audio/wav", []byte("Dear coach, today I did three sets of squats."), "audio_format"},
		{"JSON", "audio/webm", []byte(`{"text": "hello"}`), "audio_format"},
		{"one byte", "", []byte{'R'}, "audio_format"},
		{"zeros", "audio/mpeg", zeros, "audio_format"},
		{"the beginning of a RIFF", "audio/wav", []byte("RIFF\x00"), "audio_unreadable"},
		{"a RIFF of video", "audio/wav", []byte("RIFF1234AVI LIST"), "audio_format"},
		{"WAV without data", "audio/wav", wav.Header(16000, 0)[:36], "audio_unreadable"},
		{"WAV without a sample", "audio/wav", wav.Header(16000, 0), "audio_empty"},
		{"WAV that promises and holds nothing", "audio/wav", decodetest.WAV(1, 1, 16000, 16, 1<<30, nil), "audio_unreadable"},
		{"WAV that promises more than 50 ms", "audio/wav", decodetest.WAV(1, 1, 16000, 16, 1<<30, zeros[:1600]), "audio_unreadable"},
		{"WAV of no channel", "audio/wav", decodetest.WAV(1, 0, 16000, 16, 4000, zeros), "audio_unreadable"},
		{"WAV of 1 Hz", "audio/wav", decodetest.WAV(1, 1, 1, 16, 4000, zeros), "audio_rate"},
		{"WAV of 7999 Hz", "audio/wav", decodetest.WAV(1, 1, 7999, 16, 4000, zeros), "audio_rate"},
		{"WAV of 8 kHz", "audio/wav", decodetest.WAV(1, 1, 8000, 16, 4000, zeros), ""},
		{"WAV of 192 kHz", "audio/wav", decodetest.WAV(1, 1, 192000, 16, 4000, zeros), ""},
		{"WAV of 384 kHz", "audio/wav", decodetest.WAV(1, 1, 384000, 16, 4000, zeros), "audio_rate"},
		{"WAV of 8 channels", "audio/wav", decodetest.WAV(1, 8, 16000, 16, 4000, zeros), ""},
		{"WAV of 32 channels", "audio/wav", decodetest.WAV(1, 32, 16000, 16, 4000, zeros), "audio_channels"},
		{"WAV of ADPCM", "audio/wav", decodetest.WAV(2, 1, 16000, 16, 4000, zeros), "audio_format"},
		{"WAV with NaN", "audio/wav", decodetest.WAV(3, 1, 16000, 32, 4000, append(floats(0, 0.5, nan), zeros...)), "audio_unreadable"},
		{"WAV with infinity after a second", "audio/wav", decodetest.WAV(3, 1, 16000, 32, 1<<20, append(make([]byte, 64000), floats(float32(math.Inf(1)))...)), "audio_unreadable"},
		{"WAV, a tenth of the limit too long", "audio/wav", decodetest.WAV(1, 1, 16000, 8, 1<<30, make([]byte, 66*16000)), "audio_too_long"},
		{"WAV of an hour, larger than allowed", "audio/wav", decodetest.WAV(1, 1, 16000, 16, 1<<30, make([]byte, 3600*32000)), "audio_too_long"},
		{"raw of an hour", "audio/pcm;rate=192000", make([]byte, 11<<20), "audio_too_large"},
		{"FLAC of an hour", "audio/flac", decodetest.FLACHour(t), "audio_too_long"},
		{"MP3 of two hours", "audio/mpeg", decodetest.MP3Hours(), "audio_too_long"},
		{"Opus of an hour", "audio/ogg", opusSilence(), "audio_too_long"},
		{"raw without a rate", "audio/pcm", zeros, "audio_rate"},
		{"raw of 4 GHz", "audio/pcm;rate=4000000000", zeros, "audio_rate"},
		{"raw of a negative rate", "audio/pcm;rate=-16000", zeros, "audio_rate"},
		{"raw of 9 channels", "audio/pcm;rate=16000;channels=9", zeros, "audio_channels"},
		{"raw of no channels", "audio/pcm;rate=16000;channels=x", zeros, "audio_channels"},
		{"raw of one byte", "audio/pcm;rate=16000", zeros[:1], "audio_unreadable"},
		{"MP3 of 8 kHz", "audio/mpeg", read(t, "mono8000.mp3"), "audio_format"},
		{"a tag that promises 512 MB", "audio/mpeg", []byte("ID3\x04\x00\x00\x7F\x7F\x7F\x7F..."), "audio_unreadable"},
		{"a tag alone", "audio/mpeg", []byte("ID3\x04\x00\x00\x00\x00\x00\x00"), "audio_unreadable"},
		{"Safari's MP4", "audio/mp4", []byte("\x00\x00\x00\x1cftypiso5\x00\x00\x00\x01isom"), "audio_format"},
		{"AAC", "audio/aac", []byte("\xFF\xF1\x50\x80\x01\x1F\xFC"), "audio_format"},
		{"AIFF", "audio/aiff", []byte("FORM\x00\x00\x00\x00AIFF"), "audio_format"},
		{"Vorbis", "audio/ogg", oggPage(2, 0, 0, []byte("\x01vorbis\x00\x00\x00\x00\x02\x44\xAC")), "audio_format"},
		{"Ogg of garbage", "audio/ogg", append([]byte("OggS"), zeros...), "audio_unreadable"},
		{"Opus of six channels", "audio/ogg", oggPage(2, 0, 0, opusHeader(6)), "audio_format"},
		{"Opus, truncated in its header", "audio/ogg", read(t, "celt.ogg")[:60], "audio_unreadable"},
		{"Opus, truncated after 40 ms", "audio/ogg", read(t, "celt.ogg")[:420], "audio_unreadable"},
		{"WebM without a track", "audio/webm", []byte("\x1A\x45\xDF\xA3\x80\x18\x53\x80\x67\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), "audio_unreadable"},
		{"WebM without its beginning", "audio/webm", []byte("\x1F\x43\xB6\x75\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), "audio_format"},
		{"WebM of AAC", "audio/webm", webmOf("A_AAC", nil), "audio_format"},
		{"WebM without a block", "audio/webm", webmOf("A_OPUS", nil), "audio_empty"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c, info, err := decode.Decode(t.Context(), bytes.NewReader(tc.file), tc.contentType, decode.Limits{MaxBytes: 10 << 20})
			if got := codeOf(err); got != tc.want || err != nil && len(c.Samples) > 0 {
				t.Errorf("got %q with %d samples, want %q (%v, %+v)", got, len(c.Samples), tc.want, err, info)
			}
		})
	}
}

// TestLimitsAreExact: what is exactly as long or as large as allowed is taken.
func TestLimitsAreExact(t *testing.T) {
	t.Parallel()
	file := decodetest.WAV(1, 1, 16000, 16, 64000, make([]byte, 64000))
	for _, tc := range []struct {
		limits decode.Limits
		want   string
	}{
		{decode.Limits{MaxDuration: 2 * time.Second, MaxBytes: 64044}, ""},
		{decode.Limits{MaxDuration: 2*time.Second - time.Millisecond}, "audio_too_long"},
		{decode.Limits{MaxBytes: 64043}, "audio_too_large"},
	} {
		if _, _, err := decode.Decode(t.Context(), bytes.NewReader(file), "", tc.limits); codeOf(err) != tc.want {
			t.Errorf("%+v: %v, want %q", tc.limits, err, tc.want)
		}
	}
	// a limit of the server, which the body's reader holds
	r := http.MaxBytesReader(httptest.NewRecorder(), io.NopCloser(bytes.NewReader(file)), 1000)
	if _, _, err := decode.Decode(t.Context(), r, "", decode.Limits{}); codeOf(err) != "audio_too_large" || !strings.Contains(err.Error(), "1000 bytes") {
		t.Errorf("a reader with a limit: %v", err)
	}
}

// endless is a recording that never ends, however much is taken of it.
type endless struct {
	head, again []byte
	at          int
}

func (r *endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		from := r.head
		if r.at >= len(r.head) {
			from = r.again[(r.at-len(r.head))%len(r.again):]
		} else {
			from = from[r.at:]
		}
		k := copy(p[n:], from)
		n, r.at = n+k, r.at+k
	}
	return n, nil
}

// peak tells how much more memory is in use while f runs than before, garbage included, by looking every millisecond.
func peak(f func()) int64 {
	inUse := func() int64 {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(sample)
		return int64(sample[0].Value.Uint64())
	}
	runtime.GC()
	before := inUse()
	stop, most := make(chan struct{}), make(chan int64)
	go func() {
		top := inUse()
		for {
			select {
			case <-stop:
				most <- max(top, inUse())
				return
			case <-time.After(time.Millisecond):
				top = max(top, inUse())
			}
		}
	}()
	f()
	close(stop)
	return <-most - before
}

// TestMemoryIsBounded: a minute of sound at 16 kHz has 4 MB. Whatever comes in, and however long that goes on, little more is in
// use, and it ends soon. Not parallel, since it watches the heap.
func TestMemoryIsBounded(t *testing.T) {
	opus := opusSilence()
	second := len(opus[:bytes.LastIndex(opus[:200], []byte("OggS"))]) // after the headers
	flacs := decodetest.FLACHour(t)
	mono := wav.Header(16000, wav.Streaming)
	for name, r := range map[string]*endless{
		"WAV":                     {head: mono, again: make([]byte, 4096)},
		"WAV of 8 channels":       {head: decodetest.WAV(1, 8, 192000, 16, 0xFFFFFFFF, nil), again: make([]byte, 4096)},
		"WAV chunks":              {head: []byte("RIFF\xFF\xFF\xFF\xFFWAVE"), again: append([]byte("junk\x00\x01\x00\x00"), make([]byte, 256)...)},
		"WAV, no format":          {head: []byte("RIFF\xFF\xFF\xFF\xFFWAVEdata\xFF\xFF\xFF\x0F"), again: make([]byte, 4096)},
		"MP3":                     {head: nil, again: decodetest.MP3Hours()[:2400]},
		"MP3 tags":                {head: nil, again: append([]byte("ID3\x04\x00\x00\x00\x00\x07\x76"), make([]byte, 1014)...)},
		"MP3 and noise":           {head: decodetest.MP3Hours()[:2400], again: []byte("\xFF\xFB\x90noise\xFF")},
		"FLAC":                    {head: flacs, again: flacs[len(flacs)-14:]},
		"FLAC metadata":           {head: flacs[:42], again: []byte{0x01, 0, 0, 4, 0, 0, 0, 0}},
		"Opus":                    {head: opus, again: opus[second:]},
		"Ogg, other streams":      {head: nil, again: oggPage(2, 0, 0, []byte("\x01vorbis"))},
		"Ogg, one endless packet": {head: opus[:second], again: oggRun()},
		"Ogg of noise":            {head: opus[:second], again: []byte("OggS and no page")},
		"WebM, unknown elements":  {head: webmOf("A_OPUS", nil), again: append([]byte{0xEC, 0x41, 0x00}, make([]byte, 256)...)},
		"WebM, other tracks":      {head: webmOf("A_OPUS", nil), again: append([]byte{0xA3, 0x41, 0x00, 0x82}, make([]byte, 255)...)},
		"WebM, empty clusters":    {head: webmOf("A_OPUS", nil), again: []byte("\x1F\x43\xB6\x75\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF")},
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			began := time.Now()
			most := peak(func() {
				_, _, err = decode.Decode(t.Context(), r, "", decode.Limits{MaxBytes: 25 << 20, MaxDuration: time.Minute, Rate: pcm.Rate})
			})
			took, code := time.Since(began), codeOf(err)
			if code != "audio_too_long" && code != "audio_too_large" && code != "audio_unreadable" {
				t.Errorf("got %v", err)
			}
			limit := int64(48 << 20)
			if name == "WAV, no format" { // waits for it in memory, as far as the limit goes
				limit = 160 << 20
			}
			if most > limit || took > time.Minute {
				t.Errorf("%d MB more were in use, it took %v", most>>20, took)
			}
			t.Logf("%s after %d kB, at most %d MB more in use, %v", code, r.at>>10, most>>20, took.Round(time.Millisecond))
		})
	}
}

// BenchmarkDecode tells how much faster than the sound decoding to 16 kHz is.
func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"silk.ogg", "hybrid.ogg", "celt60.ogg", "chromium.webm", "mono44100.mp3", "stereo44100.mp3", "voice.flac"} {
		b.Run(name, func(b *testing.B) {
			file := read(b, name)
			var heard time.Duration
			began := time.Now()
			for b.Loop() {
				c, _, err := decode.Decode(b.Context(), bytes.NewReader(file), "", decode.Limits{Rate: pcm.Rate})
				if err != nil {
					b.Fatal(err)
				}
				heard += c.Duration()
			}
			b.ReportMetric(heard.Seconds()/time.Since(began).Seconds(), "x-real-time")
			b.ReportMetric(0, "ns/op")
		})
	}
}
