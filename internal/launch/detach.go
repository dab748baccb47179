package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/intellifit/intellifit/internal/stack"
)

// Detach runs `up` with args in a session of its own, relays what it prints, and returns when it is ready. When it does not
// come up, or ctx ends before it has, it is gone when Detach returns.
func Detach(ctx context.Context, home string, args []string, out io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("detach: %w", err)
	}
	path := filepath.Join(home, "logs", "up.log")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("detach: %w", err)
	}
	// Each run has a file of its own: a second `up`, which ends at once, must not cut the first one's.
	write, err := os.CreateTemp(filepath.Dir(path), "up-*.log")
	if err != nil {
		return fmt.Errorf("detach: %w", err)
	}
	defer write.Close()
	read, err := os.Open(write.Name())
	if err != nil {
		return fmt.Errorf("detach: %w", err)
	}
	defer read.Close()
	child := exec.Command(self, args...)
	child.Env = append(os.Environ(), "NO_COLOR=1")
	child.Stdout, child.Stderr = write, write
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := child.Start(); err != nil {
		return fmt.Errorf("detach: %w", errors.Join(err, os.Remove(write.Name())))
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	err = relay(ctx, home, child, ended, read, out)
	if err != nil {
		return errors.Join(err, os.Remove(write.Name()))
	}
	if err := os.Rename(write.Name(), path); err != nil {
		return fmt.Errorf("detach: %w", err)
	}
	return nil
}

// errEnded says that the detached process gave up; it has told why.
var errEnded = errors.New("it did not come up")

func relay(ctx context.Context, home string, child *exec.Cmd, ended <-chan error, from io.Reader, out io.Writer) error {
	interrupted := ctx.Done()
	for {
		state, err := stack.LoadState(home)
		ready := err == nil && state.PID == child.Process.Pid && state.Phase == stack.PhaseReady
		if _, err := io.Copy(out, from); err != nil {
			return fmt.Errorf("relay the progress: %w", err)
		}
		if ready {
			return nil
		}
		select {
		case <-ended:
			if _, err := io.Copy(out, from); err != nil {
				return fmt.Errorf("relay the progress: %w", err)
			}
			return errEnded
		case <-interrupted:
			interrupted = nil
			if err := child.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
				return fmt.Errorf("stop the detached process: %w", err)
			}
		case <-time.After(100 * time.Millisecond):
		}
	}
}
