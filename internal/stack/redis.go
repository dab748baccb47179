package stack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/internal/process"
)

// RedisOptions says how to run a Redis server of our own.
type RedisOptions struct {
	Binary   models.Binary
	DataDir  string
	RunDir   string // holds its configuration, which names the password, and its process id
	Password string
	Port     int // preferred; any free one is taken when it is 0 or in use
	LogFile  string
	Event    func(process.Event)
}

// Redis is a running Redis server.
type Redis struct {
	*process.Running
	options RedisOptions
	port    int
	up      bool
	log     *process.Log
}

// StartRedis starts the server under supervision and returns when it answers. Its writes are kept in an append-only file
// that is synced every second.
func StartRedis(ctx context.Context, o RedisOptions) (*Redis, error) {
	for _, dir := range []string{o.DataDir, o.RunDir} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("start redis: %w", err)
		}
	}
	log, err := process.OpenLog(o.LogFile)
	if err != nil {
		return nil, err
	}
	r := &Redis{options: o, log: log}
	r.Running, err = process.Service{
		Name: "redis", Command: r.command, Ready: r.ping, Log: log, Event: o.Event,
		StartLimit: time.Minute, StopLimit: stopLimit,
	}.Start(ctx)
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	return r, nil
}

func (r *Redis) command(ctx context.Context) (process.Command, error) {
	pidFile := filepath.Join(r.options.RunDir, "redis.pid")
	if err := process.EndLeftover(ctx, pidFile, r.options.DataDir, syscall.SIGTERM, stopLimit); err != nil {
		return process.Command{}, fmt.Errorf("put away a former redis: %w", err)
	}
	if !r.up {
		port, err := freePort(r.options.Port)
		if err != nil {
			return process.Command{}, err
		}
		r.port = port
	}
	file := filepath.Join(r.options.RunDir, "redis.conf")
	if err := os.WriteFile(file, []byte(r.config()), 0o600); err != nil {
		return process.Command{}, fmt.Errorf("write redis' configuration: %w", err)
	}
	return process.Command{
		Path: r.options.Binary.Path, Args: []string{file}, Dir: r.options.DataDir, PIDFile: pidFile,
		Env: append([]string{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}, r.options.Binary.Env...),
	}, nil
}

func (r *Redis) config() string {
	var b strings.Builder
	for _, line := range [][2]string{
		{"bind", loopback},
		{"port", strconv.Itoa(r.port)},
		{"protected-mode", "yes"},
		{"requirepass", r.options.Password},
		{"dir", strconv.Quote(r.options.DataDir)},
		{"daemonize", "no"},
		{"appendonly", "yes"},
		{"appendfsync", "everysec"},
		{"save", `""`},
		// A call session must not vanish to make room for another one: a full store refuses instead.
		{"maxmemory", "256mb"},
		{"maxmemory-policy", "noeviction"},
		{"logfile", `""`},
		{"always-show-logo", "no"},
	} {
		b.WriteString(line[0] + " " + line[1] + "\n")
	}
	return b.String()
}

// URL is how clients reach the server.
func (r *Redis) URL() string {
	u := url.URL{Scheme: "redis", User: url.UserPassword("", r.options.Password), Host: net.JoinHostPort(loopback, strconv.Itoa(r.port)), Path: "/0"}
	return u.String()
}

func (r *Redis) ping(ctx context.Context) error {
	if _, err := redisVersion(ctx, r.URL()); err != nil {
		return err
	}
	r.up = true
	return nil
}

// Stop ends the server after it has written what it holds.
func (r *Redis) Stop() error { return errors.Join(r.Running.Stop(), r.log.Close()) }

// redisVersion asks a server to answer a ping and for its version.
func redisVersion(ctx context.Context, redisURL string) (string, error) {
	options, err := goredis.ParseURL(redisURL)
	if err != nil {
		return "", errors.New("read REDIS_URL: not a redis:// URL") // its text would repeat the password
	}
	options.MaxRetries = -1
	options.DialTimeout, options.ReadTimeout = 3*time.Second, 3*time.Second
	client := goredis.NewClient(options)
	defer client.Close()
	if err := client.Ping(ctx).Err(); err != nil {
		return "", fmt.Errorf("ping redis: %w", err)
	}
	info, err := client.InfoMap(ctx, "server").Result()
	if err != nil {
		return "", fmt.Errorf("ask redis for its version: %w", err)
	}
	for _, section := range info {
		if v := section["redis_version"]; v != "" {
			return v, nil
		}
	}
	return "unknown", nil
}
