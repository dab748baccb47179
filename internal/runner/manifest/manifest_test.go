package manifest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/internal/runner/manifest"
)

func none(string) string { return "" }

const small = `version: 1.0
provider: {name: openfaas, gateway: http://127.0.0.1:8080}
functions:
  plan:
    lang: intellifit-go
    handler: ./functions/plan
    image: ${REGISTRY:-example}/plan:${TAG}
    platforms: linux/amd64
    environment: {exec_timeout: 4m, read_timeout: 242, write_timeout: 4m2s, max_inflight: 2, WORD: "$$5 ${WORD-x}"}
    secrets: [jwt-key]
    some_later_key: {a: 1}
`

func TestParse(t *testing.T) {
	t.Parallel()
	env := map[string]string{"TAG": "1"}
	s, err := manifest.Parse([]byte(small), func(k string) string { return env[k] })
	if err != nil {
		t.Fatal(err)
	}
	want := []manifest.Function{{
		Name: "plan", Lang: "intellifit-go", Handler: "./functions/plan", Image: "example/plan:1",
		Environment: map[string]string{"exec_timeout": "4m", "read_timeout": "242", "write_timeout": "4m2s", "max_inflight": "2", "WORD": "$5 x"},
		Secrets:     []string{"jwt-key"}, Labels: map[string]string{}, Annotations: map[string]string{},
		Timeouts:    manifest.Timeouts{Exec: 4 * time.Minute, Read: 242 * time.Second, Write: 242 * time.Second},
		MaxInflight: 2,
	}}
	if diff := cmp.Diff(want, s.Functions); diff != "" {
		t.Errorf("functions (-want +got):\n%s", diff)
	}
}

// TestRepositoryStack holds the real stack.yml to what both hosts need.
func TestRepositoryStack(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "..")
	s, err := manifest.Load(filepath.Join(root, "stack.yml"), none)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"./shared", "./migrations", "./go.mod", "./go.sum"}, s.Copy); diff != "" {
		t.Errorf("configuration.copy (-want +got):\n%s", diff)
	}
	for _, f := range s.Functions {
		if f.Timeouts.Exec > f.Timeouts.Read || f.Timeouts.Exec > f.Timeouts.Write {
			t.Errorf("%s: timeouts %+v are out of order", f.Name, f.Timeouts)
		}
		if _, _, err := f.Schedule(); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		if f.Handler != "./functions/"+f.Name || strings.HasSuffix(f.Image, ":latest") || !strings.HasSuffix(f.Limits.Memory, "Mi") {
			t.Errorf("%s: handler %q, image %q, memory %q", f.Name, f.Handler, f.Image, f.Limits.Memory)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	stack := func(functions string) string {
		return "provider: {name: openfaas}\nfunctions:\n" + functions
	}
	for name, in := range map[string]string{
		"empty":                   "",
		"other provider":          "provider: {name: knative}\nfunctions: {a: {}}",
		"no functions":            "provider: {name: openfaas}",
		"upper-case name":         stack("  Plan: {}"),
		"long name":               stack("  " + strings.Repeat("a", 64) + ": {}"),
		"name with a slash":       stack("  a/b: {}"),
		"same name twice":         stack("  a: {}\n  a: {}"),
		"secret with a path":      stack("  a: {secrets: [../x]}"),
		"timeout without unit":    stack("  a: {environment: {exec_timeout: soon}}"),
		"negative timeout":        stack("  a: {environment: {exec_timeout: -1s}}"),
		"write shorter than exec": stack("  a: {environment: {exec_timeout: 4m, read_timeout: 5m, write_timeout: 1m}}"),
		"read shorter than exec":  stack("  a: {environment: {exec_timeout: 4m, write_timeout: 5m}}"),
		"max_inflight":            stack("  a: {environment: {max_inflight: many}}"),
		"list for a value":        stack("  a: {environment: {A: [1]}}"),
		"open variable":           stack("  a: {image: '${X'}"),
		"odd variable":            stack("  a: {image: '${X/y/z}'}"),
		"environment file out":    stack("  a: {environment_file: [../../etc/passwd]}"),
		"not YAML":                "\t{",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if s, err := manifest.Parse([]byte(in), none); err == nil {
				t.Errorf("Parse = %+v, want an error", s)
			}
		})
	}
}

func TestEnvironmentFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.yml", "environment: {A: 1, B: 1}")
	write("b.yml", "environment: {B: 2}")
	write("stack.yml", "provider: {name: openfaas}\nfunctions: {f: {environment: {A: 0, C: 0}, environment_file: [a.yml, b.yml]}}")
	s, err := manifest.Load(filepath.Join(dir, "stack.yml"), none)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"A": "1", "B": "2", "C": "0"}, s.Functions[0].Environment); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		annotations map[string]string
		ok, bad     bool
	}{
		{"none", nil, false, false},
		{"nightly", map[string]string{"topic": "cron-function", "schedule": "0 3 * * *"}, true, false},
		{"zone", map[string]string{"topic": "cron-function", "schedule": "CRON_TZ=Europe/Berlin 0 3 * * *"}, true, false},
		{"every", map[string]string{"topic": "cron-function", "schedule": "@every 1h"}, true, false},
		{"six fields", map[string]string{"topic": "cron-function", "schedule": "0 0 3 * * *"}, false, true},
		{"list of a paid edition", map[string]string{"topic": "cron-function", "schedule": "0 3 * * *;0 4 * * *"}, false, true},
		{"no topic", map[string]string{"schedule": "0 3 * * *"}, false, true},
		{"no schedule", map[string]string{"topic": "cron-function"}, false, true},
		{"bad zone", map[string]string{"topic": "cron-function", "schedule": "CRON_TZ=Mars/Base 0 3 * * *"}, false, true},
		{"zone alone", map[string]string{"topic": "cron-function", "schedule": "TZ=UTC"}, false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, ok, err := manifest.Function{Annotations: tt.annotations}.Schedule()
			if ok != tt.ok || (err != nil) != tt.bad {
				t.Errorf("Schedule() = %v, %v; want ok %v, error %v", ok, err, tt.ok, tt.bad)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte("provider: {name: openfaas}\nfunctions: {a: {annotations: {topic: cron-function, schedule: 'TZ='}}}"))
	f.Add([]byte("a: &a [*a]\nfunctions: &b {x: *b}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := manifest.Parse(b, func(k string) string { return k })
		if err != nil {
			return
		}
		for _, fn := range s.Functions {
			if fn.Name == "" || len(fn.Name) > 63 || fn.Timeouts.Exec > fn.Timeouts.Write || fn.Timeouts.Exec <= 0 {
				t.Errorf("accepted %+v", fn)
			}
			_, _, _ = fn.Schedule()
		}
	})
}
