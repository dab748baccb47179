package stack

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/internal/process"
)

// Machine is what the doctor asks about the computer. Each question is a field, so that a test can give its own answer.
type Machine struct {
	OS         string
	Getenv     func(string) string
	LookPath   func(string) (string, error)
	Root       bool
	LookupUser func(string) (*process.User, error)
	// Writable tries to create a file in dir or, where dir is missing, in the folder that it would be made in.
	Writable func(dir string) error
	// FreeBytes is the disk space left at a path or, where it is missing, above it.
	FreeBytes func(path string) (uint64, error)
	// Memory is the memory of the machine or of our container, and what of it is available.
	Memory func() (total, available uint64, err error)
	// Listen tries whether an address can be listened on.
	Listen func(addr string) error
	// PortOwner names who listens on a port, "" when that cannot be known.
	PortOwner func(port int) string
	// Reach tries whether a web address answers at all.
	Reach func(ctx context.Context, address string) error
	// GPU names the graphics card that its driver reports, "" without one.
	GPU func(ctx context.Context) string
	// Python is the interpreter that environments are made with.
	Python func(ctx context.Context) (models.Python, error)
	// Ask puts a real question to a server given by URL.
	AskPostgres, AskRedis, AskOllama func(ctx context.Context, address string) (version string, err error)
	AskWhisper, AskTTS               func(ctx context.Context, server SpeechServer) error
}

// ThisMachine answers from the computer that we run on.
func ThisMachine() Machine {
	return Machine{
		OS: runtime.GOOS, Getenv: os.Getenv, LookPath: exec.LookPath, Root: os.Geteuid() == 0, LookupUser: process.LookupUser,
		Writable: writable, FreeBytes: freeBytes, Memory: memory, Listen: listen, PortOwner: portOwner, Reach: reach, GPU: gpu,
		AskPostgres: postgresVersion, AskRedis: redisVersion, AskOllama: ollamaVersion,
		AskWhisper: AskWhisper, AskTTS: AskTTS,
		Python: func(ctx context.Context) (models.Python, error) {
			return models.FindPython(ctx, os.Getenv, exec.LookPath)
		},
	}
}

// standing returns path or the nearest folder above it that exists.
func standing(path string) string {
	for {
		if _, err := os.Stat(path); err == nil || path == filepath.Dir(path) {
			return path
		}
		path = filepath.Dir(path)
	}
}

func writable(dir string) error {
	file, err := os.CreateTemp(standing(dir), ".intellifit-")
	if err != nil {
		return err
	}
	file.Close()
	return os.Remove(file.Name())
}

func freeBytes(path string) (uint64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(standing(path), &s); err != nil {
		return 0, err
	}
	return s.Bavail * uint64(s.Bsize), nil
}

func memory() (total, available uint64, err error) {
	file, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0, 0, err
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 {
			continue
		}
		kilobytes, err := strconv.ParseUint(fields[1], 10, 64)
		if err != nil {
			continue
		}
		switch fields[0] {
		case "MemTotal:":
			total = kilobytes << 10
		case "MemAvailable:":
			available = kilobytes << 10
		}
	}
	if limit, used, ok := cgroupMemory("/sys/fs/cgroup"); ok && limit < total {
		total, available = limit, min(available, limit-min(used, limit))
	}
	return total, available, nil
}

// cgroupMemory reads the limit that a container has been given.
func cgroupMemory(dir string) (limit, used uint64, ok bool) {
	read := func(name string) (uint64, bool) {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return 0, false
		}
		n, err := strconv.ParseUint(strings.TrimSpace(string(content)), 10, 64)
		return n, err == nil // "max" is no number: no limit
	}
	limit, ok = read("memory.max")
	if !ok {
		return 0, 0, false
	}
	used, _ = read("memory.current")
	return limit, used, true
}

func listen(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	return l.Close()
}

// portOwner looks for the socket that listens on a port and for the process that has it open.
func portOwner(port int) string {
	inodes := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		content, err := os.ReadFile(table)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(content)) {
			f := strings.Fields(line)
			const listening = "0A"
			if len(f) > 9 && f[3] == listening && strings.HasSuffix(f[1], fmt.Sprintf(":%04X", port)) {
				inodes["socket:["+f[9]+"]"] = true
			}
		}
	}
	if len(inodes) == 0 {
		return ""
	}
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && inodes[target] {
			pid := strings.Split(link, "/")[2]
			name, _ := os.ReadFile("/proc/" + pid + "/comm")
			return fmt.Sprintf("%s (pid %s)", strings.TrimSpace(string(name)), pid)
		}
	}
	return ""
}

func reach(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<10))
	return response.Body.Close() // any answer is an answer
}

func gpu(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	answer, err := exec.CommandContext(ctx, "nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader").Output()
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(answer), "\n")
	return strings.TrimSpace(first)
}
