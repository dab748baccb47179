package tools

import (
	"context"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
)

// mcp serves the Model Context Protocol: stateless, JSON in and out, the tools of the token's role. A tool that writes makes a
// proposal; confirming is not offered, so that a model cannot say yes to itself.
func (f *Function) mcp(roles ...gym.Role) http.Handler {
	servers := map[gym.Role]*mcp.Server{} // who calls is in each call's context, so calls share them
	for _, role := range roles {
		servers[role] = f.mcpServer(role)
	}
	ofCaller := func(r *http.Request) *mcp.Server {
		p, _ := gym.PrincipalFrom(r.Context())
		return servers[p.Role]
	}
	return mcp.NewStreamableHTTPHandler(ofCaller, &mcp.StreamableHTTPOptions{
		Stateless: true, JSONResponse: true,
		// The host in front decides which names it is reached by; a token is needed in any case.
		DisableLocalhostProtection: true,
	})
}

func (f *Function) mcpServer(role gym.Role) *mcp.Server {
	server := mcp.NewServer(&mcp.Implementation{Name: "intellifit", Version: "1.0.0"}, &mcp.ServerOptions{
		Instructions: "Tools of a gym for the one member whose token is used. A tool that writes returns a proposal, which the member confirms in the app.",
	})
	for _, t := range f.tools.For(role) {
		server.AddTool(&mcp.Tool{
			Name: t.Name(), Description: t.Description(), InputSchema: t.Schema(),
			Annotations: &mcp.ToolAnnotations{ReadOnlyHint: !t.Writes(), DestructiveHint: new(false), IdempotentHint: true, OpenWorldHint: new(false)},
		}, f.mcpCall)
	}
	return server
}

func (f *Function) mcpCall(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	args := r.Params.Arguments
	if len(args) == 0 || string(args) == "null" {
		args = []byte(`{}`)
	}
	answer, err := f.use(ctx, r.Params.Name, args)
	if err != nil {
		problem := faas.ProblemOf(err)
		if problem.Status >= http.StatusInternalServerError {
			faas.Logger(ctx).Error("a tool failed", "tool", r.Params.Name, "cause", err.Error())
		}
		return &mcp.CallToolResult{IsError: true, Content: []mcp.Content{&mcp.TextContent{Text: problem.Code + ": " + problem.Detail}}}, nil
	}
	text := answer.Said
	if answer.Proposal != nil {
		text = answer.Proposal.Summary + " The member has to confirm it in the app."
	}
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: text}}, StructuredContent: answer}, nil
}
