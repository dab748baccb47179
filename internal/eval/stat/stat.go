// Package stat is the statistics that the measurements share.
package stat

import (
	"math"
	"slices"
)

// Quantile is the nearest-rank quantile: the smallest value that a share q of the values does not exceed; NaN of nothing.
func Quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	rank := int(math.Ceil(q*float64(len(sorted)))) - 1
	return sorted[min(max(rank, 0), len(sorted)-1)]
}
