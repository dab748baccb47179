package process

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// TailLines is how many lines of a child's log are kept at hand for the moment it fails.
const TailLines = 15

// maxLogBytes bounds one log file; two are kept, so a child's log takes at most twice this.
const maxLogBytes = 4 << 20

// maxLineBytes bounds a line in the tail.
const maxLineBytes = 500

// Log is a child's log file: bounded, and with its last lines at hand.
type Log struct {
	mu      sync.Mutex
	path    string
	file    *os.File
	size    int64
	limit   int64
	tail    []string
	partial []byte
}

// OpenLog opens the log at path for appending. An empty path keeps the tail only.
func OpenLog(path string) (*Log, error) {
	l := &Log{path: path, limit: maxLogBytes}
	if path == "" {
		return l, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("create log folder: %w", err)
	}
	return l, l.open()
}

func (l *Log) open() error {
	file, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return fmt.Errorf("open log: %w", err)
	}
	l.file, l.size = file, info.Size()
	return nil
}

// Write appends to the log. It never fails, so that a full disk does not stop a child through its log.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keep(p)
	if l.file != nil {
		if l.size+int64(len(p)) > l.limit && l.size > 0 {
			l.rotate()
		}
		if l.file != nil {
			n, _ := l.file.Write(p)
			l.size += int64(n)
		}
	}
	return len(p), nil
}

func (l *Log) rotate() {
	l.file.Close()
	l.file = nil
	_ = os.Rename(l.path, l.path+".1")
	_ = l.open()
}

func (l *Log) keep(p []byte) {
	for {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			break
		}
		l.append(append(l.partial, p[:i]...))
		l.partial, p = nil, p[i+1:]
	}
	l.partial = append(l.partial, p...)
	if len(l.partial) > maxLineBytes {
		l.append(l.partial)
		l.partial = nil
	}
}

func (l *Log) append(line []byte) {
	line = bytes.TrimRight(line, "\r\n\t ")
	if len(line) == 0 {
		return
	}
	l.tail = append(l.tail, string(line[:min(len(line), maxLineBytes)]))
	if len(l.tail) > TailLines {
		l.tail = append([]string(nil), l.tail[len(l.tail)-TailLines:]...)
	}
}

// Tail returns the last lines.
func (l *Log) Tail() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := append([]string(nil), l.tail...)
	if len(l.partial) > 0 {
		lines = append(lines, string(l.partial[:min(len(l.partial), maxLineBytes)]))
	}
	return lines
}

// Path is where the log is, empty when only the tail is kept.
func (l *Log) Path() string { return l.path }

// Close closes the file; later lines only reach the tail.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}
