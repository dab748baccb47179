package call

import (
	"context"
	"time"

	"github.com/intellifit/intellifit/shared/speech/decode"
	"github.com/intellifit/intellifit/shared/speech/vad"
)

// The bounds of a look at what is being said: the judge of turns knows the last eight seconds.
const (
	maxLook  = 2 << 20
	longLook = 30 * time.Second
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
	looked, err := vad.Detect(ctx, clip, vad.TurnConfig{Judged: true}, vad.JudgeFunc(f.judge.Turn))
	if err != nil {
		return nil, err
	}
	out := detected{Speech: []span{}, Speaking: looked.Speaking, SilenceMS: looked.Silence.Milliseconds(), EndOfTurn: looked.Over}
	for _, s := range looked.Speech {
		out.Speech = append(out.Speech, span{s.Start.Milliseconds(), s.End.Milliseconds()})
	}
	if v := looked.Verdict; v != nil && v.Err == nil {
		out.TurnProbability = &v.Probability
	}
	return &detectAnswer{out}, nil
}
