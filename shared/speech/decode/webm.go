package decode

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
)

// The elements of WebM that are read (RFC 9559).
const (
	idSegment        = 0x18538067
	idInfo           = 0x1549A966
	idTimestampScale = 0x2AD7B1
	idTracks         = 0x1654AE6B
	idTrack          = 0xAE
	idTrackNumber    = 0xD7
	idTrackType      = 0x83
	idCodec          = 0x86
	idCodecPrivate   = 0x63A2
	idCodecDelay     = 0x56AA
	idAudio          = 0xE1
	idChannels       = 0x9F
	idEncodings      = 0x6D80
	idCluster        = 0x1F43B675
	idTimestamp      = 0xE7
	idSimpleBlock    = 0xA3
	idBlockGroup     = 0xA0
	idBlock          = 0xA1
	idDiscardPadding = 0x75A2
)

// webm is a WebM file as far as it is read. Browsers write it as they record: the segment and its clusters have no size, and
// nothing comes after that would say how long it was. So segments, clusters and the lists of tracks are not taken as wholes:
// their elements are read one after the other, as if they stood side by side.
type webm struct {
	in     *input
	out    *sink
	stream *opusStream
	track  uint64
	other  string // a codec that was met instead
	scale  int64  // nanoseconds of a tick
	ticks  int64  // when the cluster begins

	started bool
	start   int64 // nanoseconds of the first block
	total   int64 // samples so far
}

func decodeWebM(in *input, out *sink) error {
	w := &webm{in: in, out: out, scale: 1_000_000}
	for {
		id, err := readID(in)
		if err == io.EOF {
			return w.end()
		}
		if err != nil {
			return err
		}
		size, err := readSize(in)
		if err != nil {
			return err
		}
		if err := w.element(id, size); err != nil {
			return err
		}
	}
}

func (w *webm) end() error {
	switch {
	case w.stream == nil && w.other != "":
		return errFormat(w.other + " in WebM is not decoded; Opus is")
	case w.stream == nil:
		return fmt.Errorf("%w: no track of sound", errEBML)
	}
	return nil
}

func (w *webm) element(id uint32, size int64) error {
	switch id {
	case idSegment, idCluster, idTracks, idInfo:
		return nil // goes on with what is in it
	case idTrack, idTimestampScale, idTimestamp, idSimpleBlock, idBlockGroup:
		if size < 0 || size > maxElement {
			return fmt.Errorf("%w: element %#x has %d bytes", errEBML, id, size)
		}
		body := make([]byte, size)
		if _, err := io.ReadFull(w.in, body); err != nil {
			return unexpected(err)
		}
		return w.known(element{id, body})
	}
	if size < 0 {
		return fmt.Errorf("%w: element %#x has no size", errEBML, id)
	}
	if err := w.in.skip(size); err != nil {
		return unexpected(err)
	}
	return nil
}

func (w *webm) known(e element) error {
	switch e.id {
	case idTrack:
		return w.entry(e.body)
	case idTimestampScale:
		w.scale = int64(min(e.unsigned(), 1e9))
	case idTimestamp:
		w.ticks = int64(min(e.unsigned(), 1<<33))
	case idSimpleBlock:
		return w.block(e.body, 0)
	case idBlockGroup:
		parts, err := elements(e.body)
		if err != nil {
			return err
		}
		var block []byte
		discard := 0
		for _, p := range parts {
			switch p.id {
			case idBlock:
				block = p.body
			case idDiscardPadding:
				if v := p.unsigned(); len(p.body) > 0 && p.body[0] < 128 { // a negative one says nothing of the end
					discard = int(samplesOf(int64(min(v, 1e9))))
				}
			}
		}
		return w.block(block, discard)
	}
	return nil
}

// entry reads a track. The first one with Opus is decoded.
func (w *webm) entry(body []byte) error {
	parts, err := elements(body)
	if err != nil {
		return err
	}
	const sound = 2
	var number, kind, delay, channels uint64 = 0, 0, 0, 1
	var codec string
	var private []byte
	for _, p := range parts {
		switch p.id {
		case idTrackNumber:
			number = p.unsigned()
		case idTrackType:
			kind = p.unsigned()
		case idCodec:
			codec = strings.TrimRight(string(p.body), "\x00")
		case idCodecPrivate:
			private = p.body
		case idCodecDelay:
			delay = p.unsigned()
		case idEncodings:
			return errFormat("packed or encrypted WebM is not decoded")
		case idAudio:
			audio, err := elements(p.body)
			if err != nil {
				return err
			}
			for _, a := range audio {
				if a.id == idChannels {
					channels = a.unsigned()
				}
			}
		}
	}
	if w.stream != nil || kind != sound {
		return nil
	}
	if codec != "A_OPUS" {
		w.other = codecNamed(codec)
		return nil
	}
	h := opusHead{channels: int(min(channels, 255)), skip: int(samplesOf(int64(min(delay, 1e9)))), gain: 1}
	if len(private) > 0 {
		if h, err = readOpusHead(private); err != nil {
			return err
		}
	}
	if err := w.out.begin("opus", opusRate, h.channels); err != nil {
		return err
	}
	w.track = number
	w.stream, err = newOpusStream(h, w.out)
	return err
}

// codecNamed is a codec's name as far as it is safe to repeat.
func codecNamed(codec string) string {
	switch {
	case strings.HasPrefix(codec, "A_VORBIS"):
		return "Vorbis"
	case strings.HasPrefix(codec, "A_AAC"):
		return "AAC"
	case strings.HasPrefix(codec, "A_PCM"):
		return "PCM"
	}
	return "such a codec"
}

// block decodes the packets of a block; the last discard samples are not to be heard.
func (w *webm) block(b []byte, discard int) error {
	r := &byteReader{b}
	track, err := readSize(r)
	if err != nil {
		return err
	}
	if w.stream == nil || uint64(track) != w.track {
		return nil
	}
	if len(r.b) < 3 {
		return fmt.Errorf("%w: a block of %d bytes", errEBML, len(b))
	}
	ticks, flags := int64(int16(binary.BigEndian.Uint16(r.b))), r.b[2]
	packets, err := unlace(r.b[3:], flags>>1&3)
	if err != nil {
		return err
	}
	if err := w.hole((w.ticks + ticks) * w.scale); err != nil {
		return err
	}
	for i, p := range packets {
		keep := longestPacket
		if i == len(packets)-1 && discard > 0 {
			if frames, size, err := opusFrames(p); err == nil {
				keep = max(len(frames)*size-discard, 0)
			}
		}
		n, err := w.stream.packet(p, keep)
		if err != nil {
			return err
		}
		w.total += int64(n)
	}
	return nil
}

// hole puts silence where blocks are missing before one that begins at so many nanoseconds. The clocks of recorders jitter, and
// start again: neither is a hole.
func (w *webm) hole(at int64) error {
	const least = 200e6 // nanoseconds
	behind := at - w.start - nanosecondsOf(w.total)
	if !w.started || behind < -least || behind > nanosecondsOf(longestHole) {
		w.started, w.start = true, at-nanosecondsOf(w.total)
		return nil
	}
	if behind < least {
		return nil
	}
	w.total += samplesOf(behind)
	return w.stream.silence(int(samplesOf(behind)))
}

func samplesOf(nanoseconds int64) int64 { return nanoseconds * (opusRate / 1000) / 1_000_000 }

func nanosecondsOf(samples int64) int64 { return samples * 1_000_000 / (opusRate / 1000) }

// unlace divides a block into its packets.
func unlace(b []byte, lacing byte) ([][]byte, error) {
	const none, xiph, fixed, ebml = 0, 1, 2, 3
	if lacing == none {
		return [][]byte{b}, nil
	}
	if len(b) == 0 {
		return nil, fmt.Errorf("%w: an empty laced block", errEBML)
	}
	count := int(b[0]) + 1
	r := &byteReader{b[1:]}
	lengths := make([]int64, count)
	sum := int64(0)
	for i := range count - 1 {
		switch lacing {
		case xiph:
			for {
				n, err := r.ReadByte()
				if err != nil {
					return nil, unexpected(err)
				}
				if lengths[i] += int64(n); n < 255 {
					break
				}
			}
		case ebml:
			before := len(r.b)
			v, err := readSize(r)
			if err != nil {
				return nil, err
			}
			if lengths[i] = v; i > 0 { // the difference to the one before, with a bias to be positive
				lengths[i] = lengths[i-1] + v - (1<<(7*(before-len(r.b))-1) - 1)
			}
		}
		sum += lengths[i]
	}
	lengths[count-1] = int64(len(r.b)) - sum
	if lacing == fixed {
		if len(r.b)%count != 0 {
			return nil, fmt.Errorf("%w: %d bytes for %d packets", errEBML, len(r.b), count)
		}
		for i := range lengths {
			lengths[i] = int64(len(r.b) / count)
		}
	}
	packets := make([][]byte, count)
	for i, n := range lengths {
		if n < 0 || n > int64(len(r.b)) {
			return nil, fmt.Errorf("%w: a packet of %d bytes in %d", errEBML, n, len(r.b))
		}
		packets[i], r.b = r.b[:n], r.b[n:]
	}
	return packets, nil
}
