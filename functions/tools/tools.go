// Package tools is the function that offers what the coach can do for a member to programs: a list with schemas, one path for
// each tool, OpenAI's list and MCP. A tool that writes only makes a proposal; confirming it runs it once. The work is done by
// shared/toolbox; here are transport and wiring.
package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/intellifit/intellifit/shared/appointment"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gateway"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/postgres"
	"github.com/intellifit/intellifit/shared/redis"
	"github.com/intellifit/intellifit/shared/toolbox"
	"github.com/intellifit/intellifit/shared/toolbox/tool"
)

// databaseSecret holds the URL of the database under the runtime role.
const databaseSecret = "database-url"

// writesPerMinute is how many proposals a member may make, when TOOL_WRITES_PER_MINUTE does not say.
const writesPerMinute = 10

// Function is an http.Handler with the operations of tools.
type Function struct {
	*faas.API
	db    *postgres.DB
	redis *redis.DB
	tools *toolbox.Registry
	book  *appointment.Book
	limit *redis.Limit // of proposals: a write needs one
}

// New reads the configuration and dials nothing: REDIS_URL, GATEWAY_URL (where /async-function is),
// TOOL_WRITES_PER_MINUTE (proposals of a member, default 10, 0 = no limit), and the secrets database-url and jwt-key.
func New(ctx context.Context, host faas.Host) (*Function, error) {
	api, err := faas.NewAPI("tools", "1.0.0", "What the coach can do for a member, for programs and models.", host)
	if err != nil {
		return nil, err
	}
	host = api.Host()
	url, err := host.Secrets.Secret(databaseSecret)
	if err != nil {
		return nil, fmt.Errorf("configure the function tools: %w", err)
	}
	most, err := faas.Number(host.Getenv, "TOOL_WRITES_PER_MINUTE", writesPerMinute)
	if err != nil {
		return nil, fmt.Errorf("configure the function tools: %w", err)
	}
	store, err := redis.Open(host.Getenv("REDIS_URL"))
	if err != nil {
		return nil, fmt.Errorf("configure the function tools: %w", err)
	}
	db, err := postgres.Open(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("configure the function tools: %w", err)
	}
	store.Now = host.Now
	book := &appointment.Book{Store: db, Now: host.Now}
	f := &Function{API: api, db: db, redis: store, book: book, tools: toolbox.New(toolbox.Deps{
		Book: book, Plans: db, Record: db, Planning: gateway.New(host.Getenv("GATEWAY_URL")),
	})}
	f.limit = store.NewLimit("tool", most, func(ctx context.Context, err error) {
		faas.Logger(ctx).Warn("calls are counted by this process alone", "cause", err.Error())
	})
	f.OnReady(db.Ping)
	f.OnReady(store.Ping)
	f.register()
	return f, nil
}

// Close ends the connections.
func (f *Function) Close() error {
	f.db.Close()
	return f.redis.Close()
}

func (f *Function) register() {
	member := faas.Roles(gym.RoleMember)
	huma.Register(f, huma.Operation{OperationID: "tools-list", Method: http.MethodGet, Path: "/",
		Summary: "List the tools that the token's role may use, with their schemas"}, f.list)
	huma.Register(f, huma.Operation{OperationID: "tools-openai", Method: http.MethodGet, Path: "/openai",
		Summary: "The same list as OpenAI's interfaces take it"}, f.openAI)
	huma.Register(f, huma.Operation{OperationID: "tool-call", Method: http.MethodPost, Path: "/{name}", Security: member,
		Summary: "Use a tool", Description: "A tool that only reads answers with its result. One that writes answers with a proposal, which POST /proposals/{id} confirms."}, f.call)
	huma.Register(f, huma.Operation{OperationID: "proposal-confirm", Method: http.MethodPost, Path: "/proposals/{id}", Security: member,
		Summary: "Say yes to a proposal", Description: "It is done once; the proposal cannot be used again."}, f.confirm)
	huma.Register(f, huma.Operation{OperationID: "proposal-decline", Method: http.MethodDelete, Path: "/proposals/{id}", Security: member, DefaultStatus: http.StatusNoContent,
		Summary: "Say no to a proposal"}, f.decline)
	f.Protect("POST /mcp", f.mcp(gym.RoleMember), gym.RoleMember)
}

// Listed is a tool as the list shows it.
type Listed struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Writes      bool            `json:"writes" doc:"true: it makes a proposal that has to be confirmed"`
	Parameters  json.RawMessage `json:"parameters" doc:"JSON Schema of the arguments"`
}

type listAnswer struct {
	Body struct {
		Tools []Listed `json:"tools"`
	}
}

func (f *Function) list(ctx context.Context, _ *struct{}) (*listAnswer, error) {
	p, _ := gym.PrincipalFrom(ctx)
	out := &listAnswer{}
	out.Body.Tools = []Listed{}
	for _, t := range f.tools.For(p.Role) {
		out.Body.Tools = append(out.Body.Tools, Listed{t.Name(), t.Description(), t.Writes(), t.Schema()})
	}
	return out, nil
}

type openAIAnswer struct{ Body []toolbox.OpenAITool }

func (f *Function) openAI(ctx context.Context, _ *struct{}) (*openAIAnswer, error) {
	p, _ := gym.PrincipalFrom(ctx)
	return &openAIAnswer{Body: f.tools.OpenAI(p.Role)}, nil
}

type callInput struct {
	Name string          `path:"name" maxLength:"64"`
	Body json.RawMessage `doc:"the arguments, of the tool's schema"` // as sent: the tool reads them itself
}

// Answer is what a tool did, or would do.
type Answer struct {
	Tool     string          `json:"tool"`
	Result   json.RawMessage `json:"result,omitempty" doc:"of a tool that ran"`
	Said     string          `json:"said,omitempty" doc:"the result in words"`
	Proposal *Proposal       `json:"proposal,omitempty" doc:"of a tool that would write"`
}

// Proposal is a write that waits for a yes.
type Proposal struct {
	ID        string    `json:"id"`
	Summary   string    `json:"summary"`
	ExpiresAt time.Time `json:"expires_at"`
}

type toolAnswer struct{ Body Answer }

func (f *Function) call(ctx context.Context, in *callInput) (*toolAnswer, error) {
	answer, err := f.use(ctx, in.Name, in.Body)
	if err != nil {
		return nil, err
	}
	return &toolAnswer{Body: answer}, nil
}

// use runs a tool that reads and proposes one that writes.
func (f *Function) use(ctx context.Context, name string, args json.RawMessage) (Answer, error) {
	found, ok := f.tools.Find(name)
	if !ok {
		return Answer{}, &gym.Error{Kind: gym.ErrNotFound, Code: "tool_unknown", Detail: "there is no such tool", Hint: "GET /function/tools lists them"}
	}
	c, err := f.caller(ctx, "")
	if err != nil {
		return Answer{}, err
	}
	if !found.Writes() {
		result, err := found.Run(ctx, c, args)
		return Answer{Tool: name, Result: result.JSON, Said: result.Said}, err
	}
	summary, err := found.Summary(ctx, c, args)
	if err != nil {
		return Answer{}, err
	}
	if quota, err := f.limit.Allow(ctx, c.MemberID); err != nil {
		return Answer{}, err
	} else if !quota.Allowed {
		return Answer{}, faas.TooMany(quota)
	}
	p := toolbox.NewProposal(c, "", name, args, summary)
	if err := f.redis.Put(ctx, p); err != nil {
		return Answer{}, err
	}
	return Answer{Tool: name, Proposal: &Proposal{ID: p.ID, Summary: p.Summary, ExpiresAt: p.ExpiresAt}}, nil
}

// confirmTime bounds a confirmed write; it is below the function's exec_timeout.
const confirmTime = 20 * time.Second

type proposalInput struct {
	ID string `path:"id" minLength:"1" maxLength:"64"`
}

func (f *Function) confirm(ctx context.Context, in *proposalInput) (*toolAnswer, error) {
	c, err := f.caller(ctx, "")
	if err != nil {
		return nil, err
	}
	p, err := f.redis.Take(ctx, c.GymID, c.MemberID, "", in.ID)
	if err != nil {
		return nil, err
	}
	found, ok := f.tools.Find(p.Tool)
	if !ok {
		return nil, fmt.Errorf("confirm a proposal: there is no tool %s", p.Tool)
	}
	c.Key = p.Key()
	// The yes was given and cannot be given again: a client that leaves now does not take it back.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), confirmTime)
	defer cancel()
	result, err := found.Run(ctx, c, p.Args)
	if errors.Is(err, gym.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
		// The member may say yes again; the key holds a second write back.
		return nil, errors.Join(err, f.redis.Put(context.WithoutCancel(ctx), p))
	}
	if err != nil {
		return nil, err
	}
	return &toolAnswer{Body: Answer{Tool: p.Tool, Result: result.JSON, Said: result.Said}}, nil
}

func (f *Function) decline(ctx context.Context, in *proposalInput) (*struct{}, error) {
	p, _ := gym.PrincipalFrom(ctx)
	_, err := f.redis.Take(ctx, p.GymID, p.Subject, "", in.ID)
	return nil, err
}

// caller is for whom and when a tool runs.
func (f *Function) caller(ctx context.Context, key string) (tool.Call, error) {
	p, ok := gym.PrincipalFrom(ctx)
	if !ok {
		return tool.Call{}, errors.New("the call has no principal")
	}
	zone, err := f.book.Zone(ctx)
	if err != nil {
		return tool.Call{}, err
	}
	return tool.Call{GymID: p.GymID, MemberID: p.Subject, Role: p.Role, Zone: zone, Key: key, Now: f.Host().Now().In(zone)}, nil
}
