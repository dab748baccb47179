package launch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/intellifit/intellifit/internal/process"
	"github.com/intellifit/intellifit/internal/stack"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
)

// screen prints lines between the bars while there are some, and plainly afterwards.
type screen struct {
	mu       sync.Mutex
	progress interface {
		Line(string)
		Close()
	}
	out    io.Writer
	closed bool
}

func (s *screen) printf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if line := fmt.Sprintf(format, args...); s.closed {
		fmt.Fprintln(s.out, line)
	} else {
		s.progress.Line(line)
	}
}

// close ends the bars. It may be called again.
func (s *screen) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.progress.Close()
		s.closed = true
	}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

func (l *launch) componentUp(c stack.Component, took time.Duration) {
	from := map[string]string{stack.SourceURL: "given", stack.SourcePath: "from PATH", stack.SourceProvided: "provided"}[c.Source]
	l.screen.printf("✓ %-9s %s  ready at %s (%s)  %s", c.Name, c.Version, c.Address, from, seconds(took))
}

// event tells of a component that ended, with its last words, and of its return.
func (l *launch) event(e process.Event) {
	if e.Ready {
		l.screen.printf("✓ %s answers again", e.Service)
	} else {
		l.screen.printf("! %s ended: %v; it starts again in %s. Its last lines:\n  | %s", e.Service, e.Err, seconds(e.RetryIn), strings.Join(e.Tail, "\n  | "))
	}
	if err := l.save(); err != nil {
		l.Log.Warn("save the state", "err", err)
	}
}

// announce shows what a newcomer wants to see: a plan, where things are, and the first call to make.
func (l *launch) announce(ctx context.Context) error {
	l.screen.close()
	token, err := l.token()
	if err != nil {
		return err
	}
	if l.Demo {
		if err := l.showPlan(ctx, token); err != nil {
			return err
		}
	}
	url := l.state.URL
	fmt.Fprintf(l.Out, "\nIntelliFit is ready at %s  (profile %s, %s)\n\n", url, l.choice.Profile, seconds(time.Since(l.began)))
	for _, row := range [][2]string{
		{"API reference", url + "/docs"},
		{"OpenAPI 3.1", url + "/openapi.json"},
		{"a plan", url + "/function/plan"},
		{"a call", url + "/call"},
		{"readiness", url + "/readyz"},
		{"metrics", url + "/metrics"},
		{"data", l.Home},
		{"logs", l.logFile("*")},
	} {
		fmt.Fprintf(l.Out, "  %-14s %s\n", row[0], row[1])
	}
	fmt.Fprintf(l.Out, "\nA token of member %s for %s (more: intellifit token --as ID), and the first call:\n\n", l.Parts.Demo.MemberID, faas.MaxTokenTTL)
	fmt.Fprintf(l.Out, "TOKEN=%s\n", token)
	fmt.Fprintf(l.Out, "curl -s %s/function/plan -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' -d '{\"days_per_week\":3}'\n\n", url)
	return nil
}

func (l *launch) token() (string, error) {
	key, err := stack.ReadSecret(l.stack.Secrets, stack.SecretTokens)
	if err != nil {
		return "", err
	}
	demo := gym.Principal{GymID: l.Parts.Demo.GymID, Subject: l.Parts.Demo.MemberID, Role: gym.RoleMember}
	return faas.Sign(key, demo, faas.MaxTokenTTL, time.Now())
}

// showPlan asks the function for a plan as an app would, and prints it.
func (l *launch) showPlan(ctx context.Context, token string) error {
	fmt.Fprintf(l.Out, "\nA plan for demo member %s, from POST %s/function/plan:\n\n", l.Parts.Demo.MemberID, l.state.URL)
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	answer, err := post(ctx, l.state.URL+"/function/plan", token, []byte(`{}`))
	if err != nil {
		return fmt.Errorf("ask for the demo plan: %w", err)
	}
	if err := l.Parts.Show(l.Out, answer); err != nil {
		return fmt.Errorf("show the demo plan: %w", err)
	}
	return nil
}

// maxAnswer bounds an answer of the plan function.
const maxAnswer = 8 << 20

func post(ctx context.Context, url, token string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, err
	}
	if response.StatusCode/100 != 2 {
		var problem struct{ Code, Detail string }
		_ = json.Unmarshal(answer, &problem)
		return nil, fmt.Errorf("status %s: %s %s", response.Status, problem.Code, problem.Detail)
	}
	return answer, nil
}
