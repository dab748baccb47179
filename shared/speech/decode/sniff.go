package decode

import (
	"bytes"
	"io"
	"mime"
	"strings"

	"github.com/intellifit/intellifit/shared/gym"
)

// format is one that is decoded, or one that is known well enough to say why not.
type format struct {
	name   string
	is     func(head []byte) bool
	decode func(*input, *sink) error
}

var formats = []format{
	{"wav", riff("WAVE"), decodeWAV},
	{"flac", begins("fLaC"), decodeFLAC},
	{"ogg", begins("OggS"), decodeOgg},
	{"webm", begins("\x1A\x45\xDF\xA3"), decodeWebM},
	{"", begins("RIFX", "RF64", "BW64", "RIFF"), refuse("the recording is of a RIFF that is no plain WAV")},
	{"", begins("\x1F\x43\xB6\x75"), refuse("the beginning of the WebM is missing: it begins with a cluster")},
	{"", isMP4, refuse("MP4 is not decoded, neither with AAC, as Safari records it, nor with Opus")},
	{"", begins("FORM", "caff"), refuse("AIFF and CAF are not decoded")},
	{"", begins("#!AMR"), refuse("AMR is not decoded")},
	{"", begins("\x30\x26\xB2\x75"), refuse("WMA is not decoded")},
}

// loose are formats whose beginning is so short that raw samples may have it by chance.
var loose = []format{
	{"mp3", begins("ID3"), decodeMP3},
	{"mp3", isMP3, decodeMP3},
	{"", begins("\xFF\xF1", "\xFF\xF9", "\xFF\xF0", "\xFF\xF8"), refuse("AAC is not decoded")},
}

// sniff tells the format by the first bytes.
func sniff(in *input, contentType string) (format, error) {
	head, err := in.Peek(window)
	if err != nil && err != io.EOF {
		return format{}, err
	}
	if len(head) == 0 {
		return format{}, gym.Errorf(gym.ErrInvalid, CodeEmpty, "there is no recording")
	}
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil { // as good as none
		media, params = "", nil
	}
	raw := media == "audio/pcm" || media == "audio/l16"
	for _, f := range formats {
		if f.is(head) {
			return f, nil
		}
	}
	if raw {
		return rawFormat(media, params)
	}
	for _, f := range loose {
		if f.is(head) {
			return f, nil
		}
	}
	if media == "audio/mpeg" && mp3At(head) >= 0 { // cut from a stream
		return format{name: "mp3", decode: decodeMP3}, nil
	}
	return format{}, errFormat("this is no recording of a format that is decoded")
}

func begins(with ...string) func([]byte) bool {
	return func(head []byte) bool {
		for _, w := range with {
			if strings.HasPrefix(string(head[:min(len(head), len(w))]), w) {
				return true
			}
		}
		return false
	}
}

// riff is also true of a RIFF that is cut before it says of what kind it is.
func riff(kind string) func([]byte) bool {
	return func(head []byte) bool {
		return bytes.HasPrefix(head, []byte("RIFF")) && (len(head) < 12 || string(head[8:12]) == kind)
	}
}

func isMP4(head []byte) bool { return len(head) >= 8 && string(head[4:8]) == "ftyp" }

func refuse(why string) func(*input, *sink) error {
	return func(*input, *sink) error { return errFormat(why) }
}
