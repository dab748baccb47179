package pcm

import (
	"math"
	"sync"

	"gonum.org/v1/gonum/blas/gonum"
)

const (
	stopband   = 90.0 // dB that the filter is designed for
	transition = 0.1  // of the lower rate's half, just below it: where the filter goes from passing to stopping
	maxPhases  = 512  // above so many, two neighbouring ones are mixed, which errs by less than -100 dB
	maxFilters = 32   // kept
)

// filter is a windowed sinc, tabulated for each of the positions that an output can have between two inputs.
type filter struct {
	up, down int // the ratio in lowest terms
	half     int // inputs taken on either side
	phases   int // tabulated between two inputs; up of them, unless that is too many
	taps     []float32
}

var filters = struct {
	sync.Mutex
	of map[[2]int]*filter
}{of: map[[2]int]*filter{}}

// filterFor is the filter between two rates. Filters are kept, but not more than maxFilters, since clients choose the rates.
func filterFor(from, to int) *filter {
	d := gcd(from, to)
	up, down := to/d, from/d
	filters.Lock()
	defer filters.Unlock()
	f := filters.of[[2]int{up, down}]
	if f == nil {
		f = newFilter(up, down)
		if len(filters.of) >= maxFilters {
			clear(filters.of)
		}
		filters.of[[2]int{up, down}] = f
	}
	return f
}

// newFilter designs the filter by Kaiser's window (Kaiser 1974; Oppenheim and Schafer, Discrete-Time Signal Processing, 7.5.3).
func newFilter(up, down int) *filter {
	if up == down {
		return &filter{up: up, down: down, half: 1}
	}
	nyquist := 0.5 * min(1, float64(up)/float64(down)) // of the lower rate, in cycles an input sample
	width := 2 * math.Pi * nyquist * transition
	f := &filter{up: up, down: down, phases: min(up, maxPhases)}
	f.half = int(math.Ceil((stopband-7.95)/(2.285*width)/2)) + 1
	beta := 0.1102 * (stopband - 8.7)
	cutoff := 2 * nyquist * (1 - transition/2)
	rows := f.phases
	if f.mixed() {
		rows++ // the last position is the first of the next input
	}
	f.taps = make([]float32, rows*2*f.half)
	row := make([]float64, 2*f.half)
	for p := range rows {
		sum := 0.0
		for j := range row {
			u := float64(j-f.half+1) - float64(p)/float64(f.phases) // from the output to this input
			row[j] = 0
			if x := u / float64(f.half); math.Abs(x) < 1 {
				row[j] = sinc(cutoff*u) * bessel0(beta*math.Sqrt(1-x*x))
			}
			sum += row[j]
		}
		for j, v := range row { // a constant stays what it is
			f.taps[p*len(row)+j] = float32(v / sum)
		}
	}
	return f
}

// mixed reports whether outputs lie between the tabulated positions.
func (f *filter) mixed() bool { return f.phases < f.up }

// apply is the output at a position, phase/up after the middle of x.
func (f *filter) apply(x []float32, phase int) float32 {
	if !f.mixed() {
		return dot(x, f.row(phase))
	}
	p, rest := phase*f.phases/f.up, phase*f.phases%f.up
	w := float32(rest) / float32(f.up)
	return (1-w)*dot(x, f.row(p)) + w*dot(x, f.row(p+1))
}

func (f *filter) row(p int) []float32 { return f.taps[p*2*f.half : (p+1)*2*f.half] }

func dot(x, y []float32) float32 { return gonum.Implementation{}.Sdot(len(x), x, 1, y, 1) }

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// bessel0 is the modified Bessel function of the first kind and order zero, by its power series.
func bessel0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > sum*1e-12; k++ {
		term *= (x / 2 / k) * (x / 2 / k)
		sum += term
	}
	return sum
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
