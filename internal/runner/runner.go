// Package runner hosts the functions of stack.yml in one process, with the routes, headers, limits and metric names of
// OpenFaaS, so that a client cannot tell the two apart. Asynchronous calls are kept in PostgreSQL and worked by River.
//
// Where it is stricter than OpenFaaS: X-Call-Id is echoed always; an asynchronous body over 256,000 bytes is a 413 and not
// a 500; an asynchronous call needs a valid token when it is accepted; X-Callback-Url is checked and never followed; a scheduled
// call does not overlap itself; every error is a problem document.
package runner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"github.com/intellifit/intellifit/internal/runner/manifest"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/postgres"
)

// Namespace is the one that OpenFaaS puts functions into.
const Namespace = "openfaas-fn"

const (
	headerTimeout  = 5 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 60 << 10 // net/http adds 4 KiB of its own
	defaultDrain   = 10 * time.Second
	maxQueued      = 1000
)

// Function is what a function package makes: most embed a *faas.API, which also brings OpenAPI() and Ready().
type Function interface {
	http.Handler
	Close() error
}

// Constructor makes one function. It reads its configuration and dials nothing.
type Constructor func(ctx context.Context, host faas.Host) (Function, error)

// Of turns the New of a function package, which returns its own type, into a Constructor.
func Of[F Function](construct func(context.Context, faas.Host) (F, error)) Constructor {
	return func(ctx context.Context, host faas.Host) (Function, error) {
		f, err := construct(ctx, host)
		if err != nil {
			return nil, err
		}
		return f, nil
	}
}

// Config is what a Runner is made of. Stack, Functions and Secrets are required.
type Config struct {
	Stack     *manifest.Stack
	Functions map[string]Constructor
	Env       map[string]string // what this host provides; it wins over the environment in stack.yml
	Secrets   faas.Secrets
	DB        *postgres.DB // the runtime role; without one /async-function answers 503
	Addr      string       // where Run listens; default 127.0.0.1:8080
	Listener  net.Listener // instead of Addr
	Checks    []Check      // what else /readyz reports
	Log       *slog.Logger
	Now       func() time.Time
	Version   string
	Drain     time.Duration           // how long running calls may finish when the runner stops; default 10 s
	Retry     river.ClientRetryPolicy // when a failed asynchronous call runs again; default River's: 1 s, 16 s, 81 s, 256 s
}

// Runner hosts functions.
type Runner struct {
	cfg       Config
	functions map[string]*function
	verifier  *faas.Verifier
	metrics   *metrics
	queue     *queue // nil without a database
	handler   http.Handler
	servedBy  string
	system    systemAuth
	started   time.Time
	running   sync.WaitGroup // handlers that outlive their request, after a timeout
	closeOnce sync.Once
	closeErr  error
}

// New makes the functions and the routes. It dials nothing; Run does. Close releases the functions.
func New(ctx context.Context, cfg Config) (*Runner, error) {
	r, err := newRunner(cfg)
	if err != nil {
		return nil, fmt.Errorf("make the runner: %w", err)
	}
	if err := r.construct(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("make the runner: %w", err), r.Close())
	}
	if cfg.DB != nil {
		if r.queue, err = newQueue(r); err != nil {
			return nil, errors.Join(fmt.Errorf("make the runner: %w", err), r.Close())
		}
	}
	r.metrics = newMetrics(r)
	if r.handler, err = r.routes(); err != nil {
		return nil, errors.Join(fmt.Errorf("make the runner: %w", err), r.Close())
	}
	return r, nil
}

func newRunner(cfg Config) (*Runner, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Addr == "" {
		cfg.Addr = "127.0.0.1:8080"
	}
	if cfg.Listener != nil {
		cfg.Addr = cfg.Listener.Addr().String()
	}
	if cfg.Drain <= 0 {
		cfg.Drain = defaultDrain
	}
	if cfg.Stack == nil || cfg.Secrets == nil {
		return nil, errors.New("a stack and secrets are required")
	}
	verifier, err := faas.NewVerifier(cfg.Secrets, cfg.Now)
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "intellifit"
	}
	return &Runner{
		cfg: cfg, functions: map[string]*function{}, verifier: verifier, servedBy: host,
		system: systemAuth{secrets: cfg.Secrets, open: loopback(cfg.Addr)}, started: cfg.Now(),
	}, nil
}

func (r *Runner) construct(ctx context.Context) error {
	for _, spec := range r.cfg.Stack.Functions {
		construct, ok := r.cfg.Functions[spec.Name]
		if !ok {
			return fmt.Errorf("stack.yml lists the function %s, which this build does not have", spec.Name)
		}
		if _, _, err := spec.Schedule(); err != nil {
			r.cfg.Log.Warn("A SCHEDULE WILL NOT RUN: fix the annotation in stack.yml", "function", spec.Name, "cause", err)
		}
		fn, err := construct(ctx, r.hostFor(spec))
		if err != nil {
			return fmt.Errorf("function %s: %w", spec.Name, err)
		}
		r.functions[spec.Name] = newFunction(spec, fn)
	}
	return nil
}

// hostFor gives a function its own environment, as on OpenFaaS, and not that of the whole process.
func (r *Runner) hostFor(spec manifest.Function) faas.Host {
	return faas.Host{
		Getenv: func(name string) string {
			if v, ok := r.cfg.Env[name]; ok {
				return v
			}
			return spec.Environment[name]
		},
		Secrets: r.cfg.Secrets,
		Log:     r.cfg.Log,
		Now:     r.cfg.Now,
	}
}

// Handler serves all routes.
func (r *Runner) Handler() http.Handler { return r.handler }

// Run listens, works the queue, keeps the schedules and returns when ctx ends and running calls have finished or had their time. It closes
// the functions.
func (r *Runner) Run(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, r.Close()) }()
	listener := r.cfg.Listener
	if listener == nil {
		if listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", r.cfg.Addr); err != nil {
			return fmt.Errorf("listen for the runner: %w", err)
		}
	}
	if r.queue != nil {
		if err := r.queue.start(ctx); err != nil {
			return errors.Join(err, listener.Close())
		}
		defer func() { err = errors.Join(err, r.queue.stop()) }()
	}
	scheduled, end := context.WithCancel(ctx)
	wait := r.startSchedules(scheduled)
	defer func() { end(); wait() }()
	return r.serve(ctx, listener)
}

func (r *Runner) serve(ctx context.Context, listener net.Listener) error {
	base, cancelCalls := context.WithCancel(context.WithoutCancel(ctx))
	defer cancelCalls()
	server := &http.Server{
		Handler: r.handler, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		BaseContext: func(net.Listener) context.Context { return base },
		ErrorLog:    slog.NewLogLogger(r.cfg.Log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	r.cfg.Log.Info("runner listens", "addr", listener.Addr().String())
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.cfg.Drain)
	defer cancel()
	err := server.Shutdown(drain)
	if errors.Is(err, context.DeadlineExceeded) { // calls had their time: cancel them and let them answer
		cancelCalls()
		last, cancelLast := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancelLast()
		if server.Shutdown(last) != nil {
			err = server.Close()
		} else {
			err = nil
		}
	}
	if serveErr := <-failed; !errors.Is(serveErr, http.ErrServerClosed) {
		err = errors.Join(err, serveErr)
	}
	return err
}

// Close waits for handlers that were left behind and closes the functions. Twice is safe.
func (r *Runner) Close() error {
	r.closeOnce.Do(func() {
		done := make(chan struct{})
		go func() { r.running.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(r.cfg.Drain):
			r.cfg.Log.Warn("a call does not end although it was cancelled")
		}
		var errs []error
		for name, f := range r.functions {
			if err := f.impl.Close(); err != nil {
				errs = append(errs, fmt.Errorf("close function %s: %w", name, err))
			}
		}
		r.closeErr = errors.Join(errs...)
	})
	return r.closeErr
}

// loopback reports whether addr takes connections from this machine only.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
