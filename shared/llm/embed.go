package llm

import (
	"container/list"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/ollama/ollama/api"

	"github.com/intellifit/intellifit/shared/gym"
)

// embedBatch is how many texts go into one request; more does not make MiniLM faster on a CPU.
const embedBatch = 32

// Embed turns texts into vectors of 384 floats, in their order. Texts asked for before come from memory: the queries of
// slots are always the same.
func (c *Client) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	var missing []int
	for i, t := range texts {
		if v, ok := c.vectors.get(t); ok {
			out[i] = v
		} else {
			missing = append(missing, i)
		}
	}
	for len(missing) > 0 {
		n := min(len(missing), embedBatch)
		batch := make([]string, n)
		for j, i := range missing[:n] {
			batch[j] = texts[i]
		}
		vectors, err := c.embed(ctx, batch)
		if err != nil {
			return nil, err
		}
		for j, i := range missing[:n] {
			out[i] = vectors[j]
			c.vectors.put(texts[i], vectors[j])
		}
		missing = missing[n:]
	}
	return out, nil
}

func (c *Client) embed(ctx context.Context, texts []string) ([][]float32, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Deadline)
	defer cancel()
	truncate := true
	res, err := c.api.Embed(ctx, &api.EmbedRequest{Model: EmbedModel, Input: texts, Truncate: &truncate, KeepAlive: &api.Duration{Duration: -1 * time.Second}})
	if err != nil {
		return nil, c.explain("embed", err)
	}
	if len(res.Embeddings) != len(texts) {
		return nil, fmt.Errorf("embed: %d vectors for %d texts", len(res.Embeddings), len(texts))
	}
	for _, v := range res.Embeddings {
		if len(v) != Dimensions {
			return nil, gym.Errorf(gym.ErrUnavailable, "embedding_dimensions", "the embedding model gives %d dimensions, the catalogue has %d", len(v), Dimensions)
		}
	}
	return res.Embeddings, nil
}

// vectorCache keeps the most recently used vectors.
type vectorCache struct {
	mu    *sync.Mutex
	most  int
	order *list.List // of cached, most recent first
	at    map[string]*list.Element
}

type cached struct {
	text   string
	vector []float32
}

func newVectorCache(most int) vectorCache {
	return vectorCache{mu: new(sync.Mutex), most: most, order: list.New(), at: map[string]*list.Element{}}
}

func (v vectorCache) get(text string) ([]float32, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	e, ok := v.at[text]
	if !ok {
		return nil, false
	}
	v.order.MoveToFront(e)
	return e.Value.(cached).vector, true
}

func (v vectorCache) put(text string, vector []float32) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, ok := v.at[text]; ok {
		return
	}
	v.at[text] = v.order.PushFront(cached{text, vector})
	if v.order.Len() > v.most {
		oldest := v.order.Remove(v.order.Back()).(cached)
		delete(v.at, oldest.text)
	}
}
