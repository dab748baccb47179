package models

import (
	"errors"
	"strings"
	"testing"
)

func TestAliasesKeepForeignModels(t *testing.T) {
	t.Parallel()
	for _, alias := range []string{AliasCoach, AliasEmbed} {
		for _, profile := range []Profile{Small, Standard} {
			t.Run(alias+" "+string(profile), func(t *testing.T) {
				t.Parallel()
				o := newFakeOllama(t)
				o.pull = o.pullAsked
				o.add(alias, "somebody's football "+alias)
				s := aliasStore(t)
				before := o.digest(alias)
				_, err := s.EnsureModels(t.Context(), o.URL, Choice{Profile: profile, Auto: true}, Silent())
				var missing *MissingError
				if !errors.As(err, &missing) || !strings.Contains(missing.Fix, "ollama cp "+alias) || !strings.Contains(missing.Fix, "OLLAMA_HOST") {
					t.Errorf("EnsureModels = %v, want an error with the fix", err)
				}
				if o.digest(alias) != before {
					t.Error("a foreign model was replaced")
				}
			})
		}
	}
}

// CheckAliases gives every finding the fix that mends it.
func TestCheckAliases(t *testing.T) {
	t.Parallel()
	const again, rename = "intellifit up, which makes it again", "ollama cp coach"
	tests := []struct {
		name   string
		change func(o *fakeOllama, s *Store) *Store
		what   string
		fix    string
	}{
		{"gone", func(o *fakeOllama, s *Store) *Store { o.remove(AliasCoach); return s }, "no model coach", again},
		{"somebody else's", func(o *fakeOllama, s *Store) *Store { o.add(AliasCoach, "MIT"); return s }, "not IntelliFit's", rename},
		{"changed", func(o *fakeOllama, s *Store) *Store { o.derive(AliasCoach, "You are a pirate."); return s }, "coach has digest", again},
		{"made from another home", func(o *fakeOllama, s *Store) *Store {
			other := *s
			other.Home = t.TempDir()
			return &other
		}, "another installation", again},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newFakeOllama(t)
			s := aliasStore(t)
			if err := s.CreateAliases(t.Context(), o.URL, Small, Silent()); err != nil {
				t.Fatal(err)
			}
			if err := s.CheckAliases(t.Context(), o.URL); err != nil {
				t.Fatalf("CheckAliases of what was just made = %v", err)
			}
			s = tt.change(o, s)
			var missing *MissingError
			if err := s.CheckAliases(t.Context(), o.URL); !errors.As(err, &missing) || !strings.Contains(missing.What, tt.what) || !strings.Contains(missing.Fix, tt.fix) {
				t.Fatalf("CheckAliases = %v, want %q and the fix %q", err, tt.what, tt.fix)
			}
			if tt.fix != again {
				return
			}
			if err := s.CreateAliases(t.Context(), o.URL, Small, Silent()); err != nil { // the fix must mend it
				t.Fatal(err)
			}
			if err := s.CheckAliases(t.Context(), o.URL); err != nil {
				t.Errorf("CheckAliases after the fix = %v", err)
			}
		})
	}
}

// A model that somebody built on ours, under our name, carries our mark and is still not what was made.
func TestChangedAliasIsMadeAgain(t *testing.T) {
	t.Parallel()
	o := newFakeOllama(t)
	s := aliasStore(t)
	if err := s.CreateAliases(t.Context(), o.URL, Small, Silent()); err != nil {
		t.Fatal(err)
	}
	ours := o.digest(AliasCoach)
	o.derive(AliasCoach, "You are a pirate.")
	var rec recorder
	if err := s.CreateAliases(t.Context(), o.URL, Small, &rec); err != nil {
		t.Fatal(err)
	}
	if o.digest(AliasCoach) != ours || len(rec.lines) != 1 || !strings.Contains(rec.lines[0], "coach was changed") {
		t.Errorf("digest %s, lines %q; want the model %s again and a line that says so", o.digest(AliasCoach), rec.lines, ours)
	}
}

func TestProfileChangeReplacesOurOwn(t *testing.T) {
	t.Parallel()
	o := newFakeOllama(t)
	o.pull = o.pullAsked
	s := aliasStore(t)
	for _, profile := range []Profile{Small, Standard, Small} {
		if err := s.CreateAliases(t.Context(), o.URL, profile, Silent()); err != nil {
			t.Fatalf("%s: %v", profile, err)
		}
		if err := s.CheckAliases(t.Context(), o.URL); err != nil {
			t.Errorf("%s: CheckAliases = %v", profile, err)
		}
		if small := o.model(AliasCoach).From == ""; small != (profile == Small) {
			t.Errorf("%s: coach was created as %+v", profile, o.model(AliasCoach))
		}
	}
}

func TestAliasesNeedAnOllama(t *testing.T) {
	t.Parallel()
	s := aliasStore(t)
	gone := newFakeOllama(t)
	gone.Close()
	for _, host := range []string{gone.URL, "http://", ":", "%"} {
		if _, err := s.EnsureModels(t.Context(), host, Choice{Profile: Standard, Auto: true}, Silent()); err == nil || !strings.Contains(err.Error(), "Ollama") {
			t.Errorf("EnsureModels at %q = %v, want an error that names Ollama and no fall-back", host, err)
		}
		if err := s.CheckAliases(t.Context(), host); err == nil {
			t.Errorf("CheckAliases at %q passed", host)
		}
	}
}
