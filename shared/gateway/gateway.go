// Package gateway calls functions through the host that they share, for the person who called: the local runner and OpenFaaS
// alike.
package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
)

// Gateway is a host with asynchronous paths.
type Gateway struct {
	URL    string // GATEWAY_URL
	Client *http.Client
}

// timeout of accepting a call: the work itself comes later.
const timeout = 10 * time.Second

// New returns the gateway at a URL; it dials nothing.
func New(url string) Gateway { return Gateway{URL: url, Client: &http.Client{Timeout: timeout}} }

// StartPlan asks for a plan under a call id that follows from the key, so that the same write again is the same call.
func (g Gateway) StartPlan(ctx context.Context, r planner.Request, key string) (string, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("start a plan: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.URL+"/async-function/plan", bytes.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("start a plan: %w", err)
	}
	if key == "" {
		key = faas.NewCallID()
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", faas.Authorization(ctx))
	req.Header.Set(faas.CallIDHeader, key)
	res, err := g.Client.Do(req)
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
