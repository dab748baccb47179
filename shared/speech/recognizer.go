package speech

import (
	"context"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech/pcm"
)

// Recognizer hears. It is safe for concurrent use and dials only when called.
type Recognizer struct{ cfg Config }

// NewRecognizer returns a client of the server at cfg.URL; it dials nothing.
func NewRecognizer(cfg Config) *Recognizer { return &Recognizer{cfg: cfg} }

// Transcribe gives the words of a clip of 16 kHz. Nobody speaking is no error: the transcript says so.
func (r *Recognizer) Transcribe(ctx context.Context, clip pcm.Clip, how Listening) (Transcript, error) {
	return Transcript{}, gym.Errorf(gym.ErrUnavailable, "whisper_unavailable", "the client is not built yet")
}

// Turn says whether the speaker of a clip of 16 kHz has finished, and how probable that is. The error is gym.ErrNotFound when the server
// has no such judge.
func (r *Recognizer) Turn(ctx context.Context, clip pcm.Clip) (complete bool, probability float64, err error) {
	return false, 0, gym.Errorf(gym.ErrUnavailable, "whisper_unavailable", "the client is not built yet")
}

// Ping reports whether the server can hear.
func (r *Recognizer) Ping(ctx context.Context) error {
	return gym.Errorf(gym.ErrUnavailable, "whisper_unavailable", "the client is not built yet")
}
