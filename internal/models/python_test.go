package models

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestFindPython(t *testing.T) {
	t.Parallel()
	answer := func(version string) string { return "echo '" + version + " /opt/python'" }
	for name, tt := range map[string]struct {
		programs   map[string]string
		env        string
		want, lack string
	}{
		"the newest that fits": {map[string]string{"python3": answer("3.11.2"), "python3.12": answer("3.12.9")}, "", "3.12.9", ""},
		"a shim of a version that is not there": {map[string]string{"python3.13": "echo 'pyenv: python3.13: command not found' >&2; exit 127", "python3": answer("3.11.7")},
			"", "3.11.7", ""},
		"none":                     {nil, "", "", "there is none on PATH"},
		"too old":                  {map[string]string{"python3": answer("3.9.2")}, "", "", "python3 is 3.9.2"},
		"too new":                  {map[string]string{"python3": answer("3.14.0")}, "", "", "python3 is 3.14.0"},
		"without its venv package": {map[string]string{"python3": "echo \"ModuleNotFoundError: No module named 'ensurepip'\" >&2; exit 1"}, "", "", "No module named 'ensurepip'"},
		"something else":           {map[string]string{"python3": "echo hello"}, "", "", "does not say its version"},
		"named":                    {map[string]string{"mine": answer("3.11.1"), "python3": answer("3.12.0")}, "mine", "3.11.1", ""},
		"named and not there":      {map[string]string{"python3": answer("3.12.0")}, "mine", "", "INTELLIFIT_PYTHON is set to mine"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for program, script := range tt.programs {
				if err := os.WriteFile(filepath.Join(dir, program), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			getenv := func(name string) string { return map[string]string{"INTELLIFIT_PYTHON": tt.env}[name] }
			found, err := FindPython(t.Context(), getenv, func(name string) (string, error) {
				if tt.programs[name] == "" {
					return "", exec.ErrNotFound
				}
				return filepath.Join(dir, name), nil
			})
			if tt.lack == "" {
				if err != nil || found.Version != tt.want || found.Path != "/opt/python" {
					t.Errorf("FindPython = %+v, %v, want version %s", found, err, tt.want)
				}
				return
			}
			var missing *MissingError
			if !errors.As(err, &missing) || !strings.Contains(missing.What, tt.lack) || !strings.Contains(missing.Fix, "apt-get install python3 python3-venv") ||
				!strings.Contains(missing.Fix, "--no-voice") {
				t.Errorf("FindPython = %v, want %q and the fix", err, tt.lack)
			}
		})
	}
}
