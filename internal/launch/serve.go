package launch

import (
	"context"
	"os"
	"slices"
	"strings"

	"github.com/intellifit/intellifit/internal/runner"
	"github.com/intellifit/intellifit/internal/runner/manifest"
	"github.com/intellifit/intellifit/internal/stack"
	"github.com/intellifit/intellifit/shared/faas"
)

func pid() int { return os.Getpid() }

// serve starts the function host. It answers from here on; /readyz says what is still loading.
func (l *launch) serve(ctx context.Context) error {
	functions, err := l.Parts.Manifest(l.Machine.Getenv)
	if err != nil {
		return err
	}
	if l.NoVoice {
		l.dropVoice(functions)
	}
	host, err := runner.New(ctx, runner.Config{
		Stack: functions, Functions: l.Parts.Functions, Secrets: faas.SecretDir(l.stack.Secrets), DB: l.db,
		Env:      l.environment(),
		Listener: l.listener, Checks: append(l.loading.checks(), l.componentChecks()...), Log: l.Log, Version: l.Version,
	})
	if err != nil {
		return err
	}
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.stopRun, l.running = stop, make(chan error, 1)
	go func() { l.running <- host.Run(life) }()
	return nil
}

// dropVoice leaves out the functions that need a server of speech where there is none, and says which.
func (l *launch) dropVoice(m *manifest.Stack) {
	var dropped []string
	m.Functions = slices.DeleteFunc(m.Functions, func(f manifest.Function) bool {
		_, hears := f.Environment["WHISPER_URL"]
		_, speaks := f.Environment["TTS_URL"]
		if hears || speaks {
			dropped = append(dropped, f.Name)
		}
		return hears || speaks
	})
	l.screen.printf("! without voice there are no functions %s", strings.Join(dropped, ", "))
}

// environment is what the functions are told of the components, in place of the addresses in stack.yml.
func (l *launch) environment() map[string]string {
	return map[string]string{
		"OLLAMA_HOST": l.stack.OllamaHost, "REDIS_URL": l.stack.RedisURL, "DATABASE_URL": l.state.DatabaseURL, "GATEWAY_URL": l.state.URL,
		"WHISPER_URL": l.stack.WhisperURL, "WHISPER_MODEL": l.stack.WhisperModel, "TTS_URL": l.stack.TTSURL, "TTS_VOICE": l.stack.TTSVoice,
	}
}

// componentChecks lets /readyz tell of a component that is still on its way, or is being restarted.
func (l *launch) componentChecks() []runner.Check {
	var checks []runner.Check
	for _, c := range l.stack.Components() {
		checks = append(checks, runner.Check{Name: c.Name, Run: func(context.Context) runner.CheckResult { return l.componentCheck(c.Name) }})
	}
	return checks
}

func (l *launch) componentCheck(name string) runner.CheckResult {
	for _, now := range l.stack.Components() {
		switch {
		case now.Name != name || now.State == stack.StateReady:
		case now.State == stack.StateStarting:
			return l.loading.result(name)
		default:
			return runner.CheckResult{State: runner.StateDown, Detail: now.State}
		}
	}
	return runner.CheckResult{}
}

// notReady returns what /readyz of a function host misses, "" when nothing.
func notReady(ctx context.Context, url string) (string, error) {
	checks, err := stack.AskReadiness(ctx, url)
	if err != nil {
		return "", err
	}
	var missing []string
	for _, c := range checks {
		if c.State != runner.StateOK {
			missing = append(missing, strings.TrimSpace(c.Name+" is "+c.State+" "+c.Detail))
		}
	}
	return strings.Join(missing, "; "), nil
}
