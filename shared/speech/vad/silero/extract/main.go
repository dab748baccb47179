// Command extract lays out the weights of Silero VAD for package silero: it reads the ONNX file (or the wheel of faster-whisper 1.2.1, which
// carries it: `pip download --no-deps faster-whisper==1.2.1`), checks that it is the one that we know, and writes weights.bin. What the network
// can be computed without is left out: the table of its Fourier transform, and the taps that only ever meet padding.
//
//	go run ./shared/speech/vad/silero/extract -out shared/speech/vad/silero/weights.bin faster_whisper-1.2.1-py3-none-any.whl
package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/intellifit/intellifit/shared/speech/vad/silero"
)

const asset = "faster_whisper/assets/silero_vad_v6.onnx"

func main() {
	out := flag.String("out", "weights.bin", "where the weights go")
	flag.Parse()
	if err := run(flag.Args(), *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string, out string) error {
	if len(args) != 1 {
		return errors.New("name the ONNX file or the wheel that carries it")
	}
	file, err := read(args[0])
	if err != nil {
		return err
	}
	sum := sha256.Sum256(file)
	if got := hex.EncodeToString(sum[:]); got != silero.Source {
		return fmt.Errorf("%s has the sha256 %s, not %s: another version needs a new proof of its layout", args[0], got, silero.Source)
	}
	tensors, err := initializers(file)
	if err != nil {
		return err
	}
	if err := checkFourier(tensors["encoder.feature_extractor.forward_basis_buffer"]); err != nil {
		return err
	}
	weights, err := layout(tensors)
	if err != nil {
		return err
	}
	b := append([]byte("SILERO6\n"), sum[:]...)
	for _, w := range weights {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(w))
	}
	if err := os.WriteFile(out, b, 0o644); err != nil {
		return fmt.Errorf("write the weights: %w", err)
	}
	fmt.Printf("%s: %d weights, %d bytes, sha256 %x\n", out, len(weights), len(b), sha256.Sum256(b))
	return nil
}

// read takes the model out of a wheel, or the file as it is.
func read(path string) ([]byte, error) {
	if !strings.HasSuffix(path, ".whl") {
		file, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read the model: %w", err)
		}
		return file, nil
	}
	wheel, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("open the wheel: %w", err)
	}
	defer wheel.Close()
	f, err := wheel.Open(asset)
	if err != nil {
		return nil, fmt.Errorf("open the model in the wheel: %w", err)
	}
	var b bytes.Buffer
	if _, err := io.Copy(&b, f); err != nil {
		return nil, fmt.Errorf("read the model in the wheel: %w", err)
	}
	return b.Bytes(), f.Close()
}

// layout puts the weights in the order of silero's net, inputs of a row in the order in which they lie in its memory.
func layout(t map[string][]float32) ([]float32, error) {
	for name, n := range map[string]int{
		"encoder.conv_layers.0.weight": 128 * 129 * 3, "encoder.conv_layers.0.bias": 128,
		"encoder.conv_layers.1.weight": 64 * 128 * 3, "encoder.conv_layers.1.bias": 64,
		"encoder.conv_layers.2.weight": 64 * 64 * 3, "encoder.conv_layers.2.bias": 64,
		"encoder.conv_layers.3.weight": 128 * 64 * 3, "encoder.conv_layers.3.bias": 128,
		"onnx::LSTM_209": 512 * 128, "onnx::LSTM_210": 512 * 128, "onnx::LSTM_211": 1024,
		"decoder.conv1d.weight": 128, "decoder.conv1d.bias": 1,
	} {
		if len(t[name]) != n {
			return nil, fmt.Errorf("%s has %d weights, not %d", name, len(t[name]), n)
		}
	}
	var out []float32
	conv := func(layer, inputs int, taps ...int) {
		name := fmt.Sprintf("encoder.conv_layers.%d.", layer)
		w, bias := t[name+"weight"], t[name+"bias"]
		for o := range bias {
			for _, tap := range taps {
				for i := range inputs {
					out = append(out, w[(o*inputs+i)*3+tap])
				}
			}
		}
		out = append(out, bias...)
	}
	conv(0, 129, 0, 1, 2)
	conv(1, 128, 0, 1, 2)
	conv(2, 64, 1, 2) // two frames, every second: the first tap meets padding alone
	conv(3, 64, 1)    // one frame
	for o := range 512 {
		out = append(out, t["onnx::LSTM_209"][o*128:][:128]...)
		out = append(out, t["onnx::LSTM_210"][o*128:][:128]...)
	}
	for o := range 512 { // the two biases are only ever added
		out = append(out, t["onnx::LSTM_211"][o]+t["onnx::LSTM_211"][512+o])
	}
	out = append(out, t["decoder.conv1d.weight"]...)
	return append(out, t["decoder.conv1d.bias"]...), nil
}

// checkFourier makes sure that the table of the transform is the Fourier transform under a Hann window, which silero computes instead.
func checkFourier(table []float32) error {
	const size, bins = 256, 129
	if len(table) != 2*bins*size {
		return fmt.Errorf("the table of the transform has %d entries, not %d", len(table), 2*bins*size)
	}
	for k := range bins {
		for n := range size {
			w := 0.5 - 0.5*math.Cos(2*math.Pi*float64(n)/size)
			s, c := math.Sincos(2 * math.Pi * float64(k*n%size) / size)
			re, im := float64(table[k*size+n]), float64(table[(bins+k)*size+n])
			if math.Abs(re-w*c) > 1e-6 || math.Abs(im+w*s) > 1e-6 {
				return fmt.Errorf("the table of the transform is no Fourier transform at bin %d, sample %d", k, n)
			}
		}
	}
	return nil
}
