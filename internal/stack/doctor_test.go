package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/internal/process"
)

// soundMachine has everything and nothing installed yet.
func soundMachine() Machine {
	return Machine{
		OS: "linux", Getenv: func(string) string { return "" },
		LookPath: func(name string) (string, error) {
			if name == "ollama" {
				return "", exec.ErrNotFound
			}
			return "/usr/bin/" + name, nil
		},
		LookupUser:  func(string) (*process.User, error) { return nil, errors.New("no such user") },
		Writable:    func(string) error { return nil },
		FreeBytes:   func(string) (uint64, error) { return 100e9, nil },
		Memory:      func() (uint64, uint64, error) { return 16e9, 12e9, nil },
		Listen:      func(string) error { return nil },
		PortOwner:   func(int) string { return "" },
		Reach:       func(context.Context, string) error { return nil },
		GPU:         func(context.Context) string { return "" },
		AskPostgres: func(context.Context, string) (string, error) { return "18.4", nil },
		AskRedis:    func(context.Context, string) (string, error) { return "7.0.15", nil },
		AskOllama:   func(context.Context, string) (string, error) { return "0.17.4", nil },
		AskWhisper:  func(context.Context, SpeechServer) error { return nil },
		AskTTS:      func(context.Context, SpeechServer) error { return nil },
		Python: func(context.Context) (models.Python, error) {
			return models.Python{Path: "/usr/bin/python3", Version: "3.12.1"}, nil
		},
	}
}

func variables(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func nowhere(string) (string, error) { return "", exec.ErrNotFound }

func fakeSpeech() *Speech {
	list := fstest.MapFS{"requirements.lock": {Data: []byte("fake==1.0 --hash=sha256:00\n")}}
	return &Speech{Whisper: list, TTS: list}
}

// Without voice, or with servers of one's own, no Python is needed.
func TestDoctorNeedsPythonOnlyToInstall(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Machine, *Plan){
		"without voice":  func(_ *Machine, p *Plan) { p.Speech = nil },
		"servers by URL": func(m *Machine, _ *Plan) { m.Getenv = variables("WHISPER_URL", "http://h:1", "TTS_URL", "http://h:2") },
	} {
		m, p := soundMachine(), Plan{Home: t.TempDir(), Speech: fakeSpeech()}
		m.Python = func(context.Context) (models.Python, error) {
			return models.FindPython(context.Background(), m.Getenv, nowhere)
		}
		change(&m, &p)
		for _, c := range Examine(t.Context(), m, p) {
			if (c.Name == "python" || c.Name == "downloads") && (c.Status != OK || strings.Contains(c.What, "Python packages")) {
				t.Errorf("%s: %s %q", name, c.Status, c.What)
			}
		}
	}
}

func TestDoctorFindsNothing(t *testing.T) {
	t.Parallel()
	checks := Examine(t.Context(), soundMachine(), Plan{Home: t.TempDir(), Speech: fakeSpeech()})
	if err := Verdict(checks); err != nil {
		t.Error(err)
	}
	for _, c := range checks {
		if c.Status != OK || c.What == "" || c.Fix != "" {
			t.Errorf("%s: %s %q, fix %q", c.Name, c.Status, c.What, c.Fix)
		}
	}
}

// TestDoctorNamesTheFix: each thing that can be wrong is named with the exact fix, and keeps `up` from starting.
func TestDoctorNamesTheFix(t *testing.T) {
	t.Parallel()
	refused := &os.SyscallError{Syscall: "connect", Err: syscall.ECONNREFUSED}
	for name, c := range map[string]struct {
		change    func(*Machine, *Plan)
		check     string
		what, fix string
	}{
		"port taken": {func(m *Machine, p *Plan) {
			m.Listen = func(string) error { return syscall.EADDRINUSE }
			m.PortOwner = func(int) string { return "nginx (pid 42)" }
		}, "port", "127.0.0.1:8080 is in use by nginx (pid 42)", "intellifit up --addr 127.0.0.1:8081"},
		"privileged port": {func(m *Machine, p *Plan) {
			p.Addr = "127.0.0.1:80"
			m.Listen = func(string) error { return syscall.EACCES }
		}, "port", "port 80 may be opened by root only", "intellifit up --addr 127.0.0.1:8080"},
		"no address": {func(_ *Machine, p *Plan) { p.Addr = "8080" }, "port", `"8080" is no address`, "intellifit up --addr 127.0.0.1:8080"},
		"disk short": {func(m *Machine, _ *Plan) {
			m.FreeBytes = func(string) (uint64, error) { return 1e9, nil }
		}, "disk", "1.0 GB free", "INTELLIFIT_HOME=/a/larger/disk intellifit up"},
		"disk short for standard": {func(m *Machine, p *Plan) {
			p.Profile = string(models.Standard)
			m.FreeBytes = func(string) (uint64, error) { return 5e9, nil }
		}, "disk", "profile standard needs 9.8 GB", "intellifit up --profile small"},
		"memory short": {func(m *Machine, _ *Plan) {
			m.Memory = func() (uint64, uint64, error) { return 1e9, 1e9, nil }
		}, "memory", "1.0 GB, profile small needs 2.2 GB", "point OLLAMA_HOST at one, or go without voice"},
		"memory short for standard": {func(m *Machine, p *Plan) {
			p.Profile = string(models.Standard)
			m.Memory = func() (uint64, uint64, error) { return 4e9, 4e9, nil }
		}, "memory", "profile standard needs 6.2 GB", "intellifit up --profile small"},
		"no compiler": {func(m *Machine, _ *Plan) {
			m.LookPath = func(name string) (string, error) {
				if name == "go" {
					return "/usr/bin/go", nil
				}
				return "", exec.ErrNotFound
			}
		}, "compiler", "a C and C++ compiler is missing", "apt-get install --yes g++"},
		"root without an unprivileged user": {func(m *Machine, _ *Plan) { m.Root = true },
			"account", "no unprivileged user", "useradd --system --no-create-home intellifit"},
		"folder of somebody else": {func(m *Machine, _ *Plan) {
			m.Writable = func(string) error { return os.ErrPermission }
		}, "data folder", "cannot be written to", "INTELLIFIT_HOME=/a/folder/of/yours intellifit up"},
		"unreachable source": {func(m *Machine, _ *Plan) {
			m.Reach = func(context.Context, string) error { return refused }
		}, "downloads", "connection refused", "INTELLIFIT_MIRROR=/DIR intellifit up"},
		"another system": {func(m *Machine, _ *Plan) { m.OS = "plan9" }, "platform", "this is plan9", "use Linux"},
		"postgres does not answer": {func(m *Machine, _ *Plan) {
			m.Getenv = variables("DATABASE_URL", "postgres://app:secret@db.example:5432/gym")
			m.AskPostgres = func(context.Context, string) (string, error) { return "", refused }
		}, "postgres", "db.example:5432 does not answer: connection refused", "unset it to have one provided"},
		"postgres without pgvector": {func(m *Machine, _ *Plan) {
			m.Getenv = variables("DATABASE_URL", "postgres://app:secret@db.example:5432/gym")
			m.AskPostgres = func(context.Context, string) (string, error) { return "", errNoVector }
		}, "postgres", "has no pgvector", "install pgvector"},
		"postgres without an owner": {func(m *Machine, _ *Plan) {
			m.Getenv = variables("DATABASE_URL", "postgres://app:secret@db.example:5432/gym")
		}, "postgres", "without MIGRATE_DATABASE_URL", "set MIGRATE_DATABASE_URL"},
		"redis does not answer": {func(m *Machine, _ *Plan) {
			m.Getenv = variables("REDIS_URL", "redis://cache.example:6379")
			m.AskRedis = func(context.Context, string) (string, error) { return "", refused }
		}, "redis", "cache.example:6379 does not answer", "correct REDIS_URL"},
		"ollama does not answer": {func(m *Machine, _ *Plan) {
			m.Getenv = variables("OLLAMA_HOST", "http://gpu.example:11434")
			m.AskOllama = func(context.Context, string) (string, error) { return "", refused }
		}, "ollama", "gpu.example:11434 does not answer", "correct OLLAMA_HOST"},
		"whisper does not answer": {func(m *Machine, _ *Plan) {
			m.Getenv = variables("WHISPER_URL", "http://gpu.example:8000")
			m.AskWhisper = func(context.Context, SpeechServer) error { return refused }
		}, "whisper", "gpu.example:8000 does not answer: connection refused", "unset it to have one provided"},
		"tts does not speak": {func(m *Machine, _ *Plan) {
			m.Getenv = variables("TTS_URL", "http://gpu.example:8001")
			m.AskTTS = func(context.Context, SpeechServer) error { return errors.New("status 404") }
		}, "tts", "gpu.example:8001 does not answer: status 404", "correct TTS_URL"},
		"no Python": {func(m *Machine, _ *Plan) {
			m.Python = func(context.Context) (models.Python, error) {
				return models.FindPython(context.Background(), m.Getenv, nowhere)
			}
		}, "python", "there is none on PATH", "apt-get install python3 python3-venv"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, p := soundMachine(), Plan{Home: t.TempDir(), Speech: fakeSpeech()}
			c.change(&m, &p)
			found := Examine(t.Context(), m, p)
			for _, got := range found {
				if got.Name != c.check {
					continue
				}
				if got.Status != Fail || !strings.Contains(got.What, c.what) || !strings.Contains(got.Fix, c.fix) {
					t.Errorf("%s %q, fix %q; want %q, fix %q", got.Status, got.What, got.Fix, c.what, c.fix)
				}
				if strings.Contains(got.What+got.Fix, "secret") {
					t.Errorf("a password is shown: %q", got.What)
				}
			}
			var unfit *Unfit
			if err := Verdict(found); !errors.As(err, &unfit) || !strings.Contains(err.Error(), c.fix) {
				t.Errorf("up would start: %v", err)
			}
		})
	}
}

// TestDoctorSeesAnotherModel: somebody replaced a model under our alias while IntelliFit runs.
func TestDoctorSeesAnotherModel(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	hold, err := Acquire(home)
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Release()
	state := State{PID: os.Getpid(), Phase: PhaseReady, URL: "http://127.0.0.1:1", Profile: "small", OllamaHost: "http://127.0.0.1:2", StartedAt: time.Now()}
	if err := state.Save(home); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		found     error
		what, fix string
	}{
		{errors.New("model coach has digest aaa, up made bbb"), "digest aaa", "intellifit down && intellifit up"},
		{&models.MissingError{What: "a model coach that is not IntelliFit's", Fix: "ollama cp coach NEW"}, "not IntelliFit's", "ollama cp coach NEW"},
	} {
		plan := Plan{Home: home, Aliases: func(_ context.Context, host string) error {
			if host != state.OllamaHost {
				t.Errorf("asked %s", host)
			}
			return fmt.Errorf("look at the models: %w", tt.found)
		}}
		seen := false
		for _, c := range Examine(t.Context(), soundMachine(), plan) {
			if c.Name == "models" {
				seen = c.Status == Fail && strings.Contains(c.What, tt.what) && c.Fix == tt.fix
			}
		}
		if !seen {
			t.Errorf("the doctor does not say %q with the fix %q", tt.what, tt.fix)
		}
	}
}

func TestHoldIsForOne(t *testing.T) {
	t.Parallel()
	home := filepath.Join(t.TempDir(), "home")
	if err := Down(t.Context(), home, time.Second); !errors.Is(err, ErrNotRunning) {
		t.Errorf("down without up: %v", err)
	}
	hold, err := Acquire(home)
	if err != nil {
		t.Fatal(err)
	}
	if err := (State{PID: os.Getpid(), URL: "http://127.0.0.1:8080"}).Save(home); err != nil {
		t.Fatal(err)
	}
	var running *AlreadyRunningError
	if _, err := Acquire(home); !errors.As(err, &running) || running.PID != os.Getpid() || !strings.Contains(err.Error(), "intellifit down") {
		t.Errorf("a second up: %v", err)
	}
	if s, err := LoadState(home); err != nil || s.URL != "http://127.0.0.1:8080" {
		t.Errorf("state: %+v, %v", s, err)
	}
	if err := hold.Release(); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadState(home); !errors.Is(err, ErrNotRunning) {
		t.Errorf("after the end: %v", err)
	}
}

// TestStateOfTheDead: a killed process leaves its state, which does not count.
func TestStateOfTheDead(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	dead := exec.Command("true")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	if err := (State{PID: dead.Process.Pid, Phase: PhaseReady}).Save(home); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadState(home); !errors.Is(err, ErrNotRunning) {
		t.Errorf("got %v", err)
	}
	for _, c := range Examine(t.Context(), soundMachine(), Plan{Home: home}) {
		if c.Name == "former run" && c.Status != Warn {
			t.Errorf("%s %q", c.Status, c.What)
		}
	}
}
