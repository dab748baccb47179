package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/intellifit/intellifit/internal/process"
)

// State is what a running `up` tells the other commands. It holds passwords, so only its owner may read it.
type State struct {
	PID                int         `json:"pid"`
	Phase              string      `json:"phase"`
	URL                string      `json:"url"`
	Profile            string      `json:"profile"`
	DatabaseURL        string      `json:"database_url"`
	MigrateDatabaseURL string      `json:"migrate_database_url"`
	RedisURL           string      `json:"redis_url"`
	OllamaHost         string      `json:"ollama_host"`
	WhisperURL         string      `json:"whisper_url,omitempty"` // empty without speech
	TTSURL             string      `json:"tts_url,omitempty"`
	StartedAt          time.Time   `json:"started_at"`
	Components         []Component `json:"components"`
	// Models maps the aliases that functions ask for to the digests that `up` created.
	Models map[string]string `json:"models"`
}

// The phases of an installation.
const (
	PhaseStarting = "starting"
	PhaseReady    = "ready"
	PhaseStopping = "stopping"
)

// ErrNotRunning says that no `up` runs for this home.
var ErrNotRunning = errors.New("IntelliFit is not running here; start it with: intellifit up")

func stateFile(home string) string { return filepath.Join(home, "run", "state.json") }

// LoadState returns the state of the installation that runs in home, else ErrNotRunning. A file that a killed process left
// does not count.
func LoadState(home string) (State, error) {
	s, err := readState(home)
	if errors.Is(err, os.ErrNotExist) || err == nil && !process.Alive(s.PID) {
		return State{}, ErrNotRunning
	}
	return s, err
}

func readState(home string) (State, error) {
	content, err := os.ReadFile(stateFile(home))
	if err != nil {
		return State{}, fmt.Errorf("read state: %w", err)
	}
	var s State
	if err := json.Unmarshal(content, &s); err != nil {
		return State{}, fmt.Errorf("read state: %w", err)
	}
	return s, nil
}

// Save writes the state so that a reader sees all of it or the one before.
func (s State) Save(home string) error {
	content, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	if err := replaceFile(stateFile(home), append(content, '\n')); err != nil {
		return fmt.Errorf("write state: %w", err)
	}
	return nil
}

// replaceFile writes a file that only its owner may read, whole or not at all.
func replaceFile(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".new-")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	if _, err := temporary.Write(content); err != nil {
		return errors.Join(err, temporary.Close())
	}
	if err := errors.Join(temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}

// Hold is the right to run in a home; one process has it at a time. The kernel takes it back when the process ends, however
// it ends.
type Hold struct {
	home string
	file *os.File
}

// AlreadyRunningError says who holds a home.
type AlreadyRunningError struct {
	PID int
	URL string
}

func (e *AlreadyRunningError) Error() string {
	at := "without a URL yet"
	if e.URL != "" {
		at = "at " + e.URL
	}
	return fmt.Sprintf("IntelliFit is already running %s (pid %d); to stop it: intellifit down", at, e.PID)
}

// Acquire takes the hold of a home, or says who has it.
func Acquire(home string) (*Hold, error) {
	file, err := openLock(home)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer file.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("hold %s: %w", home, err)
		}
		s, _ := readState(home)
		return nil, &AlreadyRunningError{PID: holder(file), URL: s.URL}
	}
	if err := os.Remove(stateFile(home)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("remove the state of a former run: %w", err), file.Close())
	}
	if err := errors.Join(file.Truncate(0), writeAt(file, strconv.Itoa(os.Getpid())+"\n")); err != nil {
		return nil, errors.Join(fmt.Errorf("hold %s: %w", home, err), file.Close())
	}
	return &Hold{home: home, file: file}, nil
}

func openLock(home string) (*os.File, error) {
	path := filepath.Join(home, "run", "lock")
	if err := os.MkdirAll(home, 0o711); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	return file, nil
}

func writeAt(file *os.File, text string) error {
	_, err := file.WriteAt([]byte(text), 0)
	return err
}

func holder(file *os.File) int {
	content := make([]byte, 20)
	n, _ := file.ReadAt(content, 0)
	pid, err := strconv.Atoi(strings.TrimSpace(string(content[:n])))
	if err != nil {
		return 0
	}
	return pid
}

// Release removes the state and gives the home back.
func (h *Hold) Release() error {
	err := os.Remove(stateFile(h.home))
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, h.file.Close())
}

// Down asks the `up` of a home to end, waits until it and its components are gone, and kills it after limit. It returns
// ErrNotRunning when there is none.
func Down(ctx context.Context, home string, limit time.Duration) error {
	file, err := openLock(home)
	if err != nil {
		return err
	}
	defer file.Close()
	if syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
		return ErrNotRunning
	}
	pid := holder(file)
	if pid <= 1 {
		return fmt.Errorf("stop: the lock %s names no process", file.Name())
	}
	return process.End(ctx, pid, syscall.SIGTERM, limit)
}
