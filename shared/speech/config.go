package speech

import (
	"log/slog"
	"net/http"
	"time"
)

// Config is where a server of speech is and how long it may take.
type Config struct {
	URL     string        // with or without "/v1": http://127.0.0.1:21435
	Model   string        // as the server names it; empty = "whisper-1" to hear, "tts-1" to speak
	Key     string        // bearer token, may be empty
	Voice   string        // of a synthesizer, when a call names none; empty = the server's own
	Rate    int           // Hz, of a synthesizer whose server does not say, 0 = 24,000
	Timeout time.Duration // of a transcription, and of speech to its first sound, 0 = 30 s
	Stall   time.Duration // of speech without a byte, 0 = 10 s
	Log     *slog.Logger
}

// standards fills in what cfg leaves out.
func (cfg Config) standards(model string) Config {
	cfg.Model = or(cfg.Model, model)
	cfg.Rate = or(cfg.Rate, 24_000)
	cfg.Timeout = or(cfg.Timeout, 30*time.Second)
	cfg.Stall = or(cfg.Stall, 10*time.Second)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return cfg
}

func or[T comparable](value, standard T) T {
	var zero T
	if value == zero {
		return standard
	}
	return value
}

// newHTTP keeps connections open, since each turn of a call needs one at once. A server that leads elsewhere is not followed: what
// members say goes to the server that was configured.
func newHTTP() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
