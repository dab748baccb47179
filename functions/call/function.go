package call

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/frontdesk"
	"github.com/intellifit/intellifit/shared/llm"
	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/hosted"
	"github.com/intellifit/intellifit/shared/speech/vad"
	"github.com/intellifit/intellifit/shared/voice"
	"github.com/intellifit/intellifit/shared/voice/realtime"
)

// What holds when the environment does not say.
const (
	perMinute   = 40 // turns of one member
	turnsAtOnce = 4
	voiceRate   = 22_050 // Hz, of Piper's medium voices
	language    = "en"
	fillAfter   = 500 * time.Millisecond
	turnLimit   = 60 * time.Second
)

// Function is an http.Handler with the operations of calls.
type Function struct {
	*faas.API
	desk  *frontdesk.Desk
	calls *voice.Calls
	judge *speech.Recognizer // of whether a turn is whole
	live  *realtime.Server
	limit func(huma.Context, func(huma.Context)) // of turns
}

// New reads the configuration and dials nothing: what package frontdesk needs, WHISPER_URL and WHISPER_MODEL, TTS_URL, TTS_MODEL,
// TTS_VOICE and TTS_RATE (Hz of what is sent, default 22050), SPEECH_LANGUAGE (ISO 639-1, default en), CALL_TURNS (turns that
// run at once, default 4), CALL_PER_MINUTE (turns of a member, default 40, 0 = no limit), and the secrets jwt-key, and whisper-key
// and tts-key where the servers want one.
func New(ctx context.Context, host faas.Host) (*Function, error) {
	f, err := configure(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("configure the function call: %w", err)
	}
	return f, nil
}

func configure(ctx context.Context, host faas.Host) (*Function, error) {
	api, err := faas.NewAPI("call", "1.0.0", "Talk with the coach: speech in, speech out, turn by turn.", host)
	if err != nil {
		return nil, err
	}
	host = api.Host()
	numbers := map[string]int{"TTS_RATE": voiceRate, "CALL_TURNS": turnsAtOnce, "CALL_PER_MINUTE": perMinute}
	for name, standard := range numbers {
		if numbers[name], err = faas.Number(host.Getenv, name, standard); err != nil {
			return nil, err
		}
	}
	recognizer, err := hosted.Recognizer(host, 0)
	if err != nil {
		return nil, err
	}
	synthesizer, err := hosted.Synthesizer(host, numbers["TTS_RATE"])
	if err != nil {
		return nil, err
	}
	desk, err := frontdesk.Open(ctx, host, llm.PriorityCall)
	if err != nil {
		return nil, err
	}
	spoken := host.Getenv("SPEECH_LANGUAGE")
	if spoken == "" {
		spoken = language
	}
	f := &Function{API: api, desk: desk, judge: recognizer, calls: &voice.Calls{
		Recognizer: recognizer, Synthesizer: synthesizer, Coach: desk.Coach, Members: desk.DB, Gyms: desk.DB, Coaches: desk.Coach.Appointments, Sessions: desk.Redis, Records: desk.DB,
		Rate: numbers["TTS_RATE"], Language: spoken, Most: numbers["CALL_TURNS"], FillAfter: fillAfter, Limit: turnLimit, Now: host.Now, Log: faas.Logger,
	}}
	for _, ready := range []func(context.Context) error{desk.DB.Ping, desk.Redis.Ping, recognizer.Ping, synthesizer.Ping} {
		f.OnReady(ready)
	}
	limit := desk.Limit("call", numbers["CALL_PER_MINUTE"])
	f.limit = f.Limited(limit.Allow)
	if f.live, err = f.realtime(limit.Allow); err != nil {
		return nil, errors.Join(err, desk.Close())
	}
	f.register()
	return f, nil
}

// realtime is the WebSocket. It checks the token itself, since a browser sends it in the handshake's protocols.
func (f *Function) realtime(allow faas.Allow) (*realtime.Server, error) {
	verifier, err := faas.NewVerifier(f.Host().Secrets, f.Host().Now)
	if err != nil {
		return nil, err
	}
	return realtime.New(realtime.Config{
		Calls: f.calls, Verify: verifier.Verify, Judge: vad.JudgeFunc(f.judge.Turn), Turns: vad.TurnConfig{Judged: true}, Log: faas.Logger,
		Allow: func(ctx context.Context, memberID string) error {
			quota, err := allow(ctx, memberID)
			if err == nil && !quota.Allowed {
				err = faas.TooMany(quota)
			}
			return err
		},
	})
}

// Close sends the callers of the WebSocket away, ends what runs behind the turns, and the connections.
func (f *Function) Close() error { return errors.Join(f.live.Close(), f.desk.Close()) }
