package llm

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/ollama/ollama/api"

	"github.com/intellifit/intellifit/shared/gym"
)

// ErrCut is an answer that ended before the model did: out of num_predict, or the whitespace runs that Ollama cuts with
// HTTP 200 and no done_reason.
var ErrCut = errors.New("the answer was cut")

// Chat sends req under the alias and options profile of the product and returns the whole answer. Format goes through as
// the bytes it is. It succeeds only when the model itself ended the answer; it retries once when nothing had come back.
func (c *Client) Chat(ctx context.Context, req *api.ChatRequest) (*api.ChatResponse, error) {
	var text strings.Builder
	res, err := c.Stream(ctx, req, func(part string) error { text.WriteString(part); return nil })
	if err != nil {
		return nil, err
	}
	res.Message.Content = text.String()
	return res, nil
}

// Stream is Chat token by token: each receives the parts of the answer as they come, and an error of its ends the
// generation and is returned. An answer that breaks off gives an error after its parts; ErrCut says that all that came is
// the model's own, but not its end.
func (c *Client) Stream(ctx context.Context, req *api.ChatRequest, each func(part string) error) (*api.ChatResponse, error) {
	if err := checkFormat(req.Format); err != nil {
		return nil, err
	}
	whole := *req
	whole.Model = ChatModel
	whole.KeepAlive = &api.Duration{Duration: -1}
	whole.Options = profile(req.Options)
	stream := true
	whole.Stream = &stream
	leave, err := c.queue.enter(ctx, c.cfg.Priority, c.cfg.Waiting, c.cfg.MaxWait)
	if err != nil {
		return nil, fmt.Errorf("chat: %w", err)
	}
	defer leave()
	res, err := failsafe.With(c.breaker).WithContext(ctx).Get(func() (*api.ChatResponse, error) {
		res, started, err := c.stream(ctx, &whole, each)
		if err != nil && !started && errors.Is(err, gym.ErrUnavailable) && ctx.Err() == nil {
			res, _, err = c.stream(ctx, &whole, each)
		}
		return res, err
	})
	if errors.Is(err, circuitbreaker.ErrOpen) {
		return nil, &gym.Error{Kind: gym.ErrUnavailable, Code: "model_unavailable", Detail: "the model server failed several times and is left alone for some seconds", Err: err}
	}
	return res, err
}

// stream reads one answer token by token, so that a stalled server is noticed and a cancelled caller stops it. started
// says whether any token came.
func (c *Client) stream(ctx context.Context, req *api.ChatRequest, each func(string) error) (res *api.ChatResponse, started bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Deadline)
	defer cancel()
	var stalled atomic.Bool
	stall := time.AfterFunc(c.cfg.Stall, func() { stalled.Store(true); cancel() })
	defer stall.Stop()
	var last api.ChatResponse
	var refused error // by the caller
	err = c.api.Chat(ctx, req, func(part api.ChatResponse) error {
		stall.Reset(c.cfg.Stall)
		last = part
		if part.Message.Content == "" {
			return nil
		}
		started = true
		refused = each(part.Message.Content)
		return refused
	})
	if refused != nil {
		return nil, started, refused
	}
	if err == nil && !last.Done { // Ollama's client takes a broken connection for the end
		if err = ctx.Err(); err == nil {
			err = errors.New("the connection broke off")
		}
	}
	switch {
	case err != nil && stalled.Load():
		return nil, started, &gym.Error{Kind: gym.ErrUnavailable, Code: "model_stalled", Detail: "the model stopped answering", Err: err}
	case err != nil:
		return nil, started, c.explain("chat", err)
	case last.DoneReason != "stop":
		return nil, started, fmt.Errorf("chat: %w (reason %q)", ErrCut, last.DoneReason)
	}
	return &last, started, nil
}
