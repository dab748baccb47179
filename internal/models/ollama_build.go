package models

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// buildOllama compiles the pinned module in a scratch module whose go.mod and go.sum are those of servers/coach.
func (s *Store) buildOllama(ctx context.Context, dir string, want made, a Artifact, p Progress) error {
	tools, err := findTools()
	if err != nil {
		return err
	}
	include, err := s.headers(ctx, p)
	if err != nil {
		return fmt.Errorf("provide headers: %w", err)
	}
	logs := filepath.Join(s.Home, "logs")
	if err := os.MkdirAll(logs, 0o755); err != nil {
		return err
	}
	return s.build(ctx, dir, want, p, func(tmp string) (err error) {
		ctx, cancel := context.WithTimeout(ctx, time.Hour)
		defer cancel()
		log, err := os.Create(filepath.Join(logs, "ollama-build.log"))
		if err != nil {
			return err
		}
		defer log.Close()
		work, err := os.MkdirTemp("", "intellifit-ollama-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(work)
		meter := p.Begin(Job{Verb: "build", Name: "ollama", Unit: "packages"})
		defer func() { meter.End(err) }()
		b := &builder{tools: tools, include: include, work: work, log: log, meter: meter}
		return b.build(ctx, a, filepath.Join(tmp, "ollama"))
	})
}

type tools struct{ golang, cc, cxx string }

// findTools looks for the compilers and says how to get one that is missing.
func findTools() (tools, error) {
	const other = ", or put an ollama on PATH, or set OLLAMA_HOST to a running one"
	t := tools{cc: firstOf(os.Getenv("CC"), "gcc"), cxx: firstOf(os.Getenv("CXX"), "g++")}
	golang, err := exec.LookPath("go")
	if err != nil {
		return t, &MissingError{What: "Ollama is missing and there is no go on PATH to build it", Fix: "install Go from https://go.dev/dl" + other}
	}
	t.golang = golang
	for _, compiler := range []string{t.cc, t.cxx} {
		name, _, _ := strings.Cut(compiler, " ")
		if _, err := exec.LookPath(name); err != nil {
			return t, &MissingError{What: "Ollama is missing and there is no " + name + " on PATH to build it", Fix: "install a C++ compiler (Debian: apt-get install g++)" + other}
		}
	}
	return t, nil
}

type builder struct {
	tools   tools
	include []string
	work    string
	log     io.Writer
	meter   Meter
}

func (b *builder) build(ctx context.Context, a Artifact, binary string) error {
	src, ok := a.Source(SourceGo)
	if !ok {
		return errors.New("the lock file names no module")
	}
	for name, copyOf := range map[string]string{"go.mod": "coach.mod", "go.sum": "coach.sum"} {
		if err := os.WriteFile(filepath.Join(b.work, name), coachFile(copyOf), 0o644); err != nil {
			return err
		}
	}
	b.meter.Note("fetch modules")
	beat, stop := beating(b.meter) // one file may compile for a minute
	defer stop()
	b.meter = beat
	// What is in Go's cache is not compiled: it does not count.
	stale, err := b.golang(ctx, nil, "list", "-mod=readonly", "-trimpath", "-deps", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}", src.Module)
	if err != nil {
		return err
	}
	total := int64(len(bytes.Fields(stale)))
	var done int64
	b.meter.Set(0, total)
	b.meter.Note("compile")
	_, err = b.golang(ctx, func(line string) {
		if strings.HasPrefix(line, "#") || strings.ContainsAny(line, " \t:") {
			return // a compiler's warning
		}
		done++
		b.meter.Set(min(done, total), total)
		b.meter.Note("compile " + strings.TrimPrefix(line, src.Module+"/"))
	}, "build", "-v", "-mod=readonly", "-trimpath", "-buildvcs=false",
		"-ldflags=-s -w -X="+src.Module+"/version.Version="+strings.TrimPrefix(a.Version, "v"),
		"-o", binary, src.Module)
	if err != nil {
		return err
	}
	b.meter.Note("check")
	if _, err := ollamaVersion(ctx, binary); err != nil {
		return fmt.Errorf("try the new binary: %w", err)
	}
	return nil
}

// golang runs the go command in the scratch module. Its environment does not inherit flags that would change the build.
func (b *builder) golang(ctx context.Context, onLine func(string), args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, b.tools.golang, args...)
	cmd.Dir = b.work
	native := buildFlags()
	cmd.Env = append(os.Environ(),
		"GOFLAGS=", "GOWORK=off", "GO111MODULE=on", "CGO_ENABLED=1",
		"CC="+b.tools.cc, "CXX="+b.tools.cxx,
		"CGO_CPPFLAGS="+joinFlags(os.Getenv("CGO_CPPFLAGS"), includeFlags(b.include)),
		"CGO_CFLAGS="+joinFlags(os.Getenv("CGO_CFLAGS"), native),
		"CGO_CXXFLAGS="+joinFlags(os.Getenv("CGO_CXXFLAGS"), native),
	)
	// The compilers it starts must end with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	var out bytes.Buffer
	cmd.Stdout = &out
	tail := &tail{w: b.log, onLine: onLine}
	cmd.Stderr = tail
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("go %s: %w: %s (the whole log is logs/ollama-build.log)", args[0], err, strings.Join(tail.last, " | "))
	}
	return out.Bytes(), nil
}

func includeFlags(dirs []string) string {
	flags := make([]string, len(dirs))
	for i, d := range dirs {
		flags[i] = "-I" + d
		if strings.ContainsAny(d, " \t") {
			flags[i] = `"-I` + d + `"`
		}
	}
	return strings.Join(flags, " ")
}

func joinFlags(flags ...string) string {
	return strings.TrimSpace(strings.Join(flags, " "))
}

// tail copies what a command prints into the log, hands on each line, and keeps the last ones for an error.
type tail struct {
	w      io.Writer
	onLine func(string)
	rest   []byte
	last   []string
}

func (t *tail) Write(p []byte) (int, error) {
	if _, err := t.w.Write(p); err != nil {
		return 0, err
	}
	t.rest = append(t.rest, p...)
	for {
		advance, line, _ := bufio.ScanLines(t.rest, false)
		if advance == 0 {
			return len(p), nil
		}
		t.add(string(line))
		t.rest = t.rest[advance:]
	}
}

func (t *tail) add(line string) {
	if line = strings.TrimSpace(line); line == "" {
		return
	}
	t.last = append(t.last, line)
	if len(t.last) > 8 {
		t.last = t.last[1:]
	}
	if t.onLine != nil {
		t.onLine(line)
	}
}
