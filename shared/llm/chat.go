package llm

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/ollama/ollama/api"

	"github.com/intellifit/intellifit/shared/gym"
)

// errCut is an answer that Ollama ended before the model did: out of num_predict, or the whitespace runs that it cuts
// with HTTP 200 and no done_reason.
var errCut = errors.New("the answer was cut")

// Chat sends req under the alias and options profile of the product and returns the whole answer. Format goes through as
// the bytes it is. It succeeds only when the model itself ended the answer; it retries once when nothing had come back.
func (c *Client) Chat(ctx context.Context, req *api.ChatRequest) (*api.ChatResponse, error) {
	if err := checkFormat(req.Format); err != nil {
		return nil, err
	}
	whole := *req
	whole.Model = ChatModel
	whole.KeepAlive = &api.Duration{Duration: -1}
	whole.Options = profile(req.Options)
	stream := true
	whole.Stream = &stream
	res, err := c.guard.WithContext(ctx).GetWithExecution(func(failsafe.Execution[*api.ChatResponse]) (*api.ChatResponse, error) {
		res, started, err := c.stream(ctx, &whole)
		if err != nil && !started && errors.Is(err, gym.ErrUnavailable) && ctx.Err() == nil {
			res, _, err = c.stream(ctx, &whole)
		}
		return res, err
	})
	switch {
	case errors.Is(err, bulkhead.ErrFull):
		return nil, gym.Errorf(gym.ErrBusy, "model_busy", "too many requests wait for the model")
	case errors.Is(err, circuitbreaker.ErrOpen):
		return nil, &gym.Error{Kind: gym.ErrUnavailable, Code: "model_unavailable", Detail: "the model server failed several times and is left alone for some seconds", Err: err}
	}
	return res, err
}

// stream reads one answer token by token, so that a stalled server is noticed and a cancelled caller stops it. started
// says whether any token came.
func (c *Client) stream(ctx context.Context, req *api.ChatRequest) (res *api.ChatResponse, started bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Deadline)
	defer cancel()
	var stalled atomic.Bool
	stall := time.AfterFunc(c.cfg.Stall, func() { stalled.Store(true); cancel() })
	defer stall.Stop()
	var text strings.Builder
	var last api.ChatResponse
	err = c.api.Chat(ctx, req, func(part api.ChatResponse) error {
		stall.Reset(c.cfg.Stall)
		started = started || part.Message.Content != ""
		text.WriteString(part.Message.Content)
		last = part
		return nil
	})
	if err == nil && !last.Done { // Ollama's client takes a broken connection for the end
		if err = ctx.Err(); err == nil {
			err = errCut
		}
	}
	switch {
	case err != nil && stalled.Load():
		return nil, started, &gym.Error{Kind: gym.ErrUnavailable, Code: "model_stalled", Detail: "the model stopped answering", Err: err}
	case err != nil:
		return nil, started, c.explain("chat", err)
	case last.DoneReason != "stop":
		return nil, started, fmt.Errorf("chat: %w (reason %q)", errCut, last.DoneReason)
	}
	last.Message.Content = text.String()
	return &last, started, nil
}
