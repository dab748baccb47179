package models

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEmbeddedLockNamesEverything(t *testing.T) {
	t.Parallel()
	l, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{Postgres, CoachSmall, EmbedSmall, CoachStandard, EmbedStandard, Miniaudio, OllamaHeaders, OllamaServer, Redis,
		WhisperSmall, WhisperStandard, Voice, SmartTurn} {
		for _, platform := range []string{"linux/amd64", "linux/arm64"} {
			if _, err := l.Find(name, platform); err != nil {
				t.Errorf("Find(%s, %s): %v", name, platform, err)
			}
		}
	}
	if _, err := l.Find(Postgres, "plan9/386"); err == nil || !strings.Contains(err.Error(), "linux/amd64") {
		t.Errorf("Find on a platform without it = %v, want an error that names those with it", err)
	}
}

// The copies that are embedded must be the files of servers/coach, and those must pin what the lock file says.
func TestCoachFilesAgree(t *testing.T) {
	t.Parallel()
	for original, copyOf := range map[string]string{
		"go.mod": "coach.mod", "go.sum": "coach.sum", "Modelfile.small": "Modelfile.small", "Modelfile.standard": "Modelfile.standard",
	} {
		want, err := os.ReadFile(filepath.Join("..", "..", "servers", "coach", original))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(coachFile(copyOf))); diff != "" {
			t.Errorf("servers/coach/%s differs from its copy; run go generate ./internal/models\n%s", original, diff)
		}
	}
	a, err := Pinned(OllamaServer)
	if err != nil {
		t.Fatal(err)
	}
	src, _ := a.Source(SourceGo)
	if mod := string(coachFile("coach.mod")); !strings.Contains(mod, "\ntool "+src.Module+"\n") || !strings.Contains(mod, src.Module+" "+a.Version+" ") {
		t.Errorf("servers/coach/go.mod has no tool line for %s or not version %s", src.Module, a.Version)
	}
	if sum := string(coachFile("coach.sum")); !strings.Contains(sum, src.Module+" "+a.Version+" "+src.Sum+"\n") {
		t.Errorf("servers/coach/go.sum has not the sum of the lock file")
	}
	ours, err := os.ReadFile(filepath.Join("..", "..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(ours), src.Module+" "+a.Version) {
		t.Errorf("go.mod has another version of the client than the server's %s", a.Version)
	}
}

func TestModelfiles(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Modelfile.small", "Modelfile.standard"} {
		req, err := requestOf(coachFile(name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := req.Parameters["num_ctx"]; got != int64(8192) {
			t.Errorf("%s: num_ctx = %v (%T), want 8192", name, got, got)
		}
		if stops, ok := req.Parameters["stop"].([]string); !ok || len(stops) < 2 {
			t.Errorf("%s: stop = %v, want the template's marks", name, req.Parameters["stop"])
		}
		if req.From != "" {
			t.Errorf("%s: From = %q, want it left to the caller", name, req.From)
		}
	}
	small, err := requestOf(coachFile("Modelfile.small"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(small.Template, "<|im_start|>assistant\n") {
		t.Errorf("template ends with %q, want the assistant's turn opened", small.Template[max(0, len(small.Template)-30):])
	}
}

func TestParseLockRefuses(t *testing.T) {
	t.Parallel()
	const file = `{"artifacts":[{"name":"a","role":"r","version":"1","license":{"spdx":"MIT"},"filename":"a.whl","size":3,` +
		`"sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","sources":[{"kind":"url","url":"http://h/a.whl"}]}]}`
	if _, err := ParseLock([]byte(file)); err != nil {
		t.Fatalf("ParseLock(good) = %v", err)
	}
	tests := []struct{ name, old, replacement, want string }{
		{"unknown field", `"role"`, `"rule"`, "rule"},
		{"no licence", `"MIT"`, `""`, "licence"},
		{"short digest", `ba7816bf`, ``, "sha256"},
		{"no size", `"size":3`, `"size":0`, "size"},
		{"name with a folder", `"filename":"a.whl"`, `"filename":"../a.whl"`, "plain name"},
		{"unknown source", `"kind":"url"`, `"kind":"ftp"`, "unknown kind"},
		{"source without address", `http://h/a.whl`, ``, "missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseLock([]byte(strings.Replace(file, tt.old, tt.replacement, 1)))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("ParseLock = %v, want an error with %q", err, tt.want)
			}
		})
	}
}
