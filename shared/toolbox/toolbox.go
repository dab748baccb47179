// Package toolbox is the one registry of what the coach can do for a member. It feeds the router, the function tools, MCP and
// OpenAI-style lists. No tool takes a member's id: for whom it acts comes from the token.
package toolbox

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/intellifit/intellifit/shared/appointment"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
	"github.com/intellifit/intellifit/shared/toolbox/tool"
)

// Plans gives the plan that was made for a member last; gym.ErrNotFound when there is none.
type Plans interface {
	NewestPlan(ctx context.Context, memberID string) (planner.Plan, error)
}

// Record is what tools add to a member's record.
type Record interface {
	AddFacts(ctx context.Context, memberID string, facts []gym.Fact) error
	LogTraining(ctx context.Context, memberID, key string, e gym.TrainingEntry) (gym.TrainingEntry, error)
	Escalate(ctx context.Context, memberID, conversationID, code, key string) error
}

// Planning starts to make a plan and returns the id of the call that makes it.
type Planning interface {
	StartPlan(ctx context.Context, r planner.Request, key string) (callID string, err error)
}

// Deps is what the tools work with.
type Deps struct {
	Book     *appointment.Book
	Plans    Plans
	Record   Record
	Planning Planning
}

// Registry holds the tools by name. It does not change after it is made.
type Registry struct{ tools []tool.Tool }

// New makes the registry of all tools.
func New(d Deps) *Registry {
	return Of(slices.Concat(d.appointmentTools(), d.trainingTools(), d.profileTools())...)
}

// Of makes a registry of other tools.
func Of(tools ...tool.Tool) *Registry { return &Registry{tools} }

// Find returns the tool of that name.
func (r *Registry) Find(name string) (tool.Tool, bool) {
	i := slices.IndexFunc(r.tools, func(t tool.Tool) bool { return t.Name() == name })
	if i < 0 {
		return tool.Tool{}, false
	}
	return r.tools[i], true
}

// For lists the tools that a role may use, in a fixed order.
func (r *Registry) For(role gym.Role) []tool.Tool {
	var out []tool.Tool
	for _, t := range r.tools {
		if t.Allows(role) {
			out = append(out, t)
		}
	}
	return out
}

// OpenAITool is a tool as OpenAI's interfaces list it.
type OpenAITool struct {
	Type     string         `json:"type"`
	Function OpenAIFunction `json:"function"`
}

// OpenAIFunction is the function of an OpenAITool.
type OpenAIFunction struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Parameters  json.RawMessage `json:"parameters"`
}

// OpenAI lists the tools of a role as OpenAI's interfaces do.
func (r *Registry) OpenAI(role gym.Role) []OpenAITool {
	out := []OpenAITool{}
	for _, t := range r.For(role) {
		out = append(out, OpenAITool{Type: "function", Function: OpenAIFunction{Name: t.Name(), Description: t.Description(), Parameters: t.Schema()}})
	}
	return out
}
