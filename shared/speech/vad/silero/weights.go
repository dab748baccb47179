package silero

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"sync"
)

// Source is the sha256 of the ONNX file that the weights are of.
const Source = "4cbf549b8326f60f80f2536d9eefeb450a9abe83365a098031c89719f1be17d2"

// weights are what extract wrote: a magic word, the sha256 of the source, then little-endian float32 in the order of net.
//
//go:embed weights.bin
var weights []byte

const magic = "SILERO6\n"

// net is the network. Every matrix is row after row, a row an output, its inputs in the order in which they lie in memory: that makes each
// layer one multiplication.
type net struct {
	conv0, bias0   []float32 // 128 rows of 3 frames × 129 bins
	conv1, bias1   []float32 // 64 rows of 3 frames × 128
	conv2, bias2   []float32 // 64 rows of 2 frames × 64
	conv3, bias3   []float32 // 128 rows of 64
	lstm, biasLSTM []float32 // 512 rows of 128 inputs and 128 cells
	head           []float32 // 128
	biasHead       float32
}

// shared is the one network of the process. The weights are part of the program: that they do not fit is a mistake in the program.
var shared = sync.OnceValue(func() *net {
	n, err := load(weights)
	if err != nil {
		panic(err)
	}
	return n
})

func load(file []byte) (*net, error) {
	sum, err := hex.DecodeString(Source)
	if err != nil {
		return nil, fmt.Errorf("read the sha256 of the source: %w", err)
	}
	rest, ok := bytes.CutPrefix(file, append([]byte(magic), sum...))
	if !ok {
		return nil, fmt.Errorf("read the weights of Silero: they are not of the source %s", Source)
	}
	var biasHead []float32
	n := &net{}
	for _, part := range []struct {
		to *[]float32
		n  int
	}{
		{&n.conv0, 128 * 3 * bins}, {&n.bias0, 128},
		{&n.conv1, 64 * 3 * 128}, {&n.bias1, 64},
		{&n.conv2, 64 * 2 * 64}, {&n.bias2, 64},
		{&n.conv3, 128 * 64}, {&n.bias3, 128},
		{&n.lstm, 4 * cells * 2 * cells}, {&n.biasLSTM, 4 * cells},
		{&n.head, cells}, {&biasHead, 1},
	} {
		if len(rest) < 4*part.n {
			return nil, fmt.Errorf("read the weights of Silero: %d bytes are too few", len(file))
		}
		*part.to = make([]float32, part.n)
		for i := range *part.to {
			(*part.to)[i] = math.Float32frombits(binary.LittleEndian.Uint32(rest[4*i:]))
		}
		rest = rest[4*part.n:]
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("read the weights of Silero: %d bytes are left over", len(rest))
	}
	n.biasHead = biasHead[0]
	return n, nil
}
