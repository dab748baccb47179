package safety

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/intellifit/intellifit/shared/classifier"
	"github.com/intellifit/intellifit/shared/wording"
)

// vectors is an embedder that gives what it holds, or fails.
type vectors [][]float32

func (v vectors) Embed(context.Context, []string) ([][]float32, error) {
	if v == nil {
		return nil, errors.New("away")
	}
	return v, nil
}

// towards is a vector along the weights of a class: the judge is sure of it.
func towards(t *testing.T, class string) vectors {
	t.Helper()
	k := slices.Index(learnt.Classes, class)
	if k < 0 {
		t.Fatalf("no class %s", class)
	}
	row := learnt.Rows[k][:len(learnt.Rows[k])-classifier.Hashed]
	v := make([]float32, len(row))
	for j, w := range row {
		v[j] = w / 10
	}
	return vectors{v}
}

// TestSense: the second judge speaks where no phrase was found, is overruled by none, and abstains when it cannot judge.
func TestSense(t *testing.T) {
	t.Parallel()
	p := Profile{Age: 36, BMI: 23, Emergency: "112"}
	const told = "zzz zzz zzz" // says nothing by its words
	if v := Sense(t.Context(), towards(t, "self_harm"), told, p); v.Code != "self_harm" || !v.Stop || !v.Escalate || v.Care {
		t.Errorf("a sure judge: %+v", v)
	}
	if v := Sense(t.Context(), towards(t, Harmless), told, p); v.Code != "" || v.Stop || v.Care {
		t.Errorf("harmless: %+v", v)
	}
	if v := Sense(t.Context(), towards(t, Harmless), "I have chest pain right now", p); v.Code != "chest_pain" {
		t.Errorf("a phrase counts whatever the second judge says: %+v", v)
	}
	for name, e := range map[string]classifier.Embedder{"none": nil, "away": vectors(nil), "of another length": vectors{{1, 2}}, "too many": vectors{{1}, {2}}} {
		if v := Sense(t.Context(), e, told, p); v.Code != "" || v.Care {
			t.Errorf("%s: %+v", name, v)
		}
	}
	if got := Care(p); got == "" || got == book.Care {
		t.Errorf("the sentence that cares is %q", got)
	}
}

// TestWeightsKnowEveryCode: a code of the file without a class could never be sensed.
func TestWeightsKnowEveryCode(t *testing.T) {
	t.Parallel()
	for _, code := range append(Codes(), Harmless) {
		if !slices.Contains(learnt.Classes, code) {
			t.Errorf("the classifier has not learnt %s", code)
		}
	}
	for _, class := range learnt.Classes {
		if _, ok := book.Verdicts[class]; !ok && class != Harmless {
			t.Errorf("the class %s has no verdict", class)
		}
	}
}

// TestClassesAreKnown: a phrase that names a class which does not exist would never be found.
func TestClassesAreKnown(t *testing.T) {
	t.Parallel()
	for _, list := range [][]wording.Entry{book.Wording, book.Requests} {
		for _, e := range list {
			for _, phrase := range slices.Concat(e.Phrases, e.Unless) {
				if strings.ContainsAny(phrase, "<>") {
					t.Errorf("%s: %q names an unknown class", e.Code, phrase)
				}
			}
		}
	}
}
