// Package classifier is softmax regression (multinomial logistic regression) over the meaning and the words of a text: a row of
// weights for each class. It judges in microseconds, and the same examples give the same weights each time.
package classifier

import (
	"encoding/json"
	"fmt"
	"math"
)

// Weights are what was learnt. The zero value judges nothing.
type Weights struct {
	Classes []string    `json:"classes"`
	Rows    [][]float32 `json:"rows"` // one for each class: a vector's weights, then those of the hashed words
	Bias    []float32   `json:"bias"`
}

// Read reads what was written as JSON and refuses what does not fit together.
func Read(text []byte) (Weights, error) {
	var w Weights
	if err := json.Unmarshal(text, &w); err != nil {
		return Weights{}, fmt.Errorf("read weights: %w", err)
	}
	if len(w.Rows) != len(w.Classes) || len(w.Bias) != len(w.Classes) || len(w.Classes) == 0 {
		return Weights{}, fmt.Errorf("read weights: %d classes, %d rows, %d biases", len(w.Classes), len(w.Rows), len(w.Bias))
	}
	for _, row := range w.Rows {
		if len(row) != len(w.Rows[0]) {
			return Weights{}, fmt.Errorf("read weights: rows of %d and %d", len(w.Rows[0]), len(row))
		}
	}
	return w, nil
}

// MustRead is Read for weights that are part of the build.
func MustRead(text []byte) Weights {
	w, err := Read(text)
	if err != nil {
		panic(err)
	}
	return w
}

// Probabilities of the classes, in their order; nil when the vector has another length than those that were learnt from.
func (w Weights) Probabilities(f Features) []float64 {
	if len(w.Rows) == 0 || len(w.Rows[0]) != len(f.Vector)+Hashed {
		return nil
	}
	p := make([]float64, len(w.Classes))
	for k, row := range w.Rows {
		p[k] = float64(w.Bias[k]) + score(row, f)
	}
	softmax(p)
	return p
}

func score[T float32 | float64](row []T, f Features) float64 {
	meaning, words := 0.0, 0.0
	for j, v := range f.Vector {
		meaning += float64(row[j]) * float64(v)
	}
	for _, word := range f.Words {
		words += float64(row[len(f.Vector)+word.At]) * float64(word.Value)
	}
	return weight*meaning + words
}

// Most is the likeliest class and its probability; "" where Probabilities gives nil.
func (w Weights) Most(f Features) (class string, sure float64) {
	for k, p := range w.Probabilities(f) {
		if p > sure {
			class, sure = w.Classes[k], p
		}
	}
	return class, sure
}

// softmax turns scores into probabilities, in place.
func softmax(p []float64) {
	most, sum := math.Inf(-1), 0.0
	for _, z := range p {
		most = max(most, z)
	}
	for k, z := range p {
		p[k] = math.Exp(z - most)
		sum += p[k]
	}
	for k := range p {
		p[k] /= sum
	}
}
