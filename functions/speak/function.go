package speak

import (
	"context"
	"errors"
	"fmt"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/speech"
)

// Function is an http.Handler with the operations of speak.
type Function struct {
	*faas.API
	synthesizer *speech.Synthesizer
}

// New reads the configuration and dials nothing: TTS_URL, TTS_MODEL, TTS_VOICE (when a call names none; not set: the server's own),
// TTS_RATE (Hz of a server that does not say, default 24000), and the secrets jwt-key, and tts-key where the server wants one.
func New(_ context.Context, host faas.Host) (*Function, error) {
	f, err := configure(host)
	if err != nil {
		return nil, fmt.Errorf("configure the function speak: %w", err)
	}
	return f, nil
}

func configure(host faas.Host) (*Function, error) {
	api, err := faas.NewAPI("speak", "1.0.0", "Text to speech, in our own dialect and in OpenAI's.", host)
	if err != nil {
		return nil, err
	}
	host = api.Host()
	rate, err := faas.Number(host.Getenv, "TTS_RATE", 0)
	if err != nil {
		return nil, err
	}
	if host.Getenv("TTS_URL") == "" {
		return nil, errors.New("TTS_URL is not set")
	}
	f := &Function{API: api, synthesizer: speech.NewSynthesizer(speech.Config{
		URL: host.Getenv("TTS_URL"), Model: host.Getenv("TTS_MODEL"), Voice: host.Getenv("TTS_VOICE"), Key: secret(host, "tts-key"), Rate: rate, Log: host.Log,
	})}
	f.OnReady(f.synthesizer.Ping)
	f.register()
	return f, nil
}

// secret is one that need not be there: our own server listens on loopback and wants no key.
func secret(host faas.Host, name string) string {
	value, err := host.Secrets.Secret(name)
	if err != nil {
		return ""
	}
	return value
}

// Close does nothing: there are no connections to end.
func (f *Function) Close() error { return nil }
