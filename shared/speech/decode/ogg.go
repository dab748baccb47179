package decode

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	maxPacket   = 1 << 16 // bytes of an Ogg packet that are kept; longer ones hold pictures
	maxBadPages = 32
)

// page is a page of Ogg (RFC 3533).
type page struct {
	continued, first, last bool
	granule                int64 // of the last packet that ends here; -1 when none does
	serial, number         uint32
	lacing, body           []byte
}

// decodeOgg decodes the first Opus stream of the file (RFC 7845), and those that are chained to it.
func decodeOgg(in *input, out *sink) error {
	d := &oggOpus{out: out}
	for {
		p, err := d.next(in)
		if err == io.EOF {
			return d.end()
		}
		if err != nil {
			return err
		}
		if p.first && (d.stream == nil || d.started) { // not one of several that run side by side
			if err := d.begin(p); err != nil {
				return err
			}
			continue
		}
		if d.stream == nil || p.serial != d.serial {
			continue
		}
		if err := d.page(p); err != nil {
			return err
		}
	}
}

// oggOpus is an Opus stream in Ogg as far as it is read.
type oggOpus struct {
	out    *sink
	stream *opusStream
	other  string // a codec that was met instead
	serial uint32
	number uint32 // of the page that comes next
	ended  bool
	tags   bool   // were read
	cut    []byte // the beginning of a packet that goes on in the next page
	open   bool   // there is one

	started bool
	start   int64 // granule position of the first sample
	total   int64 // samples so far
	bad     int
}

// begin looks whether the first page of a stream is one of Opus.
func (d *oggOpus) begin(p page) error {
	if !bytes.HasPrefix(p.body, []byte("OpusHead")) {
		d.other = codecOf(p.body)
		return nil
	}
	h, err := readOpusHead(p.body)
	if err != nil {
		return err
	}
	if d.stream == nil {
		if err := d.out.begin("opus", opusRate, h.channels); err != nil {
			return err
		}
	}
	out, bad := d.out, d.bad
	*d = oggOpus{out: out, bad: bad, serial: p.serial, number: p.number + 1}
	d.stream, err = newOpusStream(h, out)
	return err
}

func (d *oggOpus) end() error {
	switch {
	case d.stream == nil && d.other != "":
		return errFormat(d.other + " in Ogg is not decoded; Opus is")
	case d.stream == nil:
		return errors.New("an Ogg file without a stream")
	}
	if !d.ended || d.open {
		d.out.info.Truncated = true
	}
	return nil
}

// page decodes the packets that end in the page.
func (d *oggOpus) page(p page) error {
	if p.number != d.number || p.continued != d.open {
		d.open, d.cut = false, nil // the rest of that packet is lost
		if p.number != d.number {
			d.out.info.Truncated = true
		}
	}
	d.number, d.ended = p.number+1, p.last
	packets := d.packets(p)
	if !d.tags && len(packets) > 0 {
		d.tags = true
		if bytes.HasPrefix(packets[0], []byte("OpusTags")) {
			packets = packets[1:]
		}
	}
	samples := int64(0)
	for _, b := range packets {
		if frames, size, err := opusFrames(b); err == nil {
			samples += int64(len(frames) * size)
		} else {
			samples += int64(d.stream.last)
		}
	}
	if len(packets) == 0 {
		return nil
	}
	keep := samples
	switch {
	case p.granule < 0: // it says nothing
	case !d.started:
		if d.start = max(p.granule-samples, 0); p.last {
			d.start, keep = 0, min(samples, p.granule)
		}
	case p.last && p.granule > 0: // the sound may end before its last packet does
		keep = min(samples, max(p.granule-d.start-d.total, 0))
	default:
		if hole := p.granule - samples - d.start - d.total; hole >= opusRate/50 {
			if err := d.stream.silence(int(min(hole, longestHole))); err != nil {
				return err
			}
			d.total += hole
		}
	}
	d.started = true
	for _, b := range packets {
		n, err := d.stream.packet(b, int(keep))
		if err != nil {
			return err
		}
		keep -= min(keep, int64(n))
		d.total += int64(n)
	}
	return nil
}

// packets are those that end in the page; what goes on in the next one waits.
func (d *oggOpus) packets(p page) [][]byte {
	var whole [][]byte
	lost := p.continued && !d.open // its beginning is
	body := p.body
	for _, n := range p.lacing {
		if len(d.cut) < maxPacket {
			d.cut = append(d.cut, body[:n]...)
		}
		body = body[n:]
		d.open = n == 255
		if d.open {
			continue
		}
		if !lost {
			whole = append(whole, d.cut)
		}
		lost, d.cut = false, nil
	}
	if lost {
		d.open, d.cut = false, nil
	}
	return whole
}

// next reads the next page, and passes over what is none.
func (d *oggOpus) next(in *input) (page, error) {
	for {
		head, err := in.Peek(27)
		if len(head) < 27 {
			return page{}, atEnd(err, len(head))
		}
		if string(head[:4]) != "OggS" {
			if err := d.resync(in); err != nil {
				return page{}, err
			}
			continue
		}
		size := 27 + int(head[26])
		if head, err = in.Peek(size); len(head) < size {
			return page{}, atEnd(err, len(head))
		}
		for _, n := range head[27:] {
			size += int(n)
		}
		whole, err := in.Peek(size)
		if len(whole) < size {
			return cutPage(in, whole, err)
		}
		if binary.LittleEndian.Uint32(whole[22:]) != oggCRC(whole) {
			if err := d.resync(in); err != nil {
				return page{}, err
			}
			continue
		}
		p := parsePage(bytes.Clone(whole))
		_, err = in.Discard(size)
		return p, err
	}
}

// cutPage is what is there of the last page of a file that breaks off: a page can be more than a second long.
func cutPage(in *input, b []byte, err error) (page, error) {
	if err != io.EOF {
		return page{}, err
	}
	p := parsePage(bytes.Clone(b))
	if p.first {
		return page{}, io.ErrUnexpectedEOF
	}
	p.granule, p.last = -1, false
	room := len(p.body)
	for i, n := range p.lacing {
		if room -= int(n); room < 0 {
			p.lacing = p.lacing[:i]
			break
		}
	}
	_, err = in.Discard(len(b))
	return p, err
}

func parsePage(b []byte) page {
	le, segments := binary.LittleEndian, int(b[26])
	return page{
		continued: b[5]&1 != 0, first: b[5]&2 != 0, last: b[5]&4 != 0,
		granule: int64(le.Uint64(b[6:])), serial: le.Uint32(b[14:]), number: le.Uint32(b[18:]),
		lacing: b[27 : 27+segments], body: b[27+segments:],
	}
}

// resync goes on to where the next page seems to begin, but not too often: each costs a checksum of up to 64 kB.
func (d *oggOpus) resync(in *input) error {
	if d.bad++; d.bad > maxBadPages {
		return fmt.Errorf("more than %d damaged pages", maxBadPages)
	}
	d.out.info.Truncated = true
	for skip := 1; ; {
		if _, err := in.Discard(skip); err != nil {
			return err
		}
		ahead, err := in.Peek(4096)
		if at := bytes.Index(ahead, []byte("OggS")); at >= 0 {
			_, err := in.Discard(at)
			return err
		}
		if err != nil {
			return err
		}
		skip = len(ahead) - 3
	}
}

// atEnd is the error for a file that ends n bytes into a page.
func atEnd(err error, n int) error {
	if err == io.EOF && n > 0 {
		return io.ErrUnexpectedEOF
	}
	return err
}

// codecOf names the codec of a stream that is not Opus by its first packet.
func codecOf(b []byte) string {
	for prefix, name := range map[string]string{"\x01vorbis": "Vorbis", "\x7FFLAC": "FLAC", "Speex   ": "Speex", "\x80theora": "Theora"} {
		if bytes.HasPrefix(b, []byte(prefix)) {
			return name
		}
	}
	return "such a stream"
}

var oggTable = func() (t [256]uint32) {
	for i := range t {
		r := uint32(i) << 24
		for range 8 {
			r = r<<1 ^ 0x04C11DB7*(r>>31)
		}
		t[i] = r
	}
	return t
}()

// oggCRC is the checksum of a page, with zeros where it stands itself. It is not that of hash/crc32, which takes the bits in the
// other order.
func oggCRC(b []byte) uint32 {
	crc := uint32(0)
	for i, v := range b {
		if i >= 22 && i < 26 {
			v = 0
		}
		crc = crc<<8 ^ oggTable[byte(crc>>24)^v]
	}
	return crc
}
