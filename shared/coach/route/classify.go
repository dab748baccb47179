package route

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
)

// The classifier is a softmax regression over sentence vectors. Its weights are trained once, over train/examples.txt:
//
//	go run ./shared/coach/route/train -ollama http://127.0.0.1:11434 > shared/coach/route/weights.json
//
//go:embed weights.json
var weightsText []byte

// Weights are the parameters of the classifier, one row for each action.
type Weights struct {
	Actions []string    `json:"actions"`
	Rows    [][]float32 `json:"rows"`
	Bias    []float32   `json:"bias"`
}

var classifier = mustReadWeights(weightsText)

func mustReadWeights(text []byte) Weights {
	var w Weights
	err := json.Unmarshal(text, &w)
	if err == nil && (len(w.Rows) != len(w.Actions) || len(w.Bias) != len(w.Actions) || len(w.Actions) == 0) {
		err = fmt.Errorf("%d actions, %d rows, %d biases", len(w.Actions), len(w.Rows), len(w.Bias))
	}
	if err != nil {
		panic("weights.json of this build: " + err.Error())
	}
	return w
}

// Most is the likeliest action for a vector and how likely it is. A vector of another length gives "".
func (w Weights) Most(vector []float32) (action string, sure float64) {
	scores := make([]float64, len(w.Actions))
	best := 0
	for i, row := range w.Rows {
		if len(row) != len(vector) {
			return "", 0
		}
		z := float64(w.Bias[i])
		for j, v := range row {
			z += float64(v) * float64(vector[j])
		}
		if scores[i] = z; z > scores[best] {
			best = i
		}
	}
	sum := 0.0
	for _, z := range scores {
		sum += math.Exp(z - scores[best])
	}
	return w.Actions[best], 1 / sum
}

// How sure the classifier must be where the rules abstain, and to overrule one that is not certain.
const (
	sureOfTool  = 0.7
	sureOfReply = 0.5
	sureAgainst = 0.8
)

// classify is the second judge: for talk whose form no rule knows, and against a rule that took talk for a request or one
// request for another. ruled says that the rules made d of it.
func (r *Router) classify(ctx context.Context, text string, t Turn, d Decision, ruled bool) (Decision, bool) {
	if r.Embed == nil {
		return Decision{}, false
	}
	vectors, err := r.Embed.Embed(ctx, []string{plainWords(hear(text, t))})
	if err != nil || len(vectors) != 1 {
		return Decision{}, false // the next judge answers
	}
	action, sure := classifier.Most(vectors[0])
	enough := sureOfTool
	switch {
	case action == "", ruled && action == d.Action:
		return Decision{}, false
	case ruled:
		enough = sureAgainst
	case action == Reply:
		enough = sureOfReply
	}
	if sure < enough {
		return Decision{}, false
	}
	return bear(action, text, t, ByClassifier, sure)
}

// bear takes the word of a judge that guesses only when the text bears it: a profile or a log needs at least one thing to
// write down.
func bear(action, text string, t Turn, by string, sure float64) (Decision, bool) {
	d := decide(action, text, t, by, sure)
	s := d.Slots
	switch action {
	case Profile:
		if s.Injury == nil && s.Goal == "" && len(s.Likes)+len(s.Dislikes)+len(s.Allergies) == 0 {
			return Decision{}, false
		}
	case Log:
		if s.Exercise == "" && s.Sets == 0 {
			return Decision{}, false
		}
	}
	return d, true
}
