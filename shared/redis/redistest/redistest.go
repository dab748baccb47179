// Package redistest gives tests a real Redis: one server for each test binary, which ends with it. Tests share it and stay
// apart by the ids that they use.
package redistest

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/internal/process"
	"github.com/intellifit/intellifit/internal/stack"
)

// Server is the variable with the URL of a server to use instead of starting one.
const Server = "INTELLIFIT_TEST_REDIS_URL"

var (
	once   sync.Once
	shared string
	failed error
)

// URL is how the shared server is reached.
func URL(t testing.TB) string {
	t.Helper()
	once.Do(func() {
		if shared = os.Getenv(Server); shared != "" {
			return
		}
		dir, err := place()
		if err != nil {
			failed = err
			return
		}
		server, err := start(dir)
		if err != nil {
			failed = err
			return
		}
		shared = server.URL()
	})
	if failed != nil {
		t.Fatalf("start Redis for tests: %v", failed)
	}
	return shared
}

// Start starts a server of the test's own, for tests that end it. It dies with the test.
func Start(t testing.TB) *stack.Redis {
	t.Helper()
	server, err := start(t.TempDir())
	if err != nil {
		t.Fatalf("start Redis for a test: %v", err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Errorf("stop Redis: %v", err)
		}
	})
	return server
}

// folder begins the names of the servers' folders; the id of the process that made one follows.
const folder = "intellifit-redis-"

// place makes a folder for the shared server, and removes those of processes that ended.
func place() (string, error) {
	left, err := filepath.Glob(filepath.Join(os.TempDir(), folder+"*"))
	if err != nil {
		return "", err
	}
	for _, dir := range left {
		owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), folder), "-")
		if pid, err := strconv.Atoi(owner); err == nil && !process.Alive(pid) {
			_ = os.RemoveAll(dir) // another user's stays; the system empties this folder in the end
		}
	}
	return os.MkdirTemp("", fmt.Sprintf("%s%d-", folder, os.Getpid()))
}

func start(dir string) (*stack.Redis, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	home, err := stack.Home(os.Getenv)
	if err != nil {
		return nil, err
	}
	binary, err := models.NewStore(home, os.Getenv).RedisBinary(ctx, models.NewProgress(os.Stderr, os.Getenv))
	if err != nil {
		return nil, err
	}
	return stack.StartRedis(context.WithoutCancel(ctx), stack.RedisOptions{
		Binary: binary, DataDir: filepath.Join(dir, "data"), RunDir: filepath.Join(dir, "run"), Password: rand.Text(), LogFile: filepath.Join(dir, "redis.log"),
	})
}
