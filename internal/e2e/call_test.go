//go:build integration

package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/intellifit/intellifit/internal/callpage/browsertest"
	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/internal/stack"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/postgres"
)

// callInBrowser is a member who calls from Chromium: the microphone plays speech, the page sends it, whisper hears it, the coach offers,
// and after a yes by voice the appointment is a row in PostgreSQL.
func (i *installation) callInBrowser(t *testing.T) {
	t.Helper()
	state, err := stack.LoadState(i.home)
	if err != nil {
		t.Fatal(err)
	}
	const member = "tarik"
	dir := t.TempDir()
	var recordings []string
	for n, words := range []string{"Book me with Jonas on Friday at ten A M.", "Yes, book it."} {
		at := filepath.Join(dir, string(rune('a'+n))+".wav")
		if err := os.WriteFile(at, i.say(t, state.TTSURL, words), 0o600); err != nil {
			t.Fatal(err)
		}
		recordings = append(recordings, at)
	}
	before := i.appointments(t, state.DatabaseURL, member)
	result := browsertest.Call(t, browsertest.Plan{Base: state.URL, Token: i.token("--as", member), Recordings: recordings, PatienceMS: 120_000, Screenshots: os.Getenv("CALLPAGE_SCREENSHOTS")})
	if after := i.appointments(t, state.DatabaseURL, member); after != before+1 {
		t.Errorf("%d appointments before the call, %d after; captions %+v", before, after, result.Captions)
	}
	if len(result.Errors) > 0 || len(result.Foreign) > 0 || len(result.Sounded) == 0 {
		t.Errorf("errors %q, requests elsewhere %q, sound %v", result.Errors, result.Foreign, result.Sounded)
	}
	said := ""
	for _, c := range result.Captions {
		said += c.Text + "\n"
	}
	if !strings.Contains(said, "Booked") {
		t.Errorf("the captions are %s", said)
	}
}

func (i *installation) appointments(t *testing.T, databaseURL, member string) int {
	t.Helper()
	db, err := postgres.Open(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx := gym.WithPrincipal(context.WithoutCancel(t.Context()), gym.Principal{GymID: demo.GymID, Subject: "test", Role: gym.RoleService})
	list, err := db.Appointments(ctx, member, time.Now().AddDate(0, 0, -1), time.Now().AddDate(0, 2, 0))
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}
