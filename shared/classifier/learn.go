package classifier

import (
	"fmt"
	"math"
	"slices"
)

// Gradient descent with momentum over all examples at once; the penalty was chosen by five-fold cross-validation on the router's
// examples.
const (
	steps    = 600
	rate     = 2.0
	momentum = 0.9
	penalty  = 1e-4
)

// Learn fits weights to vectors of one length with their labels, which must be among classes.
func Learn(vectors [][]float32, labels, classes []string) (Weights, error) {
	if len(vectors) == 0 || len(vectors) != len(labels) {
		return Weights{}, fmt.Errorf("learn from %d vectors with %d labels", len(vectors), len(labels))
	}
	at := make([]int, len(labels))
	for i, label := range labels {
		if at[i] = slices.Index(classes, label); at[i] < 0 {
			return Weights{}, fmt.Errorf("learn the label %q, which is no class", label)
		}
	}
	size := len(vectors[0])
	w := Weights{Classes: classes, Rows: matrix[float32](len(classes), size), Bias: make([]float32, len(classes))}
	rows, step := matrix[float64](len(classes), size), matrix[float64](len(classes), size)
	bias, biasStep := make([]float64, len(classes)), make([]float64, len(classes))
	for range steps {
		grad, biasGrad := gradient(rows, bias, vectors, at)
		for k := range classes {
			biasStep[k] = momentum*biasStep[k] + biasGrad[k]
			bias[k] -= rate * biasStep[k]
			for j := range size {
				step[k][j] = momentum*step[k][j] + grad[k][j] + penalty*rows[k][j]
				rows[k][j] -= rate * step[k][j]
			}
		}
	}
	for k := range classes {
		w.Bias[k] = round(bias[k])
		for j := range size {
			w.Rows[k][j] = round(rows[k][j])
		}
	}
	return w, nil
}

// gradient of the mean cross-entropy.
func gradient(rows [][]float64, bias []float64, vectors [][]float32, at []int) (grad [][]float64, biasGrad []float64) {
	grad, biasGrad = matrix[float64](len(rows), len(rows[0])), make([]float64, len(rows))
	p := make([]float64, len(rows))
	for i, v := range vectors {
		for k, row := range rows {
			p[k] = bias[k]
			for j, x := range v {
				p[k] += row[j] * float64(x)
			}
		}
		softmax(p)
		p[at[i]]--
		for k := range rows {
			share := p[k] / float64(len(vectors))
			biasGrad[k] += share
			for j, x := range v {
				grad[k][j] += share * float64(x)
			}
		}
	}
	return grad, biasGrad
}

func matrix[T any](rows, size int) [][]T {
	m := make([][]T, rows)
	for i := range m {
		m[i] = make([]T, size)
	}
	return m
}

// round keeps three decimals: finer ones change no decision.
func round(x float64) float32 { return float32(math.Round(x*1000) / 1000) }
