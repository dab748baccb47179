package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/ollama/ollama/api"

	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/internal/process"
)

// OllamaOptions says how to run an Ollama server of our own.
type OllamaOptions struct {
	Binary  models.Binary
	DataDir string // models, and the key that Ollama makes for itself
	RunDir  string // holds its process id
	Port    int    // preferred; any free one is taken when it is 0 or in use
	LogFile string
	Getenv  func(string) string
	Event   func(process.Event)
}

// Ollama is a running Ollama server.
type Ollama struct {
	*process.Running
	options OllamaOptions
	port    int
	up      bool
	log     *process.Log
}

// StartOllama starts the server under supervision and returns when it answers.
func StartOllama(ctx context.Context, o OllamaOptions) (*Ollama, error) {
	s := &Ollama{options: o}
	for _, dir := range []string{s.modelsDir(), o.RunDir} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("start ollama: %w", err)
		}
	}
	log, err := process.OpenLog(o.LogFile)
	if err != nil {
		return nil, err
	}
	s.log = log
	s.Running, err = process.Service{
		Name: "ollama", Command: s.command, Ready: s.ping, Log: log, Event: o.Event,
		StartLimit: 2 * time.Minute, StopLimit: stopLimit, // looking for GPUs may take it a while
	}.Start(ctx)
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	return s, nil
}

func (s *Ollama) command(ctx context.Context) (process.Command, error) {
	pidFile := filepath.Join(s.options.RunDir, "ollama.pid")
	if err := process.EndLeftover(ctx, pidFile, s.options.DataDir, syscall.SIGTERM, stopLimit); err != nil {
		return process.Command{}, fmt.Errorf("put away a former ollama: %w", err)
	}
	if err := models.DropTornParts(s.modelsDir()); err != nil {
		return process.Command{}, err
	}
	if !s.up {
		port, err := freePort(s.options.Port)
		if err != nil {
			return process.Command{}, err
		}
		s.port = port
	}
	return process.Command{
		Path: s.options.Binary.Path, Args: []string{"serve"}, Dir: s.options.DataDir, PIDFile: pidFile, Env: s.environment(),
	}, nil
}

func (s *Ollama) modelsDir() string { return filepath.Join(s.options.DataDir, "models") }

// passedOn are the variables of our caller that an inference server may need: to find a GPU and its libraries, and to pull
// models through a proxy.
var passedOn = []string{
	"PATH", "LD_LIBRARY_PATH", "TMPDIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR",
	"CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES",
	"HSA_OVERRIDE_GFX_VERSION", "GGML_VK_VISIBLE_DEVICES", "OLLAMA_LLM_LIBRARY", "OLLAMA_VULKAN", "OLLAMA_FLASH_ATTENTION", "OLLAMA_KV_CACHE_TYPE", "OLLAMA_DEBUG",
}

func (s *Ollama) environment() []string {
	env := []string{
		"HOME=" + s.options.DataDir,
		"OLLAMA_HOST=" + net.JoinHostPort(loopback, strconv.Itoa(s.port)),
		"OLLAMA_MODELS=" + s.modelsDir(),
		"OLLAMA_KEEP_ALIVE=-1",       // both models stay loaded: a member never waits for a load
		"OLLAMA_MAX_LOADED_MODELS=2", // coach and embed
		"OLLAMA_NUM_PARALLEL=1",      // a second sequence halves the first one's context and speed
		"OLLAMA_MAX_QUEUE=64",
		"OLLAMA_NO_CLOUD=1",
		"OLLAMA_NOPRUNE=1",
	}
	if s.options.Getenv != nil {
		for _, name := range passedOn {
			if value := s.options.Getenv(name); value != "" {
				env = append(env, name+"="+value)
			}
		}
	}
	return append(env, s.options.Binary.Env...)
}

// Host is how clients reach the server.
func (s *Ollama) Host() string { return "http://" + net.JoinHostPort(loopback, strconv.Itoa(s.port)) }

func (s *Ollama) ping(ctx context.Context) error {
	if _, err := ollamaVersion(ctx, s.Host()); err != nil {
		return err
	}
	s.up = true
	return nil
}

// Stop ends the server and the processes that hold its models.
func (s *Ollama) Stop() error { return errors.Join(s.Running.Stop(), s.log.Close()) }

// ollamaVersion asks a server for its version.
func ollamaVersion(ctx context.Context, host string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	client, err := ollamaClient(host)
	if err != nil {
		return "", err
	}
	version, err := client.Version(ctx)
	if err != nil {
		return "", fmt.Errorf("ask ollama for its version: %w", err)
	}
	return version, nil
}

// ollamaClient reads a host as Ollama itself does: with or without a scheme and a port.
func ollamaClient(host string) (*api.Client, error) {
	base, err := OllamaURL(host)
	if err != nil {
		return nil, err
	}
	return api.NewClient(base, http.DefaultClient), nil
}

// OllamaURL reads a value of OLLAMA_HOST, which may lack its scheme or its port.
func OllamaURL(host string) (*url.URL, error) {
	host = strings.TrimSpace(host)
	if !strings.Contains(host, "://") {
		host = "http://" + host
	}
	u, err := url.Parse(host)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("read OLLAMA_HOST: want http://HOST:PORT")
	}
	if u.Port() == "" && u.Scheme == "http" {
		u.Host = net.JoinHostPort(u.Hostname(), "11434")
	}
	if u.Hostname() == "0.0.0.0" { // where a server listens, not where a client reaches it
		u.Host = net.JoinHostPort(loopback, u.Port())
	}
	return u, nil
}

// Model is one model that an Ollama server has.
type Model struct {
	Name       string `json:"name"`
	Digest     string `json:"digest"`
	Loaded     bool   `json:"loaded"`
	Bytes      int64  `json:"bytes,omitempty"`
	GPUPercent int    `json:"gpu_percent"`
}

// Models lists what a server has, with what is loaded and how much of it lies on a GPU.
func Models(ctx context.Context, host string) ([]Model, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	client, err := ollamaClient(host)
	if err != nil {
		return nil, err
	}
	list, err := client.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list models: %w", err)
	}
	running, err := client.ListRunning(ctx)
	if err != nil {
		return nil, fmt.Errorf("list loaded models: %w", err)
	}
	var found []Model
	for _, m := range list.Models {
		model := Model{Name: strings.TrimSuffix(m.Name, ":latest"), Digest: m.Digest}
		for _, r := range running.Models {
			if r.Name == m.Name && r.Size > 0 {
				model.Loaded, model.Bytes, model.GPUPercent = true, r.Size, int(100*r.SizeVRAM/r.Size)
			}
		}
		found = append(found, model)
	}
	return found, nil
}

// Device says what a server computes on: from its loaded models, else from what it wrote to its log when it started.
func Device(loaded []Model, logFile string) string {
	gpu, any := 0, false
	for _, m := range loaded {
		if m.Loaded {
			any, gpu = true, max(gpu, m.GPUPercent)
		}
	}
	found := deviceInLog(logFile)
	switch {
	case any && gpu == 0:
		return "CPU"
	case any && found != "" && found != "CPU":
		return fmt.Sprintf("%s (%d %% of the model)", found, gpu)
	case any:
		return fmt.Sprintf("GPU (%d %% of the model)", gpu)
	case found != "":
		return found
	}
	return "unknown until a model is loaded"
}

// deviceInLog reads the last "inference compute" line of an Ollama log.
func deviceInLog(file string) string {
	content, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	lines := strings.Split(string(content), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if !strings.Contains(lines[i], `msg="inference compute"`) {
			continue
		}
		library, description := logField(lines[i], "library"), logField(lines[i], "description")
		if strings.EqualFold(library, "cpu") || library == "" {
			return "CPU"
		}
		return strings.TrimSpace(library + " " + description)
	}
	return ""
}

// logField reads key=value or key="value" of a log line.
func logField(line, key string) string {
	_, rest, ok := strings.Cut(line, " "+key+"=")
	if !ok {
		return ""
	}
	if strings.HasPrefix(rest, `"`) {
		var value string
		if err := json.NewDecoder(strings.NewReader(rest)).Decode(&value); err != nil {
			return ""
		}
		return value
	}
	value, _, _ := strings.Cut(rest, " ")
	return value
}

// Load loads models into memory, where they stay.
func Load(ctx context.Context, host, chat, embed string) error {
	client, err := ollamaClient(host)
	if err != nil {
		return err
	}
	forever := &api.Duration{Duration: -1}
	// Without a prompt Ollama only loads the model. Its context is the one that all calls ask for: another size would make
	// the first call load it anew.
	err = client.Generate(ctx, &api.GenerateRequest{Model: chat, KeepAlive: forever, Options: map[string]any{"num_ctx": contextSize}},
		func(api.GenerateResponse) error { return nil })
	if err != nil {
		return fmt.Errorf("load model %s: %w", chat, err)
	}
	if _, err := client.Embed(ctx, &api.EmbedRequest{Model: embed, Input: "ready", KeepAlive: forever}); err != nil {
		return fmt.Errorf("load model %s: %w", embed, err)
	}
	return nil
}

// contextSize is num_ctx of every chat call.
const contextSize = 8192
