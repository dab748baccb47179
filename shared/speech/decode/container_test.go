package decode_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/intellifit/intellifit/shared/speech/decode"
	"github.com/intellifit/intellifit/shared/speech/pcm"
)

// oggPage is a page with whole packets. Its checksum is right.
func oggPage(flags byte, number int, granule int64, packets ...[]byte) []byte {
	var lacing, body []byte
	for _, p := range packets {
		for n := len(p); ; n -= 255 {
			lacing = append(lacing, byte(min(n, 255)))
			if n < 255 {
				break
			}
		}
		body = append(body, p...)
	}
	return rawPage(flags, number, granule, lacing, body)
}

func rawPage(flags byte, number int, granule int64, lacing, body []byte) []byte {
	b := append([]byte("OggS\x00"), flags)
	b = le.AppendUint64(b, uint64(granule))
	b = le.AppendUint32(b, 1)
	b = le.AppendUint32(b, uint32(number))
	b = append(le.AppendUint32(b, 0), byte(len(lacing)))
	b = append(append(b, lacing...), body...)
	le.PutUint32(b[22:], checksum(b))
	return b
}

// oggRun is a page in which a packet neither begins nor ends.
func oggRun() []byte {
	return rawPage(1, 2, -1, bytes.Repeat([]byte{255}, 255), make([]byte, 255*255))
}

// checksum is that of RFC 3533, bit by bit.
func checksum(b []byte) uint32 {
	crc := uint32(0)
	for i, v := range b {
		if i >= 22 && i < 26 {
			v = 0
		}
		crc ^= uint32(v) << 24
		for range 8 {
			crc = crc<<1 ^ 0x04C11DB7*(crc>>31)
		}
	}
	return crc
}

func opusHeader(channels byte) []byte {
	h := append([]byte("OpusHead\x01"), channels)
	h = le.AppendUint32(le.AppendUint16(h, 312), 48000)
	h = append(h, 0, 0, 0)
	if channels > 2 {
		h[18] = 1
		h = append(h, 4, 2, 0, 4, 1, 2, 3, 5)
	}
	return h
}

// pages divides an Ogg file.
func pages(t testing.TB, b []byte) [][]byte {
	t.Helper()
	var all [][]byte
	for len(b) > 0 {
		size := 27 + int(b[26])
		for _, n := range b[27:size] {
			size += int(n)
		}
		all, b = append(all, b[:size]), b[size:]
	}
	return all
}

// packets are those of an Ogg file without its two headers.
func packets(t testing.TB, file []byte) [][]byte {
	t.Helper()
	var all [][]byte
	var open []byte
	for _, p := range pages(t, file) {
		body := p[27+int(p[26]):]
		for _, n := range p[27 : 27+int(p[26])] {
			open, body = append(open, body[:n]...), body[n:]
			if n < 255 {
				all, open = append(all, open), nil
			}
		}
	}
	return all[2:]
}

func vint(n int) []byte { return binary.BigEndian.AppendUint32(nil, 1<<28|uint32(n)) }

func ebml(id string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return append(append([]byte(id), vint(len(body))...), body...)
}

// webmOf is a WebM of one track, as it is recorded: neither the segment nor the cluster has a size.
func webmOf(codec string, blocks [][]byte) []byte {
	unknown := []byte("\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF")
	b := ebml("\x1A\x45\xDF\xA3", ebml("\x42\x82", []byte("webm")))
	b = append(append(b, "\x18\x53\x80\x67"...), unknown...)
	track := ebml("\xAE", ebml("\xD7", []byte{1}), ebml("\x83", []byte{2}), ebml("\x86", []byte(codec)),
		ebml("\x63\xA2", opusHeader(1)), ebml("\xE1", ebml("\x9F", []byte{1})))
	b = append(b, ebml("\x16\x54\xAE\x6B", track)...)
	b = append(append(b, "\x1F\x43\xB6\x75"...), unknown...)
	b = append(b, ebml("\xE7", []byte{0})...)
	return append(b, bytes.Join(blocks, nil)...)
}

func simpleBlock(track byte, ms int, flags byte, body []byte) []byte {
	head := binary.BigEndian.AppendUint16([]byte{0x80 | track}, uint16(ms))
	return ebml("\xA3", append(head, flags), body)
}

// TestOggDamage: a page that is lost or damaged is as much silence as it held sound, so that what follows is in time.
func TestOggDamage(t *testing.T) {
	t.Parallel()
	var file []byte
	all := packets(t, read(t, "celt.ogg"))
	file = append(file, oggPage(2, 0, 0, opusHeader(1))...)
	file = append(file, oggPage(0, 1, 0, []byte("OpusTags\x00\x00\x00\x00\x00\x00\x00\x00"))...)
	for n := 0; n < len(all); n += 5 {
		part := all[n:min(n+5, len(all))]
		flags := byte(0)
		if n+5 >= len(all) {
			flags = 4
		}
		file = append(file, oggPage(flags, 2+n/5, int64(960*(n+len(part))), part...)...)
	}
	whole, info := decoded(t, file, "")
	if want := 960*len(all) - 312; info.Truncated || len(whole.Samples) != want {
		t.Fatalf("%d samples, want %d, %+v", len(whole.Samples), want, info)
	}
	parts := pages(t, file)
	const lost = 6
	from, to := 960*5*(lost-2)-312, 960*5*(lost-1)-312
	for name, damaged := range map[string][]byte{
		"lost":             slices.Concat(slices.Concat(parts[:lost]...), slices.Concat(parts[lost+1:]...)),
		"a bit is wrong":   flip(file, bytes.Index(file, parts[lost])+100),
		"noise between":    slices.Concat(slices.Concat(parts[:lost]...), []byte("OggS? no, noise"), slices.Concat(parts[lost+1:]...)),
		"no capture":       flip(file, bytes.Index(file, parts[lost])+1),
		"wrong page count": flip(file, bytes.Index(file, parts[lost])+18),
	} {
		c, info := decoded(t, damaged, "")
		if len(c.Samples) != len(whole.Samples) || !info.Truncated {
			t.Errorf("%s: %d samples, want %d, %+v", name, len(c.Samples), len(whole.Samples), info)
			continue
		}
		if !slices.Equal(c.Samples[:from], whole.Samples[:from]) {
			t.Errorf("%s: what comes before is another", name)
		}
		if p := pcm.Peak(pcm.Clip{Samples: c.Samples[from:to]}); p > 0 {
			t.Errorf("%s: %v in the hole", name, p)
		}
		if db := snr(c.Samples[to+9600:], whole.Samples[to+9600:]); db < 10 {
			t.Errorf("%s: what comes after differs by %.1f dB", name, db)
		}
	}
}

func flip(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 0x10
	return b
}

// TestOggChained: a file that another one follows is both.
func TestOggChained(t *testing.T) {
	t.Parallel()
	one, two := read(t, "celt.ogg"), read(t, "silk60.ogg")
	a, _ := decoded(t, one, "")
	b, _ := decoded(t, two, "")
	both, info := decoded(t, append(bytes.Clone(one), two...), "")
	if !slices.Equal(both.Samples, slices.Concat(a.Samples, b.Samples)) || info.Truncated || info.Channels != 1 {
		t.Errorf("%d samples, want %d and %d, %+v", len(both.Samples), len(a.Samples), len(b.Samples), info)
	}
}

// TestOggGain: the header may ask for another loudness.
func TestOggGain(t *testing.T) {
	t.Parallel()
	file := read(t, "celt.ogg")
	plain, _ := decoded(t, file, "")
	parts := pages(t, file)
	le.PutUint16(parts[0][28+16:], 0xFA00) // -6 dB
	le.PutUint32(parts[0][22:], checksum(parts[0]))
	quiet, _ := decoded(t, slices.Concat(parts...), "")
	if db := pcm.Loudness(quiet) - pcm.Loudness(plain); db < -6.01 || db > -5.99 {
		t.Errorf("%.2f dB, want -6", db)
	}
}

// TestPacking: however the frames of Opus are put into packets, and these into blocks, the sound is the same.
func TestPacking(t *testing.T) {
	t.Parallel()
	all := packets(t, read(t, "celt.ogg"))
	all = all[:len(all)/6*6]
	var blocks [][]byte
	for i, p := range all {
		blocks = append(blocks, simpleBlock(1, 20*i, 0x80, p))
	}
	plain, info := decoded(t, webmOf("A_OPUS", blocks), "video/webm")
	if want := 960*len(all) - 312; len(plain.Samples) != want || info.Truncated {
		t.Fatalf("%d samples, want %d, %+v", len(plain.Samples), want, info)
	}
	toc := all[0][0] &^ 3
	body := func(i int) []byte { return all[i][1:] }
	length := func(b []byte) []byte {
		if len(b) < 252 {
			return []byte{byte(len(b))}
		}
		return []byte{byte(252 + len(b)&3), byte((len(b) - 252 - len(b)&3) / 4)}
	}
	each := func(step int, pack func(i int) []byte) (out [][]byte) {
		for i := 0; i < len(all); i += step {
			out = append(out, simpleBlock(1, 20*i, 0x80, pack(i)))
		}
		return out
	}
	laced := func(lacing byte, sizes func(i int) []byte) [][]byte {
		var out [][]byte
		for i := 0; i < len(all); i += 3 {
			out = append(out, simpleBlock(1, 20*i, 0x80|lacing<<1, slices.Concat([]byte{2}, sizes(i), all[i], all[i+1], all[i+2])))
		}
		return out
	}
	for name, blocks := range map[string][][]byte{
		"two different frames": each(2, func(i int) []byte {
			return slices.Concat([]byte{toc | 2}, length(body(i)), body(i), body(i+1))
		}),
		"three frames of any length": each(3, func(i int) []byte {
			return slices.Concat([]byte{toc | 3, 0x80 | 3}, length(body(i)), length(body(i+1)), body(i), body(i+1), body(i+2))
		}),
		"three frames, padded": each(3, func(i int) []byte {
			return slices.Concat([]byte{toc | 3, 0xC0 | 3, 255, 10}, length(body(i)), length(body(i+1)), body(i), body(i+1), body(i+2), make([]byte, 264))
		}),
		"Xiph lacing": laced(1, func(i int) []byte {
			var b []byte
			for _, p := range all[i : i+2] {
				b = append(append(b, bytes.Repeat([]byte{255}, len(p)/255)...), byte(len(p)%255))
			}
			return b
		}),
		"EBML lacing": laced(3, func(i int) []byte {
			difference := len(all[i+1]) - len(all[i])
			return slices.Concat(vint(len(all[i])), binary.BigEndian.AppendUint16(nil, uint16(0x4000|(difference+0x1FFF))))
		}),
		"block groups": func() (out [][]byte) {
			for i, p := range all {
				head := binary.BigEndian.AppendUint16([]byte{0x81}, uint16(20*i))
				out = append(out, ebml("\xA0", ebml("\xA1", append(head, 0), p), ebml("\x9B", []byte{20})))
			}
			return out
		}(),
		"beside another track": func() (out [][]byte) {
			for i, p := range all {
				out = append(out, simpleBlock(2, 20*i, 0, []byte("video")), simpleBlock(1, 20*i, 0, p))
			}
			return out
		}(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, info := decoded(t, webmOf("A_OPUS", blocks), "")
			if !slices.Equal(c.Samples, plain.Samples) || info.Truncated {
				t.Errorf("%d samples, want %d, %.1f dB, %+v", len(c.Samples), len(plain.Samples), snr(c.Samples, plain.Samples), info)
			}
		})
	}
}

// TestWebMHole: where blocks are missing there is silence; jitter of the recorder's clock is no hole, nor is a lie.
func TestWebMHole(t *testing.T) {
	t.Parallel()
	all := packets(t, read(t, "celt.ogg"))[:50]
	for name, tc := range map[string]struct {
		at   func(i int) int
		want time.Duration
	}{
		"none":                  {func(i int) int { return 20 * i }, time.Second},
		"begins late":           {func(i int) int { return 20*i + 5000 }, time.Second},
		"jitter":                {func(i int) int { return 20*i + i%7*20 }, time.Second},
		"half a second":         {func(i int) int { return 20*i + i/25*500 }, 1500 * time.Millisecond},
		"the clock goes back":   {func(i int) int { return 20*i - i/25*500 + 500 }, time.Second},
		"more than is sensible": {func(i int) int { return 20*i + i/25*20_000 }, time.Second},
	} {
		var blocks [][]byte
		for i, p := range all {
			blocks = append(blocks, simpleBlock(1, tc.at(i), 0, p))
		}
		c, info := decoded(t, webmOf("A_OPUS", blocks), "")
		if got := c.Duration() + 6500*time.Microsecond; got != tc.want || info.Truncated != (tc.want > time.Second) {
			t.Errorf("%s: %v, want %v, %+v", name, got, tc.want, info)
		}
	}
}

// TestMP3Cut: a stream that is cut out of a longer one, with noise at both ends and amid it, is decoded from the first frame on
// whose sound is there.
func TestMP3Cut(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"mono44100.mp3", "mono22050.mp3", "stereo44100.mp3"} {
		file := read(t, name)
		whole, _ := decoded(t, file, "")
		junk := bytes.Repeat([]byte("no frame, \xFF\xFBbut "), 30)
		cut := slices.Concat(junk[:77], file[len(file)/3+50:], append([]byte("TAG"), make([]byte, 125)...))
		c, info, err := decode.Decode(t.Context(), bytes.NewReader(cut), "audio/mpeg", decode.Limits{})
		if err != nil || info.Truncated {
			t.Errorf("%s: %+v, %v", name, info, err)
			continue
		}
		n := len(c.Samples) - whole.Rate/5 // after the first frames
		if db := snr(c.Samples[len(c.Samples)-n:], whole.Samples[len(whole.Samples)-n:]); db < 60 {
			t.Errorf("%s: the end of %v differs by %.1f dB", name, c.Duration(), db)
		}
		if p := pcm.Peak(c); p > pcm.Peak(whole)*1.1 {
			t.Errorf("%s: a bang of %.2f", name, p)
		}
		middle := slices.Concat(file[:len(file)/2], junk, file[len(file)/2:])
		if c, info := decoded(t, middle, ""); !info.Truncated || len(c.Samples) < len(whole.Samples)*9/10 || len(c.Samples) > len(whole.Samples) {
			t.Errorf("%s: noise amid it: %d samples of %d, %+v", name, len(c.Samples), len(whole.Samples), info)
		}
	}
}
