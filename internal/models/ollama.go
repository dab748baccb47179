package models

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"golang.org/x/mod/semver"
)

// oldestOllama is the first version whose chat takes a JSON schema as format, which the planner relies on.
const oldestOllama = "v0.5.0"

// OllamaBinary returns an ollama that runs: the one on PATH if it is recent enough, else one built from the pinned module.
// The build takes minutes the first time and is found again afterwards, as long as version and processor stay the same.
func (s *Store) OllamaBinary(ctx context.Context, p Progress) (Binary, error) {
	b, err := ollamaOnPath(ctx)
	if err == nil {
		return b, nil
	}
	if b.Path != "" {
		p.Line(fmt.Sprintf("ollama on PATH is not used: %v", err))
	}
	a, err := s.pinned(OllamaServer)
	if err != nil {
		return Binary{}, err
	}
	dir := filepath.Join(s.Home, "components", "ollama")
	want := made{Artifact: a.Name, Version: a.Version, From: buildKey(a)}
	if !want.in(dir) {
		if err := s.buildOllama(ctx, dir, want, a, p); err != nil {
			return Binary{}, fmt.Errorf("build ollama %s: %w", a.Version, err)
		}
	}
	return Binary{Path: filepath.Join(dir, "ollama"), Version: strings.TrimPrefix(a.Version, "v"), Origin: OriginBuilt}, nil
}

// ollamaOnPath returns the path also with an error, when there is one that cannot be used.
func ollamaOnPath(ctx context.Context) (Binary, error) {
	path, err := exec.LookPath("ollama")
	if err != nil {
		return Binary{}, err
	}
	if path, err = filepath.Abs(path); err != nil {
		return Binary{}, err
	}
	b := Binary{Path: path, Origin: OriginPath}
	if b.Version, err = ollamaVersion(ctx, path); err != nil {
		return b, err
	}
	if semver.Compare("v"+b.Version, oldestOllama) < 0 && b.Version != unversioned {
		return b, fmt.Errorf("it is version %s, %s or later is needed", b.Version, oldestOllama[1:])
	}
	return b, nil
}

// unversioned is what a build of Ollama says that was made without a version.
const unversioned = "0.0.0"

var clientVersion = regexp.MustCompile(`(?:client version|ollama version) is (\d+\.\d+\.\d+)`)

// ollamaVersion asks the program itself, not a server that may run on the machine.
func ollamaVersion(ctx context.Context, path string) (string, error) {
	b := Binary{Path: path, Env: []string{"OLLAMA_HOST=127.0.0.1:1"}}
	out, err := output(ctx, b, "--version")
	if err != nil {
		return "", err
	}
	m := clientVersion.FindAllSubmatch(out, -1)
	if m == nil {
		return "", fmt.Errorf("run ollama --version: no version in its answer")
	}
	return string(m[len(m)-1][1]), nil
}

// buildKey changes with everything that makes another binary: the pinned modules, the flags, the processor.
func buildKey(a Artifact) string {
	h := sha256.New()
	fmt.Fprintln(h, a.Version, buildFlags(), runtime.GOOS, runtime.GOARCH)
	h.Write(coachFile("coach.sum"))
	h.Write(processor())
	return hex.EncodeToString(h.Sum(nil))
}

// buildFlags make the compiler use all that this processor can; without them the model is several times slower.
func buildFlags() string {
	if runtime.GOARCH == "arm64" {
		return "-O3 -mcpu=native"
	}
	return "-O3 -march=native"
}

// processor returns the lines of /proc/cpuinfo that decide what "native" means.
func processor() []byte {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return nil
	}
	var out bytes.Buffer
	seen := map[string]bool{}
	for sc := bufio.NewScanner(bytes.NewReader(data)); sc.Scan(); {
		key, _, _ := strings.Cut(sc.Text(), ":")
		switch key = strings.TrimSpace(key); key {
		case "model name", "flags", "Features", "CPU part":
			if !seen[key] {
				seen[key] = true
				fmt.Fprintln(&out, sc.Text())
			}
		}
	}
	return out.Bytes()
}
