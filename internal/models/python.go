package models

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// The versions of Python that the lists of packages of the speech servers hold wheels for.
const (
	oldestPython = 11 // 3.11
	newestPython = 13 // 3.13
)

// Python is an interpreter that can make environments.
type Python struct {
	Path    string // absolute
	Version string // 3.11.7
}

// noPythonFix tells how to get one.
const noPythonFix = "install Python 3.11 to 3.13 with its venv module (Debian: apt-get install python3 python3-venv; macOS: brew install python@3.13), " +
	"or name one with INTELLIFIT_PYTHON, or go without voice: intellifit up --no-voice"

// FindPython returns the interpreter that INTELLIFIT_PYTHON names, else the first of PATH that fits. The *MissingError of
// none tells what is wrong with those that are there.
func FindPython(ctx context.Context, getenv func(string) string, lookPath func(string) (string, error)) (Python, error) {
	if named := getenv("INTELLIFIT_PYTHON"); named != "" {
		found, err := tryPython(ctx, named, lookPath)
		if err != nil {
			return Python{}, &MissingError{What: fmt.Sprintf("INTELLIFIT_PYTHON is set to %s: %v", named, err), Fix: noPythonFix}
		}
		return found, nil
	}
	var unfit []string
	for _, name := range []string{"python3.13", "python3.12", "python3.11", "python3"} {
		found, err := tryPython(ctx, name, lookPath)
		if err == nil {
			return found, nil
		}
		if ctx.Err() != nil {
			return Python{}, ctx.Err()
		}
		if !errors.Is(err, exec.ErrNotFound) {
			unfit = append(unfit, fmt.Sprintf("%s %v", name, err))
		}
	}
	what := "the speech servers need Python 3.11 to 3.13, and there is none on PATH"
	if unfit != nil {
		what = "the speech servers need Python 3.11 to 3.13, and none on PATH fits: " + strings.Join(unfit, ", ")
	}
	return Python{}, &MissingError{What: what, Fix: noPythonFix}
}

// pythonQuestion answers with version and path, and fails where the distribution keeps venv in a package of its own.
const pythonQuestion = `import sys, venv, ensurepip; print("%d.%d.%d" % sys.version_info[:3], sys.executable)`

func tryPython(ctx context.Context, name string, lookPath func(string) (string, error)) (Python, error) {
	path, err := lookPath(name)
	if err != nil {
		return Python{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	// Isolated: neither the folder that we are in nor variables of the user change what is imported.
	answer, err := exec.CommandContext(ctx, path, "-I", "-c", pythonQuestion).Output()
	if err != nil {
		var ended *exec.ExitError
		if errors.As(err, &ended) {
			lines := strings.Split(strings.TrimSpace(string(ended.Stderr)), "\n")
			return Python{}, fmt.Errorf("does not work (%s)", lines[len(lines)-1])
		}
		return Python{}, fmt.Errorf("does not work (%w)", err)
	}
	version, executable, ok := strings.Cut(strings.TrimSpace(string(answer)), " ")
	parts := strings.Split(version, ".")
	if !ok || executable == "" || len(parts) != 3 {
		return Python{}, errors.New("does not say its version")
	}
	major, _ := strconv.Atoi(parts[0])
	minor, _ := strconv.Atoi(parts[1])
	if major != 3 || minor < oldestPython || minor > newestPython {
		return Python{}, fmt.Errorf("is %s", version)
	}
	return Python{Path: executable, Version: version}, nil
}
