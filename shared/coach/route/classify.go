package route

import (
	"context"
	_ "embed"

	"github.com/intellifit/intellifit/shared/classifier"
)

// The classifier is a softmax regression (package classifier) over sentence vectors. Its weights are trained once, over train/examples.txt:
//
//	go run ./shared/coach/route/train -ollama http://127.0.0.1:11434 > shared/coach/route/weights.json
//
//go:embed weights.json
var weightsText []byte

var learnt = classifier.MustRead(weightsText)

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
	action, sure := learnt.Most(vectors[0])
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
