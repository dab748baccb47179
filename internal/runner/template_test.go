package runner

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/intellifit/intellifit/internal/runner/manifest"
)

var repository = filepath.Join("..", "..")

func repositoryStack(t *testing.T) *manifest.Stack {
	t.Helper()
	s, err := manifest.Load(filepath.Join(repository, "stack.yml"), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestTemplateBuilds gives every function the build context that faas-cli gives it and runs the Dockerfile's own build
// step there, so that a function that runs here also becomes an OpenFaaS image.
func TestTemplateBuilds(t *testing.T) {
	t.Parallel()
	stack := repositoryStack(t)
	goRoot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(strings.TrimSpace(string(goRoot)), "bin") + string(os.PathListSeparator) + os.Getenv("PATH")
	for _, f := range stack.Functions {
		context := t.TempDir()
		copyTree(t, filepath.Join(repository, "template", f.Lang), context)
		copyTree(t, filepath.Join(repository, f.Handler), filepath.Join(context, "function"))
		for _, extra := range stack.Copy {
			copyTree(t, filepath.Join(repository, extra), filepath.Join(context, "function", extra))
		}
		handler := filepath.Join(t.TempDir(), "handler")
		step := strings.Replace(buildStep(t, read(t, filepath.Join(context, "Dockerfile"))), " -o /handler ", " -o '"+handler+"' ", 1)
		build := exec.CommandContext(t.Context(), "sh", "-c", step)
		build.Dir = context
		build.Env = append(os.Environ(), "PATH="+path, "FUNCTION="+f.Name, "CGO_ENABLED=0", "GOFLAGS=-mod=readonly -buildvcs=false", "GOPROXY=off", "TARGETOS=", "TARGETARCH=")
		if out, err := build.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", f.Name, err, out)
			continue
		}
		if info, err := os.Stat(handler); err != nil || info.Mode()&0o111 == 0 {
			t.Errorf("%s: the build left no program: %v", f.Name, err)
		}
	}
}

// buildStep is the command of the Dockerfile that compiles.
func buildStep(t *testing.T, dockerfile string) string {
	t.Helper()
	for _, step := range regexp.MustCompile(`(?m)^RUN ((?:.*\\\n)*.*)$`).FindAllStringSubmatch(dockerfile, -1) {
		if strings.Contains(step[1], "go build") && strings.Contains(step[1], " -o /handler ") {
			return step[1]
		}
	}
	t.Fatal("the Dockerfile has no step with go build -o /handler")
	return ""
}

// TestTemplateNames: what stack.yml asks for is there under the name that faas-cli looks for.
func TestTemplateNames(t *testing.T) {
	t.Parallel()
	for _, f := range repositoryStack(t).Functions {
		folder := filepath.Join(repository, "template", f.Lang)
		var template struct {
			Language      string `yaml:"language"`
			Fprocess      string `yaml:"fprocess"`
			HandlerFolder string `yaml:"handler_folder"`
		}
		if err := yaml.Unmarshal([]byte(read(t, filepath.Join(folder, "template.yml"))), &template); err != nil {
			t.Fatal(err)
		}
		if template.Language != f.Lang || template.HandlerFolder != "function" || template.Fprocess != "./handler" {
			t.Errorf("%s: template/%s calls itself %+v", f.Name, f.Lang, template)
		}
		if _, err := os.Stat(filepath.Join(folder, "function")); err == nil {
			t.Errorf("template/%s has a function of its own, which would lie beside ours", f.Lang)
		}
	}
}

// TestGitignoreSurvivesFaasCLI makes the edit that every faas-cli build makes: lines that are missing go to the end, where
// they would hide our template again.
func TestGitignoreSurvivesFaasCLI(t *testing.T) {
	t.Parallel()
	lines := strings.Split(read(t, filepath.Join(repository, ".gitignore")), "\n")
	for _, line := range []string{"template", "build", ".secrets"} {
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	if hidden, shown := slices.Index(lines, "template"), slices.Index(lines, "!template/"); shown < hidden {
		t.Errorf("after faas-cli the last word of .gitignore on template/ is to ignore it: %q", lines)
	}
}

// copyTree copies a folder or a file.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	info, err := os.Stat(from)
	if err != nil {
		t.Fatal(err)
	}
	if !info.IsDir() {
		write(t, to, read(t, from))
		return
	}
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
