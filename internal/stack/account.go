package stack

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/intellifit/intellifit/internal/process"
)

// serviceAccounts are the accounts that PostgreSQL is run by when we are root, which it refuses to serve: the first that
// this machine has.
var serviceAccounts = []string{"intellifit", "postgres", "nobody"}

// ErrNoAccount says that we are root and there is no unprivileged account to run PostgreSQL as.
var ErrNoAccount = errors.New("running as root, and none of the accounts intellifit, postgres or nobody exists")

// databaseAccount returns who runs PostgreSQL: nil for ourselves, an unprivileged account when we are root. A data folder
// that exists keeps its owner.
func databaseAccount(dataDir string) (*process.User, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	if info, err := os.Stat(filepath.Join(dataDir, "PG_VERSION")); err == nil {
		if owner, ok := info.Sys().(*syscall.Stat_t); ok && owner.Uid != 0 {
			if u, err := process.LookupUID(owner.Uid); err == nil {
				return u, nil
			}
		}
	}
	return lookupAccount(process.LookupUser)
}

func lookupAccount(lookup func(string) (*process.User, error)) (*process.User, error) {
	for _, name := range serviceAccounts {
		if u, err := lookup(name); err == nil && u.UID != 0 {
			return u, nil
		}
	}
	return nil, ErrNoAccount
}

// give hands a folder to u and keeps others out.
func give(dir string, u *process.User) error {
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("protect %s: %w", dir, err)
	}
	if u == nil {
		return nil
	}
	if err := os.Chown(dir, int(u.UID), int(u.GID)); err != nil {
		return fmt.Errorf("hand %s to user %s: %w", dir, u.Name, err)
	}
	return nil
}
