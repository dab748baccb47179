package route

import (
	"context"
	_ "embed"
	"math"
	"slices"
	"time"

	"github.com/intellifit/intellifit/shared/classifier"
)

// The classifier is a softmax regression (package classifier) over the meaning and the words of an utterance. Its weights are
// trained once, over train/examples.txt and the training half of the evaluation's set:
//
//	go run ./shared/coach/route/train -ollama http://127.0.0.1:11434 internal/eval/chatset/router.jsonl > weights.json
//
//go:embed weights.json
var weightsText []byte

var learnt = classifier.MustRead(weightsText)

// Logarithms of odds, chosen on the sets of three authors, each judged by what the others taught.
const (
	trust   = 4.3 // of a rule of full weight, beside the classifier
	reserve = 1.0 // in favour of talk: a call that nobody asked for is worse than a question
)

// patience is how long a vector may take: a model that is busy must not hold up a booking that the rules understand.
const patience = 2 * time.Second

// weigh puts the word of the rules, if they have one, together with the classifier's: both have seen the same message, and neither
// is right alone as often as both are.
func (r *Router) weigh(ctx context.Context, text string, t Turn, ruled *Decision) (Decision, bool) {
	if r.Embed == nil {
		return Decision{}, false
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	plain := plainWords(hear(text, t))
	features, err := classifier.OfAll(ctx, r.Embed, []string{plain})
	if err != nil {
		return Decision{}, false // the next judge answers
	}
	p := learnt.Probabilities(features[0])
	sum := 0.0
	for k := range p {
		if ruled != nil && learnt.Classes[k] == ruled.Action {
			p[k] *= math.Exp(trust * ruled.Sure)
		}
		if learnt.Classes[k] == Reply {
			p[k] *= math.Exp(reserve)
		}
		sum += p[k]
	}
	for range p { // the likeliest that the text bears
		best := slices.Index(p, slices.Max(p))
		action, likely := learnt.Classes[best], p[best]/sum
		if ruled != nil && action == ruled.Action {
			return *ruled, true
		}
		if d, ok := bear(action, text, t, ByClassifier, likely); ok {
			return d, true
		}
		p[best] = 0
	}
	return Decision{}, false
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
