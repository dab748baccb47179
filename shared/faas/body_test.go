package faas_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/faas/faastest"
)

const shortRead = 50 * time.Millisecond

// newSlow serves an operation whose body must come within shortRead and whose work takes several times as long.
func newSlow(t *testing.T) *httptest.Server {
	t.Helper()
	api, err := faas.NewAPI("slow", "1.0.0", "", faastest.Host(nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	huma.Register(api, huma.Operation{OperationID: "slow", Method: http.MethodPost, Path: "/", Security: faas.Public(), BodyReadTimeout: shortRead},
		func(ctx context.Context, _ *struct{ Body struct{} }) (*struct{}, error) {
			select {
			case <-time.After(4 * shortRead):
				return nil, nil
			case <-ctx.Done():
				return nil, errors.New("the deadline for the body ended the work")
			}
		})
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	return server
}

// TestWorkOutlivesReadDeadline guards against a trap: a read deadline that stays on the connection after the body has
// been read cancels the request when it passes.
func TestWorkOutlivesReadDeadline(t *testing.T) {
	t.Parallel()
	server := newSlow(t)
	res, err := server.Client().Post(server.URL, "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusNoContent {
		body, _ := io.ReadAll(res.Body)
		t.Errorf("status %d %s", res.StatusCode, body)
	}
}

func TestSlowBody(t *testing.T) {
	t.Parallel()
	server := newSlow(t)
	r, w := io.Pipe()
	defer w.Close()
	go func() { _, _ = w.Write([]byte("{")) }() // and then nothing
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, r)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusRequestTimeout || !strings.Contains(string(body), faas.CodeBodyTimeout) {
		t.Errorf("status %d %s %v, want 408", res.StatusCode, body, err)
	}
}
