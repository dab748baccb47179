package silero

import (
	"math"
	"math/bits"
)

// multiply makes out = rows·in + bias, out first, four rows at a time: four sums that do not wait for one another, and every input read once for
// the four of them. len(out) is a multiple of four. What a stream computes with is its own: the race detector, which makes this fifty times slower,
// has nothing to find.
//
//go:norace
func multiply(out, rows, bias, in []float32) {
	n := len(in)
	for o := 0; o+4 <= len(out); o += 4 {
		a := rows[o*n:][:n]
		b := rows[(o+1)*n:][:n]
		c := rows[(o+2)*n:][:n]
		d := rows[(o+3)*n:][:n]
		var sa, sb, sc, sd float32
		for i, v := range in {
			sa += a[i] * v
			sb += b[i] * v
			sc += c[i] * v
			sd += d[i] * v
		}
		out[o], out[o+1], out[o+2], out[o+3] = sa+bias[o], sb+bias[o+1], sc+bias[o+2], sd+bias[o+3]
	}
}

// convolve4 multiplies the rows with four overlapping stretches of in, each three frames of width long, one frame apart. The results lie frame
// after frame. Two rows at a time.
//
//go:norace
func convolve4(out, rows, bias, in []float32, width int) {
	n := 3 * width
	x0, x1, x2, x3 := in[:n], in[width:][:n], in[2*width:][:n], in[3*width:][:n]
	outputs := len(bias)
	for o := 0; o+2 <= outputs; o += 2 {
		a := rows[o*n:][:n]
		b := rows[(o+1)*n:][:n]
		var a0, a1, a2, a3, b0, b1, b2, b3 float32
		for i, w := range a {
			v := b[i]
			p, q, r, s := x0[i], x1[i], x2[i], x3[i]
			a0 += w * p
			a1 += w * q
			a2 += w * r
			a3 += w * s
			b0 += v * p
			b1 += v * q
			b2 += v * r
			b3 += v * s
		}
		ba, bb := bias[o], bias[o+1]
		out[o], out[outputs+o], out[2*outputs+o], out[3*outputs+o] = a0+ba, a1+ba, a2+ba, a3+ba
		o := o + 1
		out[o], out[outputs+o], out[2*outputs+o], out[3*outputs+o] = b0+bb, b1+bb, b2+bb, b3+bb
	}
}

func rectify(v []float32) {
	for i := range v {
		v[i] = max(v[i], 0)
	}
}

var (
	hann     [size]float32 // periodic
	reversed [size]uint8   // where the bits of an index stand the other way round
	cosines  [size / 2]float32
	sines    [size / 2]float32 // of minus the angle
)

func init() {
	for i := range size {
		hann[i] = float32(0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/size))
		reversed[i] = bits.Reverse8(uint8(i))
	}
	for i := range size / 2 {
		s, c := math.Sincos(-2 * math.Pi * float64(i) / size)
		cosines[i], sines[i] = float32(c), float32(s)
	}
}

// fourier is the discrete Fourier transform in place, of numbers that lie in bit-reversed order (Cooley and Tukey 1965).
//
//go:norace
func fourier(re, im *[size]float32) {
	for half := 1; half < size; half *= 2 {
		step := size / 2 / half
		for start := 0; start < size; start += 2 * half {
			ar, ai := re[start:][:half], im[start:][:half]
			br, bi := re[start+half:][:half], im[start+half:][:half]
			for k := range ar {
				c, s := cosines[k*step], sines[k*step]
				tr, ti := br[k]*c-bi[k]*s, br[k]*s+bi[k]*c
				br[k], bi[k] = ar[k]-tr, ai[k]-ti
				ar[k], ai[k] = ar[k]+tr, ai[k]+ti
			}
		}
	}
}
