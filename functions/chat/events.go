package chat

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/faas"
)

// encoder turns the events of a turn into a client's dialect.
type encoder interface {
	event(coach.Event) error
	// fail tells of a turn that broke after its first event: status 200 is out.
	fail(*faas.Problem) error
}

// stream runs a turn and answers with server-sent events.
func (f *Function) stream(in coach.In, dialect func(*faas.EventStream) encoder, headers map[string]string) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		_, w := humago.Unwrap(hctx)
		ctx := hctx.Context()
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		s := faas.NewEventStream(w)
		stop := s.Beat()
		defer stop()
		enc := dialect(s)
		if _, err := f.desk.Coach.Turn(ctx, in, enc.event); err != nil {
			f.broke(ctx, w, s, enc, err)
		}
		s.End()
	}}
}

func (f *Function) broke(ctx context.Context, w http.ResponseWriter, s *faas.EventStream, enc encoder, err error) {
	if !s.Begun() {
		faas.WriteProblem(ctx, w, err)
		return
	}
	problem := faas.ProblemOf(err)
	problem.RequestID = faas.CallID(ctx)
	faas.Logger(ctx).Error("the turn broke off", "code", problem.Code, "cause", err.Error())
	if err := enc.fail(problem); err != nil {
		faas.Logger(ctx).Info("the client went away", "cause", err.Error())
	}
}

// typed is our own dialect: the events of package coach under their names.
type typed struct{ *faas.EventStream }

func (t typed) event(e coach.Event) error { return t.Send("", string(e.Kind), e) }

func (t typed) fail(p *faas.Problem) error { return t.Send("", "error", p) }
