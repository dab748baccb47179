// Package browsertest gives tests a Chromium whose microphone plays a WAV file, and the scripts that use the call's page in it as a
// person would. It installs playwright-core and axe-core as their lock file pins them, once for all runs.
package browsertest

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/intellifit/intellifit/internal/stack"
)

//go:embed node
var files embed.FS

// Dir returns a folder of the test's own that holds the scripts of this package and, reachable from there, the packages that they
// import. Without Node.js the test is skipped, or fails under CI.
func Dir(t testing.TB) string {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		missing(t, "npm is missing: install Node.js 20 or newer")
	}
	home, err := stack.Home(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	cache := filepath.Join(home, "cache", "browser")
	if err := install(t.Context(), cache); err != nil {
		t.Fatalf("install the packages for browser tests: %v", err)
	}
	dir := t.TempDir()
	scripts, err := files.ReadDir("node")
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		if err := write(dir, script.Name()); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(cache, "node_modules"), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(what)
	}
	t.Skip(what)
}

func write(dir, name string) error {
	content, err := files.ReadFile("node/" + name)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name), content, 0o644)
}

// install brings the packages of the lock file into cache, where another test may be at it too.
func install(ctx context.Context, cache string) error {
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return err
	}
	unlock, err := lock(filepath.Join(cache, ".lock"))
	if err != nil {
		return err
	}
	defer unlock()
	want, err := files.ReadFile("node/package-lock.json")
	if err != nil {
		return err
	}
	installed := filepath.Join(cache, "installed.json") // written last
	if have, err := os.ReadFile(installed); err == nil && bytes.Equal(have, want) {
		return nil
	}
	for _, name := range []string{"package.json", "package-lock.json"} {
		if err := write(cache, name); err != nil {
			return err
		}
	}
	npm := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
	npm.Dir = cache
	if out, err := npm.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci: %w\n%s", err, out)
	}
	return os.WriteFile(installed, want, 0o644)
}

func lock(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return f.Close, nil
}

// Chromium returns the path of a Chromium or Chrome. CI installs Debian's where there is none; elsewhere the test is skipped.
func Chromium(t testing.TB) string {
	t.Helper()
	if path := find(); path != "" {
		return path
	}
	if _, err := exec.LookPath("apt-get"); err == nil && os.Getenv("CI") != "" && os.Geteuid() == 0 {
		if err := installChromium(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	path := find()
	if path == "" {
		missing(t, "Chromium is missing: apt-get install chromium, or name one in CHROMIUM")
	}
	return path
}

func find() string {
	if path := os.Getenv("CHROMIUM"); path != "" {
		return path
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

func installChromium(ctx context.Context) error {
	unlock, err := lock(filepath.Join(os.TempDir(), "intellifit-chromium.lock"))
	if err != nil {
		return err
	}
	defer unlock()
	if find() != "" {
		return nil // another test was faster
	}
	for _, args := range [][]string{{"update", "-qq"}, {"install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"}} {
		apt := exec.CommandContext(ctx, "apt-get", args...)
		apt.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := apt.CombinedOutput(); err != nil {
			return fmt.Errorf("apt-get %s: %w\n%s", args[0], err, out)
		}
	}
	return nil
}

// Run runs a script of dir with Node.js. It gets config as JSON on standard input; the JSON that it prints goes into out.
func Run(t testing.TB, dir, script string, config, out any) {
	t.Helper()
	in, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	node := exec.CommandContext(ctx, "node", script)
	node.Dir = dir
	node.Stdin = bytes.NewReader(in)
	node.WaitDelay = 5 * time.Second // Chromium ends when the pipe to Node does
	var errs strings.Builder
	node.Stderr = &errs
	answer, err := node.Output()
	if err != nil {
		t.Fatalf("node %s: %v\n%s", script, err, errs.String())
	}
	if err := json.Unmarshal(answer, out); err != nil {
		t.Fatalf("node %s: %v\n%.2000s", script, err, answer)
	}
}
