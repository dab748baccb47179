package llm

import (
	"context"
	"strings"
	"time"
)

// Digests gives the digests of the models under the product's aliases: what a measurement must name to be repeated.
func (c *Client) Digests(ctx context.Context) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	list, err := c.api.List(ctx)
	if err != nil {
		return nil, c.explain("list models", err)
	}
	digests := map[string]string{}
	for _, m := range list.Models {
		if name := strings.TrimSuffix(m.Name, ":latest"); name == ChatModel || name == EmbedModel {
			digests[name] = m.Digest
		}
	}
	for _, name := range []string{ChatModel, EmbedModel} {
		if digests[name] == "" {
			return nil, missing(name)
		}
	}
	return digests, nil
}
