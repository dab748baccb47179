package wav

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// ErrFormat says that a file is a WAV, but one of a coding that is not read here: compressed, big-endian or beyond 4 GB.
var ErrFormat = errors.New("coding is not supported")

// ErrHeader says that a file is no WAV, or that its header makes no sense.
var ErrHeader = errors.New("no WAV header")

// ErrNumber says that a sample is no number or infinite.
var ErrNumber = errors.New("a sample is no finite number")

// MaxChannels is how many channels a file may have for its header to be believed.
const MaxChannels = 256

const (
	codePCM        = 1
	codeFloat      = 3
	codeExtensible = 0xFFFE
)

// Reader gives the samples of a WAV as they come in.
type Reader struct {
	Rate     int // Hz, as the header says: anything but 0
	Channels int // 1 to MaxChannels
	Bits     int // of a sample: 8, 16, 24, 32 or 64
	Float    bool
	Short    bool // after io.EOF: less came than the header promised, or the last sample was cut

	r    io.Reader // of the data
	left int64     // bytes that the header promises; negative when it does not say
	raw  []byte
}

// NewReader reads the header, and what else stands before the data. Chunks may come in any order: when the format comes
// after the data, the data waits in memory.
func NewReader(r io.Reader) (*Reader, error) {
	b := bufio.NewReader(r)
	var riff [12]byte
	if _, err := io.ReadFull(b, riff[:]); err != nil {
		return nil, header(err, "the file ends in its header")
	}
	switch {
	case string(riff[:4]) == "RIFX", string(riff[:4]) == "RF64", string(riff[:4]) == "BW64":
		return nil, fmt.Errorf("read the WAV: %w: %s", ErrFormat, riff[:4])
	case string(riff[:4]) != "RIFF" || string(riff[8:]) != "WAVE":
		return nil, fmt.Errorf("read the WAV: %w: it begins otherwise", ErrHeader)
	}
	w := &Reader{}
	var waiting []byte
	for {
		var head [8]byte
		if _, err := io.ReadFull(b, head[:]); err != nil {
			return nil, header(err, "the file ends before its data")
		}
		size := int64(binary.LittleEndian.Uint32(head[4:]))
		switch id := string(head[:4]); {
		case id == "fmt ":
			if err := w.format(b, size); err != nil {
				return nil, err
			}
			if waiting != nil {
				w.r, w.left = bytes.NewReader(waiting), int64(len(waiting))
				return w, nil
			}
		case id == "data" && w.Rate != 0:
			w.r, w.left = b, promised(b, size)
			return w, nil
		case id == "data" && waiting == nil:
			data, err := io.ReadAll(io.LimitReader(b, size+size&1))
			if err != nil {
				return nil, fmt.Errorf("read the WAV: %w", err)
			}
			waiting = data[:min(size, int64(len(data)))]
		default:
			if _, err := io.CopyN(io.Discard, b, size+size&1); err != nil { // chunks are padded to an even length
				return nil, header(err, "a chunk before the data is longer than the file")
			}
		}
	}
}

// promised is how many bytes of data there are by the header, or -1 when it was written before that was known. Zero means that
// too, unless another chunk follows, as in a file that has no sound.
func promised(b *bufio.Reader, size int64) int64 {
	switch size {
	case 0xFFFFFFFF:
		return -1
	case 0:
		next, _ := b.Peek(4) // an error shows again when the data is read
		for _, id := range []string{"LIST", "JUNK", "fact", "cue ", "smpl", "bext", "PEAK", "id3 ", "ID3 "} {
			if string(next) == id {
				return 0
			}
		}
		return -1
	}
	return size
}

func (w *Reader) format(r io.Reader, size int64) error {
	if size < 16 || size > 1<<16 {
		return fmt.Errorf("read the WAV: %w: a format of %d bytes", ErrHeader, size)
	}
	f := make([]byte, size+size&1)
	if _, err := io.ReadFull(r, f); err != nil {
		return header(err, "the file ends in its format")
	}
	le := binary.LittleEndian
	code := le.Uint16(f)
	if code == codeExtensible && size >= 26 {
		code = le.Uint16(f[24:]) // the beginning of the sub-format's GUID
	}
	rate, block, bits := le.Uint32(f[4:]), int(le.Uint16(f[12:])), int(le.Uint16(f[14:]))
	w.Channels, w.Float = int(le.Uint16(f[2:])), code == codeFloat
	if code != codePCM && code != codeFloat {
		return fmt.Errorf("read the WAV: %w: code %#x", ErrFormat, code)
	}
	if rate == 0 || rate > math.MaxInt32 || w.Channels == 0 || w.Channels > MaxChannels || block%w.Channels != 0 {
		return fmt.Errorf("read the WAV: %w: %d Hz, %d channels of %d bytes in all", ErrHeader, rate, w.Channels, block)
	}
	w.Rate, w.Bits = int(rate), 8*block/w.Channels // samples of 20 bits, say, fill the upper ones of 24
	if bits > w.Bits || bits <= w.Bits-8 {
		return fmt.Errorf("read the WAV: %w: %d bits in %d", ErrHeader, bits, w.Bits)
	}
	switch {
	case w.Float && (w.Bits == 32 || w.Bits == 64), !w.Float && (w.Bits == 8 || w.Bits == 16 || w.Bits == 24 || w.Bits == 32):
		return nil
	}
	return fmt.Errorf("read the WAV: %w: samples of %d bits", ErrHeader, w.Bits)
}

// Read gives the next samples, interleaved, always whole frames. At the end of the data it gives io.EOF, whatever the header
// promised.
func (w *Reader) Read(to []float32) (int, error) {
	frame := w.Channels * w.Bits / 8
	want := int64(len(to)/w.Channels) * int64(frame)
	if w.left >= 0 {
		want = min(want, w.left)
	}
	if want == 0 {
		if w.left == 0 {
			return 0, io.EOF
		}
		return 0, fmt.Errorf("read the WAV: no room for %d channels", w.Channels)
	}
	if int64(cap(w.raw)) < want {
		w.raw = make([]byte, want)
	}
	n, err := io.ReadFull(w.r, w.raw[:want])
	switch {
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		w.Short = w.Short || w.left > 0 || n%frame != 0
		w.left, err = 0, io.EOF
	case err != nil:
		return 0, fmt.Errorf("read the WAV: %w", err)
	case w.left > 0:
		w.left -= want
		w.Short = n%frame != 0
	}
	n -= n % frame
	to = to[:n/(w.Bits/8)]
	if bad := w.convert(to, w.raw[:n]); bad {
		return 0, fmt.Errorf("read the WAV: %w", ErrNumber)
	}
	return len(to), err
}

// convert reads the samples of b, which are as many as those of to, and reports whether one of them is no finite number.
func (w *Reader) convert(to []float32, b []byte) (bad bool) {
	le := binary.LittleEndian
	for i := range to {
		switch w.Bits {
		case 8:
			to[i] = (float32(b[i]) - 128) / 128
		case 16:
			to[i] = float32(int16(le.Uint16(b[2*i:]))) / (1 << 15)
		case 24:
			to[i] = float32(int32(uint32(b[3*i])<<8|uint32(b[3*i+1])<<16|uint32(b[3*i+2])<<24)) / (1 << 31)
		case 32:
			if !w.Float {
				to[i] = float32(int32(le.Uint32(b[4*i:]))) / (1 << 31)
				break
			}
			to[i] = math.Float32frombits(le.Uint32(b[4*i:]))
			bad = bad || !finite(float64(to[i]))
		case 64:
			v := math.Float64frombits(le.Uint64(b[8*i:]))
			to[i] = float32(min(max(v, -math.MaxFloat32), math.MaxFloat32))
			bad = bad || !finite(v)
		}
	}
	return bad
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// header says what is wrong when a file ends too early, and passes on what else went wrong.
func header(err error, what string) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("read the WAV: %w: %s", ErrHeader, what)
	}
	return fmt.Errorf("read the WAV: %w", err)
}
