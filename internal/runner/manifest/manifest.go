// Package manifest reads stack.yml, the list of functions that faas-cli builds and deploys and that the local runner
// hosts. It reads the same file with the same rules: ${VAR:-default} is expanded, environment files override inline
// values, and keys that only the other reader knows are left alone.
package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// maxFile bounds stack.yml and each environment file.
const maxFile = 1 << 20

// functionName is a DNS label, as OpenFaaS wants it.
var functionName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// Stack is what stack.yml says.
type Stack struct {
	Version   string
	Gateway   string
	Copy      []string // what faas-cli copies into each build beside the handler
	Functions []Function
}

// Function is one function of the stack, in the order of the names.
type Function struct {
	Name        string
	Lang        string
	Handler     string
	Image       string
	Environment map[string]string
	Secrets     []string
	Labels      map[string]string
	Annotations map[string]string
	Limits      Resources
	Timeouts    Timeouts
	MaxInflight int // 0: no limit
}

// Resources are a function's bounds, kept as written.
type Resources struct {
	Memory string `yaml:"memory" json:"memory,omitempty"`
	CPU    string `yaml:"cpu" json:"cpu,omitempty"`
}

// Function returns the function of that name.
func (s *Stack) Function(name string) (Function, bool) {
	for _, f := range s.Functions {
		if f.Name == name {
			return f, true
		}
	}
	return Function{}, false
}

// document mirrors the file. Its maps take what faas-cli takes; unknown keys are ignored by the decoder.
type document struct {
	Version  text `yaml:"version"`
	Provider struct {
		Name    string `yaml:"name"`
		Gateway string `yaml:"gateway"`
	} `yaml:"provider"`
	Configuration struct {
		Copy []string `yaml:"copy"`
	} `yaml:"configuration"`
	Functions map[string]functionEntry `yaml:"functions"`
}

type functionEntry struct {
	Lang            string          `yaml:"lang"`
	Handler         string          `yaml:"handler"`
	Image           string          `yaml:"image"`
	Environment     map[string]text `yaml:"environment"`
	EnvironmentFile []string        `yaml:"environment_file"`
	Secrets         []string        `yaml:"secrets"`
	Labels          map[string]text `yaml:"labels"`
	Annotations     map[string]text `yaml:"annotations"`
	Limits          Resources       `yaml:"limits"`
}

// text takes any scalar as it is written: max_inflight: 2 and max_inflight: "2" are the same.
type text string

// UnmarshalYAML keeps the scalar's own words.
func (t *text) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.ScalarNode {
		return fmt.Errorf("line %d: want a single value", n.Line)
	}
	*t = text(n.Value)
	return nil
}

// Load reads the file at path; environment files are looked for beside it. getenv gives the values of ${VAR}.
func Load(path string, getenv func(string) string) (*Stack, error) {
	b, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("read stack: %w", err)
	}
	s, err := parse(b, getenv, func(name string) ([]byte, error) {
		return readFile(filepath.Join(filepath.Dir(path), filepath.FromSlash(name)))
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	return s, nil
}

// Parse reads the content of a stack.yml that names no environment files.
func Parse(b []byte, getenv func(string) string) (*Stack, error) {
	return parse(b, getenv, func(name string) ([]byte, error) {
		return nil, fmt.Errorf("environment_file %s: no folder to look in", name)
	})
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxFile {
		return nil, fmt.Errorf("%s is longer than %d bytes", path, maxFile)
	}
	return b, nil
}

func parse(b []byte, getenv func(string) string, open func(string) ([]byte, error)) (*Stack, error) {
	expanded, err := expand(string(b), getenv)
	if err != nil {
		return nil, err
	}
	var doc document
	dec := yaml.NewDecoder(bytes.NewReader([]byte(expanded)))
	if err := dec.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if doc.Provider.Name != "openfaas" {
		return nil, fmt.Errorf("provider.name is %q, want openfaas", doc.Provider.Name)
	}
	if len(doc.Functions) == 0 {
		return nil, errors.New("no functions")
	}
	s := &Stack{Version: string(doc.Version), Gateway: doc.Provider.Gateway, Copy: doc.Configuration.Copy}
	for _, name := range slices.Sorted(maps.Keys(doc.Functions)) {
		f, err := newFunction(name, doc.Functions[name], getenv, open)
		if err != nil {
			return nil, fmt.Errorf("function %q: %w", name, err)
		}
		s.Functions = append(s.Functions, f)
	}
	return s, nil
}

func newFunction(name string, e functionEntry, getenv func(string) string, open func(string) ([]byte, error)) (Function, error) {
	if !functionName.MatchString(name) {
		return Function{}, errors.New("the name is not a DNS label: 1 to 63 lower-case letters, digits and hyphens")
	}
	f := Function{
		Name: name, Lang: e.Lang, Handler: e.Handler, Image: e.Image, Secrets: e.Secrets, Limits: e.Limits,
		Environment: plain(e.Environment), Labels: plain(e.Labels), Annotations: plain(e.Annotations),
	}
	for _, file := range e.EnvironmentFile {
		env, err := environmentFile(file, getenv, open)
		if err != nil {
			return Function{}, err
		}
		maps.Copy(f.Environment, env)
	}
	for _, secret := range e.Secrets {
		if strings.ContainsAny(secret, "/\\") || strings.HasPrefix(secret, ".") || secret == "" {
			return Function{}, fmt.Errorf("secret %q: not a secret's name", secret)
		}
	}
	var err error
	if f.Timeouts, err = timeouts(f.Environment); err != nil {
		return Function{}, err
	}
	if f.MaxInflight, err = maxInflight(f.Environment); err != nil {
		return Function{}, err
	}
	return f, nil
}

func environmentFile(name string, getenv func(string) string, open func(string) ([]byte, error)) (map[string]string, error) {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return nil, fmt.Errorf("environment_file %q: want a path inside the project", name)
	}
	b, err := open(name)
	if err != nil {
		return nil, fmt.Errorf("environment_file %s: %w", name, err)
	}
	expanded, err := expand(string(b), getenv)
	if err != nil {
		return nil, fmt.Errorf("environment_file %s: %w", name, err)
	}
	var doc struct {
		Environment map[string]text `yaml:"environment"`
	}
	if err := yaml.Unmarshal([]byte(expanded), &doc); err != nil {
		return nil, fmt.Errorf("environment_file %s: %w", name, err)
	}
	return plain(doc.Environment), nil
}

func plain(m map[string]text) map[string]string {
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[k] = string(v)
	}
	return out
}
