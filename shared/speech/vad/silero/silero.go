// Package silero tells how likely it is that somebody speaks: the network Silero VAD v6 for 16 kHz in plain Go, without cgo or an ONNX
// runtime. Its weights are those of the ONNX file that faster-whisper 1.2.1 carries, laid out by the command extract beside it. The network and
// its weights are under the MIT licence, see LICENSE.silero.
//
// A window of 512 samples, with the 64 before it, becomes four spectra of 129 magnitudes; four convolutions make one vector of 128 of them, an
// LSTM of 128 cells remembers, and one neuron says how likely speech is.
package silero

import "math"

const (
	// Window is the number of samples that are judged at once: 32 ms at 16 kHz.
	Window = 512
	// Rate is the sampling rate in Hz that the network was trained for.
	Rate = 16_000

	before = 64  // samples of the last window that the next one sees again
	size   = 256 // of a Fourier transform
	hop    = 128 // from one transform to the next
	frames = 4   // transforms of a window
	bins   = size/2 + 1
	cells  = 128 // of the LSTM
)

// Stream judges one stream of sound window by window and remembers what came before. It is not for concurrent use; any number of streams share the
// weights.
type Stream struct {
	net *net

	context [before]float32
	hidden  [cells]float32 // what the LSTM said last, and after the encoded window in one row with it: see recur
	cell    [cells]float32
	sound   [before + Window + hop/2]float32 // with 64 samples reflected at its end
	re, im  [size]float32
	spectra [(frames + 2) * bins]float32 // between two frames of nothing, which is how the convolution pads
	first   [(frames + 1) * 128]float32  // after one frame of nothing
	second  [2 * 64]float32
	third   [64]float32
	input   [2 * cells]float32 // encoded window, then hidden
	gates   [4 * cells]float32
}

// NewStream starts a stream that has heard nothing.
func NewStream() *Stream { return &Stream{net: shared()} }

// Reset forgets what was heard.
func (s *Stream) Reset() {
	clear(s.context[:])
	clear(s.hidden[:])
	clear(s.cell[:])
}

// Probability is how likely somebody speaks in the window, between 0 and 1. It allocates nothing. What is no number counts as silence and
// what is louder than 1 as 1: one bad sample must not spoil all that follows.
func (s *Stream) Probability(window *[Window]float32) float32 {
	copy(s.sound[:before], s.context[:])
	for i, v := range window {
		s.sound[before+i] = sane(v)
	}
	const end = before + Window
	copy(s.context[:], s.sound[end-before:end])
	for i := range s.sound[end:] {
		s.sound[end+i] = s.sound[end-2-i]
	}
	s.transform()
	s.encode()
	s.recur()
	return s.decide()
}

func sane(v float32) float32 {
	switch {
	case v >= -1 && v <= 1:
		return v
	case v > 1:
		return 1
	case v < -1:
		return -1
	}
	return 0
}

// transform makes the magnitudes of the four spectra. Two real frames go through one complex transform: the spectrum of the real part is even,
// that of the imaginary part odd.
func (s *Stream) transform() {
	for pair := range frames / 2 {
		a := s.sound[2*pair*hop:][:size]
		b := s.sound[(2*pair+1)*hop:][:size]
		for i, to := range reversed {
			w := hann[i]
			s.re[to], s.im[to] = a[i]*w, b[i]*w
		}
		fourier(&s.re, &s.im)
		outA := s.spectra[(2*pair+1)*bins:][:bins]
		outB := s.spectra[(2*pair+2)*bins:][:bins]
		for k := range bins {
			l := (size - k) % size
			ar, ai := (s.re[k]+s.re[l])/2, (s.im[k]-s.im[l])/2
			br, bi := (s.im[k]+s.im[l])/2, (s.re[l]-s.re[k])/2
			outA[k] = sqrt(ar*ar + ai*ai)
			outB[k] = sqrt(br*br + bi*bi)
		}
	}
}

// encode makes one vector of the spectra: four convolutions over time of three taps each. The second and third take every second frame, so that
// two frames and then one are left, and the last two need not all their taps: what falls on nothing is not in the weights at all.
func (s *Stream) encode() {
	n := s.net
	convolve4(s.first[128:], n.conv0, n.bias0, s.spectra[:], bins)
	rectify(s.first[128:])
	multiply(s.second[:64], n.conv1, n.bias1, s.first[:3*128])
	multiply(s.second[64:], n.conv1, n.bias1, s.first[2*128:])
	rectify(s.second[:])
	multiply(s.third[:], n.conv2, n.bias2, s.second[:])
	rectify(s.third[:])
	multiply(s.input[:cells], n.conv3, n.bias3, s.third[:])
	rectify(s.input[:cells])
}

// recur is one step of the LSTM (Hochreiter and Schmidhuber 1997) with the gates in ONNX's order: input, output, forget, cell.
func (s *Stream) recur() {
	copy(s.input[cells:], s.hidden[:])
	multiply(s.gates[:], s.net.lstm, s.net.biasLSTM, s.input[:])
	for i := range cells {
		in, out := sigmoid(s.gates[i]), sigmoid(s.gates[cells+i])
		forget, candidate := sigmoid(s.gates[2*cells+i]), tanh(s.gates[3*cells+i])
		s.cell[i] = forget*s.cell[i] + in*candidate
		s.hidden[i] = out * tanh(s.cell[i])
	}
}

func (s *Stream) decide() float32 {
	sum := s.net.biasHead
	for i, w := range s.net.head {
		sum += w * max(s.hidden[i], 0)
	}
	return sigmoid(sum)
}

func sqrt(v float32) float32    { return float32(math.Sqrt(float64(v))) }
func sigmoid(v float32) float32 { return float32(1 / (1 + math.Exp(-float64(v)))) }
func tanh(v float32) float32    { return float32(math.Tanh(float64(v))) }
