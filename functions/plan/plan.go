// Package plan is the function that makes workout and nutrition plans from the gym's own catalogue, changes single slots
// and days of them, and takes a coach's approval. The work is done by shared/planner; here are transport and wiring.
package plan

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/llm"
	"github.com/intellifit/intellifit/shared/planner"
	"github.com/intellifit/intellifit/shared/planner/rules"
	"github.com/intellifit/intellifit/shared/postgres"
)

// databaseSecret holds the URL of the database under the runtime role.
const databaseSecret = "database-url"

// Function is an http.Handler with the operations of plans.
type Function struct {
	*faas.API
	db      *postgres.DB
	planner *planner.Planner
}

// New reads the configuration and dials nothing: OLLAMA_HOST, and the secrets database-url and jwt-key.
func New(ctx context.Context, host faas.Host) (*Function, error) {
	api, err := faas.NewAPI("plan", "1.0.0", "Workout and nutrition plans from the gym's own catalogue.", host, faas.WithFormat(htmlType, writePage))
	if err != nil {
		return nil, err
	}
	host = api.Host()
	url, err := host.Secrets.Secret(databaseSecret)
	if err != nil {
		return nil, fmt.Errorf("configure the function plan: %w", err)
	}
	model, err := llm.New(llm.Config{Host: host.Getenv("OLLAMA_HOST"), Priority: llm.PriorityPlan, Log: host.Log})
	if err != nil {
		return nil, fmt.Errorf("configure the function plan: %w", err)
	}
	db, err := postgres.Open(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("configure the function plan: %w", err)
	}
	f := &Function{API: api, db: db, planner: &planner.Planner{
		Members: db, Library: db, Plans: db, Model: model, Embedder: model, Rules: rules.Default(), Now: host.Now, Log: faas.Logger,
	}}
	f.OnReady(db.Ping)
	f.register()
	return f, nil
}

// Close ends the connections to the database.
func (f *Function) Close() error {
	f.db.Close()
	return nil
}

func (f *Function) register() {
	anyone, coach := faas.Roles(gym.RoleMember, gym.RoleCoach), faas.Roles(gym.RoleCoach)
	huma.Register(f, huma.Operation{OperationID: "plan-create", Method: http.MethodPost, Path: "/", Security: anyone,
		Summary: "Make a plan", Description: "Fields that are left out take the member's profile. Repeating the Idempotency-Key or X-Call-Id gives the plan that was made."}, f.create)
	huma.Register(f, huma.Operation{OperationID: "plan-of-call", Method: http.MethodGet, Path: "/", Security: anyone,
		Summary: "Read the plan of an asynchronous call", Responses: f.callResponses()}, f.ofCall)
	huma.Register(f, huma.Operation{OperationID: "plan-read", Method: http.MethodGet, Path: "/{id}", Security: anyone,
		Summary: "Read a plan", Description: "With Accept: text/html it is a page that prints on A4."}, f.read)
	huma.Register(f, huma.Operation{OperationID: "plan-swap", Method: http.MethodPost, Path: "/{id}/swap", Security: anyone,
		Summary: "Exchange one exercise or food", Description: "The new one has the same pattern and muscles, or the same role; everything else stays as it is."}, f.swap)
	huma.Register(f, huma.Operation{OperationID: "plan-regenerate", Method: http.MethodPost, Path: "/{id}/regenerate", Security: anyone,
		Summary: "Make one day anew", Description: "Every other day stays as it is and the targets are met."}, f.regenerate)
	huma.Register(f, huma.Operation{OperationID: "plan-approve", Method: http.MethodPost, Path: "/{id}/approve", Security: coach,
		Summary: "Approve the newest version", Description: "Only the member's own coach can; a later change takes the approval away."}, f.approve)
}

type answer struct{ Body planner.Plan }

type createInput struct{ Body planner.Request }

func (f *Function) create(ctx context.Context, in *createInput) (*answer, error) {
	member, err := memberOf(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	return answered(f.planner.Generate(ctx, member, in.Body, faas.WriteKey(ctx)))
}

// memberOf says whom a request is for. Members ask for themselves; that a coach may see the member is decided by the
// database.
func memberOf(ctx context.Context, r planner.Request) (string, error) {
	p, ok := gym.PrincipalFrom(ctx)
	switch {
	case !ok:
		return "", errors.New("the call has no principal")
	case r.MemberID != "":
		return r.MemberID, nil
	case p.Role == gym.RoleMember:
		return p.Subject, nil
	}
	return "", &gym.Error{Kind: gym.ErrInvalid, Code: faas.CodeInvalidRequest, Detail: "a coach makes plans for a member",
		Fields: []gym.Field{{Name: "body.member_id", Message: "is needed with a coach's token"}}}
}

// ByID names one plan.
type ByID struct {
	ID string `path:"id" minLength:"1" maxLength:"64"`
}

func (f *Function) read(ctx context.Context, in *ByID) (*answer, error) {
	return answered(f.planner.Plan(ctx, in.ID))
}

type swapInput struct {
	ByID
	Body planner.Swap
}

func (f *Function) swap(ctx context.Context, in *swapInput) (*answer, error) {
	return answered(f.planner.Swap(ctx, in.ID, in.Body, faas.WriteKey(ctx)))
}

type regenerateInput struct {
	ByID
	Body planner.Regenerate
}

func (f *Function) regenerate(ctx context.Context, in *regenerateInput) (*answer, error) {
	return answered(f.planner.Regenerate(ctx, in.ID, in.Body, faas.WriteKey(ctx)))
}

func (f *Function) approve(ctx context.Context, in *ByID) (*answer, error) {
	p, ok := gym.PrincipalFrom(ctx)
	if !ok {
		return nil, errors.New("the call has no principal")
	}
	return answered(f.planner.Approve(ctx, in.ID, p.Subject))
}

func answered(p planner.Plan, err error) (*answer, error) {
	if err != nil {
		return nil, err
	}
	return &answer{Body: p}, nil
}
