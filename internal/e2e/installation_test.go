//go:build integration

package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/intellifit/intellifit/internal/stack"
)

// installation is a home of its own, with the downloads, builds and environments of the user's home.
type installation struct {
	t      *testing.T
	binary string
	home   string
	addr   string
}

func install(t *testing.T) *installation {
	t.Helper()
	cache, err := stack.Home(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	i := &installation{t: t, binary: filepath.Join(t.TempDir(), "intellifit"), home: filepath.Join(t.TempDir(), "home"), addr: freeAddr(t)}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", i.binary, "github.com/intellifit/intellifit/cmd/intellifit")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	for _, shared := range []string{"downloads", "components", "engines", "cache"} {
		if err := os.MkdirAll(filepath.Join(cache, shared), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(i.home, 0o711); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(cache, shared), filepath.Join(i.home, shared)); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(i.remove)
	return i
}

// remove stops whatever still runs and deletes the database, which lies outside the home when root runs the tests.
func (i *installation) remove() {
	if _, err := stack.LoadState(i.home); err == nil {
		if out, err := i.command("down").CombinedOutput(); err != nil {
			i.t.Errorf("down: %v\n%s", err, out)
		}
	}
	data, err := filepath.EvalSymlinks(filepath.Join(i.home, "data", "postgres"))
	if err == nil && !strings.HasPrefix(data, i.home) {
		if err := os.RemoveAll(filepath.Dir(filepath.Dir(data))); err != nil {
			i.t.Error(err)
		}
	}
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (i *installation) command(args ...string) *exec.Cmd {
	cmd := exec.Command(i.binary, args...)
	cmd.Env = append(os.Environ(), "INTELLIFIT_HOME="+i.home, "NO_COLOR=1")
	return cmd
}

// run returns standard output; the command must succeed.
func (i *installation) run(args ...string) string {
	i.t.Helper()
	cmd := i.command(args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		i.t.Fatalf("intellifit %s: %v\n%s\n%s", strings.Join(args, " "), err, errs.String(), out.String())
	}
	return out.String()
}

// up starts in the foreground, as a child that dies with the test, with the small models. It returns what a user sees once
// everything is ready.
func (i *installation) up(args ...string) string {
	i.t.Helper()
	began := time.Now()
	cmd := i.command(append([]string{"up", "--profile", "small", "--addr", i.addr}, args...)...)
	var out, errs output
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	started, ended := make(chan error, 1), make(chan error, 1)
	go func() {
		runtime.LockOSThread() // Pdeathsig follows the thread that starts the child
		err := cmd.Start()
		started <- err
		if err == nil {
			ended <- cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		i.t.Fatal(err)
	}
	for {
		state, err := stack.LoadState(i.home)
		if err == nil && state.PID == cmd.Process.Pid && state.Phase == stack.PhaseReady {
			i.t.Logf("up %s: ready after %.1f s", strings.Join(args, " "), time.Since(began).Seconds())
			return out.String()
		}
		select {
		case err := <-ended:
			i.t.Fatalf("up ended: %v\n%s\n%s", err, errs.String(), out.String())
		case <-i.t.Context().Done():
			i.t.Fatal("up is not ready")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// output collects what a process prints while another goroutine reads it.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

func (i *installation) token(args ...string) string {
	i.t.Helper()
	return strings.TrimSpace(i.run(append([]string{"token"}, args...)...))
}

type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) into(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal(r.body, v); err != nil {
		t.Fatalf("status %d: %v: %s", r.status, err, r.body)
	}
}

func (i *installation) call(token, method, path, body string, header ...string) reply {
	i.t.Helper()
	req, err := http.NewRequestWithContext(i.t.Context(), method, "http://"+i.addr+path, strings.NewReader(body))
	if err != nil {
		i.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for k := 0; k+1 < len(header); k += 2 {
		req.Header.Set(header[k], header[k+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		i.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		i.t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header, answer}
}

// kill is kill -9 of `up` itself; it returns the components that ran under it.
func (i *installation) kill() []stack.Component {
	i.t.Helper()
	state, err := stack.LoadState(i.home)
	if err != nil {
		i.t.Fatal(err)
	}
	if err := syscall.Kill(state.PID, syscall.SIGKILL); err != nil {
		i.t.Fatal(err)
	}
	return state.Components
}

// gone waits until none of the processes lives. The bound is for a broken build.
func gone(t *testing.T, components []stack.Component) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		var alive []string
		for _, c := range components {
			if c.PID > 0 && syscall.Kill(c.PID, 0) == nil {
				alive = append(alive, c.Name)
			}
		}
		if alive == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("still alive: %v", alive)
		}
	}
}
