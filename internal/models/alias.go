package models

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
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
	old := known[r.alias]
	if digest != "" && old.Digest == digest && old.Key == r.key {
		return nil
	}
	if digest != "" {
		key, err := o.recipeOf(ctx, r.alias)
		switch {
		case err != nil:
			return err
		case key == r.key && old.Key != r.key: // made from another home
			known[r.alias] = aliasMade{Profile: profile, Key: r.key, Digest: digest}
			return s.writeAliases(known)
		case key == r.key: // a model that somebody built on ours under its name: it carries our mark, and is not what was made
			p.Line(fmt.Sprintf("the model %s was changed since IntelliFit made it: it is made again", r.alias))
		}
	}
	req, err := r.request(ctx, o, p)
	if err != nil {
		return err
	}
	req.Model = r.alias
	req.License = append(licenses(req.License), madeBy+r.key)
	meter := p.Begin(Job{Verb: "create", Name: r.alias})
	err = wholeAnswer(ctx, func(each api.CreateProgressFunc) error { return o.api.Create(ctx, req, each) }, func(r api.ProgressResponse) {
		meter.Note(r.Status)
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
