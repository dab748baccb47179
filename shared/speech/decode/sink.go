package decode

import (
	"context"
	"math"
	"time"

	"github.com/intellifit/intellifit/shared/speech/pcm"
)

// sink takes the sound as a decoder makes it: it mixes it down, changes its rate, and stops the decoder where a limit is.
type sink struct {
	ctx       context.Context
	limits    Limits
	info      Info
	rate      int // Hz of what is taken
	take      func([]float32) error
	err       error          // of take; stays
	resampler *pcm.Resampler // nil when the rate stays
	most      int            // samples a channel
	taken     int            // samples a channel
	made      int            // of these, silence where sound is missing
	mono      []float32
}

func newSink(ctx context.Context, l Limits, take func([]float32) error) *sink {
	return &sink{ctx: ctx, limits: l, take: take}
}

// begin says what sound will come. It is refused when it is beyond what is taken.
func (s *sink) begin(codec string, rate, channels int) error {
	s.info.Codec, s.info.Rate, s.info.Channels = codec, rate, channels
	switch {
	case rate < minRate || rate > maxRate:
		return errRate(rate)
	case channels < 1 || channels > maxChannels:
		return errChannels(channels)
	}
	s.most = int(s.limits.MaxDuration.Seconds() * float64(rate))
	s.rate = rate
	if s.limits.Rate > 0 && s.limits.Rate != rate {
		s.rate = s.limits.Rate
		s.resampler = pcm.NewResampler(rate, s.limits.Rate)
	}
	return nil
}

// write takes interleaved samples.
func (s *sink) write(interleaved []float32, channels int) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	if s.taken += len(interleaved) / channels; s.taken > s.most {
		return errTooLong(s.limits.MaxDuration)
	}
	s.mono = pcm.Mix(s.mono[:0], interleaved, channels)
	for i, v := range s.mono {
		if v != v || math.IsInf(float64(v), 0) {
			return errNumber
		}
		s.mono[i] = min(max(v, -1), 1)
	}
	if s.resampler != nil {
		return s.give(s.resampler.Write(s.mono))
	}
	return s.give(s.mono)
}

func (s *sink) give(samples []float32) error {
	if s.err == nil && len(samples) > 0 {
		s.err = s.take(samples)
	}
	return s.err
}

// silence takes n samples of it, for sound that is missing.
func (s *sink) silence(n int) error {
	s.info.Truncated = true
	s.made += n
	var nothing [4096]float32
	for ; n > 0; n -= len(nothing) {
		if err := s.write(nothing[:min(n, len(nothing))], 1); err != nil {
			return err
		}
	}
	return nil
}

// sound is how much there is that was in the recording.
func (s *sink) sound() time.Duration {
	if s.info.Rate == 0 {
		return 0
	}
	return time.Duration(s.taken-s.made) * time.Second / time.Duration(s.info.Rate)
}

// finish gives what the change of the rate held back.
func (s *sink) finish() error {
	if s.resampler == nil {
		return nil
	}
	return s.give(s.resampler.Flush())
}
