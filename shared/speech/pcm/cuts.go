package pcm

import "time"

// Span is a stretch of a clip.
type Span struct{ Start, End time.Duration }

// pause is how long it is to be quiet around a cut.
const pause = 300 * time.Millisecond

// Cuts divides a clip into spans of at most longest, in order and without gaps, cut where it is quietest: Slice gives each.
// No span is shorter than a quarter of longest, unless it is the only one.
func Cuts(c Clip, longest time.Duration) []Span {
	size := frameSize(c.Rate)
	most := max(int(int64(longest)*int64(c.Rate)/int64(time.Second)), 4*size)
	quiet := smooth(energies(c), int(pause/frame))
	var spans []Span
	from := 0
	for len(c.Samples)-from > most {
		left := len(c.Samples) - from
		earliest, latest := most/2, most
		if left <= most*3/2 { // two spans are left: neither is to be a snippet
			earliest, latest = max(left-most, most/4), min(most, left-most/4)
		}
		to := quietest(quiet, size, from+earliest, from+latest)
		spans = append(spans, Span{timeOf(from, c.Rate), timeOf(to, c.Rate)})
		from = to
	}
	if from < len(c.Samples) {
		spans = append(spans, Span{timeOf(from, c.Rate), timeOf(len(c.Samples), c.Rate)})
	}
	return spans
}

// quietest is the sample between two others around which it is quietest; of a stretch that is all the same, the middle.
func quietest(quiet []float64, size, earliest, latest int) int {
	first, last := (earliest+size-1)/size, min(latest/size, len(quiet)-1)
	if first >= last {
		return latest
	}
	best, end := first, first
	for i := first + 1; i <= last; i++ {
		switch {
		case quiet[i] < quiet[best]:
			best, end = i, i
		case quiet[i] == quiet[best] && end == i-1:
			end = i
		}
	}
	return (best + end) / 2 * size
}

// smooth gives for each boundary before a frame the mean of the n frames around it.
func smooth(e []float64, n int) []float64 {
	sums := make([]float64, len(e)+1)
	for i, v := range e {
		sums[i+1] = sums[i] + v
	}
	out := make([]float64, len(e))
	for i := range e {
		a, b := max(i-n/2, 0), min(i+n/2, len(e))
		out[i] = (sums[b] - sums[a]) / float64(b-a)
	}
	return out
}

// timeOf is when a sample begins, rounded up, so that Slice finds the same sample again.
func timeOf(sample, rate int) time.Duration {
	return time.Duration((int64(sample)*int64(time.Second) + int64(rate) - 1) / int64(rate))
}
