package stack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/intellifit/intellifit/internal/process"
)

// adopt makes the cluster's superuser ours again when the cluster has outlived the password that made it: somebody removed
// INTELLIFIT_HOME, and the database, which root keeps elsewhere, stayed. Who may write the cluster's files is its owner; the
// rows are kept. A fingerprint of the password lies beside the cluster's own files, so that a common start costs one read.
func (p *Postgres) adopt(ctx context.Context) error {
	o := p.options
	if o.Ephemeral {
		return nil
	}
	known, err := os.ReadFile(filepath.Join(o.DataDir, signature))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("adopt cluster: %w", err)
	}
	if string(known) == p.fingerprint() {
		return nil
	}
	if err := evict(ctx, o.DataDir); err != nil {
		return err
	}
	if err := p.setPassword(ctx); err != nil {
		return err
	}
	if len(known) > 0 && o.Note != nil {
		o.Note("the database in " + o.DataDir + " is of an earlier installation whose secrets are gone: its rows are kept, its passwords are new")
	}
	return p.sign(o.DataDir)
}

// signature is the file in a cluster that holds the fingerprint of its superuser's password.
const signature = "intellifit.password.sha256"

func (p *Postgres) fingerprint() string {
	sum := sha256.Sum256([]byte(p.options.Password))
	return hex.EncodeToString(sum[:]) + "\n"
}

func (p *Postgres) sign(dir string) error {
	file := filepath.Join(dir, signature)
	if err := os.WriteFile(file, []byte(p.fingerprint()), 0o600); err != nil {
		return fmt.Errorf("sign cluster: %w", err)
	}
	if p.account != nil { // after a crash PostgreSQL syncs every file of its folder
		if err := os.Chown(file, int(p.account.UID), int(p.account.GID)); err != nil {
			return fmt.Errorf("sign cluster: %w", err)
		}
	}
	return nil
}

// setPassword works without a server: PostgreSQL's single-user mode reads statements from its input and asks for no
// password.
func (p *Postgres) setPassword(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute) // a cluster that was killed recovers first
	defer cancel()
	literal := "'" + strings.ReplaceAll(p.options.Password, "'", "''") + "'"
	child, err := process.Start(process.Command{
		Path: filepath.Join(p.options.BinDir, "postgres"),
		Args: []string{"--single", "-D", p.options.DataDir, "-c", "log_statement=none", "-c", "log_min_error_statement=panic", "postgres"},
		Env:  p.environment(), Dir: "/", User: p.account, Output: p.log,
		Input: strings.NewReader("ALTER ROLE " + Superuser + " PASSWORD " + literal + ";\n"),
	})
	if err != nil {
		return fmt.Errorf("adopt cluster: %w", err)
	}
	select {
	case <-child.Done():
	case <-ctx.Done():
		return fmt.Errorf("adopt cluster: %w", errors.Join(ctx.Err(), child.Kill()))
	}
	if child.ExitCode() != 0 {
		return &process.StartError{Service: "postgres", Err: child.Err(), Tail: p.log.Tail(), LogPath: p.log.Path()}
	}
	return nil
}
