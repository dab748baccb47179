package decode_test

import (
	"bytes"
	"errors"
	"math"
	"math/bits"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech/decode"
	"github.com/intellifit/intellifit/shared/speech/decode/decodetest"
)

var codes = []string{decode.CodeEmpty, decode.CodeUnreadable, decode.CodeRate, decode.CodeChannels, decode.CodeTooLong, decode.CodeTooLarge, decode.CodeFormat}

// fuzz feeds what the fuzzer makes of the recordings here to the decoder. mend makes checksums right again, without which
// nearly nothing would get past them. Fuzz with: go test -fuzz FuzzOgg -fuzztime 60s
func fuzz(f *testing.F, mend func([]byte), patterns ...string) {
	f.Helper()
	for _, p := range patterns {
		files, err := filepath.Glob(filepath.Join("testdata", p))
		if err != nil || len(files) == 0 {
			f.Fatalf("no recordings %s: %v", p, err)
		}
		for _, name := range files {
			b, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b[:min(len(b), 3000)])
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		b = bytes.Clone(b)
		mend(b)
		holds(t, b, "")
	})
}

// holds checks what holds for any recording.
func holds(t *testing.T, b []byte, contentType string) {
	t.Helper()
	l := decode.Limits{MaxBytes: 1 << 20, MaxDuration: 2 * time.Second}
	began := time.Now()
	c, info, err := decode.Decode(t.Context(), bytes.NewReader(b), contentType, l)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	var e *gym.Error
	switch {
	case err == nil:
		if len(c.Samples) == 0 || c.Duration() > l.MaxDuration || c.Rate < 8000 || c.Rate > 192_000 || info.Channels < 1 || info.Channels > 8 || info.Format == "" {
			t.Errorf("%d samples at %d Hz, %+v", len(c.Samples), c.Rate, info)
		}
		for i, s := range c.Samples {
			if !(math.Abs(float64(s)) <= 1) {
				t.Fatalf("sample %d is %v", i, s)
			}
		}
	case !errors.As(err, &e) || !slices.Contains(codes, e.Code) || len(c.Samples) > 0:
		t.Errorf("%d samples, %v", len(c.Samples), err)
	case e.Err != nil && strings.Contains(e.Err.Error(), "panicked"): // is caught, but a recording that can be mended should be
		t.Error(e.Err)
	}
}

func FuzzWAV(f *testing.F) {
	f.Add(decodetest.WAV(1, 1, 16000, 16, 400, make([]byte, 400)))
	f.Add(decodetest.WAV(3, 2, 44100, 32, 0xFFFFFFFF, floats(0.5, -0.5, 0.25, float32(math.NaN()))))
	f.Add(decodetest.WAV(1, 8, 192000, 24, 1<<30, make([]byte, 2000)))
	f.Add(decodetest.WAV(0xFFFE, 1, 8000, 8, 0, make([]byte, 100)))
	f.Add([]byte("RIFF\x00\x00\x00\x00WAVELIST\x03\x00\x00\x00abc\x00data\x04\x00\x00\x00abcdfmt \x10\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) { holds(t, b, "audio/wav") })
}

func FuzzFLAC(f *testing.F) { fuzz(f, mendFLAC, "*.flac") }

func FuzzMP3(f *testing.F) {
	f.Add(decodetest.MP3Hours()[:2400])
	fuzz(f, func([]byte) {}, "*.mp3")
}

func FuzzOgg(f *testing.F) {
	f.Add(opusSilence()[:2000])
	fuzz(f, mendOgg, "*.ogg")
}

func FuzzWebM(f *testing.F) {
	f.Add(webmOf("A_OPUS", [][]byte{simpleBlock(1, 0, 0, []byte{31 << 3, 1, 2, 3}), simpleBlock(1, 20, 6, []byte{1, 0x81, 31 << 3, 31 << 3})}))
	fuzz(f, func([]byte) {}, "*.webm")
}

// FuzzOpus makes packets of the bytes, without a container that would refuse them.
func FuzzOpus(f *testing.F) {
	for _, name := range []string{"silk.ogg", "hybrid.ogg", "celt60.ogg", "dtx.ogg"} {
		var b []byte
		for _, p := range packets(f, read(f, name))[:20] {
			b = append(append(b, byte(len(p)>>8), byte(len(p))), p...)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var blocks [][]byte
		for i := 0; len(b) > 2; i++ {
			n := min(int(b[0])<<8|int(b[1]), len(b)-2)
			blocks = append(blocks, simpleBlock(1, 20*i, 0, b[2:2+n]))
			b = b[2+n:]
		}
		holds(t, webmOf("A_OPUS", blocks), "")
	})
}

// mendOgg makes the checksums of pages right.
func mendOgg(b []byte) {
	for i := 0; i+27 <= len(b); i++ {
		if string(b[i:i+4]) != "OggS" {
			continue
		}
		end := i + 27 + int(b[i+26])
		if end > len(b) {
			return
		}
		for _, n := range b[i+27 : end] {
			end += int(n)
		}
		if end > len(b) {
			return
		}
		le.PutUint32(b[i+22:], checksum(b[i:end]))
		i = end - 1
	}
}

// mendFLAC makes the checksums of frame headers right. Frames are taken to begin as the first one does.
func mendFLAC(b []byte) {
	first := bytes.Index(b, []byte("\xFF\xF8"))
	for i := first; i >= 0 && i+16 <= len(b); i++ {
		if b[i] != b[first] || b[i+1] != b[first+1] || b[i+3] != b[first+3] {
			continue
		}
		n := 4 + max(bits.LeadingZeros8(^b[i+4]), 1) // the frame's number has a byte or more,
		switch b[i+2] >> 4 {                         // and the block size and the rate may follow
		case 6:
			n++
		case 7:
			n += 2
		}
		switch b[i+2] & 15 {
		case 12:
			n++
		case 13, 14:
			n += 2
		}
		n = min(n, 15)
		crc := byte(0)
		for _, v := range b[i : i+n] {
			crc ^= v
			for range 8 {
				crc = crc<<1 ^ 0x07*(crc>>7)
			}
		}
		b[i+n] = crc
	}
}

// TestFuzzHelpers: the recordings are as good after their checksums were made right as before, so that the fuzzer works on what
// it thinks it does.
func TestFuzzHelpers(t *testing.T) {
	t.Parallel()
	for name, mend := range map[string]func([]byte){"voice.flac": mendFLAC, "stereo.flac": mendFLAC, "celt.ogg": mendOgg, "firefox.ogg": mendOgg} {
		file := read(t, name)
		mended := bytes.Clone(file)
		mend(mended)
		if !bytes.Equal(file, mended) {
			t.Errorf("%s is another", name)
		}
		want, _ := decoded(t, file, "")
		if c, info := decoded(t, mended, ""); !slices.Equal(c.Samples, want.Samples) || info.Truncated {
			t.Errorf("%s: %d samples, want %d, %+v", name, len(c.Samples), len(want.Samples), info)
		}
	}
}
