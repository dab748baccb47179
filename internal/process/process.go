// Package process starts, watches and stops the servers that IntelliFit needs beside itself. A child never outlives its
// parent: each runs in a process group of its own, is stopped in order with a signal that it understands, and gets that
// signal from the kernel when the parent is killed.
package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Command is what to start.
type Command struct {
	Path string
	Args []string
	Env  []string // the whole environment
	Dir  string
	// User is who runs it; nil is the parent's user.
	User *User
	// Stop is the signal for an orderly end; the zero value is SIGTERM.
	Stop syscall.Signal
	// Input is what the child reads; nil is nothing.
	Input io.Reader
	// Output receives what the child writes.
	Output io.Writer
	// PIDFile, if given, names the child for EndLeftover.
	PIDFile string
}

func (c Command) stop() syscall.Signal {
	if c.Stop == 0 {
		return syscall.SIGTERM
	}
	return c.Stop
}

// Process is a running child.
type Process struct {
	cmd  *exec.Cmd
	stop syscall.Signal
	done chan struct{}
	err  error // set before done is closed
}

// pipeDelay bounds the wait for output that a grandchild may keep open after the child's end.
const pipeDelay = 2 * time.Second

// Start starts a child.
func Start(c Command) (*Process, error) {
	cmd := exec.Command(c.Path, c.Args...)
	cmd.Env, cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Env, c.Dir, c.Input, c.Output, c.Output
	cmd.WaitDelay = pipeDelay
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: c.stop()}
	if c.User != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: c.User.UID, Gid: c.User.GID}
	}
	if err := fork(cmd.Start); err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Path, err)
	}
	p := &Process{cmd: cmd, stop: c.stop(), done: make(chan struct{})}
	go p.wait()
	if c.PIDFile != "" {
		if err := os.WriteFile(c.PIDFile, []byte(strconv.Itoa(p.PID())+"\n"), 0o600); err != nil {
			return nil, errors.Join(fmt.Errorf("start %s: %w", c.Path, err), p.Kill())
		}
	}
	return p, nil
}

func (p *Process) wait() {
	p.err = p.cmd.Wait()
	// What the child started goes with it: the group still exists while one of its members lives.
	_ = syscall.Kill(-p.PID(), syscall.SIGKILL)
	close(p.done)
}

// PID is the child's process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the child has ended and its output is read.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err says how the child ended; it holds after Done. It is never nil: a server has no reason to end.
func (p *Process) Err() error {
	if p.err == nil {
		return errors.New("ended with status 0")
	}
	return p.err
}

// Stop asks the child to end and kills its whole group when ctx ends first. It may be called again.
func (p *Process) Stop(ctx context.Context) error {
	if err := p.cmd.Process.Signal(p.stop); err != nil && !errors.Is(err, syscall.ESRCH) {
		select {
		case <-p.done:
			return nil
		default:
		}
	}
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
	}
	_ = syscall.Kill(-p.PID(), syscall.SIGKILL)
	<-p.done
	return fmt.Errorf("stop %s: killed: %w", p.cmd.Path, ctx.Err())
}

// The kernel ties a parent-death signal to the thread that forked, not to the process. So one thread, which lives as long
// as the process, starts every child.
var (
	forker sync.Once
	forks  = make(chan func())
)

func fork(start func() error) error {
	forker.Do(func() {
		go func() {
			runtime.LockOSThread()
			for f := range forks {
				f()
			}
		}()
	})
	result := make(chan error, 1)
	forks <- func() { result <- start() }
	return <-result
}

// ExitCode is the child's exit status, -1 when a signal ended it; it holds after Done.
func (p *Process) ExitCode() int { return p.cmd.ProcessState.ExitCode() }

// Kill ends the child and its group at once.
func (p *Process) Kill() error {
	err := syscall.Kill(-p.PID(), syscall.SIGKILL)
	<-p.done
	if errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}
