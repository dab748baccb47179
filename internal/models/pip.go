package models

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/mod/semver"

	"github.com/intellifit/intellifit/internal/process"
)

// installLimit bounds the making of one environment; a slow line needs minutes for the largest packages.
const installLimit = time.Hour

// installer fills one environment.
type installer struct {
	store  *Store
	dir    string
	wheels string // the folder that packages are fetched into
	log    io.Writer
	meter  Meter
	total  int64 // packages
	python string
	out    *pipOutput
}

// batch is how many packages one pip fetches. What a batch has brought stays when the run is killed, and an interrupted one
// is fetched again: pip goes on with no file that it has half of, and not every index lets it cache whole ones.
const batch = 4

// install makes the environment, and has its pip fetch and install the lists: wheels only, each with one of the hashes that
// its list names, and nothing that no list names.
func (i *installer) install(ctx context.Context, python Python, lists []string) error {
	ctx, cancel := context.WithTimeout(ctx, installLimit)
	defer cancel()
	beat, stop := beating(i.meter) // pip is silent while it unpacks
	defer stop()
	i.meter = beat
	i.out = &pipOutput{log: i.log, meter: i.meter, total: i.total}
	i.meter.Note("make an environment of Python " + python.Version)
	if err := i.run(ctx, "make an environment", python.Path, "-I", "-m", "venv", i.dir); err != nil {
		return err
	}
	i.python = filepath.Join(i.dir, "bin", "python")
	bar, err := i.progressBar(ctx)
	if err != nil {
		return err
	}
	for wanted := range slices.Chunk(entries(lists), batch) {
		if err := i.pip(ctx, "fetch packages", wanted, "download", "--no-deps", "--progress-bar", bar, "--dest", i.wheels); err != nil {
			return err
		}
	}
	i.meter.Set(i.total, i.total)
	i.meter.Note("unpack")
	// What is imported is compiled at the first start.
	if err := i.pip(ctx, "install packages", entries(lists), "install", "--no-compile", "--no-index", "--find-links", i.wheels); err != nil {
		return err
	}
	return dropScripts(filepath.Join(i.dir, "bin"))
}

// pip runs one command of pip on some packages.
func (i *installer) pip(ctx context.Context, what string, packages []string, command ...string) error {
	list := filepath.Join(i.dir, "packages.txt")
	if err := os.WriteFile(list, []byte(strings.Join(packages, "\n")+"\n"), 0o644); err != nil {
		return err
	}
	args := append([]string{"-I", "-u", "-m", "pip"}, command...)
	return i.run(ctx, what, i.python, append(args,
		"--no-input", "--disable-pip-version-check", "--no-cache-dir", "--require-hashes", "--only-binary", ":all:", "-r", list)...)
}

// entries cuts lists into their packages, each with its hashes. A package that two lists name alike counts once.
func entries(lists []string) []string {
	var found []string
	seen := map[string]bool{}
	for _, list := range lists {
		starts := pinnedPackage.FindAllStringIndex(list, -1)
		for n, at := range starts {
			end := len(list)
			if n+1 < len(starts) {
				end = starts[n+1][0]
			}
			entry := strings.TrimSpace(list[at[0]:end])
			name, _, _ := strings.Cut(entry, "\n")
			if !seen[name] {
				seen[name] = true
				found = append(found, entry)
			}
		}
	}
	return found
}

// dropScripts removes the programs beside the interpreter that name the folder in which the environment was made and which
// it leaves. Everything runs as python -m.
func dropScripts(bin string) error {
	entries, err := os.ReadDir(bin)
	if err != nil {
		return err
	}
	for _, e := range entries {
		file := filepath.Join(bin, e.Name())
		if strings.HasPrefix(e.Name(), "python") || !names(file, filepath.Dir(bin)) {
			continue
		}
		if err := os.Remove(file); err != nil {
			return err
		}
	}
	return nil
}

// names reports whether a file names a folder near its beginning, as scripts do.
func names(file, folder string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, 16<<10))
	return err == nil && strings.Contains(string(head), folder)
}

// progressBar is "raw", bytes as numbers, where pip knows it, which is since 24.1.
func (i *installer) progressBar(ctx context.Context) (string, error) {
	var version strings.Builder
	err := i.start(ctx, &version, i.python, "-I", "-m", "pip", "--version")
	if err != nil {
		return "", fmt.Errorf("ask pip for its version: %w: %s", err, strings.TrimSpace(version.String()))
	}
	m := pipVersion.FindStringSubmatch(version.String())
	if m == nil {
		return "", fmt.Errorf("ask pip for its version: it says %q", strings.TrimSpace(version.String()))
	}
	if semver.Compare("v"+m[1], "v24.1") >= 0 {
		return "raw", nil
	}
	return "off", nil
}

var pipVersion = regexp.MustCompile(`^pip (\d+\.\d+)`)

// run runs one step to its end. Its error has what the step said last.
func (i *installer) run(ctx context.Context, what, program string, args ...string) error {
	i.out.last, i.out.wrong = nil, nil
	if err := i.start(ctx, i.out, program, args...); err != nil {
		return fmt.Errorf("%s: %w: %s", what, err, i.out.reason())
	}
	return nil
}

// start runs a child that is gone when we are: a pip that outlives us would write into a folder that another run removes.
func (i *installer) start(ctx context.Context, out io.Writer, program string, args ...string) error {
	child, err := process.Start(process.Command{
		Path: program, Args: args, Env: i.environment(os.Environ()), Dir: i.dir, Output: out, Stop: syscall.SIGKILL,
	})
	if err != nil {
		return err
	}
	select {
	case <-child.Done():
	case <-ctx.Done():
		return errors.Join(ctx.Err(), child.Kill())
	}
	if child.ExitCode() != 0 {
		return child.Err()
	}
	return nil
}

// contrary are variables of the user that would lead Python or pip away from the environment.
var contrary = map[string]bool{
	"PYTHONHOME": true, "PYTHONPATH": true, "VIRTUAL_ENV": true, "PIP_TARGET": true, "PIP_PREFIX": true, "PIP_ROOT": true, "PIP_USER": true,
	"PIP_DRY_RUN": true, "PIP_REPORT": true, "PIP_QUIET": true, "PIP_VERBOSE": true, "PIP_PYTHON": true, "PIP_CONSTRAINT": true, "PIP_REQUIREMENT": true,
}

// environment is the user's, so that pip finds their index, proxy and certificates.
func (i *installer) environment(users []string) []string {
	var env []string
	for _, v := range users {
		if name, _, _ := strings.Cut(v, "="); !contrary[name] {
			env = append(env, v)
		}
	}
	if i.store.Index != defaultIndex { // else pip's own configuration may name one
		env = append(env, "PIP_INDEX_URL="+i.store.Index)
	}
	return append(env, "PIP_NO_COLOR=1", "NO_COLOR=1")
}

var (
	pinnedPackage = regexp.MustCompile(`(?m)^[A-Za-z0-9][A-Za-z0-9._\[\],-]*==`)
	collecting    = regexp.MustCompile(`^Collecting ([^ ;]+)`)
	downloading   = regexp.MustCompile(`^(?:Downloading|Using cached) (\S+) \(([^)]+)\)`)
	rawProgress   = regexp.MustCompile(`^Progress (\d+) of (\d+)$`)
)

// pipOutput reads what pip prints: how far it is, and why it gave up.
type pipOutput struct {
	log         io.Writer
	meter       Meter
	begun       int64 // packages
	total       int64
	pkg         string
	rest        string
	last, wrong []string
}

func (o *pipOutput) Write(b []byte) (int, error) {
	o.rest += string(b)
	for {
		line, rest, ok := strings.Cut(o.rest, "\n")
		if !ok {
			return len(b), nil
		}
		o.rest = rest
		if line = strings.TrimSpace(line); line != "" {
			if err := o.line(line); err != nil {
				return 0, err
			}
		}
	}
}

func (o *pipOutput) line(line string) error {
	if m := rawProgress.FindStringSubmatch(line); m != nil {
		done, _ := strconv.ParseInt(m[1], 10, 64)
		total, _ := strconv.ParseInt(m[2], 10, 64)
		o.meter.Note(o.pkg + " " + amount(done, total, UnitBytes))
		return nil
	}
	switch m := collecting.FindStringSubmatch(line); {
	case m != nil:
		o.pkg = m[1]
		o.meter.Set(min(o.begun, o.total), o.total)
		o.meter.Note(o.pkg)
		o.begun++
	case downloading.MatchString(line):
		o.meter.Note(o.pkg + " " + downloading.FindStringSubmatch(line)[2])
	}
	if o.last = append(o.last, line); len(o.last) > 4 {
		o.last = o.last[1:]
	}
	if strings.HasPrefix(line, "ERROR") && len(o.wrong) < 4 {
		o.wrong = append(o.wrong, line)
	}
	_, err := io.WriteString(o.log, line+"\n")
	return err
}

// reason is why pip gave up: its errors, else its last lines.
func (o *pipOutput) reason() string {
	said := o.wrong
	if o.rest = strings.TrimSpace(o.rest); o.rest != "" {
		o.last = append(o.last, o.rest)
	}
	if said == nil || !strings.Contains(strings.Join(o.last, ""), "ERROR") {
		said = append(said, o.last...)
	}
	return strings.Join(said, " | ")
}
