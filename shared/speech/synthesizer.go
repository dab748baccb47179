package speech

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
)

// Synthesizer speaks. It is safe for concurrent use and dials only when called.
type Synthesizer struct {
	server
	raw atomic.Bool // the server makes no WAV
}

// NewSynthesizer returns a client of the server at cfg.URL; it dials nothing.
func NewSynthesizer(cfg Config) *Synthesizer {
	s := &Synthesizer{server: server{
		cfg: cfg.standards("tts-1"), http: newHTTP(), does: "the voice", env: "TTS", unavailable: "tts_unavailable", busy: "tts_busy",
	}}
	s.at(cfg.URL)
	return s
}

// Speak begins to say a text. It returns with the first sound; the rest is read from the utterance as it is made. Cancelling ctx or
// closing the utterance ends the work of the server.
func (s *Synthesizer) Speak(ctx context.Context, text string, how Speaking) (*Utterance, error) {
	if strings.TrimSpace(text) == "" {
		return nil, gym.Errorf(gym.ErrInvalid, "input_empty", "there is nothing to say")
	}
	raw := s.raw.Load()
	u, err := s.speak(ctx, text, how, raw)
	var refused *refusal
	if errors.As(err, &refused) && refused.mentions("response_format") && !raw {
		if u, err = s.speak(ctx, text, how, true); err == nil && !s.raw.Swap(true) {
			s.cfg.Log.Warn("the voice makes no WAV files: samples are taken to have the rate that is set", "rate", s.cfg.Rate, "cause", refused.Error())
		}
	}
	return u, err
}

func (s *Synthesizer) speak(ctx context.Context, text string, how Speaking, raw bool) (*Utterance, error) {
	const attempt = "speak"
	asked := struct {
		Model  string  `json:"model"`
		Input  string  `json:"input"`
		Voice  string  `json:"voice,omitempty"`
		Format string  `json:"response_format"`
		Speed  float64 `json:"speed,omitempty"`
	}{s.cfg.Model, text, or(how.Voice, s.cfg.Voice), "wav", how.Speed}
	accept := "audio/wav"
	if raw {
		asked.Format, accept = "pcm", "audio/pcm"
	}
	body, err := json.Marshal(asked)
	if err != nil {
		return nil, fmt.Errorf("%s: write the request: %w", attempt, err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	late := time.AfterFunc(s.cfg.Timeout, func() { cancel(errLate) })
	defer late.Stop()
	res, err := s.ask(ctx, request{method: http.MethodPost, path: "/v1/audio/speech", contentType: "application/json", accept: accept, body: body})
	if err != nil {
		err = s.lost(ctx, attempt, err)
		cancel(nil)
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		refused := readRefusal(res)
		cancel(nil)
		return nil, s.unspeakable(attempt, refused)
	}
	sound := newSound(ctx, cancel, &s.server, res.Body)
	rate, err := sound.open(res.Header, raw)
	if err != nil {
		return nil, errors.Join(err, sound.Close())
	}
	return &Utterance{Rate: rate, ReadCloser: sound}, nil
}

// unspeakable gives a refusal to speak a kind and a stable code: what is wrong with the text is the caller's to know.
func (s *Synthesizer) unspeakable(attempt string, r *refusal) error {
	invalid := func(code, detail string) error {
		return fmt.Errorf("%s: %w", attempt, &gym.Error{Kind: gym.ErrInvalid, Code: code, Detail: detail, Err: r})
	}
	switch r.code {
	case "input_empty":
		return invalid("input_empty", "there is nothing to say")
	case "input_too_long":
		return invalid("input_too_long", "the text is longer than the voice speaks at once")
	case "voice_unknown":
		return invalid("voice_unknown", "there is no such voice")
	}
	return s.refused(attempt, r)
}

// Voices lists the voices of the server. The error is gym.ErrNotFound when it tells of none.
func (s *Synthesizer) Voices(ctx context.Context) ([]Voice, error) {
	const attempt = "list the voices"
	ctx, cancel := context.WithTimeoutCause(ctx, pingTime, errLate)
	defer cancel()
	res, err := s.ask(ctx, request{method: http.MethodGet, path: "/v1/audio/voices", accept: "application/json"})
	if err != nil {
		return nil, s.lost(ctx, attempt, err)
	}
	if res.StatusCode != http.StatusOK {
		refused := readRefusal(res)
		if refused.none() {
			return nil, fmt.Errorf("%s: %s tells of none: %w", attempt, s.does, gym.ErrNotFound)
		}
		return nil, s.refused(attempt, refused)
	}
	voices, err := readVoices(res.Body)
	if ctx.Err() != nil {
		return nil, s.lost(ctx, attempt, err)
	}
	if err != nil {
		return nil, s.fail(attempt, s.does+" answered what is no list of voices", err)
	}
	return voices, nil
}

// readVoices reads a list of voices, as objects or as bare names, and closes it.
func readVoices(body io.ReadCloser) ([]Voice, error) {
	defer body.Close()
	var list struct {
		Voices []json.RawMessage `json:"voices"`
	}
	if err := json.NewDecoder(io.LimitReader(body, 1<<20)).Decode(&list); err != nil {
		return nil, fmt.Errorf("read the voices: %w", err)
	}
	voices := make([]Voice, len(list.Voices))
	for i, raw := range list.Voices {
		if json.Unmarshal(raw, &voices[i].ID) == nil {
			voices[i].Name = voices[i].ID
			continue
		}
		if err := json.Unmarshal(raw, &voices[i]); err != nil {
			return nil, fmt.Errorf("read the voices: %w", err)
		}
		voices[i].ID, voices[i].Name = or(voices[i].ID, voices[i].Name), or(voices[i].Name, voices[i].ID)
	}
	return voices, nil
}

// Ping reports whether the server can speak. One that tells nothing of its health must show it.
func (s *Synthesizer) Ping(ctx context.Context) error {
	known, err := s.ping(ctx)
	if known || err != nil {
		return err
	}
	u, err := s.Speak(ctx, "Ready.", Speaking{})
	if err != nil {
		return err
	}
	return u.Close()
}
