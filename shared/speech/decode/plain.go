package decode

import (
	"encoding/binary"
	"errors"
	"io"
	"strconv"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech/wav"
)

// block is how many samples a channel are decoded at a time.
const block = 4096

func decodeWAV(in *input, out *sink) error {
	r, err := wav.NewReader(in.Reader)
	if errors.Is(err, wav.ErrFormat) {
		return errFormat("the WAV is of a coding that is not decoded; PCM and floats are")
	}
	if err != nil {
		return err
	}
	codec := "pcm_s" + strconv.Itoa(r.Bits) + "le"
	switch {
	case r.Float:
		codec = "pcm_f" + strconv.Itoa(r.Bits) + "le"
	case r.Bits == 8:
		codec = "pcm_u8"
	}
	if err := out.begin(codec, r.Rate, r.Channels); err != nil {
		return err
	}
	samples := make([]float32, block*r.Channels)
	for {
		n, err := r.Read(samples)
		if errors.Is(err, wav.ErrNumber) {
			return errNumber
		}
		if werr := out.write(samples[:n], r.Channels); werr != nil {
			return werr
		}
		if err == io.EOF {
			out.info.Truncated = r.Short
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// rawFormat is that of samples without a header: signed, of 16 bits, little-endian as audio/pcm and big-endian as audio/L16
// (RFC 2586).
func rawFormat(media string, params map[string]string) (format, error) {
	rate, err := strconv.Atoi(params["rate"])
	if err != nil {
		return format{}, &gym.Error{
			Kind: gym.ErrInvalid, Code: CodeRate, Detail: "raw samples do not say how many a second there are",
			Hint: "name it in the header: Content-Type: audio/pcm;rate=16000",
		}
	}
	channels := 1
	if given := params["channels"]; given != "" {
		if channels, err = strconv.Atoi(given); err != nil {
			channels = 0 // is refused as such
		}
	}
	codec, order := "pcm_s16le", binary.ByteOrder(binary.LittleEndian)
	if media == "audio/l16" {
		codec, order = "pcm_s16be", binary.BigEndian
	}
	return format{name: "pcm", decode: func(in *input, out *sink) error {
		if err := out.begin(codec, rate, channels); err != nil {
			return err
		}
		return decodeRaw(in, out, order, channels)
	}}, nil
}

func decodeRaw(in *input, out *sink, order binary.ByteOrder, channels int) error {
	raw, samples := make([]byte, 2*block*channels), make([]float32, block*channels)
	for {
		n, err := io.ReadFull(in, raw)
		whole := n - n%(2*channels)
		for i := range whole / 2 {
			samples[i] = float32(int16(order.Uint16(raw[2*i:]))) / (1 << 15)
		}
		if werr := out.write(samples[:whole/2], channels); werr != nil {
			return werr
		}
		switch {
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			out.info.Truncated = whole < n
			return nil
		case err != nil:
			return err
		}
	}
}
