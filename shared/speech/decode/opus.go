package decode

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/pion/opus"
)

const (
	opusRate      = 48_000
	longestPacket = opusRate * 120 / 1000
	longestHole   = 10 * opusRate // what is missing is silence up to here; a longer hole is a lie of the container
)

var errPacket = errors.New("malformed Opus packet")

// opusStream decodes the packets of one stream, whatever container they come from.
type opusStream struct {
	out     *sink
	decoder opus.Decoder
	skip    int     // samples at the beginning that are not to be heard
	gain    float32 // of every sample
	last    int     // samples of the packet before
	buffer  []float32
}

// opusHead is the identification header (RFC 7845, section 5.1).
type opusHead struct {
	channels, skip int
	gain           float32
}

func readOpusHead(b []byte) (opusHead, error) {
	if len(b) < 19 || string(b[:8]) != "OpusHead" || b[8] >= 16 {
		return opusHead{}, fmt.Errorf("no Opus header in %d bytes", len(b))
	}
	h := opusHead{channels: int(b[9]), skip: int(binary.LittleEndian.Uint16(b[10:])), gain: 1}
	if db := int16(binary.LittleEndian.Uint16(b[16:])); db != 0 {
		h.gain = float32(math.Pow(10, float64(db)/256/20))
	}
	switch several := b[18] != 0 && (len(b) < 20 || b[19] != 1); {
	case h.channels == 0:
		return opusHead{}, errors.New("an Opus header without channels")
	case several || h.channels > 2:
		return opusHead{}, errFormat("Opus of more than two channels is not decoded")
	}
	return h, nil
}

// newOpusStream makes a decoder that mixes down to mono, as the codec itself defines it.
func newOpusStream(h opusHead, out *sink) (*opusStream, error) {
	o := &opusStream{out: out, skip: h.skip, gain: h.gain, last: opusRate / 50, buffer: make([]float32, longestPacket)}
	var err error
	if o.decoder, err = opus.NewDecoderWithOutput(opusRate, 1); err != nil {
		return nil, fmt.Errorf("make the Opus decoder: %w", err)
	}
	return o, nil
}

// packet decodes a packet and gives all of its samples but those beyond keep. It tells how many samples the packet has. A
// damaged one is silence as long as the one before.
func (o *opusStream) packet(p []byte, keep int) (int, error) {
	frames, size, err := opusFrames(p)
	if err != nil {
		return o.last, o.silence(min(o.last, keep))
	}
	samples := o.buffer[:0]
	for _, f := range frames {
		samples = o.frame(samples, p[0], f, size)
	}
	o.last = len(samples)
	for i := range samples {
		samples[i] *= o.gain
	}
	samples = samples[:min(len(samples), max(keep, 0))]
	skipped := min(o.skip, len(samples))
	o.skip -= skipped
	return o.last, o.out.write(samples[skipped:], 1)
}

// frame appends the samples of one frame. The decoder conceals no frame that is missing or not sent because nobody spoke: given
// one, it makes a bang of what comes after when the speech coder is at work (SILK), and fades as it should when not (CELT). So
// only the latter gets it, and silence stands for the other.
func (o *opusStream) frame(samples []float32, toc byte, f []byte, size int) []float32 {
	to := samples[len(samples) : len(samples)+size]
	samples = samples[:len(samples)+size]
	if celt := toc>>3 >= 16; len(f) > 1 || celt {
		one := append([]byte{toc &^ 3}, f...) // a packet of one frame
		n, err := o.decoder.DecodeToFloat32(one, to)
		if err == nil && n == size {
			return samples
		}
		o.out.info.Truncated = true
	}
	clear(to)
	return samples
}

// silence stands for n samples that are missing.
func (o *opusStream) silence(n int) error {
	n = min(max(n, 0), longestHole)
	skipped := min(o.skip, n)
	o.skip -= skipped
	return o.out.silence(n - skipped)
}

// opusFrames divides a packet into frames of size samples each (RFC 6716, section 3.2).
func opusFrames(p []byte) (frames [][]byte, size int, err error) {
	if len(p) == 0 {
		return nil, 0, errPacket
	}
	size = frameSize(p[0])
	rest := p[1:]
	switch p[0] & 3 {
	case 0:
		frames = [][]byte{rest}
	case 1:
		if len(rest)%2 != 0 {
			return nil, 0, errPacket
		}
		frames = [][]byte{rest[:len(rest)/2], rest[len(rest)/2:]}
	case 2:
		n, rest, err := frameLength(rest)
		if err != nil || n > len(rest) {
			return nil, 0, errPacket
		}
		frames = [][]byte{rest[:n], rest[n:]}
	case 3:
		if frames, err = manyFrames(rest); err != nil {
			return nil, 0, err
		}
	}
	if len(frames)*size > longestPacket {
		return nil, 0, errPacket
	}
	for _, f := range frames {
		if len(f) > 1275 {
			return nil, 0, errPacket
		}
	}
	return frames, size, nil
}

// manyFrames divides a packet of code 3 without its first byte.
func manyFrames(p []byte) ([][]byte, error) {
	if len(p) == 0 || p[0]&63 == 0 || p[0]&63 > 48 {
		return nil, errPacket
	}
	count, variable, padded := int(p[0]&63), p[0]&128 != 0, p[0]&64 != 0
	p = p[1:]
	for more := padded; more; {
		if len(p) == 0 {
			return nil, errPacket
		}
		pad := int(p[0])
		more, p = pad == 255, p[1:]
		if more {
			pad = 254
		}
		if pad > len(p) {
			return nil, errPacket
		}
		p = p[:len(p)-pad]
	}
	lengths := make([]int, count)
	if variable {
		sum := 0
		for i := range count - 1 {
			n, rest, err := frameLength(p)
			if err != nil {
				return nil, err
			}
			lengths[i], p = n, rest
			sum += n
		}
		lengths[count-1] = len(p) - sum
	} else {
		if len(p)%count != 0 {
			return nil, errPacket
		}
		for i := range lengths {
			lengths[i] = len(p) / count
		}
	}
	frames := make([][]byte, count)
	for i, n := range lengths {
		if n < 0 || n > len(p) {
			return nil, errPacket
		}
		frames[i], p = p[:n], p[n:]
	}
	return frames, nil
}

// frameLength reads the length of a frame, of one or two bytes.
func frameLength(p []byte) (int, []byte, error) {
	switch {
	case len(p) == 0 || p[0] >= 252 && len(p) < 2:
		return 0, nil, errPacket
	case p[0] < 252:
		return int(p[0]), p[1:], nil
	}
	return int(p[0]) + 4*int(p[1]), p[2:], nil
}

// frameSize is how many samples the frames of a packet have, by its first byte.
func frameSize(toc byte) int {
	switch config := toc >> 3; {
	case config < 12: // SILK
		return opusRate / 1000 * []int{10, 20, 40, 60}[config&3]
	case config < 16: // both
		return opusRate / 1000 * []int{10, 20}[config&1]
	default: // CELT
		return opusRate / 400 << (config & 3)
	}
}
