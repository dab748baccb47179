//go:build integration

package e2e

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// toolAnswer is what the function tools answers.
type toolAnswer struct {
	Said     string
	Result   json.RawMessage
	Proposal *struct{ ID, Summary string }
}

func (i *installation) tool(t *testing.T, token, path, args string) toolAnswer {
	t.Helper()
	var a toolAnswer
	answer := i.call(token, "POST", "/function/tools/"+path, args)
	if answer.status != 200 {
		t.Fatalf("POST /function/tools/%s: %d %s", path, answer.status, answer.body)
	}
	answer.into(t, &a)
	return a
}

// book goes the way of an app: free times, a proposal, the yes, the appointment; and a plan that a tool starts.
func (i *installation) book(t *testing.T, token string) {
	t.Helper()
	from := time.Now().AddDate(0, 0, 7)
	window, err := json.Marshal(map[string]any{"coach": "coach-jonas", "from": from.Format(time.RFC3339), "to": from.AddDate(0, 0, 4).Format(time.RFC3339)})
	if err != nil {
		t.Fatal(err)
	}
	var free struct {
		Slots []struct {
			StartsAt string `json:"starts_at"`
		}
	}
	if err := json.Unmarshal(i.tool(t, token, "check_availability", string(window)).Result, &free); err != nil || len(free.Slots) == 0 {
		t.Fatalf("no free time in %s: %v", window, err)
	}
	proposed := i.tool(t, token, "schedule_appointment", `{"coach":"coach-jonas","starts_at":"`+free.Slots[0].StartsAt+`"}`)
	if proposed.Proposal == nil || !strings.Contains(proposed.Proposal.Summary, "Jonas Weber") {
		t.Fatalf("proposed %+v", proposed)
	}
	if before := i.tool(t, token, "list_appointments", `{}`); !strings.Contains(before.Said, "no appointment") {
		t.Errorf("before the yes: %s", before.Said)
	}
	if done := i.tool(t, token, "proposals/"+proposed.Proposal.ID, ``); !strings.HasPrefix(done.Said, "Booked: ") {
		t.Errorf("after the yes: %s", done.Said)
	}
	if again := i.call(token, "POST", "/function/tools/proposals/"+proposed.Proposal.ID, ""); again.status != 409 {
		t.Errorf("a second yes: %d %s", again.status, again.body)
	}
	if after := i.tool(t, token, "list_appointments", `{}`); !strings.Contains(after.Said, "Jonas Weber") {
		t.Errorf("the appointment is not listed: %s", after.Said)
	}
	plan := i.tool(t, token, "generate_plan", `{"days_per_week":2}`)
	var started struct {
		CallID string `json:"call_id"`
	}
	if err := json.Unmarshal(i.tool(t, token, "proposals/"+plan.Proposal.ID, ``).Result, &started); err != nil {
		t.Fatal(err)
	}
	if made := i.await(t, token, started.CallID); len(made.Workout.Days) != 2 {
		t.Errorf("the plan that a tool started has %d sessions", len(made.Workout.Days))
	}
}
