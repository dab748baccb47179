package safety

import (
	"context"
	_ "embed"
	"slices"
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/classifier"
)

// The second judge of a message is a softmax regression (package classifier) over its meaning and its words, since people tell of
// danger in more ways than phrases can list. Its weights are learnt from messages written for this product:
//
//	go run ./shared/coach/safety/train -ollama http://127.0.0.1:11434 internal/eval/chatset/safety.jsonl \
//	  shared/coach/route/train/examples.txt internal/eval/chatset/router.jsonl > weights.json
//
//go:embed weights.json
var weightsText []byte

var learnt = classifier.MustRead(weightsText)

// Harmless is the class of messages that raise no alarm.
const Harmless = "-"

// How likely a red flag must be, chosen by threefold cross-validation over the messages of the first two authors. At alarm, 0.5 % of the harmless
// messages that were written to look like red flags and 0.1 % of ordinary ones raise one; at care, 8 % and 1.4 % are answered as
// ever, with one more sentence that says whom to turn to.
const (
	alarm = 0.95
	care  = 0.5
)

// patience is how long a vector may take before the second judge abstains.
const patience = 3 * time.Second

// Sense is Screen with the second judge, which is asked where no phrase was found. A judge that fails abstains.
func Sense(ctx context.Context, e classifier.Embedder, text string, p Profile) Verdict {
	v := Screen(text, p)
	if v.Code != "" || e == nil {
		return v
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	plain := Plain(text)
	features, err := classifier.OfAll(ctx, e, []string{plain})
	if err != nil {
		return v
	}
	code, danger := likely(learnt.Probabilities(features[0]))
	found, ok := Fixed(code, p)
	if danger < alarm || !ok {
		v.Care = danger >= care
		return v
	}
	found.NoNumbers = found.NoNumbers || v.NoNumbers
	return found
}

// Care is the sentence that ends an answer when something may be wrong.
func Care(p Profile) string { return strings.ReplaceAll(book.Care, "{emergency}", p.emergency()) }

// likely is the likeliest red flag and how likely it is that there is one. All codes count together: that something is wrong is
// surer than what it is. Where most of them would stop the conversation, one that does is taken.
func likely(p []float64) (best string, danger float64) {
	if len(p) == 0 { // a vector that does not fit
		return "", 0
	}
	stop := 0.0
	for k, class := range learnt.Classes {
		if class == Harmless {
			continue
		}
		danger += p[k]
		if book.Verdicts[class].Stop {
			stop += p[k]
		}
	}
	most := 0.0
	for k, class := range learnt.Classes {
		if class != Harmless && p[k] > most && (book.Verdicts[class].Stop || stop*2 < danger) {
			best, most = class, p[k]
		}
	}
	return best, danger
}

// Plain is a message in the form that the classifier learns: its words in lower case, without marks.
func Plain(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(strings.ReplaceAll(text, "’", "'")), func(r rune) bool {
		return !(r == '\'' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r > 127)
	}), " ")
}

// Codes lists the red flags in their order of urgency.
func Codes() []string { return slices.Clone(book.Urgency) }
