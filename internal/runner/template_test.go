package runner

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/intellifit/intellifit"
	"github.com/intellifit/intellifit/internal/runner/manifest"
)

// TestTemplateBuilds lays out each function as the Dockerfile of our template does and compiles it, so that a function that
// runs here also runs as an OpenFaaS image.
func TestTemplateBuilds(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	stack, err := manifest.Parse(intellifit.Manifest, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	dockerfile := read(t, filepath.Join(root, "template", "intellifit-go", "Dockerfile"))
	for _, f := range stack.Functions {
		src := t.TempDir()
		for _, dir := range []string{"shared", "migrations", filepath.Join("functions", f.Name)} {
			copyTree(t, filepath.Join(root, dir), filepath.Join(src, dir))
		}
		for _, file := range []string{"go.mod", "go.sum"} {
			write(t, filepath.Join(src, file), read(t, filepath.Join(root, file)))
		}
		main := read(t, filepath.Join(root, "template", "intellifit-go", "main.go"))
		placed := strings.Replace(main, `/functions/FUNCTION"`, `/functions/`+f.Name+`"`, 1)
		if placed == main || !strings.Contains(dockerfile, `/functions/FUNCTION`) {
			t.Fatal("main.go and the Dockerfile no longer agree on the import to replace")
		}
		write(t, filepath.Join(src, "main.go"), placed)
		build := exec.CommandContext(t.Context(), "go", "build", "-mod=readonly", "-o", filepath.Join(src, "handler"), ".")
		build.Dir, build.Env = src, append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
		if out, err := build.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", f.Name, err, out)
		}
	}
}

func TestStackNamesOurTemplate(t *testing.T) {
	t.Parallel()
	for _, want := range []string{"lang: intellifit-go", "- ./shared", "- ./migrations", "- ./go.mod", "- ./go.sum"} {
		if !strings.Contains(string(intellifit.Manifest), want) {
			t.Errorf("stack.yml lacks %q", want)
		}
	}
	ignored := read(t, filepath.Join("..", "..", ".gitignore"))
	for _, line := range []string{"template", "build", ".secrets", "!template/"} { // what faas-cli would append, and its antidote
		if !strings.Contains("\n"+ignored, "\n"+line) {
			t.Errorf(".gitignore lacks %q", line)
		}
	}
}

func copyTree(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
