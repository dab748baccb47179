//go:build integration

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/intellifit/intellifit/internal/stack"
	"github.com/intellifit/intellifit/shared/planner"
)

// TestFirstContact is a new user's first hour: start, look, ask, import, restart after a crash, stop.
func TestFirstContact(t *testing.T) {
	i := install(t)
	screen := i.up("--demo")
	for _, want := range []string{"A plan for demo member mara", "Workout:", "Menu, day 1", "IntelliFit is ready at http://" + i.addr, "TOKEN=", "curl -s"} {
		if !strings.Contains(screen, want) {
			t.Errorf("the first screen lacks %q:\n%s", want, screen)
		}
	}
	mara := i.token("--as", "mara")
	made := i.planOf(t, mara)
	i.look(t, mara, made)
	i.converse(t)
	i.async(t, mara)
	i.book(t, mara)
	i.chat(t, mara)
	i.callInBrowser(t)
	i.refuseBadImport(t)
	i.evaluate(t)
	i.crash(t, mara, made)
	state, err := stack.LoadState(i.home)
	if err != nil {
		t.Fatal(err)
	}
	i.run("down")
	gone(t, state.Components)
}

// planOf asks for a plan, which the real model must have chosen.
func (i *installation) planOf(t *testing.T, token string) planner.Plan {
	t.Helper()
	var p planner.Plan
	answer := i.call(token, "POST", "/function/plan", `{"days_per_week":3,"nutrition_days":2,"wishes":"more lentils, no mushrooms"}`)
	if answer.status != 200 {
		t.Fatalf("status %d: %s", answer.status, answer.body)
	}
	answer.into(t, &p)
	if p.Source != planner.SourceModel || p.Degraded || p.Model.Digest == "" || len(p.ModelSeconds) < 2 {
		t.Errorf("the model did not choose: source %s, degraded %t, model %+v", p.Source, p.Degraded, p.Model)
	}
	if answer.header.Get("X-Call-Id") == "" || answer.header.Get("X-Duration-Seconds") == "" {
		t.Errorf("headers of OpenFaaS are missing: %v", answer.header)
	}
	return p
}

// look reads the plan in every way and asks the installation how it is.
func (i *installation) look(t *testing.T, token string, made planner.Plan) {
	t.Helper()
	if page := i.call(token, "GET", "/function/plan/"+made.ID, "", "Accept", "text/html"); !strings.Contains(string(page.body), made.Workout.Days[0].Items[0].Name) {
		t.Errorf("the page lacks the first exercise: %d %.300s", page.status, page.body)
	}
	var shown planner.Plan
	if err := json.Unmarshal([]byte(i.run("plan", "show", made.ID, "-o", "json")), &shown); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(made.Workout, shown.Workout); diff != "" {
		t.Errorf("plan show differs:\n%s", diff)
	}
	var report stack.Report
	if err := json.Unmarshal([]byte(i.run("status", "-o", "json")), &report); err != nil {
		t.Fatal(err)
	}
	var components []string
	for _, c := range report.Components {
		components = append(components, c.Name+" "+c.State)
	}
	want := []string{"postgres ready", "redis ready", "ollama ready", "tts ready", "whisper ready"}
	if diff := cmp.Diff(want, components); !report.Ready || diff != "" || report.Device == "" {
		t.Errorf("status: ready %t, device %q, components:\n%s", report.Ready, report.Device, diff)
	}
	i.run("doctor", "--addr", i.addr)
	for _, path := range []string{"/healthz", "/livez", "/readyz", "/metrics", "/openapi.json", "/docs", "/system/functions"} {
		if answer := i.call(token, "GET", path, ""); answer.status != 200 {
			t.Errorf("GET %s: %d %.200s", path, answer.status, answer.body)
		}
	}
}

// async sends one asynchronous call twice and waits for its single plan.
func (i *installation) async(t *testing.T, token string) {
	t.Helper()
	id := uuid.NewString()
	for range 2 {
		if answer := i.call(token, "POST", "/async-function/plan", `{"nutrition_days":1}`, "X-Call-Id", id); answer.status != 202 || answer.header.Get("X-Call-Id") != id {
			t.Fatalf("async: %d %v %s", answer.status, answer.header, answer.body)
		}
	}
	i.await(t, token, id)
}

// await polls a call as an app does, until the plan is there.
func (i *installation) await(t *testing.T, token, id string) planner.Plan {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(300 * time.Millisecond) {
		answer := i.call(token, "GET", "/function/plan?call="+id, "")
		if answer.status == 200 {
			var p planner.Plan
			answer.into(t, &p)
			return p
		}
		if answer.status != 202 || time.Now().After(deadline) {
			t.Fatalf("call %s: %d %s", id, answer.status, answer.body)
		}
	}
}

func (i *installation) refuseBadImport(t *testing.T) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "foods.csv")
	if err := os.WriteFile(file, []byte("id,name,kcal,protein,carbs,fat\na,Rice,130,3,28,0\nb,Bread,1100,8,49,3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := i.command("import", "foods", file).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "line 3, kcal") || !strings.Contains(string(out), "nothing was imported") {
		t.Errorf("a bad file: %v\n%s", err, out)
	}
}

// evaluate runs the measurement on the first profiles, by the rules and with the model.
func (i *installation) evaluate(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	profiles := filepath.Join(dir, "profiles.jsonl")
	for _, run := range [][]string{{"--model", "off", "--limit", "40"}, {"--model", "on", "--limit", "2"}} {
		out := i.run(append([]string{"eval", "plan", "--profiles", profiles, "--out", filepath.Join(dir, run[1]+".jsonl")}, run...)...)
		if !strings.Contains(out, "hard violations") {
			t.Errorf("eval %v:\n%s", run, out)
		}
	}
}

// crash kills the installation while it makes a plan and starts it again: nothing is lost, nothing happens twice.
func (i *installation) crash(t *testing.T, token string, made planner.Plan) {
	t.Helper()
	id := uuid.NewString()
	if answer := i.call(token, "POST", "/async-function/plan", `{"nutrition_days":1,"days_per_week":2}`, "X-Call-Id", id); answer.status != 202 {
		t.Fatalf("async: %d %s", answer.status, answer.body)
	}
	gone(t, i.kill())
	i.up()
	first := i.await(t, token, id)
	if again := i.await(t, token, id); again.ID != first.ID {
		t.Errorf("the call made %s and %s", first.ID, again.ID)
	}
	var p planner.Plan
	i.call(token, "GET", "/function/plan/"+made.ID, "").into(t, &p)
	if diff := cmp.Diff(made, p); diff != "" {
		t.Errorf("the plan from before the crash reads otherwise:\n%s", diff)
	}
}
