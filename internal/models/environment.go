package models

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/intellifit/intellifit/internal/process"
)

// Server is a Python server: its source, and the lists of packages that it needs, with the hashes of all their files.
type Server struct {
	Name  string   // names its environment
	Files fs.FS    // its source and its lists
	Lists []string // paths in Files, in the form of pip's requirements
}

// Environment is what a Python server is started with.
type Environment struct {
	Python string // the interpreter that has the packages
	Source string // the folder that the server's source lies in
}

// An environment lies in engines/NAME-KEY, where the key changes with the lists: bin/python and its packages, and the
// server's source in source-KEY, whose key changes with the source. A new version of the product with the same packages
// therefore costs no new environment. Both appear under their names when they are whole, so that a kill at any point leaves
// nothing that the next run would take for done.

// unusedFor is how long an environment of another key stays after its last use.
const unusedFor = 30 * 24 * time.Hour

// Environment returns the environment of a server, made at the first call with the Python of this machine and its pip,
// which follows the user's settings. What is there and works needs no network.
func (s *Store) Environment(ctx context.Context, srv Server, p Progress) (Environment, error) {
	lists, err := srv.lists()
	if err != nil {
		return Environment{}, err
	}
	root := filepath.Join(s.Home, "engines")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return Environment{}, fmt.Errorf("make folder: %w", err)
	}
	unlock, err := lockFile(ctx, filepath.Join(root, srv.Name+".lock"), func() { p.Line("another process prepares " + srv.Name + ", waiting for it") })
	if err != nil {
		return Environment{}, fmt.Errorf("environment of %s: %w", srv.Name, err)
	}
	defer unlock()
	key := keyOf(append([]string{"environment 1"}, lists...)...)
	dir := filepath.Join(root, srv.Name+"-"+key[:12])
	e := Environment{Python: filepath.Join(dir, "bin", "python")}
	want := made{Artifact: srv.Name, Version: key[:12], From: key}
	if !want.in(dir) || !works(ctx, e.Python) {
		if ctx.Err() != nil {
			return Environment{}, ctx.Err()
		}
		if err := s.makeEnvironment(ctx, srv, lists, dir, want, p); err != nil {
			return Environment{}, fmt.Errorf("environment of %s: %w", srv.Name, err)
		}
	}
	if e.Source, err = srv.placeSource(dir); err != nil {
		return Environment{}, fmt.Errorf("environment of %s: %w", srv.Name, err)
	}
	now := time.Now()
	if err := os.Chtimes(filepath.Join(dir, marker), now, now); err != nil {
		return Environment{}, fmt.Errorf("environment of %s: %w", srv.Name, err)
	}
	return e, dropUnused(root, srv.Name, dir, now)
}

// HasEnvironment reports whether the environment of a server was made, without trying it.
func (s *Store) HasEnvironment(srv Server) bool {
	lists, err := srv.lists()
	if err != nil {
		return false
	}
	key := keyOf(append([]string{"environment 1"}, lists...)...)
	return made{Artifact: srv.Name, Version: key[:12], From: key}.in(filepath.Join(s.Home, "engines", srv.Name+"-"+key[:12]))
}

func (srv Server) lists() ([]string, error) {
	var lists []string
	for _, name := range srv.Lists {
		data, err := fs.ReadFile(srv.Files, name)
		if err != nil {
			return nil, fmt.Errorf("read the packages of %s: %w", srv.Name, err)
		}
		lists = append(lists, string(data))
	}
	return lists, nil
}

// works tries an interpreter: the Python that an environment was made with may be gone.
func works(ctx context.Context, python string) bool {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	return exec.CommandContext(ctx, python, "-I", "-c", "").Run() == nil
}

// makeEnvironment fills a new folder and puts it in place of whatever is there. The folder has a name that no run before
// it used: a child of a killed run may write on for a moment.
func (s *Store) makeEnvironment(ctx context.Context, srv Server, lists []string, dir string, want made, p Progress) (err error) {
	python, err := FindPython(ctx, os.Getenv, exec.LookPath)
	if err != nil {
		return err
	}
	if err := dropTorn(filepath.Dir(dir), srv.Name); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), newPrefix(srv.Name))
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	log, err := process.OpenLog(filepath.Join(s.Home, "logs", srv.Name+"-install.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	wheels := filepath.Join(s.Home, "cache", "pip", srv.Name)
	if err := os.MkdirAll(wheels, 0o755); err != nil {
		return err
	}
	if err := dropOld(wheels, time.Now()); err != nil {
		return err
	}
	total := int64(len(entries(lists)))
	meter := p.Begin(Job{Verb: "install", Name: srv.Name, Total: total, Unit: "packages"})
	defer func() { meter.End(err) }()
	i := &installer{store: s, dir: tmp, wheels: wheels, log: log, meter: meter, total: total}
	if err := i.install(ctx, python, lists); err != nil {
		return err
	}
	if err := want.write(tmp); err != nil {
		return err
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return os.Rename(tmp, dir)
}

func newPrefix(name string) string { return ".new-" + name + "-" }

// dropTorn removes what runs that were killed left of the environments of a server. The caller holds its lock.
func dropTorn(root, name string) error {
	torn, err := filepath.Glob(filepath.Join(root, newPrefix(name)+"*"))
	if err != nil {
		return err
	}
	for _, dir := range torn {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("drop a torn environment: %w", err)
		}
	}
	return nil
}

var environmentKey = regexp.MustCompile(`^[0-9a-f]{12}$`)

// dropUnused removes environments of other versions that nothing has used for long. Several installations may share a folder.
func dropUnused(root, name, keep string, now time.Time) error {
	others, err := filepath.Glob(filepath.Join(root, name+"-*", marker))
	if err != nil {
		return err
	}
	for _, file := range others {
		dir := filepath.Dir(file)
		info, err := os.Stat(file)
		if err != nil || dir == keep || now.Sub(info.ModTime()) < unusedFor || !environmentKey.MatchString(strings.TrimPrefix(filepath.Base(dir), name+"-")) {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("drop an environment that is not used any more: %w", err)
		}
	}
	return nil
}

// dropOld removes packages that were fetched long ago. An environment that needs one of them fetches it again.
func dropOld(wheels string, now time.Time) error {
	files, err := os.ReadDir(wheels)
	if err != nil {
		return err
	}
	for _, file := range files {
		info, err := file.Info()
		if err != nil || now.Sub(info.ModTime()) < unusedFor {
			continue
		}
		if err := os.Remove(filepath.Join(wheels, file.Name())); err != nil {
			return fmt.Errorf("drop an old package: %w", err)
		}
	}
	return nil
}

// placeSource writes the server's source beside its packages, unless it is there.
func (srv Server) placeSource(dir string) (string, error) {
	files, key, err := srv.source()
	if err != nil {
		return "", err
	}
	at := filepath.Join(dir, "source-"+key[:12])
	if _, err := os.Stat(at); err == nil {
		return at, nil
	}
	tmp, err := os.MkdirTemp(dir, ".source-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	for name, data := range files {
		file := filepath.Join(tmp, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			return "", err
		}
	}
	if err := openFolders(tmp); err != nil {
		return "", err
	}
	return at, os.Rename(tmp, at)
}

// source reads the server's files, without what Python leaves beside them.
func (srv Server) source() (files map[string][]byte, key string, err error) {
	files = map[string][]byte{}
	var parts []string
	err = fs.WalkDir(srv.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || slices.Contains(strings.Split(name, "/"), "__pycache__") || path.Ext(name) == ".pyc" {
			return err
		}
		data, err := fs.ReadFile(srv.Files, name)
		files[name] = data
		parts = append(parts, name, string(data))
		return err
	})
	if err == nil && len(files) == 0 {
		err = errors.New("no source in this build")
	}
	if err != nil {
		return nil, "", fmt.Errorf("read the source of %s: %w", srv.Name, err)
	}
	return files, keyOf(parts...), nil
}
