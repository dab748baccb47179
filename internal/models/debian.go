package models

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// debian unpacks packages of the distribution, and what they need and the system lacks, below components/deb/NAME and
// returns that folder. apt keeps its state in a folder of ours and checks every file against the distribution's signed
// index, so neither root nor a change to the system is needed.
func (s *Store) debian(ctx context.Context, name string, packages []string, p Progress) (string, error) {
	for _, tool := range []string{"apt-get", "dpkg-deb"} {
		if _, err := exec.LookPath(tool); err != nil {
			return "", &MissingError{What: tool + " is missing", Fix: "install the packages " + strings.Join(packages, " ") + " with this system's package manager"}
		}
	}
	dir := filepath.Join(s.Home, "components", "deb", name)
	want := made{Artifact: name, Version: "packages", From: strings.Join(packages, " ")}
	if want.in(dir) {
		return dir, nil
	}
	err := s.build(ctx, dir, want, p, func(tmp string) (err error) {
		meter := p.Begin(Job{Verb: "packages", Name: name})
		defer func() { meter.End(err) }()
		return unpackDebian(ctx, tmp, packages, meter)
	})
	if err != nil {
		return "", fmt.Errorf("unpack packages %s: %w", strings.Join(packages, " "), err)
	}
	return dir, nil
}

const dpkgStatus = "/var/lib/dpkg/status"

func unpackDebian(ctx context.Context, dir string, packages []string, meter Meter) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	apt, err := os.MkdirTemp("", "intellifit-apt-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(apt)
	for _, sub := range []string{"lists/partial", "cache/archives/partial"} {
		if err := os.MkdirAll(filepath.Join(apt, sub), 0o755); err != nil {
			return err
		}
	}
	status, err := os.ReadFile(dpkgStatus)
	if err != nil {
		return fmt.Errorf("read the list of installed packages: %w", err)
	}
	if err := os.WriteFile(filepath.Join(apt, "status"), status, 0o644); err != nil {
		return err
	}
	options := []string{
		"-qq", "-y",
		"-o", "Dir::State::Lists=" + filepath.Join(apt, "lists"),
		"-o", "Dir::State::Status=" + filepath.Join(apt, "status"),
		"-o", "Dir::Cache=" + filepath.Join(apt, "cache"),
		"-o", "Dir::Cache::Archives=" + filepath.Join(apt, "cache", "archives"),
		"-o", "Debug::NoLocking=1",
		"-o", "APT::Sandbox::User=",
		"-o", "Acquire::Retries=3",
		"-o", "Acquire::http::Timeout=30",
	}
	meter.Note("read the package index")
	// One broken source of the machine's list makes an update fail that brought all we need: the install decides.
	updateErr := run(ctx, "apt-get", append(slices.Clone(options), "update")...)
	meter.Note("download")
	args := append(options, "--no-install-recommends", "--download-only", "--reinstall", "install")
	if err := run(ctx, "apt-get", append(args, packages...)...); err != nil {
		return errors.Join(updateErr, err)
	}
	debs, err := filepath.Glob(filepath.Join(apt, "cache", "archives", "*.deb"))
	if err != nil || len(debs) == 0 {
		return errors.Join(errors.New("apt-get downloaded nothing"), err)
	}
	slices.Sort(debs)
	for _, deb := range debs {
		meter.Note("unpack " + filepath.Base(deb))
		if err := run(ctx, "dpkg-deb", "--extract", deb, dir); err != nil {
			return err
		}
	}
	return nil
}

// aptInstall installs packages into the system. The caller is root.
func aptInstall(ctx context.Context, packages []string, p Progress) (err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	meter := p.Begin(Job{Verb: "install", Name: strings.Join(packages, " ")})
	defer func() { meter.End(err) }()
	if err := run(ctx, "apt-get", "-qq", "-y", "update"); err != nil {
		return err
	}
	return run(ctx, "apt-get", append([]string{"-qq", "-y", "--no-install-recommends", "install"}, packages...)...)
}

// run starts a command and puts the end of what it printed into the error.
func run(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return fmt.Errorf("run %s: %w: %s", name, err, lastLines(out.Bytes(), 5))
	}
	return nil
}

// lastLines returns the last few lines of a log, joined.
func lastLines(log []byte, n int) string {
	lines := strings.Split(strings.TrimSpace(string(log)), "\n")
	return strings.Join(lines[max(len(lines)-n, 0):], " | ")
}

// libraryPath lists the library folders of an unpacked root.
func libraryPath(root string) string {
	var dirs []string
	for _, pattern := range []string{"usr/lib/*-linux-*", "lib/*-linux-*", "usr/lib", "lib"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err == nil {
			dirs = append(dirs, found...)
		}
	}
	return strings.Join(dirs, ":")
}

var versionNumber = regexp.MustCompile(`\bv?=?(\d+\.\d+\.\d+)`)

// versionOf runs a program and reads the first version number that it prints.
func versionOf(ctx context.Context, b Binary, arg string) (string, error) {
	out, err := output(ctx, b, arg)
	if err != nil {
		return "", err
	}
	m := versionNumber.FindSubmatch(out)
	if m == nil {
		return "", fmt.Errorf("run %s %s: no version in its answer", filepath.Base(b.Path), arg)
	}
	return string(m[1]), nil
}

// output runs a program for its answer.
func output(ctx context.Context, b Binary, arg string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, b.Path, arg)
	cmd.Env = append(os.Environ(), b.Env...)
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("run %s %s: %w: %s", filepath.Base(b.Path), arg, err, lastLines(out, 3))
	}
	return out, nil
}
