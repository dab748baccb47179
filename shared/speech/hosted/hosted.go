// Package hosted makes the clients of the speech servers from what a host configures. The functions that hear and speak have the same
// settings: WHISPER_URL and WHISPER_MODEL; TTS_URL, TTS_MODEL and TTS_VOICE; and the secrets whisper-key and tts-key where the servers
// want one.
package hosted

import (
	"fmt"
	"time"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/speech"
)

// Recognizer is the client of the server that hears; a transcription may take timeout, 0 = the client's own.
func Recognizer(host faas.Host, timeout time.Duration) (*speech.Recognizer, error) {
	cfg, err := server(host, "WHISPER", "whisper-key")
	cfg.Timeout = timeout
	return speech.NewRecognizer(cfg), err
}

// Synthesizer is the client of the server that speaks; rate in Hz is that of one that does not say, 0 = the client's own.
func Synthesizer(host faas.Host, rate int) (*speech.Synthesizer, error) {
	cfg, err := server(host, "TTS", "tts-key")
	cfg.Voice, cfg.Rate = host.Getenv("TTS_VOICE"), rate
	return speech.NewSynthesizer(cfg), err
}

// server reads where a server is. Our own listen on loopback and want no key.
func server(host faas.Host, env, key string) (speech.Config, error) {
	cfg := speech.Config{URL: host.Getenv(env + "_URL"), Model: host.Getenv(env + "_MODEL"), Log: host.Log}
	if cfg.URL == "" {
		return cfg, fmt.Errorf("%s_URL is not set", env)
	}
	var err error
	cfg.Key, err = faas.OptionalSecret(host.Secrets, key)
	return cfg, err
}
