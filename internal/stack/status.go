package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"time"
)

// Report is what `intellifit status` shows.
type Report struct {
	Running    bool        `json:"running"`
	Ready      bool        `json:"ready"`
	Phase      string      `json:"phase,omitempty"`
	URL        string      `json:"url,omitempty"`
	PID        int         `json:"pid,omitempty"`
	Profile    string      `json:"profile,omitempty"`
	Device     string      `json:"device,omitempty"`
	StartedAt  time.Time   `json:"started_at,omitzero"`
	Components []Component `json:"components"`
	Models     []Model     `json:"models"`
	Checks     []Readiness `json:"checks"`
}

// Readiness is one line of the function host's /readyz.
type Readiness struct {
	Name    string `json:"name"`
	State   string `json:"state"`
	Percent *int   `json:"percent,omitempty"`
	Detail  string `json:"detail,omitempty"`
}

// Look asks everything that runs in a home how it is. Without an `up` it returns ErrNotRunning.
func Look(ctx context.Context, home string) (Report, error) {
	state, err := LoadState(home)
	if err != nil {
		return Report{}, err
	}
	r := Report{
		Running: true, Phase: state.Phase, URL: state.URL, PID: state.PID, Profile: state.Profile, StartedAt: state.StartedAt,
		Components: append([]Component{}, state.Components...), Models: []Model{}, Checks: []Readiness{},
	}
	var wait sync.WaitGroup
	for i := range r.Components {
		wait.Go(func() { r.Components[i] = probe(ctx, state, r.Components[i]) })
	}
	wait.Go(func() { r.Ready, r.Checks = readiness(ctx, state.URL) })
	wait.Go(func() {
		if state.OllamaHost == "" {
			return
		}
		if found, err := Models(ctx, state.OllamaHost); err == nil {
			r.Models = append(r.Models, found...)
		}
		r.Device = Device(r.Models, filepath.Join(home, "logs", "ollama.log"))
	})
	wait.Wait()
	r.Ready = r.Ready && state.Phase == PhaseReady
	return r, nil
}

// probe asks a component itself, since the state tells what was true when it was written.
func probe(ctx context.Context, s State, c Component) Component {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	var err error
	switch c.Name {
	case postgres:
		if s.DatabaseURL != "" {
			_, err = postgresVersion(ctx, s.DatabaseURL)
		}
	case redis:
		if s.RedisURL != "" {
			_, err = redisVersion(ctx, s.RedisURL)
		}
	case ollama:
		if s.OllamaHost != "" {
			_, err = ollamaVersion(ctx, s.OllamaHost)
		}
	case whisper:
		err = probeSpeech(ctx, s.WhisperURL, c)
	case tts:
		err = probeSpeech(ctx, s.TTSURL, c)
	}
	if err != nil {
		c.State = StateUnreachable
	}
	return c
}

// probeSpeech asks a server of ours to do its work. One of somebody else need only answer: its work may cost.
func probeSpeech(ctx context.Context, url string, c Component) error {
	switch {
	case url == "" || c.State == StateStarting:
		return nil
	case c.Source == SourceURL:
		return answers(ctx, url)
	}
	return engineHealth(ctx, url)
}

// readiness asks a function host what is there and what is loading.
func readiness(ctx context.Context, url string) (ready bool, checks []Readiness) {
	checks, err := AskReadiness(ctx, url)
	if err != nil {
		return false, []Readiness{{Name: "function host", State: StateUnreachable, Detail: cause(err).Error()}}
	}
	for _, c := range checks {
		if c.State != "ok" {
			return false, checks
		}
	}
	return true, checks
}

// AskReadiness reads /readyz of a function host.
func AskReadiness(ctx context.Context, url string) ([]Readiness, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", nil)
	if err != nil {
		return nil, fmt.Errorf("ask for readiness: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask for readiness: %w", err)
	}
	defer response.Body.Close()
	var answer struct {
		Status string      `json:"status"`
		Checks []Readiness `json:"checks"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return nil, fmt.Errorf("read the readiness: %w", err)
	}
	if response.StatusCode != http.StatusOK && answer.Checks == nil {
		return nil, errors.New("ask for readiness: status " + response.Status)
	}
	return answer.Checks, nil
}
