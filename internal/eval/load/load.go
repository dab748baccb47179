// Package load measures the functions chat and call under many conversations at once: the real function over loopback, on the real
// PostgreSQL and Redis, with members of a gym that exists for the run only. Model and speech servers are stand-ins of known speed, so
// that what is measured is ours: the overhead of a turn is its wall time less the time that the stand-ins were busy for it.
package load

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/intellifit/intellifit/functions/chat"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/postgres"
	"github.com/intellifit/intellifit/shared/redis"
)

// Bench is one run: so many chats at once, each of so many turns.
type Bench struct {
	DatabaseURL string // of the runtime role
	RedisURL    string
	Chats       int
	Turns       int           // of each chat
	Think       time.Duration // from an answer to the next message, as a member reads and types; 0 = none
	Token       time.Duration // of each of the stand-in's tokens
	Progress    models.Progress
}

// MaxChats is how many members can be told apart.
const MaxChats = 26 * 26

// Run measures and leaves nothing behind, also when ctx ends.
func (b *Bench) Run(ctx context.Context) (report Report, err error) {
	if b.Chats < 1 || b.Chats > MaxChats || b.Turns < 1 {
		return Report{}, fmt.Errorf("bench the chat: 1 to %d chats of at least one turn", MaxChats)
	}
	before := goroutines(0)
	s, err := b.start(ctx)
	if err != nil {
		return Report{}, err
	}
	r := &recorder{}
	began := time.Now()
	err = b.talk(s, r)
	took := time.Since(began)
	if err == nil {
		err = s.audit(r)
	}
	if err = errors.Join(err, s.close()); err != nil {
		return Report{}, err
	}
	report = r.report()
	report.Chats, report.TurnsEach, report.ThinkMS, report.TokenMS = b.Chats, b.Turns, b.Think.Milliseconds(), b.Token.Milliseconds()
	report.Seconds, report.UnclaimedMS = took.Seconds(), float64(s.model.unclaimed().Microseconds())/1000
	report.GoroutinesBefore, report.GoroutinesAfter = before, goroutines(before)
	return report, nil
}

// talk leads all chats. They begin spread over the time of one turn, as members do.
func (b *Bench) talk(s *stage, r *recorder) (err error) {
	meter := b.Progress.Begin(models.Job{Verb: "bench", Name: "chat", Total: int64(b.Chats * b.Turns), Unit: "turns"})
	defer func() { meter.End(err) }()
	var all sync.WaitGroup
	for i := range b.Chats {
		all.Go(func() {
			m := s.member(i)
			if !pause(s.ctx, b.Think*time.Duration(i)/time.Duration(b.Chats)) {
				return
			}
			for turn := range b.Turns {
				r.add(m.turn(turn))
				meter.Set(int64(r.done()), int64(b.Chats*b.Turns))
				if !pause(s.ctx, b.Think) {
					return
				}
			}
		})
	}
	all.Wait()
	return s.ctx.Err()
}

func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// goroutines counts them; above a baseline it gives what still ends a few seconds to do so.
func goroutines(baseline int) int {
	n := runtime.NumGoroutine()
	for end := time.Now().Add(5 * time.Second); baseline > 0 && n > baseline && time.Now().Before(end); n = runtime.NumGoroutine() {
		time.Sleep(20 * time.Millisecond)
	}
	return n
}

// function is what is measured.
type function interface {
	http.Handler
	io.Closer
}

// stage is what a run works with.
type stage struct {
	ctx      context.Context // acts as the service of the run's gym
	gymID    string
	key      string
	url      string
	now      time.Time
	chats    int
	db       *postgres.DB
	redis    *redis.DB
	model    *model
	function function
	server   *http.Server
	client   *http.Client
	served   chan error

	membersMu sync.Mutex
	members   []*member
}

func (b *Bench) start(ctx context.Context) (*stage, error) {
	return start(ctx, setting{
		database: b.DatabaseURL, redis: b.RedisURL, members: b.Chats, token: b.Token, env: map[string]string{"CHAT_PER_MINUTE": "0"},
		function: func(ctx context.Context, host faas.Host) (function, error) { return chat.New(ctx, host) },
	})
}

// setting says what to make for a run.
type setting struct {
	database, redis string
	members         int
	token           time.Duration     // of each of the stand-in's tokens
	env             map[string]string // beside what both functions need
	function        func(context.Context, faas.Host) (function, error)
}

func start(ctx context.Context, set setting) (s *stage, err error) {
	s = &stage{gymID: "bench-" + rand.Text()[:12], key: rand.Text() + rand.Text(), now: time.Now(), chats: set.members, served: make(chan error, 1)}
	s.ctx = gym.WithPrincipal(ctx, gym.Principal{GymID: s.gymID, Subject: "bench", Role: gym.RoleService})
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.model, err = startModel(set.token); err != nil {
		return s, err
	}
	if s.db, err = postgres.Open(ctx, set.database); err != nil {
		return s, err
	}
	if s.redis, err = redis.Open(set.redis); err != nil {
		return s, err
	}
	if err = s.open(); err != nil {
		return s, err
	}
	env := map[string]string{
		"OLLAMA_HOST": s.model.url, "REDIS_URL": set.redis, "GATEWAY_URL": "http://127.0.0.1:9", "EMERGENCY_NUMBER": "112",
		// The stand-in answers all at once, and no member is held back: the limits have tests of their own.
		"OLLAMA_NUM_PARALLEL": fmt.Sprint(set.members),
	}
	maps.Copy(env, set.env)
	s.function, err = set.function(ctx, faas.Host{
		Getenv:  func(name string) string { return env[name] },
		Secrets: faas.SecretMap{faas.KeySecret: s.key, "database-url": set.database},
	})
	if err != nil {
		return s, err
	}
	return s, s.serve(set.members)
}

func (s *stage) serve(chats int) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for the bench: %w", err)
	}
	s.url = "http://" + listener.Addr().String()
	s.server = &http.Server{Handler: s.function, ReadHeaderTimeout: 5 * time.Second}
	s.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: chats, IdleConnTimeout: time.Minute}, Timeout: time.Minute}
	go func() { s.served <- s.server.Serve(listener) }()
	return nil
}

// close ends what start began, as far as it came, and removes the gym.
func (s *stage) close() error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), time.Minute)
	defer cancel()
	var errs []error
	if s.server != nil {
		s.client.CloseIdleConnections()
		errs = append(errs, s.server.Shutdown(ctx))
		if err := <-s.served; !errors.Is(err, http.ErrServerClosed) {
			errs = append(errs, err)
		}
	}
	if s.function != nil {
		errs = append(errs, s.function.Close())
	}
	if s.redis != nil {
		errs = append(errs, s.redis.DropGym(ctx), s.redis.Close())
	}
	if s.db != nil {
		errs = append(errs, s.db.DeleteGym(ctx))
		s.db.Close()
	}
	if s.model != nil {
		errs = append(errs, s.model.close(ctx))
	}
	return errors.Join(errs...)
}
