package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
)

func TestToken(t *testing.T) {
	home := t.TempDir()
	t.Setenv("INTELLIFIT_HOME", home)
	run := func(args ...string) (string, error) {
		var out bytes.Buffer
		cmd := newToken()
		cmd.SetArgs(args)
		cmd.SetOut(&out)
		cmd.SetErr(&out)
		err := cmd.Execute()
		return strings.TrimSpace(out.String()), err
	}
	if _, err := run("--as", "mia"); err == nil || !strings.Contains(err.Error(), "run `intellifit up` first") {
		t.Errorf("without a key: %v", err)
	}
	secrets := filepath.Join(home, "secrets")
	if err := os.Mkdir(secrets, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(secrets, "jwt-key"), []byte(strings.Repeat("k", 40)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	token, err := run("--as", "mia", "--role", "coach", "--ttl", "5m", "--gym", "north")
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := faas.NewVerifier(faas.SecretDir(secrets), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	got, err := verifier.Verify(token)
	if want := (gym.Principal{GymID: "north", Subject: "mia", Role: gym.RoleCoach}); err != nil || got != want {
		t.Errorf("Verify = %v, %v; want %v", got, err, want)
	}
	for name, args := range map[string][]string{
		"no subject":  {},
		"bad subject": {"--as", "a b"},
		"bad role":    {"--as", "mia", "--role", "owner"},
		"long ttl":    {"--as", "mia", "--ttl", "16m"},
		"no ttl":      {"--as", "mia", "--ttl", "0s"},
		"bad gym":     {"--as", "mia", "--gym", "../x"},
	} {
		if out, err := run(args...); err == nil {
			t.Errorf("%s: printed %q, want an error", name, out)
		}
	}
}
