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

// chat goes the same way in words: a question, a booking, the yes, and a red flag.
func (i *installation) chat(t *testing.T, token string) {
	t.Helper()
	conversation := ""
	say := func(message string) (reply struct {
		ConversationID string `json:"conversation_id"`
		Reply          string
		Action         struct{ Name, Status string }
		Proposal       *struct{ ID string }
		Safety         *struct{ Code string }
	}) {
		body, err := json.Marshal(map[string]string{"message": message, "conversation_id": conversation})
		if err != nil {
			t.Fatal(err)
		}
		answer := i.call(token, "POST", "/function/chat", string(body))
		if answer.status != 200 {
			t.Fatalf("%q: %d %s", message, answer.status, answer.body)
		}
		answer.into(t, &reply)
		conversation = reply.ConversationID
		return reply
	}
	day := strings.ToLower(time.Now().AddDate(0, 0, 8).Format("2 January"))
	if free := say("is jonas free on " + day + "?"); free.Action.Name != "check_availability" || free.Action.Status != "read" {
		t.Errorf("availability: %+v", free)
	}
	if proposed := say("cancel my next appointment"); proposed.Proposal == nil {
		t.Errorf("cancelling: %+v", proposed)
	}
	if done := say("yes please"); done.Action.Status != "done" || !strings.HasPrefix(done.Reply, "Cancelled: ") {
		t.Errorf("after the yes: %+v", done)
	}
	if stop := say("I have chest pain right now"); stop.Safety == nil || stop.Safety.Code != "chest_pain" || !strings.Contains(stop.Reply, "112") {
		t.Errorf("chest pain: %+v", stop)
	}
}
