package process

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// User is an account of this machine.
type User struct {
	Name     string
	UID, GID uint32
}

// LookupUser finds an account by name.
func LookupUser(name string) (*User, error) {
	found, err := user.Lookup(name)
	if err != nil {
		return nil, fmt.Errorf("look up user %s: %w", name, err)
	}
	return parseUser(found)
}

// LookupUID finds an account by its number.
func LookupUID(uid uint32) (*User, error) {
	found, err := user.LookupId(strconv.FormatUint(uint64(uid), 10))
	if err != nil {
		return nil, fmt.Errorf("look up user %d: %w", uid, err)
	}
	return parseUser(found)
}

func parseUser(u *user.User) (*User, error) {
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("read the id of user %s: %w", u.Username, err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("read the group of user %s: %w", u.Username, err)
	}
	return &User{Name: u.Username, UID: uint32(uid), GID: uint32(gid)}, nil
}

// CanReach reports whether u may pass through dir and everything above it; where not, it names the folder that bars the way.
// A folder that does not exist yet is judged by those that do.
func (u *User) CanReach(dir string) (ok bool, barrier string) {
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err == nil && !u.mayEnter(info) {
			return false, at
		}
		if at == filepath.Dir(at) {
			return true, ""
		}
	}
}

func (u *User) mayEnter(info fs.FileInfo) bool {
	mode := info.Mode().Perm()
	owner, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case ok && owner.Uid == u.UID:
		return mode&0o100 != 0
	case ok && owner.Gid == u.GID:
		return mode&0o010 != 0
	}
	return mode&0o001 != 0
}
