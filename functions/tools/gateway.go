package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
)

// gateway starts plans through the host's asynchronous path, for the person who called: the same on every host.
type gateway struct {
	url    string // GATEWAY_URL
	client *http.Client
}

// StartPlan asks for a plan under a call id that follows from the key, so that the same write again is the same call.
func (g gateway) StartPlan(ctx context.Context, r planner.Request, key string) (string, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("start a plan: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.url+"/async-function/plan", bytes.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("start a plan: %w", err)
	}
	if key == "" {
		key = faas.NewCallID()
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", faas.Authorization(ctx))
	req.Header.Set(faas.CallIDHeader, key)
	res, err := g.client.Do(req)
	if err != nil {
		return "", &gym.Error{Kind: gym.ErrUnavailable, Code: "gateway_unavailable", Detail: "the host does not take asynchronous calls now", Err: err}
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusAccepted {
		return res.Header.Get(faas.CallIDHeader), nil
	}
	var p faas.Problem
	if err := json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&p); err != nil || p.Code == "" {
		return "", &gym.Error{Kind: gym.ErrUnavailable, Code: "gateway_unavailable", Detail: "the host does not take asynchronous calls now", Err: fmt.Errorf("status %d", res.StatusCode)}
	}
	return "", faas.NewProblem(p.Status, p.Code, p.Detail, p.Hint)
}
