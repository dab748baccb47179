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

// Router asks its judges in order: rules, a classifier over vectors, the model. Embed and Model may be nil: their judges
// abstain then. It is safe for concurrent use.
type Router struct {
	Embed Embedder
	Model Chooser
}

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
	if d, ok := byRules(text, t); ok {
		return d, ctx.Err()
	}
	for _, judge := range []func(context.Context, string, Turn) (Decision, bool){r.classify, r.choose} {
		if d, ok := judge(ctx, text, t); ok {
			return d, ctx.Err()
		}
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
	d := decide(first.verdict.action, first.text, t, ByRule, float64(first.verdict.weight)/veto)
	if len(found) > 1 && d.Action != Reply {
		then := decide(found[1].verdict.action, found[1].text, t, ByRule, float64(found[1].verdict.weight)/veto)
		d.Then = &then
	}
	return d, true
}

// decide reads the slots of an action that a judge named.
func decide(action, text string, t Turn, by string, sure float64) Decision {
	if action == Reply {
		return talkOnly(by, sure)
	}
	d := resolve(action, text, t)
	d.By, d.Sure = by, sure
	return d
}
