package voice

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/spoken"
)

// chunkMS is how much sound is sent at one time.
const chunkMS = 100

// speak makes the sound of one clause and hands it out as it comes, at the given rate. kept stores it for the next time.
func (c *Calls) speak(ctx context.Context, voice string, rate int, clause string, kept bool, out func(sound []byte) error) error {
	if sound, ok := c.phrases.get(voice, clause); ok {
		return out(sound)
	}
	text := spoken.Say(clause)
	if text == "" { // nothing in it can be said
		return nil
	}
	if last := clause[len(clause)-1]; strings.IndexByte(",;:", last) >= 0 && text[len(text)-1] != last { // the sentence goes on: the voice must not fall
		text += ","
	}
	u, err := c.Synthesizer.Speak(ctx, text, speech.Speaking{Voice: voice})
	if err != nil {
		return fmt.Errorf("speak a clause: %w", err)
	}
	defer u.Close()
	var whole []byte
	give := func(sound []byte) error {
		if kept {
			whole = append(whole, sound...)
		}
		if len(sound) == 0 {
			return nil
		}
		return out(sound)
	}
	if u.Rate == rate {
		err = chunks(u, rate, give)
	} else {
		convert := pcm.NewResampler(u.Rate, rate)
		err = chunks(u, u.Rate, func(sound []byte) error {
			return give(pcm.Clip{Rate: rate, Samples: convert.Write(pcm.Of16(sound, u.Rate).Samples)}.Bytes16())
		})
		if err == nil {
			err = give(pcm.Clip{Rate: rate, Samples: convert.Flush()}.Bytes16())
		}
	}
	if err != nil {
		return fmt.Errorf("speak a clause: %w", err)
	}
	if kept {
		c.phrases.put(voice, clause, whole)
	}
	return nil
}

// chunks reads whole samples, chunkMS at a time; the first ones as they come.
func chunks(r io.Reader, rate int, out func([]byte) error) error {
	size := max(rate*chunkMS/1000, 1) * 2
	buf := make([]byte, 0, size)
	for {
		n, err := r.Read(buf[len(buf):size])
		buf = buf[:len(buf)+n]
		if whole := len(buf) - len(buf)%2; whole > 0 && (whole == size || err != nil) {
			if err := out(buf[:whole]); err != nil {
				return err
			}
			buf = make([]byte, 0, size)
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil: // also a connection that broke in the middle: what came of it was heard
			return err
		}
	}
}

// part is one thing to say: a clause of the answer, or a filler.
type part struct {
	text   string
	filler bool
	kept   bool // its sound is worth keeping
}

// queue holds what is to be said, in order. It is unbounded: the model must never wait for the voice, and an answer is short.
type queue struct {
	mu     sync.Mutex
	parts  []part
	closed bool
	more   chan struct{} // holds one token when something changed
}

func newQueue() *queue { return &queue{more: make(chan struct{}, 1)} }

func (q *queue) add(parts ...part) {
	q.mu.Lock()
	q.parts = append(q.parts, parts...)
	q.mu.Unlock()
	q.tell()
}

// close says that nothing more comes.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.tell()
}

func (q *queue) tell() {
	select {
	case q.more <- struct{}{}:
	default:
	}
}

// next waits for the next part; ok is false at the end.
func (q *queue) next(ctx context.Context) (p part, ok bool, err error) {
	for {
		q.mu.Lock()
		if len(q.parts) > 0 {
			p, q.parts = q.parts[0], q.parts[1:]
			q.mu.Unlock()
			return p, true, nil
		}
		closed := q.closed
		q.mu.Unlock()
		if closed {
			return part{}, false, nil
		}
		select {
		case <-ctx.Done():
			return part{}, false, context.Cause(ctx)
		case <-q.more:
		}
	}
}
