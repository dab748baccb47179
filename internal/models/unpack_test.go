package models

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type member struct {
	name string
	body string
	mode fs.FileMode
}

func wheel(t *testing.T, members ...member) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, m := range members {
		h := &zip.FileHeader{Name: m.name, Method: zip.Deflate}
		h.SetMode(m.mode)
		out, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := out.Write([]byte(m.body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func wheelArtifact(t *testing.T, u Unpack, members ...member) (Artifact, *fileServer) {
	t.Helper()
	body := wheel(t, members...)
	f := newFileServer(t, body)
	a := fileArtifact("w", body, f.URL)
	a.Unpack = &u
	return a, f
}

var recipeOfTest = Unpack{Dir: "thing", Include: []string{"pkg/", "pkg.libs/"}, Exclude: []string{"pkg/include/"}, MaxBytes: 1000, MaxFiles: 3}

func TestUnpacked(t *testing.T) {
	t.Parallel()
	a, f := wheelArtifact(t, recipeOfTest,
		member{"pkg/", "", fs.ModeDir | 0o755},
		member{"pkg/bin/run", "#!", 0o755},
		member{"pkg.libs/lib.so", "so", 0o644},
		member{"pkg/include/x.h", "h", 0o644},
		member{"other/y", "y", 0o644},
	)
	s := testStore(t)
	dir, err := s.Unpacked(t.Context(), a, Silent())
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "pkg", "bin", "run"))
	if err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("program: %v, %v, want mode 755", info, err)
	}
	wantFile(t, filepath.Join(dir, "pkg.libs", "lib.so"), []byte("so"))
	for _, absent := range []string{"pkg/include", "other"} {
		if _, err := os.Stat(filepath.Join(dir, absent)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s was unpacked: %v", absent, err)
		}
	}
	// The second time neither the archive nor the server is touched.
	f.Close()
	if err := os.RemoveAll(filepath.Join(s.Home, "downloads")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Unpacked(t.Context(), a, Silent()); err != nil {
		t.Error(err)
	}
	// Another version replaces it as a whole.
	b, _ := wheelArtifact(t, recipeOfTest, member{"pkg/bin/walk", "#!", 0o755})
	if _, err := s.Unpacked(t.Context(), b, Silent()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "pkg", "bin", "run")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file of the old version is still there: %v", err)
	}
}

func TestUnpackedRefuses(t *testing.T) {
	t.Parallel()
	ok := member{"pkg/a", "a", 0o644}
	tests := []struct {
		name    string
		members []member
	}{
		{"name that climbs", []member{ok, {"pkg/../../evil", "x", 0o644}}},
		{"climbing name outside the wanted folders", []member{ok, {"../evil", "x", 0o644}}},
		{"absolute name", []member{ok, {"/etc/evil", "x", 0o644}}},
		{"backslashes", []member{ok, {`pkg\..\..\evil`, "x", 0o644}}},
		{"symbolic link", []member{ok, {"pkg/link", "/etc/passwd", fs.ModeSymlink | 0o777}}},
		{"the same name twice", []member{ok, ok}},
		{"too large", []member{ok, {"pkg/bomb", strings.Repeat("0", 1001), 0o644}}},
		{"too large together", []member{{"pkg/a", strings.Repeat("0", 600), 0o644}, {"pkg/b", strings.Repeat("0", 600), 0o644}}},
		{"too many", []member{ok, {"pkg/b", "", 0o644}, {"pkg/c", "", 0o644}, {"pkg/d", "", 0o644}}},
		{"nothing wanted", []member{{"other/a", "a", 0o644}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, _ := wheelArtifact(t, recipeOfTest, tt.members...)
			s := testStore(t)
			if _, err := s.Unpacked(t.Context(), a, Silent()); err == nil {
				t.Fatal("Unpacked passed")
			}
			found := 0
			err := filepath.WalkDir(filepath.Dir(s.Home), func(path string, d fs.DirEntry, err error) error {
				if strings.Contains(path, "evil") || d.Name() == "thing" || d.Name() == "thing.new" {
					found++
				}
				return err
			})
			if err != nil || found > 0 {
				t.Errorf("%d leftovers, %v", found, err)
			}
		})
	}
}

func TestUntarMember(t *testing.T) {
	t.Parallel()
	content := []byte("#define X 1\n")
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	w := tar.NewWriter(z)
	for _, name := range []string{"pkg/README", "pkg/x.h"} {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(t.TempDir(), "x.tar.gz")
	if err := os.WriteFile(archive, buf.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	good := Member{Path: "pkg/x.h", Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}
	dst := filepath.Join(t.TempDir(), "sub", "x.h")
	if err := untarMember(t.Context(), archive, good, dst); err != nil {
		t.Fatal(err)
	}
	wantFile(t, dst, content)
	for name, m := range map[string]Member{
		"absent":       {Path: "pkg/y.h", Size: 1, SHA256: good.SHA256},
		"other digest": {Path: good.Path, Size: good.Size, SHA256: strings.Repeat("0", 64)},
		"other size":   {Path: good.Path, Size: 3, SHA256: good.SHA256},
	} {
		bad := filepath.Join(t.TempDir(), "x.h")
		if err := untarMember(t.Context(), archive, m, bad); !errors.Is(err, errArchive) {
			t.Errorf("%s: untarMember = %v, want it refused", name, err)
		}
		if _, err := os.Stat(bad); err == nil {
			t.Errorf("%s: the file stays", name)
		}
	}
}
