// Command handler serves one function behind the of-watchdog of an OpenFaaS image. The build puts the function's name into
// the import below.
package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // a gym has its own zone, and the image may have none

	function "github.com/intellifit/intellifit/functions/FUNCTION"
	"github.com/intellifit/intellifit/shared/faas"
)

// addr is where the watchdog expects its upstream (upstream_url in the Dockerfile).
const addr = "127.0.0.1:8082"

func main() {
	host := faas.OSHost()
	if err := serve(host); err != nil {
		host.Log.Error("the function ended", "cause", err)
		os.Exit(1)
	}
}

// serve runs until SIGTERM, then lets the calls in progress end within write_timeout.
func serve(host faas.Host) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	f, err := function.New(ctx, host)
	if err != nil {
		return err
	}
	defer f.Close()
	handler, err := faas.HandlerOf(f)
	if err != nil {
		return err
	}
	write := duration(host, "write_timeout", 10*time.Second)
	server := &http.Server{
		Addr: addr, Handler: handler, ReadTimeout: duration(host, "read_timeout", 10*time.Second), ReadHeaderTimeout: 10 * time.Second,
		WriteTimeout: write, MaxHeaderBytes: 1 << 16, ErrorLog: slog.NewLogLogger(host.Log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.ListenAndServe() }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.Background(), write)
	defer cancel()
	if err := server.Shutdown(drain); err != nil {
		return err
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func duration(host faas.Host, name string, fallback time.Duration) time.Duration {
	if d, err := time.ParseDuration(host.Getenv(name)); err == nil && d > 0 {
		return d
	}
	return fallback
}
