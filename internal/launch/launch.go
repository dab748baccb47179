// Package launch is the course of `intellifit up`: it examines the machine, brings up the stack, prepares the database and
// the models, runs the functions, and says where everything is.
package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/internal/runner"
	"github.com/intellifit/intellifit/internal/runner/manifest"
	"github.com/intellifit/intellifit/internal/stack"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/postgres"
)

// Options says what to launch and how to show it.
type Options struct {
	Home     string
	Addr     string
	Profile  models.Profile // empty: standard if its models can be had, else small
	NoVoice  bool           // go without whisper and tts
	Demo     bool           // seed the demo gym also beside other data, and show a plan for one of its members
	Out      io.Writer
	Progress models.Progress
	Machine  stack.Machine
	Log      *slog.Logger
	Version  string
	Parts    Parts
}

// Parts are the packages of the product that a launch puts together. Seed, Embed and Functions are required.
type Parts struct {
	Manifest  func(getenv func(string) string) (*manifest.Stack, error)
	Functions map[string]runner.Constructor
	// Whisper and TTS are the sources of the servers of speech.
	Whisper, TTS fs.FS
	// Seed fills the demo gym where it is missing. It may run again.
	Seed func(ctx context.Context, db *postgres.DB, p models.Progress) error
	// Embed gives a vector to each row of the gym's catalogue that lacks one of the present model.
	Embed func(ctx context.Context, db *postgres.DB, ollamaHost string, p models.Progress) error
	// Demo is who the demo gym consists of: the member whose plan is shown.
	Demo Demo
	// Show renders the answer of the plan function for people.
	Show func(w io.Writer, answer []byte) error
}

// Demo names the demo gym and one of its members.
type Demo struct{ GymID, MemberID string }

// Service acts as the demo gym's importer.
func (d Demo) service(ctx context.Context) context.Context {
	return gym.WithPrincipal(ctx, gym.Principal{GymID: d.GymID, Subject: "up", Role: gym.RoleService})
}

// launch is one `up` from its start to its end.
type launch struct {
	Options
	screen   *screen
	began    time.Time
	hold     *stack.Hold
	listener net.Listener
	stack    *stack.Stack
	db       *postgres.DB
	loading  *loading
	choice   models.Choice
	running  chan error // the runner's end
	stopRun  context.CancelFunc

	mu    sync.Mutex // guards state, and stack against the events of components
	state stack.State
}

// Run brings everything up, prints what a newcomer needs, serves until ctx ends, and stops everything in order.
func Run(ctx context.Context, o Options) (err error) {
	l := &launch{Options: o, began: time.Now(), loading: newLoading("models", "catalogue"), screen: &screen{progress: o.Progress, out: o.Out}}
	if l.hold, err = stack.Acquire(o.Home); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.stop()) }()
	if err := l.up(ctx); err != nil {
		if ctx.Err() != nil {
			return errors.New("interrupted before it was ready")
		}
		return err
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-l.running:
		l.running = nil
		return fmt.Errorf("the function host ended: %w", err)
	}
}

// up does one step after the other; those that can, do their parts at the same time.
func (l *launch) up(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		l.examine, l.listen, l.components, l.database, l.seed, l.serve, l.models, l.embed, l.voice, l.awaitReady, l.announce, l.settle,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (l *launch) examine(ctx context.Context) error {
	checks := stack.Examine(ctx, l.Machine, stack.Plan{Home: l.Home, Addr: l.Addr, Profile: string(l.Profile), Speech: l.speech(nil)})
	if err := stack.Verdict(checks); err != nil {
		return err
	}
	for _, c := range checks {
		if c.Status == stack.Warn {
			l.screen.printf("! %s: %s (fix: %s)", c.Name, c.What, c.Fix)
		}
	}
	l.screen.printf("✓ machine   %d checks passed", len(checks))
	return nil
}

// listen takes the port before the long work, so that nobody else does.
func (l *launch) listen(ctx context.Context) (err error) {
	l.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", l.Addr)
	if err != nil {
		return fmt.Errorf("listen: %w; fix: intellifit up --addr HOST:PORT", err)
	}
	l.state = stack.State{PID: pid(), Phase: stack.PhaseStarting, URL: stack.BaseURL(l.listener.Addr().String()), StartedAt: l.began}
	return l.save()
}

// components starts the servers while the profile is chosen, which may mean waiting for a registry.
func (l *launch) components(ctx context.Context) error {
	chosen := make(chan struct{})
	var choice models.Choice
	var choiceErr error
	go func() {
		defer close(chosen)
		choiceErr = l.choose(ctx)
		choice = l.choice // which may change later: what speaks and hears stays
	}()
	started, err := stack.Start(ctx, stack.Options{
		Home: l.Home, Getenv: l.Machine.Getenv, LookPath: l.Machine.LookPath, Progress: l.Progress,
		Speech: l.speech(func(ctx context.Context) (models.Choice, error) {
			select {
			case <-chosen:
				return choice, choiceErr
			case <-ctx.Done():
				return models.Choice{}, ctx.Err()
			}
		}),
		Up: l.componentUp, Event: l.event,
	})
	l.mu.Lock()
	l.stack = started
	l.mu.Unlock()
	<-chosen
	return errors.Join(err, choiceErr)
}

// speech is how to provide the servers of speech, nil without them.
func (l *launch) speech(profile func(context.Context) (models.Choice, error)) *stack.Speech {
	if l.NoVoice {
		return nil
	}
	return &stack.Speech{
		Whisper: l.Parts.Whisper, TTS: l.Parts.TTS, Profile: profile,
		Progress: func(server string) models.Progress { return l.loading.watch(server, l.Progress) },
	}
}

// voice waits for the servers of speech, which have come up beside everything else.
func (l *launch) voice(context.Context) error {
	if err := l.stack.AwaitSpeech(); err != nil {
		return err
	}
	return l.save()
}

func (l *launch) choose(ctx context.Context) (err error) {
	l.choice, err = models.NewStore(l.Home, l.Machine.Getenv).ChooseProfile(ctx, l.Profile)
	if err != nil || l.choice.Profile != models.Standard || !l.choice.Auto {
		return err
	}
	// Nobody asked for standard: it must fit the machine too.
	checks := stack.Examine(ctx, l.Machine, stack.Plan{Home: l.Home, Addr: l.Addr, Profile: string(models.Standard), Speech: l.speech(nil)})
	for _, c := range checks {
		if c.Status == stack.Fail && (c.Name == "disk" || c.Name == "memory") {
			l.choice = models.Choice{Profile: models.Small, Auto: true, FellBack: true,
				Reason: "PROFILE SMALL instead of standard: " + c.What + ". Plans stay correct; their wording is simpler. To get the rest later: intellifit up --profile standard"}
		}
	}
	return nil
}

// models makes the aliases and loads both models, so that the first member does not wait for that.
func (l *launch) models(ctx context.Context) error {
	if l.choice.FellBack {
		l.screen.printf("! %s", l.choice.Reason)
	}
	store := models.NewStore(l.Home, l.Machine.Getenv)
	began := time.Now()
	choice, err := store.EnsureModels(ctx, l.stack.OllamaHost, l.choice, l.loading.watch("models", l.Progress))
	if err != nil {
		return err
	}
	l.choice = choice
	if err := stack.Load(ctx, l.stack.OllamaHost, models.AliasCoach, models.AliasEmbed); err != nil {
		return fmt.Errorf("load the models: %w", err)
	}
	have, err := stack.Models(ctx, l.stack.OllamaHost)
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.state.Profile, l.state.Models = string(choice.Profile), map[string]string{}
	for _, m := range have {
		if m.Name == models.AliasCoach || m.Name == models.AliasEmbed {
			l.state.Models[m.Name] = m.Digest
		}
	}
	l.mu.Unlock()
	l.loading.done("models")
	l.screen.printf("✓ %-9s coach and embed of profile %s on %s  %s", "models", choice.Profile, l.stack.Device(have), seconds(time.Since(began)))
	return l.save()
}

func (l *launch) embed(ctx context.Context) error {
	began := time.Now()
	if err := l.Parts.Embed(l.Parts.Demo.service(ctx), l.db, l.stack.OllamaHost, l.loading.watch("catalogue", l.Progress)); err != nil {
		return fmt.Errorf("embed the catalogue: %w", err)
	}
	l.loading.done("catalogue")
	l.screen.printf("✓ %-9s every exercise and food has its vector  %s", "catalogue", seconds(time.Since(began)))
	return nil
}

// awaitReady waits until the function host itself says that nothing is missing.
func (l *launch) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		missing, err := notReady(ctx, l.state.URL)
		if err == nil && missing == "" {
			break
		}
		select {
		case err := <-l.running:
			l.running = nil
			return fmt.Errorf("the function host ended: %w", err)
		case <-ctx.Done():
			if err != nil {
				return fmt.Errorf("wait for %s/readyz: %w", l.state.URL, err)
			}
			return fmt.Errorf("not ready: %s", missing)
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}

// settle tells the other commands that all is there.
func (l *launch) settle(context.Context) error {
	l.mu.Lock()
	l.state.Phase = stack.PhaseReady
	l.mu.Unlock()
	return l.save()
}

// stop ends what runs, the last started first.
func (l *launch) stop() error {
	l.screen.close()
	began := time.Now()
	l.mu.Lock()
	l.state.Phase = stack.PhaseStopping
	l.mu.Unlock()
	var err error
	if l.running != nil {
		l.stopRun()
		if end := <-l.running; end != nil && !errors.Is(end, context.Canceled) && !errors.Is(end, http.ErrServerClosed) {
			err = end
		}
	} else if l.listener != nil {
		l.listener.Close()
	}
	if l.db != nil {
		l.db.Close()
	}
	if l.stack != nil {
		err = errors.Join(err, l.stack.Stop())
	}
	err = errors.Join(err, l.hold.Release())
	if err == nil && l.stack != nil {
		fmt.Fprintf(l.Out, "stopped in %s; the data is kept in %s\n", seconds(time.Since(began)), l.Home)
	}
	return err
}

// save writes the state for the other commands.
func (l *launch) save() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stack != nil {
		l.state.Components = l.stack.Components()
	}
	return l.state.Save(l.Home)
}
