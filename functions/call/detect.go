package call

import (
	"context"
	"errors"
	"time"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech/decode"
	"github.com/intellifit/intellifit/shared/speech/vad"
)

// The bounds of a look at what is being said: the judge of turns knows the last eight seconds.
const (
	maxLook   = 2 << 20
	longLook  = 30 * time.Second
	judgeTime = 500 * time.Millisecond
)

type detectInput struct {
	ContentType string `header:"Content-Type"`
	Session     string `query:"session" maxLength:"64" doc:"not needed; taken so that a client may send the same query to all"`
	RawBody     []byte
}

// detected is what can be told of sound that is still coming.
type detected struct {
	Speech          []span   `json:"speech" doc:"where somebody speaks"`
	Speaking        bool     `json:"speaking" doc:"speech goes on at the end of the sound"`
	SilenceMS       int64    `json:"silence_ms" doc:"since the last speech, or from the beginning"`
	EndOfTurn       bool     `json:"end_of_turn" doc:"the member is done: send what was said"`
	TurnProbability *float64 `json:"turn_probability,omitempty" doc:"that the turn is whole, where a judge was asked"`
}

type span struct {
	StartMS int64 `json:"start_ms"`
	EndMS   int64 `json:"end_ms"`
}

type detectAnswer struct{ Body detected }

// detect looks at the sound of a turn so far. It decides as the WebSocket's server_vad does: by a judge of what was said where there
// is one, by silence otherwise.
func (f *Function) detect(ctx context.Context, in *detectInput) (*detectAnswer, error) {
	clip, err := f.decode(ctx, in.RawBody, in.ContentType, decode.Limits{MaxBytes: maxLook, MaxDuration: longLook})
	if err != nil {
		return nil, err
	}
	spans, err := vad.Spans(clip, vad.Config{})
	if err != nil {
		return nil, err
	}
	out := detected{Speech: []span{}, SilenceMS: clip.Duration().Milliseconds()}
	for _, s := range spans {
		out.Speech = append(out.Speech, span{s.Start.Milliseconds(), s.End.Milliseconds()})
	}
	if len(spans) == 0 {
		return &detectAnswer{out}, nil
	}
	last := spans[len(spans)-1].End
	silence := clip.Duration() - last
	out.SilenceMS, out.Speaking = silence.Milliseconds(), silence < vad.Window
	wait := vad.DefaultFallback
	if silence >= vad.DefaultAsk {
		asked, cancel := context.WithTimeout(ctx, judgeTime)
		_, sure, err := f.judge.Turn(asked, clip)
		cancel()
		switch {
		case err == nil:
			out.TurnProbability = &sure
			if sure >= vad.DefaultSure {
				wait = vad.DefaultMinSilence
			} else if sure <= vad.DefaultDoubt {
				wait = vad.DefaultUnfinished
			}
		case !errors.Is(err, gym.ErrNotFound):
			faas.Logger(ctx).Warn("the judge of turns was not heard", "cause", err.Error())
		}
	}
	out.EndOfTurn = silence >= wait
	return &detectAnswer{out}, nil
}
