package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/internal/process"
)

// EngineOptions says how to run a speech server of our own.
type EngineOptions struct {
	Name        string // whisper or tts
	Environment models.Environment
	Module      string       // what python -m runs
	Args        []string     // beside those of its address
	Variables   []string     // of the caller, passed on to it
	Listener    net.Listener // holds its port until it starts; the server then has it for life
	DataDir     string       // its working folder, by which a leftover of it is known
	RunDir      string       // holds its process id
	LogFile     string
	Getenv      func(string) string
	Event       func(process.Event)
}

// Engine is a running speech server.
type Engine struct {
	*process.Running
	options EngineOptions
	port    int
	log     *process.Log
}

// StartEngine starts the server under supervision and returns when it has done a real piece of its work.
func StartEngine(ctx context.Context, o EngineOptions) (*Engine, error) {
	defer o.Listener.Close() // where the start does not come so far
	e := &Engine{options: o, port: o.Listener.Addr().(*net.TCPAddr).Port}
	for _, dir := range []string{o.DataDir, o.RunDir} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("start %s: %w", o.Name, err)
		}
	}
	log, err := process.OpenLog(o.LogFile)
	if err != nil {
		return nil, err
	}
	e.log = log
	e.Running, err = process.Service{
		Name: o.Name, Command: e.command, Ready: e.ping, Log: log, Event: o.Event,
		StartLimit: 3 * time.Minute, StopLimit: stopLimit, // a cold disk and two busy cores take their time over a model
	}.Start(ctx)
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	return e, nil
}

func (e *Engine) command(ctx context.Context) (process.Command, error) {
	pidFile := filepath.Join(e.options.RunDir, e.options.Name+".pid")
	if err := process.EndLeftover(ctx, pidFile, e.options.DataDir, syscall.SIGTERM, stopLimit); err != nil {
		return process.Command{}, fmt.Errorf("put away a former %s: %w", e.options.Name, err)
	}
	if err := e.options.Listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return process.Command{}, fmt.Errorf("free the port of %s: %w", e.options.Name, err)
	}
	args := append([]string{"-m", e.options.Module, "--host", loopback, "--port", strconv.Itoa(e.port)}, e.options.Args...)
	return process.Command{
		Path: e.options.Environment.Python, Args: args, Dir: e.options.DataDir, PIDFile: pidFile, Env: e.environment(),
	}, nil
}

// devices are the variables of our caller that a server may need to find a GPU and its libraries.
var devices = []string{"PATH", "LD_LIBRARY_PATH", "TMPDIR", "CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES"}

func (e *Engine) environment() []string {
	env := []string{
		"HOME=" + e.options.DataDir, "PYTHONPATH=" + e.options.Environment.Source, "PYTHONUNBUFFERED=1", "PYTHONNOUSERSITE=1", "LC_ALL=C.UTF-8", "TZ=UTC",
		"HF_HUB_OFFLINE=1", // its models are here: nothing may ask the net for one
	}
	for _, name := range append(append([]string{}, devices...), e.options.Variables...) {
		if value := e.options.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// URL is how clients reach the server.
func (e *Engine) URL() string { return "http://" + net.JoinHostPort(loopback, strconv.Itoa(e.port)) }

func (e *Engine) ping(ctx context.Context) error { return engineHealth(ctx, e.URL()) }

// Stop ends the server after the call that it works on.
func (e *Engine) Stop() error { return errors.Join(e.Running.Stop(), e.log.Close()) }

// engineHealth asks a server of ours whether it can do its work, which it tries.
func engineHealth(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/healthz", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 1<<10))
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("healthz: status %s: %s", response.Status, answer)
	}
	return nil
}
