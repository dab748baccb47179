// Package models provides everything that `intellifit up` needs and the machine lacks: it fetches artifacts, checks them
// against the lock file before their first use, unpacks or builds them, and creates the two model aliases that the
// functions ask Ollama for, `coach` and `embed`.
//
// Every artifact is pinned in lock.json with its licence, size, sha256 and sources in order. Files land in
// INTELLIFIT_HOME: verified downloads in downloads/, what is unpacked or built from them in components/. Each step
// leaves a record, so that a second run finds its work done; each survives a kill, since a result appears under its name
// only when it is complete.
package models

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
)

//go:embed lock.json
var lockJSON []byte

// The names of the artifacts in the lock file.
const (
	Postgres      = "postgres"
	CoachSmall    = "coach-small"
	EmbedSmall    = "embed-small"
	CoachStandard = "coach-standard"
	EmbedStandard = "embed-standard"
	Miniaudio     = "miniaudio"
	OllamaHeaders = "ollama-headers"
	OllamaServer  = "ollama"
	Redis         = "redis"

	WhisperSmall    = "whisper-small-profile" // faster-whisper base
	WhisperStandard = "whisper-standard"      // faster-whisper small
	Voice           = "voice"
	SmartTurn       = "smart-turn"
)

// The kinds of sources in the lock file.
const (
	SourcePyPI   = "pypi"   // a file of a Python package, found through the index's simple API
	SourceURL    = "url"    // a plain file
	SourceHub    = "hub"    // a file of a model at a commit of the Hugging Face hub
	SourcePath   = "path"   // a file on this machine
	SourceOllama = "ollama" // a model, pulled by a running Ollama
	SourceDebian = "debian" // packages of the distribution
	SourceGo     = "go"     // a Go module, pinned by go.sum of servers/coach
)

// Lock is the list of pinned artifacts.
type Lock struct {
	Artifacts []Artifact `json:"artifacts"`
}

// Artifact is one pinned thing: a file (Filename, Size and SHA256 set), a model of the Ollama registry (Size and SHA256
// of its weights), packages of the distribution, a Go module, or a folder put together from the files of others.
type Artifact struct {
	Name     string    `json:"name"`
	Role     string    `json:"role"`
	Version  string    `json:"version"`
	Platform string    `json:"platform,omitempty"` // GOOS/GOARCH; empty serves all
	License  License   `json:"license"`
	Filename string    `json:"filename,omitempty"`
	Size     int64     `json:"size,omitempty"` // bytes
	SHA256   string    `json:"sha256,omitempty"`
	Sources  []Source  `json:"sources"`
	Unpack   *Unpack   `json:"unpack,omitempty"`
	Members  []Member  `json:"members,omitempty"`
	Assembly *Assembly `json:"assembly,omitempty"`
	Note     string    `json:"note,omitempty"`
}

// License says under which terms an artifact may be used.
type License struct {
	SPDX string `json:"spdx"`
	Note string `json:"note,omitempty"`
}

// Source is one place that an artifact can come from. Which fields are set depends on Kind.
type Source struct {
	Kind     string   `json:"kind"`
	Package  string   `json:"package,omitempty"`
	Version  string   `json:"version,omitempty"`
	Filename string   `json:"filename,omitempty"`
	URL      string   `json:"url,omitempty"`
	Path     string   `json:"path,omitempty"`
	Model    string   `json:"model,omitempty"`
	Manifest string   `json:"manifest,omitempty"` // sha256 of the model's manifest
	Packages []string `json:"packages,omitempty"`
	Module   string   `json:"module,omitempty"`
	Sum      string   `json:"sum,omitempty"`
}

// Unpack is the recipe that turns a wheel into a folder under components/. Include and Exclude are path prefixes; the
// bounds stop an archive that grows beyond what the lock file expects.
type Unpack struct {
	Dir      string   `json:"dir"`
	Include  []string `json:"include"`
	Exclude  []string `json:"exclude,omitempty"`
	MaxBytes int64    `json:"max_bytes"`
	MaxFiles int      `json:"max_files"`
}

// Member is a pinned file inside an archive.
type Member struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Assembly is the recipe of a folder under components/ whose files are all pinned.
type Assembly struct {
	Dir   string      `json:"dir"`
	Files []Assembled `json:"files"`
}

// Assembled is one file of an assembly: its parts, one after the other.
type Assembled struct {
	Member
	Parts []Part `json:"parts"`
}

// Part is the whole file of an artifact, or one member of the archive that it is.
type Part struct {
	Artifact string `json:"artifact,omitempty"` // empty: the artifact that the assembly belongs to
	Member   string `json:"member,omitempty"`
}

var embedded = sync.OnceValues(func() (*Lock, error) { return ParseLock(lockJSON) })

// Embedded returns the lock file that this build carries.
func Embedded() (*Lock, error) { return embedded() }

// ParseLock reads a lock file and refuses one with an unknown field or an artifact that is not fully pinned.
func ParseLock(data []byte) (*Lock, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var l Lock
	if err := dec.Decode(&l); err != nil {
		return nil, fmt.Errorf("decode lock file: %w", err)
	}
	seen := map[string]bool{}
	for _, a := range l.Artifacts {
		if err := a.validate(); err != nil {
			return nil, fmt.Errorf("lock file: artifact %q: %w", a.Name, err)
		}
		key := a.Name + " " + a.Platform
		if seen[key] {
			return nil, fmt.Errorf("lock file: artifact %q is listed twice for platform %q", a.Name, a.Platform)
		}
		seen[key] = true
	}
	for _, a := range l.Artifacts {
		if err := l.checkParts(a); err != nil {
			return nil, fmt.Errorf("lock file: artifact %q: %w", a.Name, err)
		}
	}
	return &l, nil
}

// checkParts refuses an assembly of files that no artifact brings.
func (l *Lock) checkParts(a Artifact) error {
	if a.Assembly == nil {
		return nil
	}
	for _, f := range a.Assembly.Files {
		for _, p := range f.Parts {
			i := slices.IndexFunc(l.Artifacts, func(of Artifact) bool { return of.Name == firstOf(p.Artifact, a.Name) && of.IsFile() })
			if i < 0 {
				return fmt.Errorf("file %q is made of artifact %q, which is no file", f.Path, firstOf(p.Artifact, a.Name))
			}
			if of := l.Artifacts[i]; len(f.Parts) == 1 && p.Member == "" && (of.SHA256 != f.SHA256 || of.Size != f.Size) {
				return fmt.Errorf("file %q is artifact %q and yet has another checksum", f.Path, of.Name)
			}
		}
	}
	return nil
}

// Find returns the artifact of that name for a platform (GOOS/GOARCH).
func (l *Lock) Find(name, platform string) (Artifact, error) {
	var others []string
	for _, a := range l.Artifacts {
		if a.Name != name {
			continue
		}
		if a.Platform == "" || a.Platform == platform {
			return a, nil
		}
		others = append(others, a.Platform)
	}
	if others != nil {
		return Artifact{}, fmt.Errorf("artifact %s is not provided for %s, only for %s", name, platform, strings.Join(others, ", "))
	}
	return Artifact{}, fmt.Errorf("artifact %s is not in the lock file", name)
}

// Pinned returns the artifact of that name for this machine.
func Pinned(name string) (Artifact, error) {
	l, err := Embedded()
	if err != nil {
		return Artifact{}, err
	}
	return l.Find(name, runtime.GOOS+"/"+runtime.GOARCH)
}

// Source returns the first source of a kind.
func (a Artifact) Source(kind string) (Source, bool) {
	i := slices.IndexFunc(a.Sources, func(s Source) bool { return s.Kind == kind })
	if i < 0 {
		return Source{}, false
	}
	return a.Sources[i], true
}

// IsFile reports whether the artifact is a single file that Store.Ensure can fetch.
func (a Artifact) IsFile() bool { return a.Filename != "" }

var (
	hex64    = regexp.MustCompile(`^[0-9a-f]{64}$`)
	safeName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]*$`)
)

func (a Artifact) validate() error {
	switch {
	case a.Name == "" || a.Role == "" || a.Version == "":
		return errors.New("name, role or version missing")
	case a.License.SPDX == "":
		return errors.New("licence missing")
	case len(a.Sources) == 0 && a.Assembly == nil:
		return errors.New("no source")
	case a.Filename != "" && !safeName.MatchString(a.Filename):
		return fmt.Errorf("file name %q is not a plain name", a.Filename)
	case a.Filename != "" && (a.Size <= 0 || !hex64.MatchString(a.SHA256)):
		return errors.New("a file needs its size and sha256")
	case a.Unpack != nil && (!safeName.MatchString(a.Unpack.Dir) || len(a.Unpack.Include) == 0 || a.Unpack.MaxBytes <= 0 || a.Unpack.MaxFiles <= 0):
		return errors.New("an unpack recipe needs a folder, prefixes and bounds")
	}
	for _, m := range a.Members {
		if m.Path == "" || m.Size <= 0 || !hex64.MatchString(m.SHA256) {
			return fmt.Errorf("member %q needs its size and sha256", m.Path)
		}
	}
	if a.Assembly != nil {
		if err := a.Assembly.validate(); err != nil {
			return err
		}
	}
	for _, s := range a.Sources {
		if err := s.validate(a); err != nil {
			return fmt.Errorf("source %s: %w", s.Kind, err)
		}
	}
	return nil
}

func (r Assembly) validate() error {
	if !safeName.MatchString(r.Dir) || len(r.Files) == 0 {
		return errors.New("an assembly needs a folder and files")
	}
	for _, f := range r.Files {
		if !safeName.MatchString(f.Path) || f.Size <= 0 || !hex64.MatchString(f.SHA256) || len(f.Parts) == 0 {
			return fmt.Errorf("file %q of the assembly needs a plain name, its size, its sha256 and its parts", f.Path)
		}
	}
	return nil
}

func (s Source) validate(a Artifact) error {
	var ok bool
	switch s.Kind {
	case SourcePyPI:
		ok = a.IsFile() && s.Package != "" && s.Version != "" && s.Filename != ""
	case SourceURL:
		ok = a.IsFile() && s.URL != ""
	case SourceHub:
		ok = a.IsFile() && s.Model != "" && s.Version != "" && s.Filename != ""
	case SourcePath:
		ok = a.IsFile() && s.Path != ""
	case SourceOllama:
		ok = s.Model != "" && hex64.MatchString(s.Manifest) && hex64.MatchString(a.SHA256)
	case SourceDebian:
		ok = len(s.Packages) > 0
	case SourceGo:
		ok = s.Module != "" && s.Version == a.Version && strings.HasPrefix(s.Sum, "h1:")
	default:
		return errors.New("unknown kind")
	}
	if !ok {
		return errors.New("a field is missing")
	}
	return nil
}
