package speak

import (
	"errors"
	"fmt"
	"io"

	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/pcm"
)

// sink takes sound in signed 16-bit samples as it comes.
type sink interface {
	// open is told the rate in Hz, before any sound.
	open(rate int) error
	sound(samples []byte) error
}

// converter brings utterances, one after the other, to the rate that the client wants: that of the first when it named none.
type converter struct {
	rate      int // Hz; 0 until the first utterance tells
	opened    bool
	from      int // of the utterances
	resampler *pcm.Resampler
	out       sink
}

// chunk is how much sound is sent at once, when so much is there: 200 ms of most voices.
const chunk = 8 << 10

func (c *converter) copy(u *speech.Utterance) error {
	if err := c.begin(u.Rate); err != nil {
		return err
	}
	buffer := make([]byte, chunk)
	for {
		n, err := u.Read(buffer)
		if n > 0 {
			if err := c.give(buffer[:n]); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

func (c *converter) begin(from int) error {
	if c.rate == 0 {
		c.rate = from
	}
	if c.from != from {
		if err := c.flush(); err != nil {
			return err
		}
		c.from = from
		if from != c.rate {
			c.resampler = pcm.NewResampler(from, c.rate)
		}
	}
	if c.opened {
		return nil
	}
	c.opened = true
	return c.out.open(c.rate)
}

func (c *converter) give(samples []byte) error {
	if c.resampler == nil {
		return c.out.sound(samples)
	}
	return c.send(c.resampler.Write(pcm.Of16(samples, c.from).Samples))
}

func (c *converter) send(samples []float32) error {
	if len(samples) == 0 {
		return nil
	}
	return c.out.sound(pcm.Clip{Rate: c.rate, Samples: samples}.Bytes16())
}

// flush gives what the change of the rate held back.
func (c *converter) flush() error {
	if c.resampler == nil {
		return nil
	}
	err := c.send(c.resampler.Flush())
	c.resampler = nil
	return err
}

func (c *converter) end() error {
	if !c.opened {
		return fmt.Errorf("speak: no utterance was made")
	}
	return c.flush()
}
