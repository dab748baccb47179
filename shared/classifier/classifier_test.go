package classifier_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/classifier"
)

// TestLearn: three clouds of points are told apart, the same way each time, and what was learnt survives JSON.
func TestLearn(t *testing.T) {
	t.Parallel()
	classes := []string{"left", "right", "up"}
	centres := [][]float32{{-1, 0}, {1, 0}, {0, 1}}
	r := rand.New(rand.NewPCG(1, 2))
	var vectors [][]float32
	var labels []string
	for i := range 300 {
		c := centres[i%3]
		vectors = append(vectors, []float32{c[0] + float32(r.NormFloat64())*0.2, c[1] + float32(r.NormFloat64())*0.2})
		labels = append(labels, classes[i%3])
	}
	w, err := classifier.Learn(vectors, labels, classes)
	if err != nil {
		t.Fatal(err)
	}
	again, err := classifier.Learn(vectors, labels, classes)
	if err != nil || !cmp.Equal(w, again) {
		t.Errorf("learnt twice: %v, %s", err, cmp.Diff(w, again))
	}
	text, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	read := classifier.MustRead(text)
	for i, c := range centres {
		if class, sure := read.Most(c); class != classes[i] || sure < 0.9 {
			t.Errorf("%v is %s with %.2f", c, class, sure)
		}
	}
	if class, sure := w.Most([]float32{1, 2, 3}); class != "" || sure != 0 || w.Probabilities(nil) != nil {
		t.Errorf("a vector of another length is %q, %.2f", class, sure)
	}
}

func TestBroken(t *testing.T) {
	t.Parallel()
	for _, text := range []string{``, `{}`, `{"classes":["a"],"rows":[[1],[2]],"bias":[0]}`, `{"classes":["a","b"],"rows":[[1],[2,3]],"bias":[0,0]}`} {
		if w, err := classifier.Read([]byte(text)); err == nil {
			t.Errorf("%s gives %+v", text, w)
		}
	}
	for _, labels := range [][]string{{}, {"a", "c"}} {
		if _, err := classifier.Learn([][]float32{{1}, {2}}, labels, []string{"a", "b"}); err == nil {
			t.Errorf("learnt from the labels %v", labels)
		}
	}
}
