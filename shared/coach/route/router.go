package route

import (
	"context"
	"strings"

	"github.com/ollama/ollama/api"
)

// Chooser answers one chat call; llm.Client is one.
type Chooser interface {
	Chat(ctx context.Context, req *api.ChatRequest) (*api.ChatResponse, error)
}

// Router asks its judges in order: rules, a classifier over vectors, the model. A rule that is not certain is
// weighed against the classifier. Embed and Model may be nil: their judges abstain then. It is safe for concurrent use.
type Router struct {
	Embed Embedder
	Model Chooser
}

const (
	certain = 1.0  // how sure a rule must be to go unquestioned
	unsure  = 0.35 // how sure the classifier must be where no rule knows the form
)

// Route finds what the turn asks for. A judge that fails abstains, and without a judge it is talk: the error is the
// context's alone.
func (r *Router) Route(ctx context.Context, t Turn) (Decision, error) {
	text := strip(read(t.Text, namesOf(t.Coaches)).text)
	if strings.TrimSpace(text) == "" {
		return talkOnly(ByNone, 1), ctx.Err()
	}
	if t.Previous != nil {
		if d, ok := follow(text, t); ok {
			return d, ctx.Err()
		}
	}
	d, ruled := byRules(text, t)
	if !ruled || d.Action == Reply && d.Sure < certain || d.Action == Profile && t.Last != nil && t.Last.Action == Plan {
		if d, ok := again(text, t); ok {
			return d, ctx.Err()
		}
	}
	if ruled && (d.Sure >= certain || d.Then != nil) {
		return d, ctx.Err()
	}
	var word *Decision
	if ruled {
		word = &d
	}
	if both, ok := r.weigh(ctx, text, t, word); ok && (ruled || both.Sure >= unsure) {
		return both, ctx.Err()
	}
	if ruled {
		return d, ctx.Err()
	}
	if d, ok := r.choose(ctx, text, t); ok {
		return d, ctx.Err()
	}
	return talkOnly(ByNone, 0), ctx.Err()
}

func talkOnly(by string, sure float64) Decision { return Decision{Action: Reply, By: by, Sure: sure} }

// byRules is the first judge.
func byRules(text string, t Turn) (Decision, bool) {
	found := judgeParts(text, t)
	first := found[0]
	if first.verdict.weight < sure {
		return Decision{}, false
	}
	d := decide(first.verdict.action, first.text, t, ByRule, sureness(first.verdict))
	if len(found) > 1 && d.Action != Reply {
		then := decide(found[1].verdict.action, found[1].text, t, ByRule, sureness(found[1].verdict))
		d.Then = &then
	}
	return d, true
}

// sureness is 1 for the heaviest rules.
func sureness(v verdict) float64 { return min(1, float64(v.weight)/veto) }

// decide reads the slots of an action that a judge named.
func decide(action, text string, t Turn, by string, sure float64) Decision {
	if action == Reply {
		return talkOnly(by, sure)
	}
	d := resolve(action, text, t)
	d.By, d.Sure = by, sure
	return d
}
