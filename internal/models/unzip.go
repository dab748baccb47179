package models

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// marker is the file that says from what a folder under components/ was made.
const marker = ".intellifit.json"

// made is the content of a marker.
type made struct {
	Artifact string `json:"artifact"`
	Version  string `json:"version"`
	From     string `json:"from"` // sha256 of the source, or a digest of the recipe
}

func (m made) in(dir string) bool {
	data, err := os.ReadFile(filepath.Join(dir, marker))
	if err != nil {
		return false
	}
	var got made
	return json.Unmarshal(data, &got) == nil && got == m
}

func (m made) write(dir string) error {
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, marker), data, 0o644)
}

// Unpacked returns the folder under components/ with the unpacked artifact. It fetches the artifact if need be, unpacks
// it beside its place and renames it, so that the folder is whole or absent.
func (s *Store) Unpacked(ctx context.Context, a Artifact, p Progress) (string, error) {
	if a.Unpack == nil {
		return "", fmt.Errorf("artifact %s has no recipe to unpack it", a.Name)
	}
	dir := filepath.Join(s.Home, "components", a.Unpack.Dir)
	want := made{Artifact: a.Name, Version: a.Version, From: a.SHA256}
	if want.in(dir) {
		return dir, nil
	}
	archive, err := s.Ensure(ctx, a, p)
	if err != nil {
		return "", err
	}
	err = s.build(ctx, dir, want, p, func(tmp string) error {
		return unzip(ctx, archive, tmp, *a.Unpack, p.Begin(Job{Verb: "unpack", Name: a.Name, Unit: "files"}))
	})
	if err != nil {
		return "", fmt.Errorf("unpack %s: %w", a.Name, err)
	}
	return dir, nil
}

// build fills a new folder and puts it in place with its marker, unless another process just did.
func (s *Store) build(ctx context.Context, dir string, want made, p Progress, fill func(tmp string) error) error {
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	unlock, err := lockFile(ctx, dir+".lock", func() { p.Line("another process prepares " + want.Artifact + ", waiting for it") })
	if err != nil {
		return err
	}
	defer unlock()
	if want.in(dir) {
		return nil
	}
	tmp := dir + ".new"
	if err := os.RemoveAll(tmp); err != nil {
		return err
	}
	if err := os.Mkdir(tmp, 0o755); err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if err := fill(tmp); err != nil {
		return err
	}
	if err := openFolders(tmp); err != nil {
		return err
	}
	if err := want.write(tmp); err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return os.Rename(tmp, dir)
}

// openFolders lets every user enter the folders, whatever the umask: PostgreSQL runs as another user than root.
func openFolders(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return os.Chmod(path, 0o755)
	})
}

// errArchive says that an archive must not be unpacked.
var errArchive = errors.New("archive refused")

// unzip writes the wanted members below dir. Names that leave dir, links and more than the recipe expects are refused.
func unzip(ctx context.Context, archive, dir string, u Unpack, meter Meter) (err error) {
	defer func() { meter.End(err) }()
	r, err := zip.OpenReader(archive)
	if err != nil {
		return fmt.Errorf("open archive: %w", err)
	}
	defer r.Close()
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()

	var files []*zip.File
	for _, f := range r.File {
		if err := checkMember(f); err != nil {
			return err
		}
		if u.wants(f.Name) && !f.FileInfo().IsDir() {
			files = append(files, f)
		}
	}
	if len(files) == 0 {
		return fmt.Errorf("%w: nothing below %s", errArchive, strings.Join(u.Include, ", "))
	}
	if len(files) > u.MaxFiles {
		return fmt.Errorf("%w: %d files, at most %d expected", errArchive, len(files), u.MaxFiles)
	}
	left := u.MaxBytes
	for i, f := range files {
		n, err := writeMember(ctx, root, f, left)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		left -= n
		meter.Set(int64(i+1), int64(len(files)))
	}
	return nil
}

func (u Unpack) wants(name string) bool {
	return hasPrefix(name, u.Include) && !hasPrefix(name, u.Exclude)
}

func hasPrefix(name string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// checkMember looks at every member, also those that are not wanted: an archive with one bad name is not trusted at all.
func checkMember(f *zip.File) error {
	name := strings.TrimSuffix(f.Name, "/")
	if !fs.ValidPath(name) || strings.Contains(name, `\`) || path.Clean(name) != name {
		return fmt.Errorf("%w: member name %q leaves the folder", errArchive, f.Name)
	}
	if mode := f.Mode(); !mode.IsRegular() && !mode.IsDir() {
		return fmt.Errorf("%w: member %q is not a plain file", errArchive, f.Name)
	}
	return nil
}

func writeMember(ctx context.Context, root *os.Root, f *zip.File, left int64) (int64, error) {
	if err := root.MkdirAll(path.Dir(f.Name), 0o755); err != nil {
		return 0, err
	}
	in, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer in.Close()
	mode := os.FileMode(0o644)
	if f.Mode()&0o100 != 0 {
		mode = 0o755
	}
	out, err := root.OpenFile(f.Name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return 0, err
	}
	defer out.Close()
	n, err := io.Copy(out, io.LimitReader(contextReader{ctx, in}, left+1))
	if err != nil {
		return n, err
	}
	if n > left {
		return n, fmt.Errorf("%w: unpacks to more than expected", errArchive)
	}
	if err := out.Chmod(mode); err != nil {
		return n, err
	}
	return n, out.Close()
}
