package speech

import (
	"log/slog"
	"time"
)

// Config is where a server of speech is and how long it may take.
type Config struct {
	URL     string        // with or without "/v1": http://127.0.0.1:21435
	Model   string        // as the server names it; empty = "whisper-1" to hear, "tts-1" to speak
	Key     string        // bearer token, may be empty
	Voice   string        // of a synthesizer, when a call names none; empty = the server's own
	Rate    int           // Hz, of a synthesizer whose server does not say, 0 = 24,000
	Timeout time.Duration // of a transcription, and of speech to its first byte, 0 = 30 s
	Stall   time.Duration // of speech without a byte, 0 = 10 s
	Log     *slog.Logger
}
