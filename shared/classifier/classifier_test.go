package classifier_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/classifier"
)

// clouds are points around three centres; the words of the third tell it from the second, which lies at the same place.
func clouds() (examples []classifier.Example, classes []string) {
	classes = []string{"left", "right", "said"}
	centres := [][]float32{{-1, 0}, {1, 0}, {1, 0}}
	texts := []string{"a b c", "a b c", "a c b"}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 300 {
		c := centres[i%3]
		vector := []float32{c[0] + float32(r.NormFloat64())*0.2, c[1] + float32(r.NormFloat64())*0.2}
		examples = append(examples, classifier.Example{Features: classifier.Of(texts[i%3], vector), Class: classes[i%3]})
	}
	return examples, classes
}

// TestLearn: meaning and words tell the clouds apart, the same way each time, and what was learnt survives JSON.
func TestLearn(t *testing.T) {
	t.Parallel()
	examples, classes := clouds()
	steps := 0
	w, err := classifier.Learn(examples, classes, func(step, of int) { steps = of - step })
	if err != nil || steps != 0 {
		t.Fatal(err, steps)
	}
	again, err := classifier.Learn(examples, classes, nil)
	if err != nil || !cmp.Equal(w, again) {
		t.Errorf("learnt twice: %v", err)
	}
	text, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	read := classifier.MustRead(text)
	for i, e := range examples[:3] {
		if class, sure := read.Most(e.Features); class != classes[i] || sure < 0.9 {
			t.Errorf("%s is %s with %.2f", classes[i], class, sure)
		}
	}
	if class, sure := w.Most(classifier.Of("a", []float32{1, 2, 3})); class != "" || sure != 0 || w.Probabilities(classifier.Features{}) != nil {
		t.Errorf("a vector of another length is %q, %.2f", class, sure)
	}
}

func TestWordsHaveUnitLength(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"one", "book me in on friday", "a a a a"} {
		sum := 0.0
		for _, w := range classifier.Of(text, nil).Words {
			if w.At < 0 || w.At >= classifier.Hashed {
				t.Errorf("%q: place %d", text, w.At)
			}
			sum += float64(w.Value) * float64(w.Value)
		}
		if math.Abs(sum-1) > 1e-6 {
			t.Errorf("%q: length %f", text, sum)
		}
	}
	if got := classifier.Of(" ", nil).Words; got != nil {
		t.Errorf("no words give %v", got)
	}
}

func TestBroken(t *testing.T) {
	t.Parallel()
	for _, text := range []string{``, `{}`, `{"classes":["a"],"rows":[[1],[2]],"bias":[0]}`, `{"classes":["a","b"],"rows":[[1],[2,3]],"bias":[0,0]}`} {
		if w, err := classifier.Read([]byte(text)); err == nil {
			t.Errorf("%s gives %+v", text, w)
		}
	}
	examples, classes := clouds()
	examples[7].Class = "unknown"
	if _, err := classifier.Learn(examples, classes, nil); err == nil {
		t.Error("learnt an unknown class")
	}
	if _, err := classifier.Learn(nil, classes, nil); err == nil {
		t.Error("learnt from nothing")
	}
}
