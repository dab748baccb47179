package models

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Binary is a program that the stack can start.
type Binary struct {
	Path    string   // absolute
	Env     []string // to add to its environment, such as LD_LIBRARY_PATH
	Version string
	Origin  string // OriginPath, OriginBuilt or OriginPackage
}

// Where a binary comes from.
const (
	OriginPath    = "PATH"
	OriginBuilt   = "built"
	OriginPackage = "package"
)

// MissingError says what the machine lacks and how to get it.
type MissingError struct {
	What string
	Fix  string
}

func (e *MissingError) Error() string { return e.What + "; fix: " + e.Fix }

// PostgresBin returns the folder with initdb, postgres, pg_ctl and psql, unpacked on first use.
func (s *Store) PostgresBin(ctx context.Context, p Progress) (string, error) {
	a, err := s.pinned(Postgres)
	if err != nil {
		return "", err
	}
	dir, err := s.Unpacked(ctx, a, p)
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, filepath.FromSlash(a.Unpack.Include[0]), "bin"), nil
}

// RedisBinary returns redis-server: the one on PATH, else the distribution's package, unpacked without root.
func (s *Store) RedisBinary(ctx context.Context, p Progress) (Binary, error) {
	if b, err := redisOnPath(ctx); err == nil {
		return b, nil
	}
	a, err := s.pinned(Redis)
	if err != nil {
		return Binary{}, err
	}
	src, _ := a.Source(SourceDebian)
	root, err := s.debian(ctx, a.Name, src.Packages, p)
	if err != nil {
		var missing *MissingError
		if errors.As(err, &missing) {
			return Binary{}, &MissingError{What: "redis-server is not on PATH and " + missing.What, Fix: "install Redis 6.2 or later, or set REDIS_URL to a running one"}
		}
		if b, rootErr := s.redisAsRoot(ctx, src.Packages, p); rootErr == nil {
			return b, nil
		}
		return Binary{}, fmt.Errorf("provide redis-server: %w", err)
	}
	b := Binary{Path: filepath.Join(root, "usr/bin/redis-server"), Env: []string{"LD_LIBRARY_PATH=" + libraryPath(root)}, Origin: OriginPackage}
	if b.Version, err = versionOf(ctx, b, "--version"); err != nil {
		return Binary{}, fmt.Errorf("try redis-server of the package: %w", err)
	}
	return b, nil
}

func redisOnPath(ctx context.Context) (Binary, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return Binary{}, err
	}
	if path, err = filepath.Abs(path); err != nil {
		return Binary{}, err
	}
	b := Binary{Path: path, Origin: OriginPath}
	b.Version, err = versionOf(ctx, b, "--version")
	return b, err
}

// redisAsRoot installs the package into the system, the last resort where it cannot run from a folder of ours.
func (s *Store) redisAsRoot(ctx context.Context, packages []string, p Progress) (Binary, error) {
	if os.Geteuid() != 0 {
		return Binary{}, errors.New("not root")
	}
	if err := aptInstall(ctx, packages, p); err != nil {
		return Binary{}, err
	}
	return redisOnPath(ctx)
}
