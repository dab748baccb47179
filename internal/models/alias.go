package models

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/parser"
)

// The names under which the functions ask Ollama for models.
const (
	AliasCoach = "coach"
	AliasEmbed = "embed"
)

// recipe makes one alias. Its key changes with everything that goes into the alias.
type recipe struct {
	alias   string
	key     string
	request func(ctx context.Context, o *ollama, p Progress) (*api.CreateRequest, error)
}

// EnsureModels creates the aliases of the chosen profile. A profile that nobody asked for falls back to small when its
// models cannot be had; the returned choice says which one serves, and a loud line has been printed.
func (s *Store) EnsureModels(ctx context.Context, host string, c Choice, p Progress) (Choice, error) {
	err := s.CreateAliases(ctx, host, c.Profile, p)
	if err == nil || ctx.Err() != nil || !c.Auto || c.Profile == Small {
		return c, err
	}
	var source *SourceError
	if !errors.As(err, &source) {
		return c, err
	}
	c = fallBack(err)
	p.Line(c.Reason)
	return c, s.CreateAliases(ctx, host, c.Profile, p)
}

// CreateAliases makes the models of a profile known to the Ollama at host as coach and embed. What is there already, made
// from the same artifact and the same Modelfile, stays untouched and needs no source. A model of that name which is not
// ours is never replaced: that is an error with its fix.
func (s *Store) CreateAliases(ctx context.Context, host string, profile Profile, p Progress) error {
	o, err := newOllama(host)
	if err != nil {
		return err
	}
	recipes, err := s.recipes(profile)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.aliasFile()), 0o755); err != nil {
		return err
	}
	unlock, err := lockFile(ctx, s.aliasFile()+".lock", func() { p.Line("another process creates the models, waiting for it") })
	if err != nil {
		return err
	}
	defer unlock()
	for _, r := range recipes {
		if err := s.createAlias(ctx, o, profile, r, p); err != nil {
			return fmt.Errorf("create model %s of profile %s: %w", r.alias, profile, err)
		}
	}
	return nil
}

func (s *Store) createAlias(ctx context.Context, o *ollama, profile Profile, r recipe, p Progress) error {
	digest, err := o.digest(ctx, r.alias)
	if err != nil {
		return err
	}
	known := s.readAliases()
	if old := known[r.alias]; digest != "" && old.Digest == digest && old.Key == r.key {
		return nil
	}
	if digest != "" {
		done, err := o.ours(ctx, r)
		if err != nil {
			return err
		}
		if done {
			known[r.alias] = aliasMade{Profile: profile, Key: r.key, Digest: digest}
			return s.writeAliases(known)
		}
	}
	req, err := r.request(ctx, o, p)
	if err != nil {
		return err
	}
	req.Model = r.alias
	req.License = append(licenses(req.License), madeBy+r.key)
	meter := p.Begin(Job{Verb: "create", Name: r.alias})
	err = o.api.Create(ctx, req, func(resp api.ProgressResponse) error {
		meter.Note(resp.Status)
		return nil
	})
	meter.End(err)
	if err != nil {
		return err
	}
	if digest, err = o.digest(ctx, r.alias); err != nil {
		return err
	}
	if digest == "" {
		return errors.New("Ollama does not list it after its creation")
	}
	known[r.alias] = aliasMade{Profile: profile, Key: r.key, Digest: digest}
	return s.writeAliases(known)
}

// madeBy goes into the licence text of every model that we create, the one free text that a model carries. It tells our
// own from a model of somebody else under the same name, also when INTELLIFIT_HOME is new and Ollama is not.
const madeBy = "Packaged by IntelliFit, recipe "

func licenses(l any) []string {
	switch l := l.(type) {
	case []string:
		return l
	case string:
		return []string{l}
	}
	return nil
}

// ours reports whether the model under an alias was made by this very recipe. One that we never made is an error: it is
// not ours to replace.
func (o *ollama) ours(ctx context.Context, r recipe) (same bool, err error) {
	show, err := o.api.Show(ctx, &api.ShowRequest{Model: r.alias})
	if err != nil {
		return false, fmt.Errorf("ask Ollama for model %s: %w", r.alias, err)
	}
	if !strings.Contains(show.License, madeBy) {
		return false, &MissingError{
			What: fmt.Sprintf("the Ollama at %s has a model %s that is not IntelliFit's", o.base.Host, r.alias),
			Fix:  fmt.Sprintf("rename it (ollama cp %s NEW, ollama rm %s), or set OLLAMA_HOST to another Ollama, or let intellifit start its own", r.alias, r.alias),
		}
	}
	return strings.Contains(show.License, madeBy+r.key), nil
}

func (s *Store) recipes(profile Profile) ([]recipe, error) {
	names := map[Profile][2]string{Small: {CoachSmall, EmbedSmall}, Standard: {CoachStandard, EmbedStandard}}[profile]
	coach, err := s.pinned(names[0])
	if err != nil {
		return nil, err
	}
	embed, err := s.pinned(names[1])
	if err != nil {
		return nil, err
	}
	modelfile := coachFile("Modelfile." + string(profile))
	coachKey, embedKey := keyOf(coach.SHA256, string(modelfile)), keyOf(embed.SHA256, "embed 1")
	if profile == Standard {
		return []recipe{
			{AliasCoach, coachKey, func(ctx context.Context, o *ollama, p Progress) (*api.CreateRequest, error) {
				return s.fromRegistry(ctx, o, coach, modelfile, p)
			}},
			{AliasEmbed, embedKey, func(ctx context.Context, o *ollama, p Progress) (*api.CreateRequest, error) {
				return s.fromRegistry(ctx, o, embed, nil, p)
			}},
		}, nil
	}
	return []recipe{
		{AliasCoach, coachKey, func(ctx context.Context, o *ollama, p Progress) (*api.CreateRequest, error) {
			return s.fromGGUF(ctx, o, coach, modelfile, p)
		}},
		{AliasEmbed, embedKey, func(ctx context.Context, o *ollama, p Progress) (*api.CreateRequest, error) {
			return s.fromSafetensors(ctx, o, embed, p)
		}},
	}, nil
}

func keyOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	return hex.EncodeToString(sum[:])
}

// fromRegistry pulls the model and builds on it.
func (s *Store) fromRegistry(ctx context.Context, o *ollama, a Artifact, modelfile []byte, p Progress) (*api.CreateRequest, error) {
	local, err := s.pull(ctx, o, a, p)
	if err != nil {
		return nil, err
	}
	req, err := requestOf(modelfile)
	if err != nil {
		return nil, err
	}
	req.From = local
	return req, nil
}

// fromGGUF hands Ollama the model file straight out of its wheel.
func (s *Store) fromGGUF(ctx context.Context, o *ollama, a Artifact, modelfile []byte, p Progress) (*api.CreateRequest, error) {
	archive, err := s.Ensure(ctx, a, p)
	if err != nil {
		return nil, err
	}
	req, err := requestOf(modelfile)
	if err != nil {
		return nil, err
	}
	m := a.Members[0]
	digest := "sha256:" + m.SHA256
	if err := o.upload(ctx, digest, p, a.Name, func() (io.ReadCloser, int64, error) { return openMember(archive, m.Path) }); err != nil {
		return nil, err
	}
	req.From, req.Files = "", map[string]string{"model.gguf": digest}
	return req, nil
}

// requestOf reads a Modelfile with Ollama's own parser.
func requestOf(modelfile []byte) (*api.CreateRequest, error) {
	if modelfile == nil {
		return &api.CreateRequest{}, nil
	}
	f, err := parser.ParseFile(bytes.NewReader(modelfile))
	if err != nil {
		return nil, fmt.Errorf("parse Modelfile: %w", err)
	}
	kept := f.Commands[:0]
	for _, c := range f.Commands {
		if c.Name != "model" { // the caller decides where the weights come from
			kept = append(kept, c)
		}
	}
	f.Commands = kept
	req, err := f.CreateRequest("")
	if err != nil {
		return nil, fmt.Errorf("read Modelfile: %w", err)
	}
	return req, nil
}

// aliasMade is what the store remembers of an alias that it made.
type aliasMade struct {
	Profile Profile `json:"profile"`
	Key     string  `json:"key"`
	Digest  string  `json:"digest"` // as Ollama reports it
}

func (s *Store) aliasFile() string { return filepath.Join(s.Home, "components", "aliases.json") }

func (s *Store) readAliases() map[string]aliasMade {
	known := map[string]aliasMade{}
	data, err := os.ReadFile(s.aliasFile())
	if err != nil || json.Unmarshal(data, &known) != nil {
		return map[string]aliasMade{}
	}
	return known
}

func (s *Store) writeAliases(known map[string]aliasMade) error {
	data, err := json.MarshalIndent(known, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(s.aliasFile(), data, 0o644)
}

// aliasesMade says whether the last aliases made were those of a profile.
func (s *Store) aliasesMade(profile Profile) bool {
	known := s.readAliases()
	return known[AliasCoach].Profile == profile && known[AliasEmbed].Profile == profile
}

// CheckAliases compares the aliases that Ollama has with those that were made: an error names one that is missing or was
// replaced by another model.
func (s *Store) CheckAliases(ctx context.Context, host string) error {
	o, err := newOllama(host)
	if err != nil {
		return err
	}
	known := s.readAliases()
	for _, alias := range []string{AliasCoach, AliasEmbed} {
		digest, err := o.digest(ctx, alias)
		if err != nil {
			return err
		}
		const fix = "intellifit up creates it again"
		switch want := known[alias].Digest; {
		case digest == "":
			return &MissingError{What: "Ollama has no model " + alias, Fix: fix}
		case want == "":
			return &MissingError{What: "the model " + alias + " in Ollama was not made by intellifit", Fix: fix}
		case digest != want:
			return &MissingError{What: fmt.Sprintf("the model %s has digest %s instead of %s", alias, digest, want), Fix: fix}
		}
	}
	return nil
}

// ollama speaks to a running Ollama.
type ollama struct {
	base *url.URL
	http *http.Client
	api  *api.Client
}

func newOllama(host string) (*ollama, error) {
	if !strings.Contains(host, "://") {
		host = "http://" + host
	}
	base, err := url.Parse(host)
	if err != nil || base.Host == "" {
		return nil, errors.New("the address of Ollama is not readable: check OLLAMA_HOST")
	}
	client := &http.Client{Transport: newClient().Transport}
	client.Transport.(*http.Transport).ResponseHeaderTimeout = 0 // a conversion may think for long before it answers
	return &ollama{base: base, http: client, api: api.NewClient(base, client)}, nil
}

// digest returns the digest of a model, or nothing when Ollama does not have it.
func (o *ollama) digest(ctx context.Context, model string) (string, error) {
	list, err := o.api.List(ctx)
	if err != nil {
		return "", fmt.Errorf("ask Ollama for its models: %w", err)
	}
	if !strings.Contains(model[strings.LastIndex(model, "/")+1:], ":") {
		model += ":latest"
	}
	for _, m := range list.Models {
		if m.Name == model {
			return m.Digest, nil
		}
	}
	return "", nil
}

// upload gives Ollama a blob that it does not have yet. Ollama checks the digest.
func (o *ollama) upload(ctx context.Context, digest string, p Progress, name string, open func() (io.ReadCloser, int64, error)) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, o.base.JoinPath("api", "blobs", digest).String(), nil)
	if err != nil {
		return err
	}
	resp, err := o.http.Do(req)
	if err != nil {
		return fmt.Errorf("ask Ollama for a blob: %w", err)
	}
	resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	r, size, err := open()
	if err != nil {
		return err
	}
	defer r.Close()
	meter := p.Begin(Job{Verb: "load", Name: name, Total: size, Unit: UnitBytes})
	err = o.api.CreateBlob(ctx, digest, &meteredReader{r: r, meter: meter, total: size})
	meter.End(err)
	if err != nil {
		return fmt.Errorf("hand Ollama %s: %w", name, err)
	}
	return nil
}

type meteredReader struct {
	r           io.Reader
	meter       Meter
	done, total int64
}

func (m *meteredReader) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.done += int64(n)
	m.meter.Set(m.done, m.total)
	return n, err
}
