package decode

import "encoding/binary"

// mp3Header is the four bytes before each frame (ISO 11172-3, 2.4.1.3, and ISO 13818-3).
type mp3Header uint32

func mp3HeaderOf(b []byte) mp3Header { return mp3Header(binary.BigEndian.Uint32(b)) }

// kilobits are the bit rates by their number, of MPEG-1 and of the others.
var kilobits = [2][16]int{
	{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
	{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
}

// valid reports whether it is the header of a Layer III frame of a stated bit rate.
func (h mp3Header) valid() bool {
	return h>>21 == 0x7FF && h>>19&3 != 1 && h>>17&3 == 1 && h>>12&15 != 0 && h>>12&15 != 15 && h>>10&3 != 3 && h&3 != 2
}

// same reports whether two frames are of one file: version, layer, rate and channels do not change in it.
func (h mp3Header) same(other mp3Header) bool {
	return other.valid() && (h^other)&0xFFFE0C00 == 0 && h.channels() == other.channels()
}

func (h mp3Header) mpeg1() bool  { return h>>19&3 == 3 }
func (h mp3Header) mpeg25() bool { return h>>19&3 == 0 }
func (h mp3Header) padding() int { return int(h >> 9 & 1) }

func (h mp3Header) channels() int {
	if h>>6&3 == 3 {
		return 1
	}
	return 2
}

func (h mp3Header) rate() int {
	rate := []int{44100, 48000, 32000, 0}[h>>10&3]
	switch {
	case h.mpeg1():
		return rate
	case h.mpeg25():
		return rate / 4
	}
	return rate / 2
}

// size is that of the frame in bytes.
func (h mp3Header) size() int {
	if h.mpeg1() {
		return 144_000*kilobits[0][h>>12&15]/h.rate() + h.padding()
	}
	return 72_000*kilobits[1][h>>12&15]/h.rate() + h.padding()
}

// data is where the frame's side information begins, and where its sound does after that.
func (h mp3Header) data() (side, data int) {
	side = 4
	if h>>16&1 == 0 {
		side += 2 // a checksum
	}
	switch {
	case h.mpeg1() && h.channels() == 2:
		return side, side + 32
	case h.mpeg1() || h.channels() == 2:
		return side, side + 17
	}
	return side, side + 9
}

// mp3At is where frames begin: at a header that another one follows where it says, or the end. It is -1 when nowhere.
func mp3At(b []byte) int {
	for i := 0; i+4 <= len(b); i++ {
		h := mp3HeaderOf(b[i:])
		if !h.valid() {
			continue
		}
		if next := i + h.size(); next == len(b) || next+4 <= len(b) && h.same(mp3HeaderOf(b[next:])) {
			return i
		}
	}
	return -1
}

func isMP3(head []byte) bool { return mp3At(head[:min(len(head), 4096)]) == 0 }

// mp3Sound is what a frame's side information says of its sound.
type mp3Sound struct {
	first  int  // bytes before the frame's own where it begins
	length int  // bytes; what then comes up to the next frame's sound is filling
	mixed  bool // long and short blocks in one
}

func (h mp3Header) sound(frame []byte) mp3Sound {
	side, data := h.data()
	r := bitReader{b: frame[side:data]}
	begin, private, granules, scale, rest := 9, []int{0, 5 + 4, 3 + 8}, 2, 4, 22 // private bits and shared scale factors
	if !h.mpeg1() {
		begin, private, granules, scale, rest = 8, []int{0, 1, 2}, 1, 9, 21
	}
	s := mp3Sound{first: r.take(begin)}
	r.take(private[h.channels()])
	bits := 0
	for range granules * h.channels() {
		bits += r.take(12)
		r.take(9 + 8 + scale) // how many large values, the gain, how long the scale factors are
		if window := r.take(4); window == 0b1101 {
			s.mixed = true
		}
		r.take(rest)
	}
	s.length = (bits + 7) / 8
	return s
}

// bitReader takes numbers of some bits, the highest first.
type bitReader struct {
	b  []byte
	at int
}

func (r *bitReader) take(n int) int {
	v := 0
	for range n {
		v = v<<1 | int(r.b[r.at/8]>>(7-r.at%8))&1
		r.at++
	}
	return v
}
