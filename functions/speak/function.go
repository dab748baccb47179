package speak

import (
	"context"
	"fmt"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/hosted"
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
	synthesizer, err := hosted.Synthesizer(host, rate)
	if err != nil {
		return nil, err
	}
	f := &Function{API: api, synthesizer: synthesizer}
	f.OnReady(f.synthesizer.Ping)
	f.register()
	return f, nil
}

// Close does nothing: there are no connections to end.
func (f *Function) Close() error { return nil }
