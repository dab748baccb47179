package models

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ollama/ollama/api"
)

func TestEnsureModelsFallsBack(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		pull func(int, func(api.ProgressResponse)) error
		want string
	}{
		{"other weights", pullOf("library/forged:3b", 1000), "not the pinned one"},
		{"wrong checksum each time", func(int, func(api.ProgressResponse)) error {
			return errors.New("digest mismatch, file must be downloaded again")
		}, "digest mismatch"},
		{"the second model is not there", func(n int, emit func(api.ProgressResponse)) error {
			if n == 1 {
				return pullOf("library/big:3b", 1000)(n, emit)
			}
			return errors.New("pull model manifest: file does not exist")
		}, "does not exist"},
		{"cut again and again", func(_ int, emit func(api.ProgressResponse)) error {
			emit(api.ProgressResponse{Status: "pulling", Digest: "sha256:" + sumOf("weights of library/big:3b"), Total: 1000, Completed: 500})
			return errors.New("max retries exceeded: unexpected EOF")
		}, "unexpected EOF"},
		{"not there", func(int, func(api.ProgressResponse)) error {
			return errors.New("pull model manifest: file does not exist")
		}, "does not exist"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newFakeOllama(t)
			o.pull = tt.pull
			s := aliasStore(t)
			var rec recorder
			c, err := s.EnsureModels(t.Context(), o.URL, Choice{Profile: Standard, Auto: true}, &rec)
			if err != nil {
				t.Fatal(err)
			}
			if c.Profile != Small || !c.FellBack || o.model(AliasCoach).Files == nil {
				t.Errorf("choice = %+v, want small made", c)
			}
			if len(rec.lines) != 1 || !strings.Contains(rec.lines[0], tt.want) || !strings.Contains(rec.lines[0], "--profile standard") {
				t.Errorf("lines = %q, want one loud line with %q and the way back", rec.lines, tt.want)
			}
			if rec.ended != len(rec.jobs) {
				t.Errorf("%d of %d jobs ended", rec.ended, len(rec.jobs))
			}
		})
	}
	t.Run("not when standard was asked for", func(t *testing.T) {
		t.Parallel()
		o := newFakeOllama(t)
		o.pull = tests[len(tests)-1].pull
		s := aliasStore(t)
		var source *SourceError
		if _, err := s.EnsureModels(t.Context(), o.URL, Choice{Profile: Standard}, Silent()); !errors.As(err, &source) {
			t.Errorf("EnsureModels = %v, want a SourceError", err)
		}
	})
}

func TestChooseProfile(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	serve := func(h http.HandlerFunc) string {
		r := httptest.NewServer(h)
		t.Cleanup(r.Close)
		return r.URL
	}
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	tests := []struct {
		name      string
		registry  string
		requested Profile
		want      Profile
		reason    string
	}{
		{"registry answers", serve(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/v2/library/big/manifests/3b" && r.URL.Path != "/v2/library/vec/manifests/22m" {
				http.NotFound(w, r)
				return
			}
			fmt.Fprint(w, "{}")
		}), "", Standard, "answer"},
		{"one model is missing", serve(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "vec") {
				http.NotFound(w, r)
			}
		}), "", Small, "404"},
		{"registry is down", closed.URL, "", Small, "does not answer"},
		{"registry is slow", serve(func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-release:
			case <-r.Context().Done():
			}
		}), "", Small, "no answer within"},
		{"small requested", closed.URL, Small, Small, "requested"},
		{"standard requested", closed.URL, Standard, Standard, "requested"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := aliasStore(t)
			s.Registry, s.patience = tt.registry, 300*time.Millisecond
			c, err := s.ChooseProfile(t.Context(), tt.requested)
			if err != nil || c.Profile != tt.want || !strings.Contains(c.Reason, tt.reason) {
				t.Errorf("ChooseProfile = %+v, %v, want %s because %q", c, err, tt.want, tt.reason)
			}
			if c.FellBack != (tt.requested == "" && tt.want == Small) {
				t.Errorf("FellBack = %v", c.FellBack)
			}
			if c.FellBack && (!strings.Contains(c.Reason, "lost") || !strings.Contains(c.Reason, "intellifit up --profile standard")) {
				t.Errorf("reason %q says not what is lost and how to get it", c.Reason)
			}
		})
	}
	if _, err := aliasStore(t).ChooseProfile(t.Context(), "large"); err == nil {
		t.Error("an unknown profile passed")
	}
}

// A pull that stands still is begun anew, and given up after as many tries as any other failure.
func TestStalledPullFallsBack(t *testing.T) {
	t.Parallel()
	o := newFakeOllama(t)
	release := make(chan struct{})
	o.pull = func(_ int, emit func(api.ProgressResponse)) error {
		emit(api.ProgressResponse{Status: "pulling", Digest: "sha256:" + sumOf("weights of library/big:3b"), Total: 1000, Completed: 500})
		<-release
		return nil
	}
	t.Cleanup(func() { close(release) })
	s := aliasStore(t)
	s.stall = 20 * time.Millisecond
	var rec recorder
	c, err := s.EnsureModels(t.Context(), o.URL, Choice{Profile: Standard, Auto: true}, &rec)
	if err != nil || c.Profile != Small || !c.FellBack || !strings.Contains(c.Reason, errStalled.Error()) {
		t.Errorf("EnsureModels = %+v, %v, want small since the pull stands still", c, err)
	}
	if _, pulls := o.counts(); pulls < s.attempts {
		t.Errorf("%d pulls, want at least %d", pulls, s.attempts)
	}
}

// Ollama dies under a pull: the pull is begun again, and what came counts only when it is whole.
func TestBrokenPullIsRepeated(t *testing.T) {
	t.Parallel()
	o := newFakeOllama(t)
	o.pull = func(n int, emit func(api.ProgressResponse)) error {
		if n == 1 {
			emit(api.ProgressResponse{Status: "pulling", Digest: "sha256:" + sumOf("weights of library/big:3b"), Total: 1000, Completed: 500})
			panic(http.ErrAbortHandler)
		}
		return o.pullAsked(n, emit)
	}
	if err := aliasStore(t).CreateAliases(t.Context(), o.URL, Standard, Silent()); err != nil {
		t.Fatal(err)
	}
	if _, pulls := o.counts(); pulls != 3 {
		t.Errorf("%d pulls, want the broken one repeated", pulls)
	}
}

// Ollama dies under the creation of a model whose name exists: the old one must not be taken for the new one.
func TestBrokenCreationIsNoSuccess(t *testing.T) {
	t.Parallel()
	o := newFakeOllama(t)
	s := aliasStore(t)
	if err := s.CreateAliases(t.Context(), o.URL, Small, Silent()); err != nil {
		t.Fatal(err)
	}
	o.pull = o.pullAsked
	o.breakCreate(true)
	if err := s.CreateAliases(t.Context(), o.URL, Standard, Silent()); !errors.Is(err, errBrokeOff) {
		t.Errorf("CreateAliases = %v, want the break named", err)
	}
	o.breakCreate(false)
	if err := s.CreateAliases(t.Context(), o.URL, Standard, Silent()); err != nil || o.model(AliasCoach).From == "" {
		t.Errorf("CreateAliases after it = %v, coach %+v", err, o.model(AliasCoach))
	}
}

// Ctrl-C during a pull ends it. It is neither a reason to fall back nor to try again.
func TestCancelledPull(t *testing.T) {
	t.Parallel()
	o := newFakeOllama(t)
	release := make(chan struct{})
	pulling := make(chan struct{}, 9)
	o.pull = func(_ int, emit func(api.ProgressResponse)) error {
		emit(api.ProgressResponse{Status: "pulling manifest"})
		pulling <- struct{}{}
		<-release
		return nil
	}
	t.Cleanup(func() { close(release) })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-pulling; cancel() }()
	var rec recorder
	c, err := aliasStore(t).EnsureModels(ctx, o.URL, Choice{Profile: Standard, Auto: true}, &rec)
	if !errors.Is(err, context.Canceled) || c.FellBack || len(rec.lines) > 0 {
		t.Errorf("EnsureModels = %+v, %v, lines %q; want context.Canceled and no fall-back", c, err, rec.lines)
	}
	if creates, pulls := o.counts(); creates != 0 || pulls != 1 {
		t.Errorf("%d creates and %d pulls, want one pull", creates, pulls)
	}
}
