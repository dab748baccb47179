// Package recording transcribes recordings of any length. Recognisers take half a minute at once: a recording is cut where it is
// quiet, its parts are recognised in order, and their transcripts become one, with times that count from the recording's beginning.
package recording

import (
	"context"
	"io"
	"time"

	"github.com/intellifit/intellifit/shared/speech/decode"
	"github.com/intellifit/intellifit/shared/speech/pcm"
)

// Longest is how long a part is at most: recognisers look at 30 s, and pad what is shorter.
const Longest = 28 * time.Second

// Recording is sound that waits to be recognised, in parts of at most Longest.
type Recording struct {
	Length time.Duration
	Info   decode.Info
	parts  []part
	room   *Room
}

// part is a stretch of a recording. Its sound is in 16 bits, which is what recognisers are sent; nil when it is silent.
type part struct {
	start, end time.Duration
	sound      []byte
}

// Read decodes a recording and cuts it. What it takes of room is given back part by part as they are recognised, and by Close.
func Read(ctx context.Context, r io.Reader, contentType string, l decode.Limits, room *Room) (*Recording, error) {
	l.Rate = pcm.Rate
	c := &cutter{recording: &Recording{room: room}}
	info, err := decode.Each(ctx, r, contentType, l, c.take)
	if err == nil {
		err = c.end()
	}
	if err != nil {
		c.recording.Close()
		return nil, err
	}
	c.recording.Info = info
	return c.recording, nil
}

// Close gives back what the recording takes of its room. It may be called twice.
func (r *Recording) Close() {
	for i := range r.parts {
		r.drop(i)
	}
}

func (r *Recording) drop(i int) {
	r.room.give(len(r.parts[i].sound))
	r.parts[i].sound = nil
}

// cutter cuts sound as it comes, where pcm.Cuts would cut the whole.
type cutter struct {
	recording *Recording
	pending   []float32 // sound that is not cut yet,
	from      int       // and where it begins, in samples
}

// ahead is how many samples must be there beyond a cut: with fewer, pcm.Cuts might divide what is left in two equal parts.
const ahead = int(Longest/time.Second)*pcm.Rate*3/2 + pcm.Rate

func (c *cutter) take(samples []float32) error {
	c.pending = append(c.pending, samples...)
	for len(c.pending) > ahead {
		first := pcm.Cuts(pcm.Clip{Rate: pcm.Rate, Samples: c.pending}, Longest)[0]
		n := len(pcm.Clip{Rate: pcm.Rate, Samples: c.pending}.Slice(0, first.End).Samples)
		if err := c.cut(n); err != nil {
			return err
		}
		c.pending = c.pending[:copy(c.pending, c.pending[n:])]
	}
	return nil
}

// end cuts what is left.
func (c *cutter) end() error {
	rest := pcm.Clip{Rate: pcm.Rate, Samples: c.pending}
	for _, span := range pcm.Cuts(rest, Longest) {
		c.pending = rest.Slice(span.Start, span.End).Samples
		if err := c.cut(len(c.pending)); err != nil {
			return err
		}
	}
	return nil
}

// cut makes a part of the first n samples.
func (c *cutter) cut(n int) error {
	clip := pcm.Clip{Rate: pcm.Rate, Samples: c.pending[:n]}
	p := part{start: timeOf(c.from), end: timeOf(c.from + n)}
	if !pcm.Silent(clip) {
		if err := c.recording.room.take(2 * n); err != nil {
			return err
		}
		p.sound = clip.Bytes16()
	}
	c.recording.parts = append(c.recording.parts, p)
	c.recording.Length = p.end
	c.from += n
	return nil
}

func timeOf(sample int) time.Duration { return time.Duration(sample) * time.Second / pcm.Rate }
