package speech

import (
	"context"

	"github.com/intellifit/intellifit/shared/gym"
)

// Synthesizer speaks. It is safe for concurrent use and dials only when called.
type Synthesizer struct{ cfg Config }

// NewSynthesizer returns a client of the server at cfg.URL; it dials nothing.
func NewSynthesizer(cfg Config) *Synthesizer { return &Synthesizer{cfg: cfg} }

// Speak begins to say a text. It returns with the first sound; the rest is read from the utterance as it is made. Cancelling ctx or
// closing the utterance ends the work of the server.
func (s *Synthesizer) Speak(ctx context.Context, text string, how Speaking) (*Utterance, error) {
	return nil, gym.Errorf(gym.ErrUnavailable, "tts_unavailable", "the client is not built yet")
}

// Voices lists the voices of the server. The error is gym.ErrNotFound when it tells of none.
func (s *Synthesizer) Voices(ctx context.Context) ([]Voice, error) {
	return nil, gym.Errorf(gym.ErrUnavailable, "tts_unavailable", "the client is not built yet")
}

// Ping reports whether the server can speak.
func (s *Synthesizer) Ping(ctx context.Context) error {
	return gym.Errorf(gym.ErrUnavailable, "tts_unavailable", "the client is not built yet")
}
