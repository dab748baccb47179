package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Alive reports whether a process of that id exists and has not ended.
func Alive(pid int) bool {
	if pid <= 0 {
		return false
	}
	if err := syscall.Kill(pid, 0); err != nil && !errors.Is(err, syscall.EPERM) {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return err == nil || !errors.Is(err, os.ErrNotExist)
	}
	// "pid (name) state …": the name may hold anything, so the state follows the last parenthesis.
	after := stat[bytes.LastIndexByte(stat, ')')+1:]
	return len(after) < 2 || after[1] != 'Z'
}

// End asks a process that is not our child to end, waits for that, and kills it after limit.
func End(ctx context.Context, pid int, signal syscall.Signal, limit time.Duration) error {
	if !Alive(pid) {
		return nil
	}
	if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stop process %d: %w", pid, err)
	}
	deadline := time.After(limit)
	for Alive(pid) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for process %d to end: %w", pid, ctx.Err())
		case <-deadline:
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("kill process %d: %w", pid, err)
			}
			deadline = nil
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// EndLeftover ends the process that a PID file names if it still works in dir, as the child of a killed parent may for a
// moment, and removes the file. A process that got the same number later works elsewhere and is left alone.
func EndLeftover(ctx context.Context, pidFile, dir string, signal syscall.Signal, limit time.Duration) error {
	content, err := os.ReadFile(pidFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the id of a former process: %w", err)
	}
	first, _, _ := strings.Cut(string(content), "\n")
	if pid, err := strconv.Atoi(strings.TrimSpace(first)); err == nil && pid > 1 && worksIn(pid, dir) {
		if err := End(ctx, pid, signal, limit); err != nil {
			return err
		}
	}
	if err := os.Remove(pidFile); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the id of a former process: %w", err)
	}
	return nil
}

// worksIn reports whether a process has dir as its working folder.
func worksIn(pid int, dir string) bool {
	cwd, err := os.Stat(fmt.Sprintf("/proc/%d/cwd", pid))
	if err != nil {
		return false
	}
	want, err := os.Stat(dir)
	return err == nil && os.SameFile(cwd, want)
}
