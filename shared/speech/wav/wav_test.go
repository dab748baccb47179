package wav_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/wav"
)

var le = binary.LittleEndian

// chunk is a RIFF chunk, padded.
func chunk(id string, body []byte) []byte {
	b := append(le.AppendUint32([]byte(id), uint32(len(body))), body...)
	if len(body)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

// format is a fmt chunk.
func format(code, channels, rate, bits int) []byte {
	b := le.AppendUint16(nil, uint16(code))
	b = le.AppendUint16(b, uint16(channels))
	b = le.AppendUint32(b, uint32(rate))
	b = le.AppendUint32(b, uint32(rate*channels*((bits+7)/8)))
	b = le.AppendUint16(b, uint16(channels*((bits+7)/8)))
	return chunk("fmt ", le.AppendUint16(b, uint16(bits)))
}

// extensible is a fmt chunk whose code is in the GUID of its sub-format.
func extensible(code, channels, rate, bits, valid int) []byte {
	f := format(0xFFFE, channels, rate, bits)[8:]
	f = le.AppendUint16(le.AppendUint16(f, 22), uint16(valid))
	f = le.AppendUint16(le.AppendUint32(f, 0), uint16(code))
	return chunk("fmt ", append(f, "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"...))
}

func file(chunks ...[]byte) []byte {
	body := append([]byte("WAVE"), bytes.Join(chunks, nil)...)
	return append(le.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func floats32(v ...float32) (b []byte) {
	for _, x := range v {
		b = le.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

func floats64(v ...float64) (b []byte) {
	for _, x := range v {
		b = le.AppendUint64(b, math.Float64bits(x))
	}
	return b
}

// sized replaces the size that the header of a chunk states.
func sized(c []byte, size uint32) []byte {
	c = bytes.Clone(c)
	le.PutUint32(c[4:], size)
	return c
}

var (
	mono16 = format(1, 1, 16000, 16)
	four   = []byte{0, 0x40, 0, 0xC0, 0, 0x20, 0, 0x80} // 0.5, -0.5, 0.25, -1
	list   = chunk("LIST", []byte("INFOodd"))
)

func TestRead(t *testing.T) {
	t.Parallel()
	values := []float32{0.5, -0.5, 0.25, -1}
	for _, tc := range []struct {
		name string
		file []byte
		want []float32
	}{
		{"16 bit", file(mono16, chunk("data", four)), values},
		{"8 bit", file(format(1, 1, 16000, 8), chunk("data", []byte{192, 64, 160, 0})), values},
		{"24 bit", file(format(1, 1, 16000, 24), chunk("data", []byte{0, 0, 0x40, 0, 0, 0xC0, 0, 0, 0x20, 0, 0, 0x80})), values},
		{"20 bit", file(format(1, 1, 16000, 20), chunk("data", []byte{0, 0, 0x40, 0, 0, 0xC0, 0, 0, 0x20, 0, 0, 0x80})), values},
		{"32 bit", file(format(1, 1, 16000, 32), chunk("data", []byte{0, 0, 0, 0x40, 0, 0, 0, 0xC0, 0, 0, 0, 0x20, 0, 0, 0, 0x80})), values},
		{"float", file(format(3, 1, 16000, 32), chunk("data", floats32(values...))), values},
		{"double", file(format(3, 1, 16000, 64), chunk("data", floats64(0.5, -0.5, 0.25, -1))), values},
		{"extensible", file(extensible(1, 1, 16000, 16, 16), chunk("data", four)), values},
		{"extensible float", file(extensible(3, 1, 16000, 32, 32), chunk("data", floats32(values...))), values},
		{"24 bit in 32", file(extensible(1, 1, 16000, 32, 24), chunk("data", []byte{0, 0, 0, 0x40, 0, 0, 0, 0xC0, 0, 0, 0, 0x20, 0, 0, 0, 0x80})), values},
		{"stereo", file(format(1, 2, 16000, 16), chunk("data", four)), []float32{0, -0.375}},
		{"eight channels", file(format(3, 8, 16000, 32), chunk("data", floats32(1, 1, 1, 1, 0, 0, 0, -2))), []float32{0.25}},
		{"other chunks, odd ones too", file(list, mono16, chunk("fact", make([]byte, 4)), list, chunk("data", four), list), values},
		{"format after the data", file(chunk("data", four), list, mono16), values},
		{"odd data before the format", file(chunk("data", four[:7]), mono16), values[:3]},
		{"streamed", file(mono16, sized(chunk("data", four), 0xFFFFFFFF)), values},
		{"streamed with size 0", file(mono16, sized(chunk("data", four), 0)), values},
		{"streamed, cut in a sample", file(mono16, sized(chunk("data", four[:7]), 0xFFFFFFFF))[:44+7], values[:3]},
		{"promises more than it has", file(mono16, sized(chunk("data", four), 4000)), values},
		{"promises 2 GB", file(mono16, sized(chunk("data", four), 0x7FFFFFFF)), values},
		{"ends amid a sample", file(mono16, chunk("data", four))[:44+7], values[:3]},
		{"no sound", file(mono16, chunk("data", nil)), nil},
		{"no sound, but a list", file(mono16, chunk("data", nil), list), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for how, r := range map[string]io.Reader{"at once": bytes.NewReader(tc.file), "byte by byte": iotest.OneByteReader(bytes.NewReader(tc.file))} {
				got, err := wav.Read(r, 4)
				if err != nil {
					t.Fatalf("%s: %v", how, err)
				}
				if diff := cmp.Diff(pcm.Clip{Rate: 16000, Samples: tc.want}, got, cmpopts.EquateEmpty(), cmpopts.EquateApprox(0, 1e-7)); diff != "" {
					t.Errorf("%s: %s", how, diff)
				}
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	good := file(mono16, chunk("data", four))
	broken := errors.New("the line is dead")
	for _, tc := range []struct {
		name string
		file io.Reader
		want error
	}{
		{"nothing", strings.NewReader(""), wav.ErrHeader},
		{"text", strings.NewReader("This is my workout of today: squats."), wav.ErrHeader},
		{"ends in the header", bytes.NewReader(good[:30]), wav.ErrHeader},
		{"no data", bytes.NewReader(file(mono16)), wav.ErrHeader},
		{"no format", bytes.NewReader(file(chunk("data", four))), wav.ErrHeader},
		{"a chunk beyond the file", bytes.NewReader(file(sized(list, 1<<30), mono16, chunk("data", four))), wav.ErrHeader},
		{"short format", bytes.NewReader(file(chunk("fmt ", make([]byte, 4)), chunk("data", four))), wav.ErrHeader},
		{"huge format", bytes.NewReader(file(sized(mono16, 1<<31), chunk("data", four))), wav.ErrHeader},
		{"no channel", bytes.NewReader(file(format(1, 0, 16000, 16), chunk("data", four))), wav.ErrHeader},
		{"65535 channels", bytes.NewReader(file(format(1, 65535, 16000, 8), chunk("data", four))), wav.ErrHeader},
		{"no rate", bytes.NewReader(file(format(1, 1, 0, 16), chunk("data", four))), wav.ErrHeader},
		{"no bits", bytes.NewReader(file(format(1, 1, 16000, 0), chunk("data", four))), wav.ErrHeader},
		{"48 bits", bytes.NewReader(file(format(1, 1, 16000, 48), chunk("data", four))), wav.ErrHeader},
		{"float of 16 bits", bytes.NewReader(file(format(3, 1, 16000, 16), chunk("data", four))), wav.ErrHeader},
		{"compressed", bytes.NewReader(file(format(2, 1, 16000, 16), chunk("data", four))), wav.ErrFormat},
		{"big-endian", strings.NewReader("RIFX1234WAVE"), wav.ErrFormat},
		{"not a number", bytes.NewReader(file(format(3, 1, 16000, 32), chunk("data", floats32(0, float32(math.NaN()))))), wav.ErrNumber},
		{"infinite", bytes.NewReader(file(format(3, 1, 16000, 64), chunk("data", floats64(math.Inf(-1))))), wav.ErrNumber},
		{"broken line in the data", io.MultiReader(bytes.NewReader(good[:46]), iotest.ErrReader(broken)), broken},
		{"broken line in the header", io.MultiReader(bytes.NewReader(good[:20]), iotest.ErrReader(broken)), broken},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got, err := wav.Read(tc.file, 100); !errors.Is(err, tc.want) {
				t.Errorf("Read = %v, %v; want %v", got, err, tc.want)
			}
		})
	}
	if _, err := wav.Read(bytes.NewReader(good), 3); err == nil {
		t.Error("4 samples are read where 3 are allowed")
	}
}

// TestWrite: what is written is read back, to the bit.
func TestWrite(t *testing.T) {
	t.Parallel()
	c := pcm.Clip{Rate: 22050, Samples: []float32{0, 0.5, -0.25, 1 - 1.0/32768, -1, 1.0 / 32768}}
	var b bytes.Buffer
	if err := wav.Write(&b, c); err != nil {
		t.Fatal(err)
	}
	if want := file(format(1, 1, 22050, 16), chunk("data", c.Bytes16())); !bytes.Equal(b.Bytes(), want) {
		t.Errorf("wrote %x, want %x", b.Bytes(), want)
	}
	got, err := wav.Read(&b, 100)
	if diff := cmp.Diff(c, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if err := wav.Write(brokenPipe{}, c); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a broken pipe: %v", err)
	}
}

func TestHeader(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]int{"streaming": wav.Streaming, "beyond 4 GB": 1 << 32} {
		h := wav.Header(16000, n)
		if len(h) != wav.HeaderSize || le.Uint32(h[4:]) != 0xFFFFFFFF || le.Uint32(h[40:]) != 0xFFFFFFFF {
			t.Errorf("%s: %x", name, h)
		}
		got, err := wav.Read(bytes.NewReader(append(h, four...)), 4)
		if err != nil || len(got.Samples) != 4 {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// TestReadRecordings reads the recordings of people that come beside the repository.
func TestReadRecordings(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../../../shared/data/speech/*.wav")
	if err != nil || len(files) == 0 {
		t.Skip("no recordings in ../shared/data/speech")
	}
	for _, name := range files {
		f, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		c, err := wav.Read(bytes.NewReader(f), 1<<22)
		if err != nil || pcm.Silent(c) || pcm.Peak(c) > 1 {
			t.Errorf("%s: %v, silent %v, peak %v", name, err, pcm.Silent(c), pcm.Peak(c))
		}
		var b bytes.Buffer
		if err := wav.Write(&b, c); err != nil {
			t.Fatal(err)
		}
		if again, err := wav.Read(&b, 1<<22); err != nil || !cmp.Equal(c, again) {
			t.Errorf("%s is not the same when written and read again: %v", name, err)
		}
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
