package decode

import (
	"errors"
	"strings"
	"testing"

	"github.com/intellifit/intellifit/shared/gym"
)

// TestGuard: a decoder that panics makes the recording unreadable; the log gets to know where.
func TestGuard(t *testing.T) {
	t.Parallel()
	var nothing []int
	for name, f := range map[string]func() error{
		"panic":        func() error { panic("what is this") },
		"index":        func() error { _ = nothing[len(nothing)]; return nil },
		"error":        func() error { panic(errors.New("wrong")) },
		"nil function": func() error { var f func(); f(); return nil },
	} {
		err := guard(f)
		var e *gym.Error
		if !errors.As(err, &e) || e.Code != CodeUnreadable || !errors.Is(err, gym.ErrInvalid) || e.Err == nil || !strings.Contains(e.Err.Error(), "guard_test.go") {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(e.Detail+e.Hint, "goroutine") {
			t.Errorf("%s: the client sees %q", name, e.Detail)
		}
	}
	want := errors.New("as it is")
	if err := guard(func() error { return want }); err != want {
		t.Errorf("an error became %v", err)
	}
}

// TestOpusFrames holds the division of packets to RFC 6716, section 3.2: what is malformed is refused, whatever the codec says.
func TestOpusFrames(t *testing.T) {
	t.Parallel()
	celt20 := byte(31 << 3)
	for _, tc := range []struct {
		name   string
		packet []byte
		frames []int // their lengths; nil when the packet is refused
		size   int
	}{
		{"nothing", nil, nil, 0},
		{"code 0", []byte{celt20, 1, 2, 3}, []int{3}, 960},
		{"code 0, not sent", []byte{celt20}, []int{0}, 960},
		{"code 0, too long", append([]byte{celt20}, make([]byte, 1276)...), nil, 0},
		{"code 1", []byte{celt20 | 1, 1, 2, 3, 4}, []int{2, 2}, 960},
		{"code 1, odd", []byte{celt20 | 1, 1, 2, 3}, nil, 0},
		{"code 2", []byte{celt20 | 2, 1, 9, 8, 7}, []int{1, 2}, 960},
		{"code 2, overrun", []byte{celt20 | 2, 5, 9, 8, 7}, nil, 0},
		{"code 2, no length", []byte{celt20 | 2}, nil, 0},
		{"code 2, half a length", []byte{celt20 | 2, 252}, nil, 0},
		{"code 2, two-byte length", append([]byte{celt20 | 2, 252, 1}, make([]byte, 260)...), []int{256, 4}, 960},
		{"code 3, constant", []byte{celt20 | 3, 3, 1, 2, 3, 4, 5, 6}, []int{2, 2, 2}, 960},
		{"code 3, constant, indivisible", []byte{celt20 | 3, 3, 1, 2, 3, 4, 5}, nil, 0},
		{"code 3, variable", []byte{celt20 | 3, 0x83, 1, 2, 9, 8, 8, 7}, []int{1, 2, 1}, 960},
		{"code 3, variable, overrun", []byte{celt20 | 3, 0x83, 4, 4, 9, 8, 8, 7}, nil, 0},
		{"code 3, padded", []byte{celt20 | 3, 0x41, 2, 1, 2, 3, 0, 0}, []int{3}, 960},
		{"code 3, padded beyond", []byte{celt20 | 3, 0x41, 9, 1, 2}, nil, 0},
		{"code 3, endless padding", []byte{celt20 | 3, 0x41, 255}, nil, 0},
		{"code 3, no frame", []byte{celt20 | 3, 0, 1}, nil, 0},
		{"code 3, no count", []byte{celt20 | 3}, nil, 0},
		{"code 3, 140 ms", []byte{celt20 | 3, 7, 1, 2, 3, 4, 5, 6, 7}, nil, 0},
		{"SILK, 60 ms", []byte{3 << 3, 1}, []int{1}, 2880},
		{"SILK, 10 ms", []byte{8 << 3, 1}, []int{1}, 480},
		{"both, 20 ms", []byte{15 << 3, 1}, []int{1}, 960},
		{"CELT, 2.5 ms", []byte{16 << 3, 1}, []int{1}, 120},
	} {
		frames, size, err := opusFrames(tc.packet)
		var lengths []int
		for _, f := range frames {
			lengths = append(lengths, len(f))
		}
		if (err == nil) != (tc.frames != nil) || len(lengths) != len(tc.frames) || err == nil && size != tc.size {
			t.Errorf("%s: %v of %d samples, %v", tc.name, lengths, size, err)
			continue
		}
		for i := range lengths {
			if lengths[i] != tc.frames[i] {
				t.Errorf("%s: %v, want %v", tc.name, lengths, tc.frames)
			}
		}
	}
}
