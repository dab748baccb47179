package stack

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/intellifit/intellifit/internal/models"
)

// Where a component comes from.
const (
	SourceURL      = "url"      // the user's own, used as it is
	SourcePath     = "path"     // a server on PATH, started by us
	SourceProvided = "provided" // fetched or built by us, started by us
)

// Component is one server as `intellifit status` shows it.
type Component struct {
	Name     string    `json:"name"`
	State    string    `json:"state"` // starting, ready, restarting, unreachable
	Version  string    `json:"version"`
	Address  string    `json:"address"` // host and port, without credentials
	Source   string    `json:"source"`
	PID      int       `json:"pid,omitempty"`
	Since    time.Time `json:"since,omitzero"`
	Restarts int       `json:"restarts"`
	Log      string    `json:"log,omitempty"`
}

// The states of a component.
const (
	StateStarting    = "starting"
	StateReady       = "ready"
	StateRestarting  = "restarting"
	StateUnreachable = "unreachable"
)

// child is what a component of ours can tell about itself.
type child interface {
	PID() int
	Ready() (bool, time.Time)
	Restarts() int
	Stop() error
}

// part is a component at run time; child is nil for one given by URL.
type part struct {
	Component
	child child
}

func (p part) now() Component {
	c := p.Component
	if p.child == nil {
		return c
	}
	ready, since := p.child.Ready()
	c.PID, c.Since, c.Restarts, c.State = p.child.PID(), since, p.child.Restarts(), StateRestarting
	if ready {
		c.State = StateReady
	}
	return c
}

// given describes a component that the user runs.
func given(name, version, address string) part {
	return part{Component: Component{Name: name, State: StateReady, Version: version, Address: address, Source: SourceURL}}
}

func source(b models.Binary) string {
	if b.Origin == models.OriginPath {
		return SourcePath
	}
	return SourceProvided
}

// address is the host and port of a URL, for people: no user, no password.
func address(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "?"
	}
	if u.Host == "" {
		return u.Query().Get("host")
	}
	return u.Host
}

// What a PostgreSQL on PATH must be for us to create a cluster with it: the builtin locale came with 17.
const oldestPostgres = 17

var majorVersion = regexp.MustCompile(`\) (\d+)`)

// postgresOnPath returns the folder of a usable PostgreSQL on PATH. The error says why one that is there is not used.
func postgresOnPath(ctx context.Context, lookPath func(string) (string, error), dataDir string) (string, error) {
	found, err := lookPath("postgres")
	if err != nil {
		return "", err
	}
	program, err := filepath.EvalSymlinks(found)
	if err != nil {
		return "", fmt.Errorf("postgres on PATH: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	answer, err := exec.CommandContext(ctx, program, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("postgres on PATH: ask for its version: %w", err)
	}
	m := majorVersion.FindSubmatch(answer)
	if m == nil {
		return "", errors.New("postgres on PATH: no version in its answer")
	}
	major, err := strconv.Atoi(string(m[1]))
	if err != nil || major < oldestPostgres {
		return "", fmt.Errorf("postgres on PATH is version %s, want %d or newer", m[1], oldestPostgres)
	}
	if made, err := os.ReadFile(filepath.Join(dataDir, "PG_VERSION")); err == nil && strings.TrimSpace(string(made)) != string(m[1]) {
		return "", fmt.Errorf("postgres on PATH is version %d, the data is of version %s", major, strings.TrimSpace(string(made)))
	}
	dir := filepath.Dir(program)
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return "", errors.New("postgres on PATH has no initdb beside it")
	}
	for _, share := range []string{"../share", "../share/postgresql", "../share/extension", fmt.Sprintf("/usr/share/postgresql/%d", major)} {
		if !filepath.IsAbs(share) {
			share = filepath.Join(dir, share)
		}
		if _, err := os.Stat(filepath.Join(share, "extension", "vector.control")); err == nil {
			return dir, nil
		}
	}
	return "", fmt.Errorf("postgres %d on PATH has no pgvector", major)
}
