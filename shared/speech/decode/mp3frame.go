package decode

import (
	"encoding/binary"
	"io"
)

// mp3Frames gives the frames of a file one after the other, as the library is to read them.
type mp3Frames struct {
	in      *input
	kind    mp3Header // of the first frame; the others are of the same
	cut     bool      // the last frame is not whole, or there was noise between two
	noise   bool      // since the last frame
	before  []byte    // sound of the frames before that a frame may still need
	waiting []byte    // to be read
	pack    mp3Pack
}

func (f *mp3Frames) Read(p []byte) (int, error) {
	for len(f.waiting) == 0 {
		frame, err := f.next()
		if err != nil {
			if f.waiting = f.pack.flush(); f.waiting == nil {
				return 0, err
			}
			break
		}
		f.add(frame)
	}
	n := copy(p, f.waiting)
	f.waiting = f.waiting[n:]
	return n, nil
}

// next is the next frame, of the first one's kind.
func (f *mp3Frames) next() ([]byte, error) {
	for {
		head, err := f.in.Peek(4)
		if len(head) < 4 {
			return nil, err
		}
		h := mp3HeaderOf(head)
		if f.kind == 0 || f.noise || !f.kind.same(h) { // a header alone is no proof
			skip, err := f.resync()
			if err != nil {
				return nil, err
			}
			if skip > 0 {
				f.noise = true
				if _, err := f.in.Discard(skip); err != nil {
					return nil, err
				}
				continue
			}
		}
		frame, err := f.in.Peek(h.size())
		if len(frame) < h.size() {
			f.cut = true
			return nil, err
		}
		if f.kind == 0 {
			f.kind = h
		} else if f.noise {
			f.cut, f.before = true, nil
		}
		f.noise = false
		frame = append([]byte(nil), frame...)
		_, err = f.in.Discard(len(frame))
		return frame, err
	}
}

// resync is how many bytes to pass over to come nearer to the next frame, 0 when it is here. A tag at the end is passed over too.
func (f *mp3Frames) resync() (int, error) {
	ahead, err := f.in.Peek(4096)
	if err != nil && err != io.EOF {
		return 0, err
	}
	switch at := mp3At(ahead); {
	case at > 0:
		return at, nil
	case at < 0:
		return max(len(ahead)-3000, 1), nil // one longer than any frame may begin in the rest
	}
	if f.kind != 0 && !f.kind.same(mp3HeaderOf(ahead)) {
		return 1, nil
	}
	return 0, nil
}

// add makes a frame one that the library reads rightly. One whose beginning is lost, with the frames before it, becomes silence:
// the library would read something else instead. So does one of MPEG-2 with mixed blocks, on which it panics.
func (f *mp3Frames) add(frame []byte) {
	const most = 511 // bytes that a frame's sound can begin before it
	h := mp3HeaderOf(frame)
	side, data := h.data()
	sound := h.sound(frame)
	all := append(f.before, frame[data:]...)
	start := len(f.before) - sound.first
	if start < 0 || sound.mixed && !h.mpeg1() {
		clear(frame[side:data])
		start, sound.length = len(f.before), 0
	}
	f.before = append([]byte(nil), all[max(len(all)-most, 0):]...)
	if h.rate() == 22050 {
		f.waiting = f.pack.add(frame[:data], all[start:min(start+sound.length, len(all))])
		return
	}
	f.waiting = frame
}

// mp3Pack lays out the frames of MPEG-2 at 22 050 Hz anew. The library takes half of those that are padded to be a byte shorter
// than they are, and what comes after is noise. Here all are as large as can be, without padding, and the sound of each begins as
// early as there is room in the one before, so that there is room for that of large ones.
type mp3Pack struct {
	held []byte // the frame before
	room int    // at its end
}

// add takes a frame by its head, up to its sound, and its sound, and gives the frame before.
func (p *mp3Pack) add(head, sound []byte) []byte {
	h := mp3HeaderOf(head)&^(15<<12|1<<9) | 14<<12
	side, data := h.data()
	frame := make([]byte, h.size())
	copy(frame, head)
	binary.BigEndian.PutUint32(frame, uint32(h))
	early := min(len(sound), p.room, 255) // bytes that go before the frame; their number has eight bits
	if len(sound)-early > len(frame)-data {
		clear(frame[side:data]) // no room, which happens to frames of far more than their share
		sound, early = nil, 0
	}
	frame[side] = byte(early)
	copy(p.held[len(p.held)-early:], sound[:early])
	n := copy(frame[data:], sound[early:])
	ready := p.held
	p.held, p.room = frame, len(frame)-data-n
	return ready
}

func (p *mp3Pack) flush() []byte {
	last := p.held
	*p = mp3Pack{}
	return last
}
