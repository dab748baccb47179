package tools_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/shared/faas/faastest"
)

// TestMCP speaks to the function with the official client.
func TestMCP(t *testing.T) {
	b := setup(t)
	server := httptest.NewServer(b.f)
	t.Cleanup(server.Close)
	session := connect(t, server.URL+"/mcp", faastest.Member(t, demo.MemberID))
	list, err := session.ListTools(t.Context(), nil)
	if err != nil || len(list.Tools) != 11 {
		t.Fatalf("lists %v, %v", list, err)
	}
	for _, tool := range list.Tools {
		if writes := tool.Name != "check_availability" && !strings.HasPrefix(tool.Name, "get_") && tool.Name != "list_appointments"; tool.Annotations.ReadOnlyHint == writes {
			t.Errorf("%s: read only %t", tool.Name, tool.Annotations.ReadOnlyHint)
		}
	}
	use := func(name string, args map[string]any) (string, bool) {
		t.Helper()
		got, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: name, Arguments: args})
		if err != nil {
			t.Fatal(err)
		}
		return got.Content[0].(*mcp.TextContent).Text, got.IsError
	}
	if said, bad := use("check_availability", map[string]any{"coach": "coach-jonas", "from": "2026-03-04T10:00:00+01:00", "to": "2026-03-04T10:30:00+01:00"}); bad || said != "Free: Wednesday 4 March, 10:00 with Jonas Weber." {
		t.Errorf("check says %q, %t", said, bad)
	}
	if said, bad := use("schedule_appointment", map[string]any{"coach": "coach-jonas", "starts_at": "2026-03-04T10:00:00+01:00"}); bad || !strings.HasSuffix(said, "The member has to confirm it in the app.") {
		t.Errorf("schedule says %q, %t", said, bad)
	}
	if said, bad := use("list_appointments", nil); bad || said != "You have no appointment then." {
		t.Errorf("after a proposal: %q, %t", said, bad)
	}
	if said, bad := use("schedule_appointment", map[string]any{"coach": "coach-jonas", "member_id": "omar"}); !bad || !strings.HasPrefix(said, "arguments_invalid") {
		t.Errorf("bad arguments: %q, %t", said, bad)
	}
	if _, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "confirm_proposal", Arguments: map[string]any{"id": "x"}}); err == nil {
		t.Error("a model may confirm")
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	if _, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: server.URL + "/mcp", DisableStandaloneSSE: true, MaxRetries: -1}, nil); err == nil {
		t.Error("connected without a token")
	}
}

type withToken string

func (token withToken) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(token))
	return http.DefaultTransport.RoundTrip(r)
}

func connect(t *testing.T, url, token string) *mcp.ClientSession {
	t.Helper()
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	session, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: url, HTTPClient: &http.Client{Transport: withToken(token)}, DisableStandaloneSSE: true, MaxRetries: -1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := session.Close(); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	return session
}

// TestMCPKeepsMembersApart: with another member's token there is nothing to see and nothing to change.
func TestMCPKeepsMembersApart(t *testing.T) {
	b := setup(t)
	server := httptest.NewServer(b.f)
	t.Cleanup(server.Close)
	mara := faastest.Member(t, demo.MemberID)
	proposed := b.answer(t, mara, "POST", "/schedule_appointment", wednesday)
	var booked struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(b.answer(t, mara, "POST", "/proposals/"+proposed.Proposal.ID, "").Result, &booked); err != nil || booked.ID == "" {
		t.Fatalf("booked %+v, %v", booked, err)
	}
	omar := connect(t, server.URL+"/mcp", faastest.Member(t, "omar"))
	for name, c := range map[string]struct {
		args map[string]any
		want string
	}{
		"list_appointments":      {map[string]any{"from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"}, "You have no appointment then."},
		"cancel_appointment":     {map[string]any{"appointment": booked.ID}, "appointment_unknown: no such appointment, or none that you may see"},
		"reschedule_appointment": {map[string]any{"appointment": booked.ID, "starts_at": "2026-03-04T11:00:00+01:00"}, "appointment_unknown: no such appointment, or none that you may see"},
		"get_todays_workout":     {nil, "plan_missing: you have no plan yet"},
	} {
		got, err := omar.CallTool(t.Context(), &mcp.CallToolParams{Name: name, Arguments: c.args})
		if err != nil || got.Content[0].(*mcp.TextContent).Text != c.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if encoded, err := json.Marshal(got); err != nil || strings.Contains(string(encoded), "Jonas") {
			t.Errorf("%s tells %s, %v", name, encoded, err)
		}
	}
	if list := b.answer(t, mara, "POST", "/list_appointments", `{}`); list.Said != "You have: Wednesday 4 March, 10:00 with Jonas Weber." {
		t.Errorf("the owner: %s", list.Said)
	}
}

// TestMCPIsPlainHTTP: one POST is a whole call, on any replica, and nothing that is sent brings the function down.
func TestMCPIsPlainHTTP(t *testing.T) {
	b := setup(t)
	server := httptest.NewServer(b.f)
	t.Cleanup(server.Close)
	mara := faastest.Member(t, demo.MemberID)
	post := func(body string) (int, string, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+"/mcp", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+mara)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json, text/event-stream")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		answer, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, res.Header.Get("Content-Type"), string(answer)
	}
	call := func(args string) string {
		return `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"log_workout","arguments":` + args + `}}`
	}
	status, media, answer := post(call(`{"exercise":"Squat","sets":3,"reps":5}`))
	if status != http.StatusOK || media != "application/json" || !strings.Contains(answer, "I would log 3×5 Squat") {
		t.Errorf("%d %s %s", status, media, answer)
	}
	for name, args := range map[string]string{
		"deep": strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000), "huge": `{"exercise":"` + strings.Repeat("x", 20_000) + `","sets":1,"reps":1}`,
		"too huge": `{"exercise":"` + strings.Repeat("x", 300_000) + `"}`, "no JSON": `{"exercise":NaN}`, "list": `[1]`, "text": `"all"`,
		"twice": `{"exercise":"Squat","sets":3,"sets":4,"reps":5}`, "U+0000": `{"exercise":"Squat\u0000","sets":3,"reps":5}`,
	} {
		t.Run(name, func(t *testing.T) {
			status, _, answer := post(call(args))
			if status >= 500 || strings.Contains(answer, "I would") || strings.Contains(answer, "internal") {
				t.Errorf("%d %.300s", status, answer)
			}
			if status == http.StatusOK && !strings.Contains(answer, `"isError":true`) && !strings.Contains(answer, `"error":`) {
				t.Errorf("it passed: %.300s", answer)
			}
		})
	}
	b.problem(t, 405, "method_not_allowed", mara, "GET", "/mcp", "")
	b.problem(t, 405, "method_not_allowed", mara, "DELETE", "/mcp", "")
}
