package models

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// onPath makes a folder with scripts the whole PATH.
func onPath(t *testing.T, scripts map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, script := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
}

func TestOllamaOnPath(t *testing.T) {
	tests := []struct{ name, script, want, wantErr string }{
		{"no server runs", "echo 'Warning: could not connect to a running Ollama instance'; echo 'Warning: client version is 0.17.4'", "0.17.4", ""},
		{"an older server runs", "echo 'ollama version is 0.3.0'; echo 'Warning: client version is 0.17.4'", "0.17.4", ""},
		{"the same server runs", "echo 'ollama version is 0.17.4'", "0.17.4", ""},
		{"built without a version", "echo 'Warning: client version is 0.0.0'", "0.0.0", ""},
		{"too old", "echo 'ollama version is 0.4.9'", "", "0.5.0 or later"},
		{"broken", "echo 'no such library' >&2; exit 127", "", "no such library"},
		{"something else", "echo hello", "", "no version"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onPath(t, map[string]string{"ollama": tt.script})
			b, err := ollamaOnPath(t.Context())
			if tt.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wantErr) {
					t.Errorf("ollamaOnPath = %v, want an error with %q", err, tt.wantErr)
				}
				return
			}
			if err != nil || b.Version != tt.want || !filepath.IsAbs(b.Path) || b.Origin != OriginPath {
				t.Errorf("ollamaOnPath = %+v, %v, want version %s", b, err, tt.want)
			}
		})
	}
}

func TestOllamaNeedsCompilers(t *testing.T) {
	t.Setenv("CC", "")
	t.Setenv("CXX", "")
	for missing, scripts := range map[string]map[string]string{
		"no go":  {},
		"no gcc": {"go": ""},
		"no g++": {"go": "", "gcc": ""},
	} {
		onPath(t, scripts)
		s := testStore(t)
		_, err := s.OllamaBinary(t.Context(), Silent())
		var lacks *MissingError
		if !errors.As(err, &lacks) || !strings.Contains(lacks.What, missing) || !strings.Contains(lacks.Fix, "OLLAMA_HOST") {
			t.Errorf("%s: OllamaBinary = %v, want what is missing and the fix", missing, err)
		}
	}
}

func TestOldOllamaIsNamed(t *testing.T) {
	onPath(t, map[string]string{"ollama": "echo 'ollama version is 0.1.2'"})
	var rec recorder
	if _, err := testStore(t).OllamaBinary(t.Context(), &rec); err == nil {
		t.Error("OllamaBinary passed")
	}
	if len(rec.lines) != 1 || !strings.Contains(rec.lines[0], "0.1.2") {
		t.Errorf("lines = %q, want why the one on PATH is not used", rec.lines)
	}
}

func TestRedisNeedsASource(t *testing.T) {
	onPath(t, nil)
	_, err := testStore(t).RedisBinary(t.Context(), Silent())
	var lacks *MissingError
	if !errors.As(err, &lacks) || !strings.Contains(lacks.Fix, "REDIS_URL") {
		t.Errorf("RedisBinary = %v, want what is missing and the fix", err)
	}
}

func TestRedisOnPath(t *testing.T) {
	onPath(t, map[string]string{"redis-server": "echo 'Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64'"})
	b, err := testStore(t).RedisBinary(t.Context(), Silent())
	if err != nil || b.Version != "7.0.15" || b.Origin != OriginPath {
		t.Errorf("RedisBinary = %+v, %v", b, err)
	}
}

// Packages are unpacked once; the tools of the distribution are played by scripts.
func TestRedisFromPackages(t *testing.T) {
	apt := `case "$*" in
*" update") exit 100;; # one source of the machine's list is broken
*install*)
  for a in "$@"; do case "$a" in Dir::Cache::Archives=*) : > "${a#*=}/redis.deb";; esac; done;;
esac`
	dpkg := `/bin/mkdir -p "$3/usr/bin" "$3/usr/lib/x86_64-linux-gnu"
printf '#!/bin/sh\necho "v=7.0.15 $LD_LIBRARY_PATH"\n' > "$3/usr/bin/redis-server"
/bin/chmod 755 "$3/usr/bin/redis-server"`
	onPath(t, map[string]string{"apt-get": apt, "dpkg-deb": dpkg})
	s := testStore(t)
	if _, err := os.Stat(dpkgStatus); err != nil {
		t.Fatalf("this test needs a Debian-like system: %v", err)
	}
	b, err := s.RedisBinary(t.Context(), Silent())
	if err != nil || b.Version != "7.0.15" || b.Origin != OriginPackage {
		t.Fatalf("RedisBinary = %+v, %v", b, err)
	}
	if len(b.Env) != 1 || !strings.Contains(b.Env[0], "usr/lib/x86_64-linux-gnu") {
		t.Errorf("environment = %q, want the unpacked libraries", b.Env)
	}
	if err := os.Remove(filepath.Join(filepath.SplitList(os.Getenv("PATH"))[0], "dpkg-deb")); err != nil {
		t.Fatal(err)
	}
	onPath(t, map[string]string{"apt-get": "exit 1", "dpkg-deb": "exit 1"})
	if _, err := s.RedisBinary(t.Context(), Silent()); err != nil {
		t.Errorf("the second RedisBinary = %v, want the unpacked one", err)
	}
}

func TestHeaderDirs(t *testing.T) {
	t.Parallel()
	a, b := t.TempDir(), t.TempDir()
	for _, path := range []string{filepath.Join(a, "nlohmann", "json.hpp"), filepath.Join(b, "stb", "stb_image.h")} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := headerDirs(a); got != nil {
		t.Errorf("headerDirs with one header = %v, want none", got)
	}
	if got := headerDirs(a, b); len(got) != 2 || got[0] != a || got[1] != filepath.Join(b, "stb") {
		t.Errorf("headerDirs = %v", got)
	}
}

func TestTail(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	var seen []string
	w := &tail{w: &log, onLine: func(s string) { seen = append(seen, s) }}
	for _, part := range []string{"one\ntw", "o\n\n", "3\n4\n5\n6\n7\n8\n9\n10\nhalf"} {
		if _, err := w.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 10 || seen[1] != "two" {
		t.Errorf("lines = %q", seen)
	}
	if len(w.last) != 8 || w.last[7] != "10" || !strings.HasSuffix(log.String(), "half") {
		t.Errorf("last = %q, log = %q", w.last, log.String())
	}
}
