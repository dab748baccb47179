package plan

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
	"github.com/intellifit/intellifit/shared/postgres"
)

// pending says how far an asynchronous call is that has made no plan yet.
type pending struct {
	CallID string `json:"call_id"`
	State  string `json:"state" enum:"queued,running"`
}

type callInput struct {
	Call string `query:"call" required:"true" minLength:"1" maxLength:"128" doc:"X-Call-Id of the answer 202"`
}

type callAnswer struct {
	Status     int
	RetryAfter string `header:"Retry-After"`
	Body       any
}

// ofCall answers 200 with the plan, 202 while it is being made, 404 for a call that nobody made, and repeats the problem of
// a call that failed.
func (f *Function) ofCall(ctx context.Context, in *callInput) (*callAnswer, error) {
	p, err := f.planner.PlanByCall(ctx, in.Call)
	if err == nil {
		return &callAnswer{Status: http.StatusOK, Body: p}, nil
	}
	if !errors.Is(err, gym.ErrNotFound) {
		return nil, err
	}
	who, _ := gym.PrincipalFrom(ctx)
	call, err := f.db.Call(ctx, who.Subject, in.Call)
	if errors.Is(err, gym.ErrNotFound) {
		return nil, &gym.Error{Kind: gym.ErrNotFound, Code: "call_unknown", Detail: "no call of yours has this id", Err: err}
	}
	if err != nil {
		return nil, err
	}
	switch call.State {
	case postgres.CallFailed:
		return nil, failure(call)
	case postgres.CallDone:
		// The call ended between the two looks, or made no plan.
		p, err := f.planner.PlanByCall(ctx, in.Call)
		return &callAnswer{Status: http.StatusOK, Body: p}, err
	}
	return &callAnswer{Status: http.StatusAccepted, RetryAfter: "2", Body: pending{CallID: call.ID, State: string(call.State)}}, nil
}

// failure is the problem that the call was answered with, under the id of the present call.
func failure(call postgres.Call) error {
	p := faas.NewProblem(call.Status, "call_failed", "the call failed", "send the request again under a new call id")
	if call.Problem != nil {
		if err := json.Unmarshal(call.Problem, p); err != nil {
			return fmt.Errorf("read the stored problem: %w", err)
		}
	}
	return p
}

// callResponses documents the two bodies of ofCall, which one Go type cannot.
func (f *Function) callResponses() map[string]*huma.Response {
	body := func(t reflect.Type, description string) *huma.Response {
		schema := f.OpenAPI().Components.Schemas.Schema(t, true, "")
		return &huma.Response{Description: description, Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}}
	}
	return map[string]*huma.Response{
		"200": body(reflect.TypeFor[planner.Plan](), "the plan"),
		"202": body(reflect.TypeFor[pending](), "it is being made; ask again after Retry-After seconds"),
	}
}
