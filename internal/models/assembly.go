package models

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Assembled returns the folder under components/ with the files of an assembly, put together on first use. It fetches the
// artifacts that bring them; each file is compared with its own pinned checksum, and the folder is whole or absent.
func (s *Store) Assembled(ctx context.Context, a Artifact, p Progress) (string, error) {
	if a.Assembly == nil {
		return "", fmt.Errorf("artifact %s has no recipe to put it together", a.Name)
	}
	dir := s.assemblyDir(a)
	want := made{Artifact: a.Name, Version: a.Version, From: a.Assembly.key()}
	if want.in(dir) && a.Assembly.sizesIn(dir) == nil {
		return dir, nil
	}
	os.Remove(filepath.Join(dir, marker)) // else build would take the folder for whole
	archives, err := s.ensureParts(ctx, a, p)
	if err != nil {
		return "", err
	}
	err = s.build(ctx, dir, want, p, func(tmp string) (err error) {
		meter := p.Begin(Job{Verb: "assemble", Name: a.Assembly.Dir, Total: a.Assembly.size(), Unit: UnitBytes})
		defer func() { meter.End(err) }()
		var done int64
		for _, f := range a.Assembly.Files {
			if err := assemble(ctx, f, archives, a.Name, filepath.Join(tmp, f.Path), func(n int64) {
				done += n
				meter.Set(done, a.Assembly.size())
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("put together %s: %w", a.Name, err)
	}
	return dir, nil
}

// RecheckAssembled reads every file of an assembly again. One that is no longer the pinned one is an error, and the next
// Assembled makes the folder anew.
func (s *Store) RecheckAssembled(ctx context.Context, a Artifact) error {
	dir := s.assemblyDir(a)
	for _, f := range a.Assembly.Files {
		of := Artifact{Name: a.Name, Filename: f.Path, Size: f.Size, SHA256: f.SHA256}
		if err := checkFile(ctx, of, filepath.Join(dir, f.Path), dir); err != nil {
			if ctx.Err() == nil {
				err = errors.Join(err, os.RemoveAll(filepath.Join(dir, marker)))
			}
			return err
		}
	}
	return nil
}

func (s *Store) assemblyDir(a Artifact) string {
	return filepath.Join(s.Home, "components", a.Assembly.Dir)
}

// ensureParts fetches what the assembly is made of: the paths of the files by the names of their artifacts.
func (s *Store) ensureParts(ctx context.Context, a Artifact, p Progress) (map[string]string, error) {
	paths := map[string]string{}
	for _, f := range a.Assembly.Files {
		for _, part := range f.Parts {
			name := firstOf(part.Artifact, a.Name)
			if paths[name] != "" {
				continue
			}
			of, err := s.pinned(name)
			if err != nil {
				return nil, err
			}
			if paths[name], err = s.Ensure(ctx, of, p); err != nil {
				return nil, err
			}
		}
	}
	return paths, nil
}

// assemble writes one file and checks it on the way. A file that is an artifact as it is shares its place on the disk.
func assemble(ctx context.Context, f Assembled, archives map[string]string, owner, dst string, wrote func(int64)) error {
	if only := f.Parts[0]; len(f.Parts) == 1 && only.Member == "" {
		if os.Link(archives[firstOf(only.Artifact, owner)], dst) == nil { // Ensure has checked it
			wrote(f.Size)
			return nil
		}
	}
	out, err := os.Create(dst)
	if err != nil {
		return err
	}
	defer out.Close()
	h, left := sha256.New(), f.Size
	for _, part := range f.Parts {
		n, err := copyPart(ctx, io.MultiWriter(out, h), archives[firstOf(part.Artifact, owner)], part.Member, left, wrote)
		if err != nil {
			return fmt.Errorf("write %s: %w", f.Path, err)
		}
		left -= n
	}
	if got := hex.EncodeToString(h.Sum(nil)); left != 0 || got != f.SHA256 {
		return fmt.Errorf("%w: %s is not the pinned file: want sha256 %s, got %s", errArchive, f.Path, f.SHA256, got)
	}
	if err := out.Sync(); err != nil {
		return fmt.Errorf("write %s: %w", f.Path, err)
	}
	return out.Close()
}

// copyPart copies one part, and stops one byte after the limit.
func copyPart(ctx context.Context, w io.Writer, file, member string, limit int64, wrote func(int64)) (n int64, err error) {
	var in io.ReadCloser
	if member == "" {
		in, err = os.Open(file)
	} else {
		in, _, err = openMember(file, member)
	}
	if err != nil {
		return 0, err
	}
	defer in.Close()
	return io.Copy(io.MultiWriter(w, counted(wrote)), io.LimitReader(contextReader{ctx, in}, limit+1))
}

// counted hears how much is written.
type counted func(int64)

func (c counted) Write(b []byte) (int, error) {
	c(int64(len(b)))
	return len(b), nil
}

// key changes with everything that is in the folder.
func (r Assembly) key() string {
	var parts []string
	for _, f := range r.Files {
		parts = append(parts, f.Path, f.SHA256)
	}
	return keyOf(parts...)
}

func (r Assembly) size() (sum int64) {
	for _, f := range r.Files {
		sum += f.Size
	}
	return sum
}

// sizesIn says whether the files in a folder have their sizes, which costs next to nothing.
func (r Assembly) sizesIn(dir string) error {
	for _, f := range r.Files {
		info, err := os.Stat(filepath.Join(dir, f.Path))
		if err != nil {
			return err
		}
		if info.Size() != f.Size {
			return fmt.Errorf("%s has %d bytes instead of %d", f.Path, info.Size(), f.Size)
		}
	}
	return nil
}
