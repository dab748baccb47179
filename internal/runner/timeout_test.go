package runner

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/intellifit/intellifit/shared/faas/faastest"
)

// TestStreamTimeout: a stream may take longer than exec_timeout and not longer than write_timeout.
func TestStreamTimeout(t *testing.T) {
	t.Parallel()
	b := setup(t, options{exec: "5m", read: "10m"})
	for accept, want := range map[string]string{"text/event-stream": "10m0s", "application/json": "5m0s"} {
		if _, body := b.do(t, "GET", "/function/probe/deadline", "", map[string]string{"Accept": accept}); body != want {
			t.Errorf("Accept %s: the function has %s, want %s", accept, body, want)
		}
	}
	short := setup(t, options{exec: "50ms", read: "50ms"})
	req, err := http.NewRequestWithContext(t.Context(), "GET", short.server.URL+"/function/probe/wait", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	if res, err := http.DefaultTransport.RoundTrip(req); err == nil { // the connection may be cut before its first byte
		res.Body.Close()
	}
	if err := <-short.probe.ended; err != context.DeadlineExceeded {
		t.Errorf("the function's context ended with %v", err)
	}
}

// TestSlowBodies sends a body that stops after its first byte. Whoever sets the shorter time for it, host or function,
// ends the call with 408.
func TestSlowBodies(t *testing.T) {
	t.Parallel()
	_, db := newDatabase(t)
	for _, tt := range []struct {
		name, path, exec, read string
	}{
		{"function's own time", "/function/probe/quick", "5m", "10m"},
		{"asynchronous", "/async-function/probe", "50ms", "50ms"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, options{exec: tt.exec, read: tt.read, change: func(c *Config) { c.DB = db }})
			conn, err := net.Dial("tcp", strings.TrimPrefix(b.server.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{", tt.path, faastest.Member(t, "m1"))
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil || res.StatusCode != http.StatusRequestTimeout || code(t, string(body)) != "body_timeout" {
				t.Errorf("status %d %s %v, want 408", res.StatusCode, body, err)
			}
		})
	}
}
