// Command servertest runs the tests and the type check of the Python servers that it is given by name: servertest whisper tts.
// It makes an environment for each in INTELLIFIT_HOME, as `intellifit up` does, fetches the models that the tests of the real
// engines want, and ends with the counts in the form of testcount. It fails when a test or a check failed, or no test ran.
package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing/fstest"
	"time"

	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/internal/stack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "servertest:", err)
		os.Exit(1)
	}
}

// counts are those of all suites.
type counts struct{ passed, failed, skipped int }

func run(ctx context.Context, servers []string) error {
	home, err := stack.Home(os.Getenv)
	if err != nil {
		return err
	}
	store, progress := models.NewStore(home, os.Getenv), models.NewProgress(os.Stderr, os.Getenv)
	defer progress.Close()
	var sum counts
	for _, name := range servers {
		s := suite{name: name, dir: filepath.Join("servers", name)}
		if err := s.prepare(ctx, store, progress); err != nil {
			return fmt.Errorf("prepare the tests of %s: %w", name, err)
		}
		if err := s.run(ctx, &sum); err != nil {
			return fmt.Errorf("test %s: %w", name, err)
		}
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", sum.passed, sum.failed, sum.skipped)
	if sum.failed > 0 || sum.passed == 0 {
		return errors.New("not everything passed")
	}
	return nil
}

// suite is one server's.
type suite struct {
	name, dir, python string
	variables         []string
	cache             string
}

// prepare makes the environment out of the server's list and the one for its tests, and fetches the models.
func (s *suite) prepare(ctx context.Context, store *models.Store, p models.Progress) error {
	server := models.Server{Name: s.name + "-test", Lists: []string{"requirements.lock", "requirements-test.lock"}}
	files := fstest.MapFS{}
	for _, list := range server.Lists {
		lock, err := os.ReadFile(filepath.Join(s.dir, list))
		if err != nil {
			return err
		}
		files[list] = &fstest.MapFile{Data: lock}
	}
	server.Files = files
	e, err := store.Environment(ctx, server, p)
	if err != nil {
		return err
	}
	s.python, s.cache = e.Python, filepath.Join(store.Home, "cache", "mypy", s.name)
	switch s.name {
	case "whisper":
		model, err := store.Recogniser(ctx, models.Choice{Profile: models.Small}, p)
		if err != nil {
			return err
		}
		turn, err := store.EndOfTurn(ctx, p)
		if err != nil {
			return err
		}
		s.variables = []string{"INTELLIFIT_TEST_MODEL=" + model.Path, "INTELLIFIT_TEST_TURN_MODEL=" + turn.Path}
	case "tts":
		voice, err := store.Voices(ctx, models.VoiceID, p)
		if err != nil {
			return err
		}
		s.variables = []string{"INTELLIFIT_TEST_VOICES=" + voice.Path}
	}
	return nil
}

func (s *suite) run(ctx context.Context, sum *counts) error {
	report, err := os.CreateTemp("", "servertest-*.xml")
	if err != nil {
		return err
	}
	defer os.Remove(report.Name())
	defer report.Close()
	began := time.Now()
	out, failed := s.module(ctx, "pytest", "-p", "no:cacheprovider", "-rfEs", "--tb=short", "--junitxml", report.Name())
	n, err := read(report.Name())
	if err != nil || failed != nil && n.failed == 0 {
		fmt.Print(string(out))
		return fmt.Errorf("pytest: %w", errors.Join(failed, err))
	}
	sum.passed, sum.failed, sum.skipped = sum.passed+n.passed, sum.failed+n.failed, sum.skipped+n.skipped
	s.tell("pytest", failed, began, out)
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "SKIPPED") {
			fmt.Print("skipped: ", s.dir, " ", line)
		}
	}
	for _, check := range [][]string{{"mypy", "--strict", "--cache-dir", s.cache}, {"ruff", "check", "--no-cache"}, {"ruff", "format", "--check", "--no-cache"}} {
		began := time.Now()
		out, failed := s.module(ctx, check[0], check[1:]...)
		if failed != nil {
			sum.failed++
		}
		s.tell(check[0], failed, began, out)
	}
	return ctx.Err()
}

// module runs a module of the environment in the server's folder.
func (s *suite) module(ctx context.Context, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, s.python, append([]string{"-m", name}, args...)...)
	cmd.Dir, cmd.WaitDelay = s.dir, 10*time.Second
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Env = append(append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "PYTHONPATH=.", "HF_HUB_OFFLINE=1", "NO_COLOR=1"), s.variables...)
	return cmd.CombinedOutput()
}

// tell prints one line, and what a failed step printed.
func (s *suite) tell(step string, failed error, began time.Time, out []byte) {
	verdict := "ok  "
	if failed != nil {
		verdict = "FAIL"
	}
	fmt.Printf("%s  %-60s %7.1f s\n", verdict, s.dir+" "+step, time.Since(began).Seconds())
	if failed != nil {
		fmt.Printf("%s\n", bytes.TrimSpace(out))
	}
}

// read counts the tests of a JUnit report.
func read(file string) (counts, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return counts{}, err
	}
	var report struct {
		Suites []struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Errors   int `xml:"errors,attr"`
			Skipped  int `xml:"skipped,attr"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(data, &report); err != nil {
		return counts{}, fmt.Errorf("read the report: %w", err)
	}
	var c counts
	for _, s := range report.Suites {
		c.failed += s.Failures + s.Errors
		c.skipped += s.Skipped
		c.passed += s.Tests - s.Failures - s.Errors - s.Skipped
	}
	return c, nil
}
