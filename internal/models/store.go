package models

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Store keeps artifacts under a home folder: verified files in downloads/, unpacked and built ones in components/.
// It is safe for concurrent use, also by several processes.
type Store struct {
	// Home is INTELLIFIT_HOME.
	Home string
	// Mirror is a local folder that is looked at first for every file, by its name.
	Mirror string
	// Index is the base of the Python package index's simple API.
	Index string
	// Registry is the base of the Ollama registry.
	Registry string
	// Hub is the base of the Hugging Face hub.
	Hub string
	// Lock lists the artifacts; nil stands for the embedded lock file.
	Lock *Lock
	// Client speaks to the sources. Its transport must limit the wait for a connection and for headers.
	Client *http.Client

	stall    time.Duration // a download without a byte for so long is cut and resumed
	backoff  time.Duration // the first wait before a retry; it doubles
	attempts int           // tries in a row that gain nothing, per source
	patience time.Duration // for the sources of profile standard to answer
}

const (
	defaultIndex    = "https://pypi.org/simple/"
	defaultRegistry = "https://registry.ollama.ai"
	defaultHub      = "https://huggingface.co"
)

// NewStore returns the store of a home folder. It reads INTELLIFIT_MIRROR, INTELLIFIT_PYPI_INDEX or PIP_INDEX_URL,
// INTELLIFIT_OLLAMA_REGISTRY, and HF_ENDPOINT.
func NewStore(home string, getenv func(string) string) *Store {
	return &Store{
		Home:     home,
		Mirror:   getenv("INTELLIFIT_MIRROR"),
		Index:    firstOf(getenv("INTELLIFIT_PYPI_INDEX"), getenv("PIP_INDEX_URL"), defaultIndex),
		Registry: strings.TrimSuffix(firstOf(getenv("INTELLIFIT_OLLAMA_REGISTRY"), defaultRegistry), "/"),
		Hub:      strings.TrimSuffix(firstOf(getenv("HF_ENDPOINT"), defaultHub), "/"),
		Client:   newClient(),
		stall:    30 * time.Second,
		backoff:  500 * time.Millisecond,
		attempts: 5,
		patience: 3 * time.Second,
	}
}

func (s *Store) pinned(name string) (Artifact, error) {
	if s.Lock == nil {
		return Pinned(name)
	}
	return s.Lock.Find(name, runtime.GOOS+"/"+runtime.GOARCH)
}

func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: 30 * time.Second,
		IdleConnTimeout:       30 * time.Second,
		MaxIdleConnsPerHost:   4,
	}}
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// ErrAbsent says that an artifact was not downloaded yet.
var ErrAbsent = errors.New("not downloaded")

// ChecksumError says that a file is not the one that the lock file pins.
type ChecksumError struct {
	Artifact, Filename string
	From               string // the source, without credentials
	Want, Got          string // sha256, or a size in bytes when that already differs
}

func (e *ChecksumError) Error() string {
	return fmt.Sprintf("artifact %s: file %s from %s is not the pinned one: want %s, got %s", e.Artifact, e.Filename, e.From, e.Want, e.Got)
}

// Path says where the file of an artifact lies once it is there.
func (s *Store) Path(a Artifact) string { return filepath.Join(s.Home, "downloads", a.Filename) }

// Ensure returns the path of the artifact's verified file. It downloads what is missing from the sources in order,
// resumes what was cut, and checks size and sha256 before the file gets its name. A file verified before costs one stat.
func (s *Store) Ensure(ctx context.Context, a Artifact, p Progress) (string, error) {
	if !a.IsFile() {
		return "", fmt.Errorf("artifact %s is not a file", a.Name)
	}
	dst := s.Path(a)
	if s.recorded(a) {
		return dst, nil
	}
	if err := os.MkdirAll(filepath.Dir(dst), 0o755); err != nil {
		return "", fmt.Errorf("make downloads folder: %w", err)
	}
	unlock, err := lockFile(ctx, dst+".lock", func() { p.Line("another process downloads " + a.Name + ", waiting for it") })
	if err != nil {
		return "", fmt.Errorf("artifact %s: %w", a.Name, err)
	}
	defer unlock()
	if s.recorded(a) {
		return dst, nil
	}
	if err := s.Verify(ctx, a); err == nil {
		return dst, nil
	} else if ctx.Err() != nil {
		return "", err
	}
	if err := s.fetch(ctx, a, p); err != nil {
		return "", err
	}
	return dst, nil
}

// Verify reads the whole file of an artifact and compares it with the lock file: ErrAbsent when it is not there, a
// *ChecksumError when it is another one. It renews the record that makes Ensure instant.
func (s *Store) Verify(ctx context.Context, a Artifact) error {
	path := s.Path(a)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("artifact %s: %w", a.Name, ErrAbsent)
	}
	if err := checkFile(ctx, a, path, "downloads"); err != nil {
		os.Remove(path + ".verified")
		return err
	}
	return s.record(a)
}

// checkFile compares a file's size and sha256 with the lock file.
func checkFile(ctx context.Context, a Artifact, path, from string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("artifact %s: open: %w", a.Name, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("artifact %s: stat: %w", a.Name, err)
	}
	if info.Size() != a.Size {
		return sizeError(a, from, info.Size())
	}
	h := sha256.New()
	if _, err := io.Copy(h, contextReader{ctx, f}); err != nil {
		return fmt.Errorf("artifact %s: read: %w", a.Name, err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != a.SHA256 {
		return &ChecksumError{Artifact: a.Name, Filename: a.Filename, From: from, Want: "sha256 " + a.SHA256, Got: "sha256 " + got}
	}
	return nil
}

func sizeError(a Artifact, from string, got int64) *ChecksumError {
	return &ChecksumError{
		Artifact: a.Name, Filename: a.Filename, From: from,
		Want: fmt.Sprintf("%d bytes", a.Size), Got: fmt.Sprintf("%d bytes", got),
	}
}

// verified is the record of a check: while size and time of the file stay, it need not be read again.
type verified struct {
	SHA256  string    `json:"sha256"`
	Size    int64     `json:"size"`
	ModTime time.Time `json:"mod_time"`
}

func (s *Store) recorded(a Artifact) bool {
	path := s.Path(a)
	data, err := os.ReadFile(path + ".verified")
	if err != nil {
		return false
	}
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	var v verified
	if json.Unmarshal(data, &v) != nil {
		return false
	}
	return v.SHA256 == a.SHA256 && info.Size() == a.Size && v.Size == a.Size && v.ModTime.Equal(info.ModTime())
}

func (s *Store) record(a Artifact) error {
	info, err := os.Stat(s.Path(a))
	if err != nil {
		return fmt.Errorf("artifact %s: record: %w", a.Name, err)
	}
	data, err := json.Marshal(verified{SHA256: a.SHA256, Size: info.Size(), ModTime: info.ModTime()})
	if err != nil {
		return fmt.Errorf("artifact %s: record: %w", a.Name, err)
	}
	return writeFile(s.Path(a)+".verified", data, 0o644)
}

// writeFile replaces a file so that a reader sees the old or the new content, never a half.
func writeFile(path string, data []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if _, err := f.Write(data); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := f.Chmod(mode); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}

// commit gives a finished file its name, durably.
func commit(part, dst string) error {
	f, err := os.Open(part)
	if err != nil {
		return err
	}
	err = f.Sync()
	f.Close()
	if err != nil {
		return err
	}
	if err := os.Rename(part, dst); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(dst))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

// contextReader ends a read between two blocks when its context is done.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
