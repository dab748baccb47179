package process

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// parentVariable makes this test binary a parent that starts a child and waits to be killed.
const parentVariable = "INTELLIFIT_TEST_PARENT"

func TestMain(m *testing.M) {
	if os.Getenv(parentVariable) != "" {
		p, err := Start(Command{Path: "/bin/sleep", Args: []string{"1000"}})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(p.PID())
		<-p.Done()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// shell is a service that runs a script; "up" in its folder makes it ready.
func shell(t *testing.T, script string, event func(Event)) (Service, string) {
	t.Helper()
	dir := t.TempDir()
	log, err := OpenLog(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	return Service{
		Name: "shell", Log: log, Event: event, StartLimit: 10 * time.Second, StopLimit: 10 * time.Second,
		Delay: func(int) time.Duration { return 10 * time.Millisecond },
		Command: func(context.Context) (Command, error) {
			_ = os.Remove(filepath.Join(dir, "up")) // of the start before
			return Command{Path: "/bin/sh", Args: []string{"-c", script}, Dir: dir, Output: log}, nil
		},
		Ready: func(context.Context) error {
			_, err := os.Stat(filepath.Join(dir, "up"))
			return err
		},
	}, dir
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

func eventually(t *testing.T, what string, yes func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !yes(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

// TestKilledChildComesBack: a child that ends is started again, and its last words are told.
func TestKilledChildComesBack(t *testing.T) {
	t.Parallel()
	events := make(chan Event, 8)
	s, _ := shell(t, "echo last words; touch up; exec sleep 1000", func(e Event) { events <- e })
	r, err := s.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first := r.PID()
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if e := <-events; e.Ready || e.Err == nil || !strings.Contains(strings.Join(e.Tail, "\n"), "last words") || e.RetryIn == 0 {
		t.Errorf("the end was told as %+v", e)
	}
	if e := <-events; !e.Ready {
		t.Errorf("the return was told as %+v", e)
	}
	second := r.PID()
	if ready, _ := r.Ready(); !ready || second == first || r.Restarts() != 1 {
		t.Errorf("ready %t, pid %d after %d, %d restarts", ready, second, first, r.Restarts())
	}
	if err := r.Stop(); err != nil {
		t.Error(err)
	}
	if alive(second) {
		t.Error("the child outlived Stop")
	}
}

// TestFailedStartTellsWhy: what cannot start is given up after a few tries, with its last log lines.
func TestFailedStartTellsWhy(t *testing.T) {
	t.Parallel()
	s, dir := shell(t, "echo tried >>tries; echo the port is taken; exit 3", nil)
	_, err := s.Start(t.Context())
	var failed *StartError
	if !errors.As(err, &failed) || !strings.Contains(err.Error(), "the port is taken") || !strings.Contains(err.Error(), filepath.Join(dir, "log")) {
		t.Errorf("got %v", err)
	}
	tries, readErr := os.ReadFile(filepath.Join(dir, "tries"))
	if readErr != nil || strings.Count(string(tries), "tried") != firstStarts {
		t.Errorf("tried %q, %v", tries, readErr)
	}
}

// TestNeverReadyIsEnded: a child that runs and never answers is not left behind.
func TestNeverReadyIsEnded(t *testing.T) {
	t.Parallel()
	s, dir := shell(t, "echo $$ >>pids; exec sleep 1000", nil)
	s.StartLimit = 50 * time.Millisecond
	if _, err := s.Start(t.Context()); err == nil {
		t.Fatal("it counts as started")
	}
	pids, err := os.ReadFile(filepath.Join(dir, "pids"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Fields(string(pids)) {
		pid, err := strconv.Atoi(line)
		if err != nil {
			t.Fatal(err)
		}
		if alive(pid) {
			t.Errorf("%d lives", pid)
		}
	}
}

func TestInterruptedStart(t *testing.T) {
	t.Parallel()
	s, _ := shell(t, "exec sleep 1000", nil)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := s.Start(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestChildDiesWithItsParent: kill -9 of the parent leaves nothing.
func TestChildDiesWithItsParent(t *testing.T) {
	t.Parallel()
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), parentVariable+"=1")
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	child, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	if !alive(child) {
		t.Fatal("there is no child")
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // it was killed
	eventually(t, "the child is gone", func() bool { return !alive(child) })
}

func TestBackoffGrows(t *testing.T) {
	t.Parallel()
	last := time.Duration(0)
	for n := 1; n < 40; n++ {
		d := Backoff(n)
		if d < last || d > 15*time.Second {
			t.Errorf("start %d waits %s after %s", n, d, last)
		}
		last = d
	}
	if Backoff(1) != 200*time.Millisecond || last != 15*time.Second {
		t.Errorf("from %s to %s", Backoff(1), last)
	}
}

func TestLogKeepsTheTail(t *testing.T) {
	t.Parallel()
	log, err := OpenLog(filepath.Join(t.TempDir(), "a", "log"))
	if err != nil {
		t.Fatal(err)
	}
	for n := range 500 {
		fmt.Fprintf(log, "line %d\n", n)
	}
	tail := log.Tail()
	if len(tail) == 0 || len(tail) > 100 || tail[len(tail)-1] != "line 499" {
		t.Errorf("%d lines, the last %q", len(tail), tail[len(tail)-1])
	}
	if err := log.Close(); err != nil {
		t.Error(err)
	}
}
