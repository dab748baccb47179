package decode

import (
	"encoding/binary"
	"io"

	"github.com/hajimehoshi/go-mp3"
)

// decodeMP3 decodes Layer III of MPEG-1 and MPEG-2. The library gets nothing but whole frames of one kind, since it would
// allocate whatever length a tag states, and take noise between frames for frames.
func decodeMP3(in *input, out *sink) error {
	if err := skipID3(in); err != nil {
		return err
	}
	frames := &mp3Frames{in: in}
	first, err := frames.next()
	if err != nil {
		return unexpected(err)
	}
	h := frames.kind
	if h.mpeg25() {
		return errFormat("MP3 of less than 16000 Hz is not decoded")
	}
	channels := h.channels()
	if err := out.begin("mp3", h.rate(), channels); err != nil {
		return err
	}
	skip, isInfo := lameDelay(h, first)
	if !isInfo {
		frames.add(first)
	}
	decoder, err := mp3.NewDecoder(frames)
	if err == io.EOF {
		out.info.Truncated = frames.cut
		return nil
	}
	if err != nil {
		return err
	}
	raw, samples := make([]byte, 4*block), make([]float32, 0, 2*block)
	for {
		n, err := io.ReadFull(decoder, raw)
		samples = samples[:0]
		for i := 0; i+4 <= n; i += 4 { // it makes two channels even of one
			if skip > 0 {
				skip--
				continue
			}
			for c := range channels {
				samples = append(samples, float32(int16(binary.LittleEndian.Uint16(raw[i+2*c:])))/(1<<15))
			}
		}
		if werr := out.write(samples, channels); werr != nil {
			return werr
		}
		switch {
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			out.info.Truncated = frames.cut
			return nil
		case err != nil:
			return err
		}
	}
}

// skipID3 passes over the tags at the beginning.
func skipID3(in *input) error {
	for {
		head, err := in.Peek(10)
		if err != nil || string(head[:3]) != "ID3" {
			return nil // that a file is too short shows when its frames are read
		}
		size := int64(10)
		for i, b := range head[6:10] {
			size += int64(b&127) << (7 * (3 - i))
		}
		if head[5]&16 != 0 {
			size += 10 // a footer
		}
		if err := in.skip(size); err != nil {
			return unexpected(err)
		}
	}
}

// lameDelay tells whether the first frame is one that holds no sound but figures about the file, and how many samples at the
// beginning of the sound the encoder and the decoder added by them.
func lameDelay(h mp3Header, frame []byte) (samples int, isInfo bool) {
	_, at := h.data()
	if len(frame) < at+8 || string(frame[at:at+4]) != "Xing" && string(frame[at:at+4]) != "Info" {
		return 0, false
	}
	flags := frame[at+7]
	at += 8
	for i, size := range []int{4, 4, 100, 4} { // frames, bytes, a table of contents, the quality
		if flags>>i&1 == 1 {
			at += size
		}
	}
	const decoderDelay = 529
	if len(frame) < at+24 || frame[at] != 'L' { // LAME or Lavc
		return 0, true
	}
	return int(frame[at+21])<<4 + int(frame[at+22])>>4 + decoderDelay, true
}
