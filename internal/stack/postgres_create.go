package stack

import (
	"context"
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

// create makes the cluster where there is none. It is built beside its place and then renamed, so that a kill in between
// leaves no half of one.
func (p *Postgres) create(ctx context.Context) error {
	o := p.options
	if _, err := os.Stat(filepath.Join(o.DataDir, "PG_VERSION")); err == nil {
		return nil
	}
	if entries, err := os.ReadDir(o.DataDir); err == nil && len(entries) > 0 {
		return fmt.Errorf("create cluster: %s is neither empty nor a cluster", o.DataDir)
	}
	if o.Password == "" {
		return errors.New("create cluster: no superuser password given")
	}
	if err := os.MkdirAll(filepath.Dir(o.DataDir), 0o711); err != nil {
		return fmt.Errorf("create cluster: %w", err)
	}
	building := o.DataDir + ".new"
	if err := errors.Join(os.RemoveAll(building), os.Mkdir(building, 0o700)); err != nil {
		return fmt.Errorf("create cluster: %w", err)
	}
	if err := give(building, p.account); err != nil {
		return fmt.Errorf("create cluster: %w", err)
	}
	secret, err := p.passwordFile()
	if err != nil {
		return fmt.Errorf("create cluster: %w", err)
	}
	defer os.Remove(secret)
	if err := p.initdb(ctx, building, secret); err != nil {
		return errors.Join(err, os.RemoveAll(building))
	}
	if err := p.sign(building); err != nil {
		return err
	}
	if err := errors.Join(removeEmpty(o.DataDir), os.Rename(building, o.DataDir)); err != nil {
		return fmt.Errorf("create cluster: %w", err)
	}
	return nil
}

// temporaryPrefix begins the names of the folders of ephemeral clusters; the id of the process that made one follows.
const temporaryPrefix = "intellifit-pg-"

// temporaryPlace makes a folder for an ephemeral cluster, and removes those of processes that were killed.
func temporaryPlace() (string, error) {
	left, _ := filepath.Glob(filepath.Join(os.TempDir(), temporaryPrefix+"*"))
	for _, dir := range left {
		owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), temporaryPrefix), "-")
		if pid, err := strconv.Atoi(owner); err == nil && !process.Alive(pid) {
			_ = os.RemoveAll(dir) // another user's stays; the system empties this folder in the end
		}
	}
	dir, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", temporaryPrefix, os.Getpid()))
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o711)
}

func removeEmpty(dir string) error {
	if err := os.Remove(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// passwordFile writes the superuser's password where initdb, under its own account, can read it and nobody else can.
func (p *Postgres) passwordFile() (string, error) {
	file, err := os.CreateTemp(filepath.Dir(p.options.DataDir), ".password-")
	if err != nil {
		return "", fmt.Errorf("write password file: %w", err)
	}
	defer file.Close()
	if _, err := file.WriteString(p.options.Password + "\n"); err != nil {
		return "", fmt.Errorf("write password file: %w", err)
	}
	if p.account != nil {
		if err := file.Chown(int(p.account.UID), int(p.account.GID)); err != nil {
			return "", fmt.Errorf("write password file: %w", err)
		}
	}
	return file.Name(), nil
}

func (p *Postgres) initdb(ctx context.Context, dir, secret string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	args := []string{
		"--pgdata", dir, "--username", Superuser, "--pwfile", secret, "--auth", "scram-sha-256",
		"--encoding", "UTF8", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C", "--no-instructions",
	}
	if p.options.Ephemeral {
		args = append(args, "--no-sync")
	}
	child, err := process.Start(process.Command{
		Path: filepath.Join(p.options.BinDir, "initdb"), Args: args, Env: p.environment(), Dir: "/", User: p.account, Output: p.log,
	})
	if err != nil {
		return fmt.Errorf("create cluster: %w", err)
	}
	select {
	case <-child.Done():
	case <-ctx.Done():
		return fmt.Errorf("create cluster: %w", errors.Join(ctx.Err(), child.Kill()))
	}
	if child.ExitCode() != 0 {
		return &process.StartError{Service: "initdb", Err: child.Err(), Tail: p.log.Tail(), LogPath: p.log.Path()}
	}
	return nil
}

// evict puts away what a killed server left in its data folder: a postmaster that still runs is shut down, and the lock
// file of one that does not is removed also when its process id belongs to somebody else by now. A postmaster works in its
// data folder, which tells it from others.
func evict(ctx context.Context, dataDir string) error {
	if err := process.EndLeftover(ctx, filepath.Join(dataDir, "postmaster.pid"), dataDir, syscall.SIGINT, stopLimit); err != nil {
		return fmt.Errorf("put away a former postgres: %w", err)
	}
	return nil
}
