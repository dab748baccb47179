package stack

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/internal/process"
)

// The ports that components of ours prefer, so that a bookmark holds from one day to the next. Another free one is taken
// when somebody listens there.
const (
	postgresPort = 15432
	redisPort    = 16379
	ollamaPort   = 21434
)

// Options says how to bring up the components.
type Options struct {
	Home     string
	Getenv   func(string) string
	LookPath func(string) (string, error)
	Progress models.Progress
	// Speech says how to provide the servers of speech; nil goes without.
	Speech *Speech
	// Up hears of each component when it first answers, with the time it took.
	Up func(c Component, took time.Duration)
	// Event hears of ends and restarts.
	Event func(process.Event)
}

// Stack is the components, ready, but for those of speech, which AwaitSpeech waits for.
type Stack struct {
	Secrets            string // the folder of this installation's secrets
	DatabaseURL        string // of the runtime role; empty when Postgres is ours and not bootstrapped yet
	MigrateDatabaseURL string // of the owner; as above
	RedisURL           string
	OllamaHost         string
	WhisperURL         string // empty without speech, as those that follow
	WhisperModel       string // empty where the server has but one
	TTSURL             string
	TTSVoice           string    // empty leaves it to the server
	Postgres           *Postgres // nil when it was given by URL
	ollamaLog          string
	speech             sync.WaitGroup
	speechErrs         [2]error // read after speech has ended
	endSpeech          context.CancelFunc
	stopOnce           sync.Once
	stopErr            error

	mu    sync.Mutex
	parts [5]part // in the order in which they are stopped: what asks others goes first
}

// Start brings the components up, all at the same time, and returns when each has answered a real question; those of speech,
// which take longest, may still be on their way. When one fails, the others are stopped.
func Start(ctx context.Context, o Options) (*Stack, error) {
	if o.LookPath == nil {
		o.LookPath = exec.LookPath
	}
	// First of all: a component that makes its own folder would make those above it for its eyes only, and the account that
	// runs PostgreSQL must pass them.
	if err := openPlace(o.Home, o.Home); err != nil {
		return nil, fmt.Errorf("lay out %s: %w", o.Home, err)
	}
	secrets, err := Secrets(o.Home)
	if err != nil {
		return nil, err
	}
	s := &Stack{Secrets: secrets}
	if o.Speech != nil {
		if err := s.startSpeech(ctx, o); err != nil {
			return nil, errors.Join(err, s.Stop())
		}
	}
	group, starting := errgroup.WithContext(ctx)
	for i, start := range []func(context.Context, Options) (part, error){s.startOllama, s.startRedis, s.startPostgres} {
		group.Go(func() error {
			began := time.Now()
			p, err := start(starting, o)
			if err == nil {
				s.up(2+i, p, o, began)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// up tells of a component that answers.
func (s *Stack) up(i int, p part, o Options, began time.Time) {
	s.set(i, p)
	if o.Up != nil {
		o.Up(p.now(), time.Since(began))
	}
}

func (s *Stack) set(i int, p part) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parts[i] = p
}

func (s *Stack) startPostgres(ctx context.Context, o Options) (part, error) {
	if s.DatabaseURL = o.Getenv("DATABASE_URL"); s.DatabaseURL != "" {
		s.MigrateDatabaseURL = o.Getenv("MIGRATE_DATABASE_URL")
		version, err := postgresVersion(ctx, s.DatabaseURL)
		if err != nil {
			return part{}, fmt.Errorf("use the postgres of DATABASE_URL at %s: %w", address(s.DatabaseURL), err)
		}
		return given(postgres, version, address(s.DatabaseURL)), nil
	}
	place, _, err := databasePlace(o.Home, systemPlace)
	if err != nil {
		return part{}, fmt.Errorf("place postgres: %w", err)
	}
	data, from := filepath.Join(place, "data", "postgres"), SourcePath
	bin, err := postgresOnPath(ctx, o.LookPath, data)
	if err != nil {
		if !errors.Is(err, exec.ErrNotFound) {
			o.Progress.Line(err.Error() + ": our own is used")
		}
		from = SourceProvided
		if bin, err = PostgresBinaries(ctx, o.Home, o.Progress); err != nil {
			return part{}, err
		}
	} else if err := openPlace(o.Home, place); err != nil {
		return part{}, fmt.Errorf("place postgres: %w", err)
	}
	password, err := ReadSecret(s.Secrets, SecretSuperuser)
	if err != nil {
		return part{}, err
	}
	log := filepath.Join(o.Home, "logs", "postgres.log")
	s.Postgres, err = StartPostgres(ctx, PostgresOptions{
		BinDir: bin, DataDir: data, Password: password, Port: postgresPort, LogFile: log, Event: o.Event, Note: o.Progress.Line,
	})
	if err != nil {
		return part{}, err
	}
	version, err := postgresVersion(ctx, s.Postgres.URL("postgres"))
	if err != nil {
		return part{}, errors.Join(err, s.Postgres.Stop())
	}
	return part{child: s.Postgres, Component: Component{
		Name: postgres, Version: version, Address: address(s.Postgres.URL("")), Source: from, Log: log,
	}}, nil
}

func (s *Stack) startRedis(ctx context.Context, o Options) (part, error) {
	if s.RedisURL = o.Getenv("REDIS_URL"); s.RedisURL != "" {
		version, err := redisVersion(ctx, s.RedisURL)
		if err != nil {
			return part{}, fmt.Errorf("use the redis of REDIS_URL at %s: %w", address(s.RedisURL), err)
		}
		return given(redis, version, address(s.RedisURL)), nil
	}
	binary, err := models.NewStore(o.Home, o.Getenv).RedisBinary(ctx, o.Progress)
	if err != nil {
		return part{}, err
	}
	password, err := ReadSecret(s.Secrets, SecretRedis)
	if err != nil {
		return part{}, err
	}
	log := filepath.Join(o.Home, "logs", "redis.log")
	server, err := StartRedis(ctx, RedisOptions{
		Binary: binary, DataDir: filepath.Join(o.Home, "data", "redis"), RunDir: filepath.Join(o.Home, "run"),
		Password: password, Port: redisPort, LogFile: log, Event: o.Event,
	})
	if err != nil {
		return part{}, err
	}
	s.RedisURL = server.URL()
	return part{child: server, Component: Component{
		Name: redis, Version: binary.Version, Address: address(s.RedisURL), Source: source(binary), Log: log,
	}}, nil
}

func (s *Stack) startOllama(ctx context.Context, o Options) (part, error) {
	if s.OllamaHost = o.Getenv("OLLAMA_HOST"); s.OllamaHost != "" {
		host, err := OllamaURL(s.OllamaHost)
		if err != nil {
			return part{}, err
		}
		version, err := ollamaVersion(ctx, s.OllamaHost)
		if err != nil {
			return part{}, fmt.Errorf("use the ollama of OLLAMA_HOST at %s: %w", host.Host, err)
		}
		s.OllamaHost = host.String()
		return given(ollama, version, host.Host), nil
	}
	binary, err := models.NewStore(o.Home, o.Getenv).OllamaBinary(ctx, o.Progress)
	if err != nil {
		return part{}, err
	}
	log := filepath.Join(o.Home, "logs", "ollama.log")
	server, err := StartOllama(ctx, OllamaOptions{
		Binary: binary, DataDir: filepath.Join(o.Home, "data", "ollama"), RunDir: filepath.Join(o.Home, "run"),
		Port: ollamaPort, LogFile: log, Getenv: o.Getenv, Event: o.Event,
	})
	if err != nil {
		return part{}, err
	}
	s.OllamaHost, s.ollamaLog = server.Host(), log
	return part{child: server, Component: Component{
		Name: ollama, Version: binary.Version, Address: address(s.OllamaHost), Source: source(binary), Log: log,
	}}, nil
}

// Components says how the components are now.
func (s *Stack) Components() []Component {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Component
	for i := len(s.parts) - 1; i >= 0; i-- {
		if s.parts[i].Name != "" {
			out = append(out, s.parts[i].now())
		}
	}
	return out
}

// Stop ends the components of ours in order. It may be called again.
func (s *Stack) Stop() error {
	s.stopOnce.Do(func() {
		if s.endSpeech != nil {
			s.endSpeech()
			s.speech.Wait()
		}
		s.mu.Lock()
		parts := s.parts
		s.mu.Unlock()
		for _, p := range parts {
			if p.child != nil {
				s.stopErr = errors.Join(s.stopErr, p.child.Stop())
			}
		}
	})
	return s.stopErr
}

// Device says what the given models of our Ollama are computed on.
func (s *Stack) Device(models []Model) string { return Device(models, s.ollamaLog) }
