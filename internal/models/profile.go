package models

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/sync/errgroup"
)

// Profile says which models serve.
type Profile string

const (
	// Standard is Llama 3.2 3B and all-minilm of the Ollama registry.
	Standard Profile = "standard"
	// Small is SmolLM2-135M and all-MiniLM-L6-v2, for machines without a GPU and for CI.
	Small Profile = "small"
)

// ParseProfile reads the value of a flag; empty leaves the choice to ChooseProfile.
func ParseProfile(s string) (Profile, error) {
	switch p := Profile(s); p {
	case "", Standard, Small:
		return p, nil
	}
	return "", fmt.Errorf("profile %q is not known: want standard or small", s)
}

// Choice is a profile and why it serves.
type Choice struct {
	Profile Profile
	Reason  string
	// Auto says that nobody asked for this profile, so that it may still fall back.
	Auto bool
	// FellBack says that a better profile could not be had; Reason then says what is lost, and must be shown loudly.
	FellBack bool
}

// ChooseProfile returns the requested profile. Without a request it is standard if its models are on this machine or their
// sources answer within 3 s, else small with the reason.
func (s *Store) ChooseProfile(ctx context.Context, requested Profile) (Choice, error) {
	requested, err := ParseProfile(string(requested))
	if err != nil {
		return Choice{}, err
	}
	if requested != "" {
		return Choice{Profile: requested, Reason: "as requested"}, nil
	}
	if s.aliasesMade(Standard) {
		return Choice{Profile: Standard, Reason: "its models are on this machine", Auto: true}, nil
	}
	if err := s.probe(ctx); err != nil {
		if ctx.Err() != nil {
			return Choice{}, ctx.Err()
		}
		return fallBack(err), nil
	}
	return Choice{Profile: Standard, Reason: "its sources answer", Auto: true}, nil
}

// fallBack is the choice of small, with what that costs and how to get the rest.
func fallBack(cause error) Choice {
	return Choice{
		Profile: Small, Auto: true, FellBack: true,
		Reason: fmt.Sprintf("PROFILE SMALL instead of standard: %v. Plans stay correct, since code decides and checks them; "+
			"what is lost is the wording and the choice, which a model of 135 million parameters does worse than Llama 3.2 3B. "+
			"To get it later, with a connection: intellifit up --profile standard", cause),
	}
}

// probe asks the registry for the manifests of profile standard.
func (s *Store) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.patience, fmt.Errorf("no answer within %v", s.patience))
	defer cancel()
	g, ctx := errgroup.WithContext(ctx)
	for _, name := range []string{CoachStandard, EmbedStandard} {
		a, err := s.pinned(name)
		if err != nil {
			return err
		}
		src, ok := a.Source(SourceOllama)
		if !ok {
			return fmt.Errorf("artifact %s has no source in the registry", name)
		}
		g.Go(func() error { return s.probeModel(ctx, src.Model) })
	}
	return g.Wait()
}

func (s *Store) probeModel(ctx context.Context, model string) error {
	name, tag, _ := strings.Cut(model, ":")
	u, err := url.Parse(s.Registry)
	if err != nil {
		return errors.New("the registry's address is not readable: check INTELLIFIT_OLLAMA_REGISTRY")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.JoinPath("v2", name, "manifests", tag).String(), nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/vnd.docker.distribution.manifest.v2+json")
	resp, err := s.Client.Do(req)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return fmt.Errorf("the model registry does not answer (%w)", err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20)); err != nil {
		return fmt.Errorf("the model registry breaks off (%w)", err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the model registry answers status %s for %s", resp.Status, model)
	}
	return nil
}

// registryModel returns the name under which Ollama pulls a model, the one under which it then knows it, and whether the
// pull goes over plain HTTP.
func (s *Store) registryModel(model string) (pull, local string, insecure bool) {
	if s.Registry == defaultRegistry {
		name := strings.TrimPrefix(model, "library/")
		return name, name, false
	}
	scheme, host, ok := strings.Cut(s.Registry, "://")
	if !ok {
		scheme, host = "https", s.Registry
	}
	local = host + "/" + model
	return scheme + "://" + local, local, scheme == "http"
}
