package transcribe

import (
	"context"
	"fmt"
	"time"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/hosted"
	"github.com/intellifit/intellifit/shared/speech/recording"
)

const (
	partTime = time.Minute // for a part of a recording, with the wait before it
	parallel = 1           // parts of one recording at once, when TRANSCRIBE_PARALLEL does not say
	roomSize = 128 << 20   // bytes of sound that wait to be recognised: more than an hour
)

var errFull = gym.RetryAfter(&gym.Error{
	Kind: gym.ErrBusy, Code: "transcribe_capacity", Detail: "other long recordings wait to be recognised", Hint: "wait as long as Retry-After says",
}, 15*time.Second)

// Function is an http.Handler with the operations of transcribe.
type Function struct {
	*faas.API
	recognizer *speech.Recognizer
	language   string // when a call names none; empty takes the server's
	parallel   int
	room       *recording.Room
}

// New reads the configuration and dials nothing: WHISPER_URL and WHISPER_MODEL, SPEECH_LANGUAGE (ISO 639-1; not set: the server's
// own), TRANSCRIBE_PARALLEL (parts of one long recording that are recognised at once, default 1), and the secrets jwt-key, and
// whisper-key where the server wants one.
func New(_ context.Context, host faas.Host) (*Function, error) {
	f, err := configure(host)
	if err != nil {
		return nil, fmt.Errorf("configure the function transcribe: %w", err)
	}
	return f, nil
}

func configure(host faas.Host) (*Function, error) {
	api, err := faas.NewAPI("transcribe", "1.0.0", "Speech to text, in our own dialect and in OpenAI's.", host)
	if err != nil {
		return nil, err
	}
	host = api.Host()
	most, err := faas.Number(host.Getenv, "TRANSCRIBE_PARALLEL", parallel)
	if err != nil {
		return nil, err
	}
	recognizer, err := hosted.Recognizer(host, partTime)
	if err != nil {
		return nil, err
	}
	f := &Function{API: api, recognizer: recognizer, language: host.Getenv("SPEECH_LANGUAGE"), parallel: most, room: recording.NewRoom(roomSize, errFull)}
	f.OnReady(f.recognizer.Ping)
	f.register()
	return f, nil
}

// Close does nothing: there are no connections to end.
func (f *Function) Close() error { return nil }
