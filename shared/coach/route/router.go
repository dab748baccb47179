package route

import (
	"context"

	"github.com/ollama/ollama/api"
)

// Chooser answers one chat call; llm.Client is one.
type Chooser interface {
	Chat(ctx context.Context, req *api.ChatRequest) (*api.ChatResponse, error)
}

// Router asks its judges in order. Embed and Model may be nil: their judges abstain then. It is safe for concurrent use.
type Router struct {
	Embed Embedder
	Model Chooser
}

// Route finds what the turn asks for. A judge that fails abstains; the error is the context's alone.
func (r *Router) Route(ctx context.Context, t Turn) (Decision, error) {
	return Decision{Action: Reply, By: ByNone}, ctx.Err()
}
