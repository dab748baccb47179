package phone

import (
	"context"
	"errors"
	"fmt"

	"github.com/intellifit/intellifit/internal/eval"
	"github.com/intellifit/intellifit/internal/eval/turnset"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech/vad"
)

// EndpointResult is how the end of a turn was found, with the installation's judge of turns or without.
type EndpointResult struct {
	WithJudge bool `json:"with_judge"`
	eval.EndpointResult
}

// endpoint runs the set: every turn without a judge and, where the installation has one, with it.
func (s *Session) endpoint(ctx context.Context) (err error) {
	if s.Recordings == "" {
		s.Progress.Line("endpoint: left out, --speech names no folder of recordings")
		return nil
	}
	recordings, err := turnset.Read(s.Recordings)
	if err != nil {
		return err
	}
	turns, err := turnset.Make(recordings, s.Turns, eval.Seed)
	if err != nil {
		return err
	}
	judges := []vad.Judge{nil}
	switch _, _, err := s.Ear.Turn(ctx, turns[0].Clip); {
	case errors.Is(err, gym.ErrNotFound):
		s.Progress.Line("endpoint: the installation has no judge of turns; without it the rows have no bar")
	case err != nil:
		return fmt.Errorf("ask the judge of turns: %w", err)
	default:
		judges = append(judges, vad.JudgeFunc(s.Ear.Turn))
	}
	meter := s.Progress.Begin(models.Job{Verb: "eval", Name: SetEndpoint, Total: int64(len(judges) * len(turns)), Unit: "turns"})
	defer func() { meter.End(err) }()
	for j, judge := range judges {
		for i, t := range turns {
			r, err := eval.RunEndpoint(ctx, t, vad.TurnConfig{}, judge, s.JudgeTakes)
			if err != nil {
				return err
			}
			if err := s.add(Result{Set: SetEndpoint, ID: t.ID, Endpoint: &EndpointResult{WithJudge: judge != nil, EndpointResult: r}}); err != nil {
				return err
			}
			meter.Set(int64(j*len(turns)+i+1), int64(len(judges)*len(turns)))
		}
	}
	return nil
}
