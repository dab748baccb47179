package tools_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/intellifit/intellifit/functions/tools"
	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/internal/demo/demotest"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/faas/faastest"
	"github.com/intellifit/intellifit/shared/redis/redistest"
)

// bundle is the function on a real database and Redis with the demo gym, and a host that takes asynchronous calls.
type bundle struct {
	f       *tools.Function
	log     *faastest.Log
	started []string     // X-Call-Id, whether a token came along, and the body of the asynchronous calls
	accept  func() int   // status of an asynchronous call
	later   atomic.Int64 // how far the clock is moved, in nanoseconds
}

func setup(t *testing.T) *bundle {
	t.Helper()
	return limited(t, "0") // tests share members and Redis, so the count of one would be the count of all
}

// limited is setup with so many proposals a minute.
func limited(t *testing.T, perMinute string) *bundle {
	t.Helper()
	_, app := demotest.Open(t)
	b := &bundle{log: &faastest.Log{}, accept: func() int { return http.StatusAccepted }}
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body map[string]any
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.URL.Path != "/async-function/plan" {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
		b.started = append(b.started, fmt.Sprint(r.Header.Get(faas.CallIDHeader), strings.HasPrefix(r.Header.Get("Authorization"), "Bearer "), body))
		w.Header().Set(faas.CallIDHeader, r.Header.Get(faas.CallIDHeader))
		w.WriteHeader(b.accept())
	}))
	t.Cleanup(host.Close)
	h := faastest.Host(map[string]string{"REDIS_URL": redistest.URL(t), "TOOL_WRITES_PER_MINUTE": perMinute, "GATEWAY_URL": host.URL}, b.log)
	h.Now = func() time.Time { return faastest.Now.Add(time.Duration(b.later.Load())) }
	h.Secrets = faas.SecretMap{faas.KeySecret: faastest.Key, "database-url": app}
	var err error
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

// TestYesWhileTheHostIsAway: a yes that could not be carried out may be said again, under the same call id.
func TestYesWhileTheHostIsAway(t *testing.T) {
	b := setup(t)
	mara := faastest.Member(t, demo.MemberID)
	path := "/proposals/" + b.answer(t, mara, "POST", "/generate_plan", `{}`).Proposal.ID
	b.accept = func() int { return http.StatusServiceUnavailable }
	b.problem(t, 503, "gateway_unavailable", mara, "POST", path, "")
	b.accept = func() int { return http.StatusAccepted }
	b.answer(t, mara, "POST", path, "")
	if len(b.started) != 2 || b.started[0] != b.started[1] {
		t.Errorf("the two attempts were two calls: %q", b.started)
	}
	b.problem(t, 409, "proposal_used", mara, "POST", path, "")
}

// TestClientLeavesAfterYes: who closes the app after the yes gets what was confirmed.
func TestClientLeavesAfterYes(t *testing.T) {
	b := setup(t)
	mara := faastest.Member(t, demo.MemberID)
	path := "/proposals/" + b.answer(t, mara, "POST", "/generate_plan", `{}`).Proposal.ID
	ctx, leave := context.WithCancel(t.Context())
	b.accept = func() int { leave(); return http.StatusAccepted }
	r := httptest.NewRequest("POST", path, nil).WithContext(ctx)
	r.Header.Set("Authorization", "Bearer "+mara)
	w := httptest.NewRecorder()
	b.f.ServeHTTP(w, r)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "call_id") || ctx.Err() == nil {
		t.Errorf("%d %s, client gone: %v", w.Code, w.Body, ctx.Err())
	}
	b.problem(t, 409, "proposal_used", mara, "POST", path, "")
}

func TestProposalExpires(t *testing.T) {
	b := setup(t)
	mara := faastest.Member(t, demo.MemberID)
	proposed := b.answer(t, mara, "POST", "/schedule_appointment", wednesday).Proposal
	if !proposed.ExpiresAt.Equal(faastest.Now.Add(5 * time.Minute)) {
		t.Errorf("expires at %s", proposed.ExpiresAt)
	}
	b.later.Store(int64(5*time.Minute + time.Second))
	b.problem(t, 409, "proposal_expired", mara, "POST", "/proposals/"+proposed.ID, "")
	if list := b.answer(t, mara, "POST", "/list_appointments", `{}`); list.Said != "You have no appointment then." {
		t.Errorf("after a late yes: %s", list.Said)
	}
}

func TestBadInput(t *testing.T) {
	b := setup(t)
	mara := faastest.Member(t, demo.MemberID)
	b.problem(t, 401, "token_missing", "", "GET", "/", "")
	b.problem(t, 401, "token_missing", "", "POST", "/list_appointments", "{}")
	b.problem(t, 401, "token_missing", "", "POST", "/mcp", "{}")
	b.problem(t, 403, "role_not_allowed", faastest.Coach(t, demo.CoachID), "POST", "/schedule_appointment", wednesday)
	b.problem(t, 403, "role_not_allowed", faastest.Coach(t, demo.CoachID), "POST", "/mcp", "{}")
	b.problem(t, 404, "tool_unknown", mara, "POST", "/drop_tables", `{}`)
	b.problem(t, 404, "proposal_unknown", mara, "POST", "/proposals/x", "")
	for name, body := range map[string]string{
		"unknown field": `{"coach":"coach-jonas","starts_at":"2026-03-04T10:00:00+01:00","member_id":"omar"}`, "no time": `{"coach":"coach-jonas"}`,
		"words for a time": `{"coach":"coach-jonas","starts_at":"next tuesday"}`, "schema echo": `{"coach":{"type":"string"},"starts_at":{"type":"string"}}`,
		"no object": `[]`, "null": `null`, "huge": `{"coach":"` + strings.Repeat("x", 20_000) + `","starts_at":"2026-03-04T10:00:00+01:00"}`,
	} {
		t.Run(name, func(t *testing.T) {
			b.problem(t, 400, "arguments_invalid", mara, "POST", "/schedule_appointment", body)
		})
	}
	b.problem(t, 400, "json_too_deep", mara, "POST", "/schedule_appointment", strings.Repeat(`{"coach":`, 10_000)+"1"+strings.Repeat("}", 10_000))
	b.problem(t, 400, "invalid_json", mara, "POST", "/log_workout", `{"exercise":"Squat","sets":NaN,"reps":5}`)
	b.problem(t, 413, "body_too_large", mara, "POST", "/log_workout", `{"exercise":"`+strings.Repeat("x", 300_000)+`"}`)
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
	if w := b.call(t, faastest.Coach(t, demo.CoachID), "GET", "/openai", ""); strings.TrimSpace(w.Body.String()) != "[]" {
		t.Errorf("a coach is offered %s", w.Body)
	}
}

// TestLimit: a member gets so many proposals a minute and no write without one; reading does not count.
func TestLimit(t *testing.T) {
	b := limited(t, "2")
	omar := faastest.Member(t, "omar-"+rand.Text())
	read := `{"from":"2026-03-04T00:00:00+01:00","to":"2026-03-05T00:00:00+01:00"}`
	for range 2 {
		b.problem(t, 422, "slot_past", omar, "POST", "/schedule_appointment", `{"coach":"coach-jonas","starts_at":"2020-03-04T10:00:00+01:00"}`) // nothing is proposed
		b.answer(t, omar, "POST", "/schedule_appointment", wednesday)
	}
	w := b.call(t, omar, "POST", "/schedule_appointment", wednesday)
	if w.Code != http.StatusTooManyRequests || !strings.Contains(w.Body.String(), `"rate_limited"`) || w.Header().Get("Retry-After") == "" || w.Header().Get("RateLimit-Limit") != "2" {
		t.Errorf("one too many: %d %s, headers %v", w.Code, w.Body, w.Header())
	}
	if w := b.call(t, omar, "POST", "/check_availability", read); w.Code == http.StatusTooManyRequests {
		t.Errorf("reading: %d %s", w.Code, w.Body)
	}
	b.answer(t, faastest.Member(t, "another-"+rand.Text()), "POST", "/schedule_appointment", wednesday)
}
