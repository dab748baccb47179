package tools_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/intellifit/intellifit/functions/tools"
	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/faas/faastest"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/postgres"
	"github.com/intellifit/intellifit/shared/postgres/postgrestest"
	"github.com/intellifit/intellifit/shared/redis/redistest"
)

// bundle is the function on a real database and Redis with the demo gym, and a host that takes asynchronous calls.
type bundle struct {
	f       *tools.Function
	log     *faastest.Log
	started []string // X-Call-Id, whether a token came along, and the body of the asynchronous calls
}

func setup(t *testing.T) *bundle {
	t.Helper()
	app, _ := postgrestest.URLs(t)
	db, err := postgres.Open(t.Context(), app)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	service := gym.WithPrincipal(t.Context(), gym.Principal{GymID: demo.GymID, Subject: "test", Role: gym.RoleService})
	if err := demo.Seed(service, db, models.Silent()); err != nil {
		t.Fatal(err)
	}
	b := &bundle{log: &faastest.Log{}}
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body map[string]any
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.URL.Path != "/async-function/plan" {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
		b.started = append(b.started, fmt.Sprint(r.Header.Get(faas.CallIDHeader), strings.HasPrefix(r.Header.Get("Authorization"), "Bearer "), body))
		w.Header().Set(faas.CallIDHeader, r.Header.Get(faas.CallIDHeader))
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(host.Close)
	h := faastest.Host(map[string]string{"REDIS_URL": redistest.URL(t), "GATEWAY_URL": host.URL}, b.log)
	h.Secrets = faas.SecretMap{faas.KeySecret: faastest.Key, "database-url": app}
	if b.f, err = tools.New(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.f.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func (b *bundle) call(t *testing.T, token, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body)).WithContext(t.Context())
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	b.f.ServeHTTP(w, r)
	return w
}

func (b *bundle) answer(t *testing.T, token, method, path, body string) tools.Answer {
	t.Helper()
	w := b.call(t, token, method, path, body)
	var a tools.Answer
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return a
}

func (b *bundle) problem(t *testing.T, status int, code, token, method, path, body string) {
	t.Helper()
	w := b.call(t, token, method, path, body)
	var p faas.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != status || p.Code != code {
		t.Errorf("%s %s %.60s: %d %s, want %d %s", method, path, body, w.Code, w.Body, status, code)
	}
}

// The clock of the tests stands on Monday 2 March 2026, 10:00 in Berlin.
const wednesday = `{"coach":"coach-jonas","starts_at":"2026-03-04T10:00:00+01:00"}`

// TestBook: nothing is booked before the yes, and one yes of a hundred books once.
func TestBook(t *testing.T) {
	b := setup(t)
	mara := faastest.Member(t, demo.MemberID)
	proposed := b.answer(t, mara, "POST", "/schedule_appointment", wednesday)
	if proposed.Proposal == nil || proposed.Result != nil || proposed.Proposal.Summary != "I would book Wednesday 4 March, 10:00 with Jonas Weber, 60 minutes." {
		t.Fatalf("got %+v", proposed)
	}
	if list := b.answer(t, mara, "POST", "/list_appointments", `{}`); list.Said != "You have no appointment then." {
		t.Errorf("before the yes: %s", list.Said)
	}
	path := "/proposals/" + proposed.Proposal.ID
	b.problem(t, 404, "proposal_unknown", faastest.Member(t, "omar"), "POST", path, "")
	var yes, used atomic.Int32
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			w := b.call(t, mara, "POST", path, "")
			switch {
			case w.Code == http.StatusOK && strings.Contains(w.Body.String(), "Booked: Wednesday 4 March, 10:00 with Jonas Weber"):
				yes.Add(1)
			case w.Code == http.StatusConflict && strings.Contains(w.Body.String(), "proposal_used"):
				used.Add(1)
			default:
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	all.Wait()
	if yes.Load() != 1 || used.Load() != 99 {
		t.Errorf("%d booked, %d were told that it was used", yes.Load(), used.Load())
	}
	if list := b.answer(t, mara, "POST", "/list_appointments", `{}`); list.Said != "You have: Wednesday 4 March, 10:00 with Jonas Weber." {
		t.Errorf("after the yes: %s", list.Said)
	}
	b.problem(t, 409, "slot_taken", mara, "POST", "/schedule_appointment", wednesday)
	no := b.answer(t, mara, "POST", "/schedule_appointment", strings.Replace(wednesday, "T10", "T14", 1))
	if w := b.call(t, mara, "DELETE", "/proposals/"+no.Proposal.ID, ""); w.Code != http.StatusNoContent {
		t.Errorf("declined: %d %s", w.Code, w.Body)
	}
	b.problem(t, 409, "proposal_used", mara, "POST", "/proposals/"+no.Proposal.ID, "")
}

func TestGeneratePlanIsAsynchronous(t *testing.T) {
	b := setup(t)
	mara := faastest.Member(t, demo.MemberID)
	p := b.answer(t, mara, "POST", "/generate_plan", `{"days_per_week":3,"wishes":"no mushrooms"}`)
	done := b.answer(t, mara, "POST", "/proposals/"+p.Proposal.ID, "")
	var started struct {
		CallID string `json:"call_id"`
	}
	if err := json.Unmarshal(done.Result, &started); err != nil || !faas.ValidCallID(started.CallID) {
		t.Fatalf("got %s, %v", done.Result, err)
	}
	if want := fmt.Sprint(started.CallID, true, map[string]any{"days_per_week": 3, "wishes": "no mushrooms"}); len(b.started) != 1 || b.started[0] != want {
		t.Errorf("started %q, want %q", b.started, want)
	}
}

func TestBadInput(t *testing.T) {
	b := setup(t)
	mara := faastest.Member(t, demo.MemberID)
	b.problem(t, 401, "token_missing", "", "GET", "/", "")
	b.problem(t, 401, "token_missing", "", "POST", "/mcp", "{}")
	b.problem(t, 403, "role_not_allowed", faastest.Coach(t, demo.CoachID), "POST", "/schedule_appointment", wednesday)
	b.problem(t, 403, "role_not_allowed", faastest.Coach(t, demo.CoachID), "POST", "/mcp", "{}")
	b.problem(t, 404, "tool_unknown", mara, "POST", "/drop_tables", `{}`)
	b.problem(t, 404, "proposal_unknown", mara, "POST", "/proposals/x", "")
	for name, body := range map[string]string{
		"unknown field": `{"coach":"coach-jonas","starts_at":"2026-03-04T10:00:00+01:00","member_id":"omar"}`, "no time": `{"coach":"coach-jonas"}`,
		"words for a time": `{"coach":"coach-jonas","starts_at":"next tuesday"}`, "schema echo": `{"coach":{"type":"string"},"starts_at":{"type":"string"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			b.problem(t, 400, "arguments_invalid", mara, "POST", "/schedule_appointment", body)
		})
	}
	b.problem(t, 422, "slot_past", mara, "POST", "/schedule_appointment", strings.Replace(wednesday, "2026", "2020", 1))
	b.problem(t, 422, "slot_unavailable", mara, "POST", "/schedule_appointment", strings.Replace(wednesday, "T10", "T03", 1))
	b.problem(t, 404, "coach_unknown", mara, "POST", "/schedule_appointment", strings.Replace(wednesday, "jonas", "zoe", 1))
	b.problem(t, 404, "plan_missing", mara, "POST", "/get_todays_workout", `{}`)
	if strings.Contains(b.log.String(), "next tuesday") {
		t.Error("the log repeats what was sent")
	}
	var list struct{ Tools []tools.Listed }
	w := b.call(t, faastest.Coach(t, demo.CoachID), "GET", "/", "")
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || len(list.Tools) != 0 {
		t.Errorf("a coach is offered %s", w.Body)
	}
}

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
