package runner

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestWholeOrStream(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		accept string
		stream bool
	}{
		{"text/event-stream", true}, {"text/event-stream, */*", true},
		{"*/*", false}, {"application/json, text/event-stream", false}, {"", false},
	} {
		t.Run("Accept "+tt.accept, func(t *testing.T) {
			t.Parallel()
			b := setup(t, options{})
			req, err := http.NewRequestWithContext(t.Context(), "GET", b.server.URL+"/function/probe/stream", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Accept", tt.accept)
			if !tt.stream {
				close(b.probe.release) // a whole answer comes only when the function has ended
			}
			res, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			first := make([]byte, len("data: 1\n\n"))
			if _, err := io.ReadFull(res.Body, first); err != nil {
				t.Fatal(err)
			}
			if tt.stream {
				close(b.probe.release) // the first event was here before the function ended
			}
			rest, err := io.ReadAll(res.Body)
			if err != nil || string(rest) != "data: 2\n\n" {
				t.Errorf("rest = %q, %v", rest, err)
			}
			if whole := res.ContentLength >= 0; whole == tt.stream {
				t.Errorf("Content-Length %d, want stream %v", res.ContentLength, tt.stream)
			}
			if timed := res.Header.Get("X-Duration-Seconds") != ""; timed == tt.stream {
				t.Errorf("X-Duration-Seconds present: %v", timed)
			}
		})
	}
}

func TestExecTimeout(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]struct {
		exec   string
		header map[string]string
	}{
		"exec_timeout":         {"50ms", nil},
		"X-Timeout shortens":   {"5m", map[string]string{"X-Timeout": "50ms"}},
		"X-Timeout never adds": {"50ms", map[string]string{"X-Timeout": "1h"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, options{exec: o.exec})
			res, body := b.do(t, "POST", "/function/probe/wait", "{}", o.header)
			if res.StatusCode != http.StatusGatewayTimeout || code(t, body) != "timeout" || res.Header.Get("X-OpenFaaS-Internal") != "of-watchdog" {
				t.Errorf("status %d, header %v, body %s", res.StatusCode, res.Header, body)
			}
			if err := <-b.probe.ended; err != context.DeadlineExceeded {
				t.Errorf("the function's context ended with %v", err)
			}
		})
	}
}

func TestMaxInflight(t *testing.T) {
	t.Parallel()
	b := setup(t, options{inflight: 2})
	answers := make(chan string, 2)
	for range 2 {
		go func() {
			req, _ := http.NewRequest("GET", b.server.URL+"/function/probe/wait", nil)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				answers <- err.Error()
				return
			}
			defer res.Body.Close()
			text, _ := io.ReadAll(res.Body)
			answers <- string(text)
		}()
	}
	<-b.probe.entered
	<-b.probe.entered
	res, body := b.do(t, "POST", "/function/probe", "{}", nil)
	if res.StatusCode != 429 || code(t, body) != "too_many_calls" || res.Header.Get("Retry-After") != "1" {
		t.Errorf("third call: %d %v %s", res.StatusCode, res.Header, body)
	}
	close(b.probe.release)
	for range 2 {
		if text := <-answers; text != "released" {
			t.Errorf("running call answered %q", text)
		}
	}
	if res, _ := b.do(t, "POST", "/function/probe", "{}", nil); res.StatusCode != 200 {
		t.Errorf("after the calls ended: %d", res.StatusCode)
	}
	_, text := b.do(t, "GET", "/metrics", "", nil)
	for _, want := range []string{
		`gateway_function_invocation_total{code="429",function_name="probe.openfaas-fn"} 1`,
		`gateway_function_invocation_total{code="200",function_name="probe.openfaas-fn"} 3`,
		`gateway_function_invocation_started{function_name="probe.openfaas-fn"} 3`,
		`intellifit_function_inflight{function_name="probe.openfaas-fn"} 0`,
		`gateway_service_count{function_name="probe.openfaas-fn"} 1`,
		`gateway_functions_seconds_count{code="200",function_name="probe.openfaas-fn"} 3`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("/metrics lacks %s", want)
		}
	}
}

func TestDisconnectCancels(t *testing.T) {
	t.Parallel()
	for _, accept := range []string{"application/json", "text/event-stream"} {
		t.Run(accept, func(t *testing.T) {
			t.Parallel()
			b := setup(t, options{})
			ctx, cancel := context.WithCancel(t.Context())
			req, err := http.NewRequestWithContext(ctx, "POST", b.server.URL+"/function/probe/wait", strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Accept", accept)
			sent := make(chan error, 1)
			go func() {
				res, err := http.DefaultTransport.RoundTrip(req)
				if err == nil {
					res.Body.Close()
				}
				sent <- err
			}()
			<-b.probe.entered
			cancel()
			if err := <-b.probe.ended; err != context.Canceled {
				t.Errorf("the function's context ended with %v", err)
			}
			<-sent
		})
	}
}
