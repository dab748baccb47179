package runner

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// start runs the bundle's runner on a port of its own.
func start(t *testing.T, drain time.Duration) (b *bundle, base string, stop func() error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b = setup(t, options{change: func(c *Config) { c.Listener, c.Drain = listener, drain }})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.runner.Run(ctx) }()
	return b, "http://" + listener.Addr().String(), func() error {
		cancel()
		return <-done
	}
}

func get(t *testing.T, url string) chan string {
	t.Helper()
	answer := make(chan string, 1)
	go func() {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		res, err := client.Get(url)
		if err != nil {
			answer <- err.Error()
			return
		}
		defer res.Body.Close()
		body, _ := io.ReadAll(res.Body)
		answer <- res.Status + " " + string(body)
	}()
	return answer
}

func TestStopDrains(t *testing.T) {
	t.Parallel()
	b, base, stop := start(t, time.Minute)
	answer := get(t, base+"/function/probe/wait")
	<-b.probe.entered
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	eventually(t, "new connections are refused", func() bool {
		conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
		if err == nil {
			conn.Close()
		}
		return err != nil
	})
	close(b.probe.release)
	if got := <-answer; got != "200 OK released" {
		t.Errorf("the running call answered %q", got)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Run = %v", err)
	}
	if !b.probe.closed {
		t.Error("the function was not closed")
	}
}

func TestStopCancelsWhatTakesTooLong(t *testing.T) {
	t.Parallel()
	b, base, stop := start(t, 20*time.Millisecond)
	answer := get(t, base+"/function/probe/wait")
	<-b.probe.entered
	if err := stop(); err != nil {
		t.Errorf("Run = %v", err)
	}
	if err := <-b.probe.ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the function's context ended with %v", err)
	}
	<-answer
}

func TestPortTaken(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	b := setup(t, options{change: func(c *Config) { c.Addr = listener.Addr().String() }})
	if err := b.runner.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("Run = %v", err)
	}
}

// TestSlowHeader holds a connection open without ever sending a whole header: the server ends it.
func TestSlowHeader(t *testing.T) {
	t.Parallel()
	_, base, stop := start(t, time.Second)
	conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("GET /healthz HTTP/1.1\r\nHost: x\r\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(conn); err != nil {
		t.Errorf("read: %v", err)
	}
	if err := stop(); err != nil {
		t.Errorf("Run = %v", err)
	}
}

func TestLargeHeader(t *testing.T) {
	t.Parallel()
	_, base, stop := start(t, time.Second)
	req, err := http.NewRequestWithContext(t.Context(), "GET", base+"/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Big", strings.Repeat("x", 70<<10))
	req.Close = true
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("status %d, want 431", res.StatusCode)
	}
	if err := stop(); err != nil {
		t.Errorf("Run = %v", err)
	}
}
