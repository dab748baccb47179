package models

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/ollama/ollama/api"
)

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

// CheckAliases compares the aliases that Ollama has with those that were made: an error names one that is missing, that is
// somebody else's or that was changed, and its fix.
func (s *Store) CheckAliases(ctx context.Context, host string) error {
	o, err := newOllama(host)
	if err != nil {
		return err
	}
	known := s.readAliases()
	const fix = "intellifit down && intellifit up, which makes it again"
	for _, alias := range []string{AliasCoach, AliasEmbed} {
		digest, err := o.digest(ctx, alias)
		if err != nil {
			return err
		}
		want := known[alias].Digest
		if digest != "" && digest == want {
			continue
		}
		if digest == "" {
			return &MissingError{What: "Ollama has no model " + alias, Fix: fix}
		}
		if _, err := o.recipeOf(ctx, alias); err != nil {
			return err
		}
		if want == "" {
			return &MissingError{What: "the model " + alias + " in Ollama was made by another installation of IntelliFit", Fix: fix}
		}
		return &MissingError{What: fmt.Sprintf("the model %s has digest %s instead of %s", alias, digest, want), Fix: fix}
	}
	return nil
}

// madeBy goes into the licence text of every model that we create, the one free text that a model carries. It tells our
// own from a model of somebody else under the same name, also when INTELLIFIT_HOME is new and Ollama is not.
const madeBy = "Packaged by IntelliFit, recipe "

var recipeMark = regexp.MustCompile(regexp.QuoteMeta(madeBy) + `([0-9a-f]{64})`)

func licenses(l any) []string {
	switch l := l.(type) {
	case []string:
		return l
	case string:
		return []string{l}
	}
	return nil
}

// recipeOf returns the key of the recipe that made the model under an alias. One that we never made is an error with its
// fix: it is not ours to replace.
func (o *ollama) recipeOf(ctx context.Context, alias string) (key string, err error) {
	show, err := o.api.Show(ctx, &api.ShowRequest{Model: alias})
	if err != nil {
		return "", fmt.Errorf("ask Ollama for model %s: %w", alias, err)
	}
	marks := recipeMark.FindAllStringSubmatch(show.License, -1)
	if marks == nil {
		return "", &MissingError{
			What: fmt.Sprintf("the Ollama at %s has a model %s that is not IntelliFit's", o.base.Host, alias),
			Fix:  fmt.Sprintf("rename it (ollama cp %s NEW && ollama rm %s), or set OLLAMA_HOST to another Ollama, or unset it to have one provided", alias, alias),
		}
	}
	return marks[len(marks)-1][1], nil
}
