package decode

import (
	"fmt"
	"io"

	"github.com/mewkiz/flac"
)

func decodeFLAC(in *input, out *sink) error {
	stream, err := flac.New(in.Reader)
	if err != nil {
		return fmt.Errorf("read the FLAC's header: %w", err)
	}
	channels := int(stream.Info.NChannels)
	if err := out.begin("flac", int(stream.Info.SampleRate), channels); err != nil {
		return err
	}
	var samples []float32
	for {
		f, err := stream.ParseNext()
		if err == io.EOF {
			out.info.Truncated = stream.Info.NSamples > uint64(out.taken)
			return nil
		}
		if err != nil {
			return fmt.Errorf("read a FLAC frame: %w", err)
		}
		bits := int(f.BitsPerSample)
		if bits == 0 {
			bits = int(stream.Info.BitsPerSample)
		}
		if len(f.Subframes) != channels || bits < 4 || bits > 32 || f.SampleRate != 0 && f.SampleRate != stream.Info.SampleRate {
			return fmt.Errorf("a FLAC frame has %d channels, %d bits, %d Hz in a stream of %d channels at %d Hz",
				len(f.Subframes), bits, f.SampleRate, channels, stream.Info.SampleRate)
		}
		n := len(f.Subframes[0].Samples)
		samples = append(samples[:0], make([]float32, n*channels)...)
		scale := 1 / float32(int64(1)<<(bits-1))
		for c, sub := range f.Subframes {
			if len(sub.Samples) != n {
				return fmt.Errorf("a FLAC frame's channels have %d and %d samples", n, len(sub.Samples))
			}
			for i, v := range sub.Samples {
				samples[i*channels+c] = float32(v) * scale
			}
		}
		if err := out.write(samples, channels); err != nil {
			return err
		}
	}
}
