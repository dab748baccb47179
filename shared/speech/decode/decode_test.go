package decode_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech/decode"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/wav"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decoded(t testing.TB, b []byte, contentType string) (pcm.Clip, decode.Info) {
	t.Helper()
	c, info, err := decode.Decode(t.Context(), bytes.NewReader(b), contentType, decode.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return c, info
}

// codeOf is the code of an error that a client is told, or what the error says.
func codeOf(err error) string {
	var e *gym.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Code
	}
	return err.Error()
}

// snr is how far what differs between two signals is below the signal, in dB.
func snr(got, want []float32) float64 {
	signal, noise := 0.0, 1e-20
	for i := range min(len(got), len(want)) {
		signal += float64(want[i]) * float64(want[i])
		noise += float64(got[i]-want[i]) * float64(got[i]-want[i])
	}
	return 10 * math.Log10(signal/noise)
}

// likeness is the correlation of two signals where they fit best, within 50 ms.
func likeness(a, b pcm.Clip) float64 {
	best := 0.0
	for lag := -a.Rate / 20; lag < a.Rate/20; lag++ {
		ab, aa, bb := 0.0, 1e-20, 1e-20
		for i := max(lag, 0); i < len(a.Samples) && i-lag < len(b.Samples); i++ {
			x, y := float64(a.Samples[i]), float64(b.Samples[i-lag])
			ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
		}
		best = max(best, ab/math.Sqrt(aa*bb))
	}
	return best
}

// TestLikeReference holds Opus of every mode, frame length and container, and MP3 of every kind, to what the reference decoders
// make of the same files, sample by sample. Those of browsers are what these really record.
func TestLikeReference(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		info decode.Info
		snr  float64
	}{
		"silk.ogg":           {decode.Info{Format: "ogg", Codec: "opus", Rate: 48000, Channels: 1}, 45},
		"silk60.ogg":         {decode.Info{Format: "ogg", Codec: "opus", Rate: 48000, Channels: 2}, 40},
		"hybrid.ogg":         {decode.Info{Format: "ogg", Codec: "opus", Rate: 48000, Channels: 1}, 45},
		"celt.ogg":           {decode.Info{Format: "ogg", Codec: "opus", Rate: 48000, Channels: 1}, 70},
		"celt5.ogg":          {decode.Info{Format: "ogg", Codec: "opus", Rate: 48000, Channels: 1}, 70},
		"celt60.ogg":         {decode.Info{Format: "ogg", Codec: "opus", Rate: 48000, Channels: 2}, 70},
		"dtx.ogg":            {decode.Info{Format: "ogg", Codec: "opus", Rate: 48000, Channels: 1}, 20}, // libopus makes up noise, and begins louder after it
		"voice.webm":         {decode.Info{Format: "webm", Codec: "opus", Rate: 48000, Channels: 1}, 45},
		"chromium.webm":      {decode.Info{Format: "webm", Codec: "opus", Rate: 48000, Channels: 2}, 40},
		"chromium-celt.webm": {decode.Info{Format: "webm", Codec: "opus", Rate: 48000, Channels: 2}, 45},
		"firefox.ogg":        {decode.Info{Format: "ogg", Codec: "opus", Rate: 48000, Channels: 1}, 45},
		"firefox.webm":       {decode.Info{Format: "webm", Codec: "opus", Rate: 48000, Channels: 1}, 45},
		"mono44100.mp3":      {decode.Info{Format: "mp3", Codec: "mp3", Rate: 44100, Channels: 1}, 65},
		"stereo44100.mp3":    {decode.Info{Format: "mp3", Codec: "mp3", Rate: 44100, Channels: 2}, 65},
		"mono22050.mp3":      {decode.Info{Format: "mp3", Codec: "mp3", Rate: 22050, Channels: 1}, 65},
		"stereo22050.mp3":    {decode.Info{Format: "mp3", Codec: "mp3", Rate: 22050, Channels: 2}, 55},
		"mono16000.mp3":      {decode.Info{Format: "mp3", Codec: "mp3", Rate: 16000, Channels: 1}, 65},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var reference struct {
				Samples, Every int
				Values         []int
			}
			if err := json.Unmarshal(read(t, name+".json"), &reference); err != nil {
				t.Fatal(err)
			}
			file := read(t, name)
			c, info := decoded(t, file, "")
			want.info.Bytes = int64(len(file))
			if diff := cmp.Diff(want.info, info); diff != "" {
				t.Error(diff)
			}
			end := len(c.Samples) - reference.Samples
			if mp3 := info.Format == "mp3"; end != 0 && !mp3 || end < 0 || end > 2304 { // an MP3's padding at the end stays
				t.Errorf("%d samples, want %d", len(c.Samples), reference.Samples)
			}
			var got, values []float32
			for i, v := range reference.Values {
				got, values = append(got, c.Samples[i*reference.Every]), append(values, float32(v)/32768)
			}
			if db := snr(got, values); db < want.snr {
				t.Errorf("differs from the reference by %.1f dB, want %v", db, want.snr)
			} else {
				t.Logf("differs from the reference by %.1f dB", db)
			}
		})
	}
}

// TestLikeOriginal: what comes out of lossy codecs is the voice that went in, at 16 kHz and in time with it.
func TestLikeOriginal(t *testing.T) {
	t.Parallel()
	voice, _ := decoded(t, read(t, "voice.flac"), "")
	for name, want := range map[string]float64{
		"silk.ogg": 0.9, "hybrid.ogg": 0.95, "celt.ogg": 0.99, "celt5.ogg": 0.99, "voice.webm": 0.9, "chromium.webm": 0.8,
		"mono44100.mp3": 0.99, "mono22050.mp3": 0.97, "mono16000.mp3": 0.97,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _, err := decode.Decode(t.Context(), bytes.NewReader(read(t, name)), "", decode.Limits{Rate: pcm.Rate})
			if err != nil || c.Rate != pcm.Rate {
				t.Fatalf("%d Hz, %v", c.Rate, err)
			}
			if got := likeness(c, voice); got < want {
				t.Errorf("correlates with the original by %.3f, want %v", got, want)
			} else {
				t.Logf("correlates with the original by %.3f", got)
			}
			if db := pcm.Loudness(c) - pcm.Loudness(voice); math.Abs(db) > 1.5 {
				t.Errorf("%.1f dB louder than the original", db)
			}
		})
	}
}

// TestFLAC: every bit is that which was encoded, by the checksum in the file.
func TestFLAC(t *testing.T) {
	t.Parallel()
	file := read(t, "voice.flac")
	c, info := decoded(t, file, "audio/flac")
	if sum := md5.Sum(c.Bytes16()); !bytes.Equal(sum[:], file[26:42]) {
		t.Errorf("the samples' MD5 is %x, want %x", sum, file[26:42])
	}
	want := decode.Info{Format: "flac", Codec: "flac", Rate: 16000, Channels: 1, Bytes: int64(len(file))}
	if diff := cmp.Diff(want, info); diff != "" {
		t.Error(diff)
	}
	stereo, info := decoded(t, read(t, "stereo.flac"), "")
	if info.Channels != 2 || stereo.Rate != 22050 {
		t.Errorf("got %+v at %d Hz", info, stereo.Rate)
	}
	mean := pcm.Clip{Rate: pcm.Rate, Samples: make([]float32, 8000)} // the right channel is 10 ms behind
	for i := range mean.Samples {
		mean.Samples[i] = (c.Samples[i] + 0.7*c.Samples[max(i-160, 0)]) / 2
	}
	if got := likeness(pcm.Resample(stereo, pcm.Rate), mean); got < 0.99 {
		t.Errorf("stereo correlates with the mean of its channels by %.3f", got)
	}
}

func TestWAVAndRaw(t *testing.T) {
	t.Parallel()
	c := pcm.Clip{Rate: 22050, Samples: make([]float32, 30_000)}
	for i := range c.Samples {
		c.Samples[i] = float32(int16(i*7919)) / 32768
	}
	var file bytes.Buffer
	if err := wav.Write(&file, c); err != nil {
		t.Fatal(err)
	}
	raw, swapped := c.Bytes16(), c.Bytes16()
	for i := 0; i < len(swapped); i += 2 {
		swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
	}
	for _, tc := range []struct {
		name, contentType string
		file              []byte
		want              decode.Info
	}{
		{"WAV", "audio/wav", file.Bytes(), decode.Info{Format: "wav", Codec: "pcm_s16le", Rate: 22050, Channels: 1}},
		{"WAV, said to be raw", "audio/pcm;rate=8000", file.Bytes(), decode.Info{Format: "wav", Codec: "pcm_s16le", Rate: 22050, Channels: 1}},
		{"WAV, said to be WebM", "audio/webm", file.Bytes(), decode.Info{Format: "wav", Codec: "pcm_s16le", Rate: 22050, Channels: 1}},
		{"WAV, header nonsense", ";;;", file.Bytes(), decode.Info{Format: "wav", Codec: "pcm_s16le", Rate: 22050, Channels: 1}},
		{"raw", "audio/pcm;rate=22050", raw, decode.Info{Format: "pcm", Codec: "pcm_s16le", Rate: 22050, Channels: 1}},
		{"raw, cut in a sample", "audio/pcm; rate=22050; channels=1", raw[:len(raw)-1], decode.Info{Format: "pcm", Codec: "pcm_s16le", Rate: 22050, Channels: 1, Truncated: true}},
		{"big-endian", "audio/L16;rate=22050;channels=1", swapped, decode.Info{Format: "pcm", Codec: "pcm_s16be", Rate: 22050, Channels: 1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for how, r := range map[string]io.Reader{"at once": bytes.NewReader(tc.file), "in halves": iotest.HalfReader(bytes.NewReader(tc.file))} {
				got, info, err := decode.Decode(t.Context(), r, tc.contentType, decode.Limits{})
				if err != nil {
					t.Fatal(err)
				}
				tc.want.Bytes = int64(len(tc.file))
				want := c
				if tc.want.Truncated {
					want.Samples = c.Samples[:len(c.Samples)-1]
				}
				if !cmp.Equal(want, got) || info != tc.want {
					t.Errorf("%s: %d samples at %d Hz, %+v", how, len(got.Samples), got.Rate, info)
				}
			}
		})
	}
	stereo, info := decoded(t, raw, "audio/pcm;rate=16000;channels=2")
	if len(stereo.Samples) != 15_000 || info.Channels != 2 || stereo.Samples[1] != (c.Samples[2]+c.Samples[3])/2 {
		t.Errorf("raw stereo: %d samples, %+v", len(stereo.Samples), info)
	}
}

// TestRate: a clip that is resampled while it is decoded is the one that is resampled afterwards.
func TestRate(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"chromium.webm", "mono44100.mp3", "stereo.flac", "voice.flac"} {
		want, _ := decoded(t, read(t, name), "")
		got, info, err := decode.Decode(t.Context(), bytes.NewReader(read(t, name)), "", decode.Limits{Rate: pcm.Rate})
		if err != nil || info.Rate != want.Rate || !cmp.Equal(pcm.Resample(want, pcm.Rate), got) {
			t.Errorf("%s: %d samples at %d Hz, %+v, %v", name, len(got.Samples), got.Rate, info, err)
		}
	}
}

// TestCut: wherever a recording breaks off, what is there is a beginning of the whole, and less than a tenth of a second of it is
// refused.
func TestCut(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"silk.ogg", "celt.ogg", "chromium.webm", "firefox.ogg", "firefox.webm", "voice.webm", "voice.flac", "mono44100.mp3", "mono22050.mp3"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := read(t, name)
			whole, _ := decoded(t, file, "")
			longest, refused := 0, 0
			for n := 1; n < len(file); n += 1 + len(file)/60 {
				c, info, err := decode.Decode(t.Context(), bytes.NewReader(file[:n]), "", decode.Limits{})
				switch code := codeOf(err); {
				case code == "audio_unreadable", code == "audio_format" && n < 4, code == "audio_empty" && info.Format == "mp3": // its first frame has no sound
					refused++
					continue
				case err != nil:
					t.Fatalf("cut at %d: %v", n, err)
				case c.Duration() < 20*time.Millisecond || len(c.Samples) < longest || len(c.Samples) > len(whole.Samples)+2000:
					t.Errorf("cut at %d: %v of %v, %+v", n, c.Duration(), whole.Duration(), info)
				}
				longest = len(c.Samples)
				if same := min(len(c.Samples), len(whole.Samples)); !slices.Equal(c.Samples[:same], whole.Samples[:same]) {
					t.Errorf("cut at %d: the beginning is another", n)
				}
			}
			if refused == 0 || longest < len(whole.Samples)/2 {
				t.Errorf("%d refused, the longest has %d samples of %d", refused, longest, len(whole.Samples))
			}
		})
	}
}

// TestUpload: what goes wrong outside of the recording is told apart from a bad recording.
func TestUpload(t *testing.T) {
	t.Parallel()
	file := read(t, "voice.flac")
	broken := errors.New("the disk is gone")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancelLate := context.WithCancel(t.Context())
	for _, tc := range []struct {
		name string
		ctx  context.Context
		r    io.Reader
		want string
		is   error
	}{
		{"connection lost", t.Context(), io.MultiReader(bytes.NewReader(file[:15000]), iotest.ErrReader(io.ErrUnexpectedEOF)), "audio_unreadable", gym.ErrInvalid},
		{"disk", t.Context(), io.MultiReader(bytes.NewReader(file[:15000]), iotest.ErrReader(broken)), "read the recording: the disk is gone", broken},
		{"disk at once", t.Context(), iotest.ErrReader(broken), "read the recording: the disk is gone", broken},
		{"cancelled before", cancelled, bytes.NewReader(file), "decode the recording: context canceled", context.Canceled},
		{"cancelled amid", late, cancelling{bytes.NewReader(file), cancelLate}, "decode the recording: context canceled", context.Canceled},
		{"refused by the server", t.Context(), iotest.ErrReader(gym.Errorf(gym.ErrTooLarge, "body_too_large", "…")), "body_too_large", gym.ErrTooLarge},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c, _, err := decode.Decode(tc.ctx, tc.r, "", decode.Limits{})
			if codeOf(err) != tc.want || !errors.Is(err, tc.is) || len(c.Samples) > 0 {
				t.Errorf("%d samples, %v; want %s", len(c.Samples), err, tc.want)
			}
		})
	}
}

// cancelling is a reader whose client goes away as soon as something is read.
type cancelling struct {
	io.Reader
	cancel func()
}

func (r cancelling) Read(p []byte) (int, error) {
	defer r.cancel()
	return r.Reader.Read(p[:min(len(p), 4000)])
}

// TestRecordingsOfPeople decodes the recordings that come beside the repository.
func TestRecordingsOfPeople(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../../../shared/data/*/*.wav")
	if err != nil || len(files) == 0 {
		t.Skip("no recordings in ../shared/data")
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		c, info, err := decode.Decode(t.Context(), bytes.NewReader(b), "audio/wav", decode.Limits{Rate: pcm.Rate})
		if err != nil || info.Truncated || c.Duration() < time.Second {
			t.Errorf("%s: %v, %+v, %v", name, c.Duration(), info, err)
		}
		if silence := strings.Contains(name, "silence"); pcm.Silent(c) != silence {
			t.Errorf("%s: silent %v, %.1f dBFS", name, !silence, pcm.Loudness(c))
		}
	}
}

func ExampleDecode() {
	file, err := os.Open("testdata/chromium.webm")
	if err != nil {
		panic(err)
	}
	defer file.Close()
	clip, info, err := decode.Decode(context.Background(), file, "audio/webm;codecs=opus", decode.Limits{Rate: pcm.Rate})
	fmt.Println(clip.Rate, clip.Duration().Round(100*time.Millisecond), info.Format, info.Codec, info.Channels, err)
	// Output: 16000 1.5s webm opus 2 <nil>
}

var le = binary.LittleEndian
