package classifier

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Gradient descent with momentum over all examples at once. The penalty was chosen by cross-validation on the router's examples.
const (
	steps    = 800
	rate     = 2.0
	momentum = 0.9
	penalty  = 2e-5
)

// Example is a text's features with the class that it belongs to, and how much it counts (0 = 1).
type Example struct {
	Features Features
	Class    string
	Counts   float64
}

// Learn fits weights to examples whose vectors have one length and whose classes are among classes. told hears how far it is, in
// steps; nil is silent.
func Learn(examples []Example, classes []string, told func(step, of int)) (Weights, error) {
	if len(examples) == 0 {
		return Weights{}, errors.New("learn from no examples")
	}
	size := len(examples[0].Features.Vector) + Hashed
	at, total := make([]int, len(examples)), 0.0
	for i, e := range examples {
		if at[i] = slices.Index(classes, e.Class); at[i] < 0 || len(e.Features.Vector)+Hashed != size {
			return Weights{}, fmt.Errorf("learn from example %d of class %q with a vector of %d", i, e.Class, len(e.Features.Vector))
		}
		total += e.counts()
	}
	f := fit{examples: examples, at: at, total: total, rows: matrix[float64](len(classes), size), bias: make([]float64, len(classes))}
	step, biasStep := matrix[float64](len(classes), size), make([]float64, len(classes))
	for n := range steps {
		grad, biasGrad := f.gradient()
		for k := range classes {
			biasStep[k] = momentum*biasStep[k] + biasGrad[k]
			f.bias[k] -= rate * biasStep[k]
			for j := range size {
				step[k][j] = momentum*step[k][j] + grad[k][j] + penalty*f.rows[k][j]
				f.rows[k][j] -= rate * step[k][j]
			}
		}
		if told != nil {
			told(n+1, steps)
		}
	}
	w := Weights{Classes: classes, Rows: matrix[float32](len(classes), size), Bias: make([]float32, len(classes))}
	for k := range classes {
		w.Bias[k] = round(f.bias[k])
		for j := range size {
			w.Rows[k][j] = round(f.rows[k][j])
		}
	}
	return w, nil
}

func (e Example) counts() float64 {
	if e.Counts == 0 {
		return 1
	}
	return e.Counts
}

// fit is the state of learning.
type fit struct {
	examples []Example
	at       []int // the class of each
	total    float64
	rows     [][]float64
	bias     []float64
}

// gradient of the mean cross-entropy.
func (f *fit) gradient() (grad [][]float64, biasGrad []float64) {
	grad, biasGrad = matrix[float64](len(f.rows), len(f.rows[0])), make([]float64, len(f.rows))
	p := make([]float64, len(f.rows))
	for i, e := range f.examples {
		for k, row := range f.rows {
			p[k] = f.bias[k] + score(row, e.Features)
		}
		softmax(p)
		p[f.at[i]]--
		for k := range f.rows {
			share := p[k] * e.counts() / f.total
			biasGrad[k] += share
			for j, x := range e.Features.Vector {
				grad[k][j] += weight * share * float64(x)
			}
			for _, word := range e.Features.Words {
				grad[k][len(e.Features.Vector)+word.At] += share * float64(word.Value)
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
