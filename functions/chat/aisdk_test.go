package chat_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/internal/stack"
	"github.com/intellifit/intellifit/shared/faas/faastest"
)

// sdk installs Vercel's AI SDK as its lock file pins it, once for all runs, and returns the folder of the client.
func sdk(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("npm is missing: install Node.js 20")
		}
		t.Skip("npm is missing: install Node.js 20 to test with the AI SDK")
	}
	home, err := stack.Home(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(home, "cache", "aisdk")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	changed := false
	for _, name := range []string{"package.json", "package-lock.json", "client.mjs"} {
		want, err := os.ReadFile(filepath.Join("testdata", "aisdk", name))
		if err != nil {
			t.Fatal(err)
		}
		if have, err := os.ReadFile(filepath.Join(dir, name)); err == nil && string(have) == string(want) {
			continue
		}
		changed = changed || name != "client.mjs"
		if err := os.WriteFile(filepath.Join(dir, name), want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "ai")); err != nil || changed {
		install := exec.CommandContext(t.Context(), "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
		install.Dir = dir
		if out, err := install.CombinedOutput(); err != nil {
			t.Fatalf("install the AI SDK: %v\n%s", err, out)
		}
	}
	return dir
}

// TestAISDK: the client of the AI SDK books after an approval and does not after a denial, on the wire as a browser would.
func TestAISDK(t *testing.T) {
	dir := sdk(t)
	b := setup(t)
	token := faastest.Member(t, demo.MemberID)
	for _, c := range []struct{ answer, state, said string }{
		{"deny", "output-denied", "nothing was changed"}, {"approve", "output-available", "Booked: Monday"},
	} {
		node := exec.CommandContext(t.Context(), "node", "client.mjs", b.server.URL+"/ui", token, "book me with jonas next monday at 10 am", c.answer)
		node.Dir = dir
		out, err := node.Output()
		if err != nil {
			t.Fatalf("%s: %v\n%s", c.answer, err, out)
		}
		var got struct {
			Status   string
			Problems []string
			Messages []struct {
				Parts []struct{ Type, State, Text string }
			}
			Asked struct{ Type string }
		}
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatalf("%s: %v\n%s", c.answer, err, out)
		}
		parts := got.Messages[len(got.Messages)-1].Parts
		state, said := "", ""
		for _, p := range parts {
			said += p.Text
			if strings.HasPrefix(p.Type, "tool-") {
				state = p.State
			}
		}
		if got.Status != "ready" || len(got.Problems) > 0 || got.Asked.Type != "tool-schedule_appointment" || state != c.state || !strings.Contains(said, c.said) {
			t.Errorf("%s: %s", c.answer, out)
		}
	}
}
