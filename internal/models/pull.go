package models

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/ollama/ollama/api"
)

// pull lets Ollama fetch a model from the registry, and returns the name under which it then has it. A cut pull goes on
// where it ended, since Ollama keeps the parts. A model whose weights are not the pinned ones is refused.
func (s *Store) pull(ctx context.Context, o *ollama, a Artifact, p Progress) (string, error) {
	src, ok := a.Source(SourceOllama)
	if !ok {
		return "", fmt.Errorf("artifact %s has no source in the registry", a.Name)
	}
	from, local, insecure := s.registryModel(src.Model)
	have, err := o.digest(ctx, local)
	if err != nil {
		return "", err
	}
	if have == src.Manifest {
		return local, nil
	}
	meter := p.Begin(Job{Verb: "pull", Name: a.Name, Total: a.Size, Unit: UnitBytes})
	layers := map[string]layer{}
	err = s.retry(ctx, func() (bool, error) {
		before := completed(layers)
		err := s.pullOnce(ctx, o, &api.PullRequest{Model: from, Insecure: insecure}, layers, meter)
		return completed(layers) > before, err
	})
	if err == nil {
		err = checkWeights(a, local, layers)
	}
	meter.End(err)
	if err != nil {
		if ctx.Err() != nil {
			return "", err
		}
		return "", &SourceError{Artifact: a.Name, Errs: []error{err}}
	}
	return local, nil
}

// layer is how far one blob of a pull is, in bytes.
type layer struct{ total, done int64 }

func completed(layers map[string]layer) (done int64) {
	for _, l := range layers {
		done += l.done
	}
	return done
}

func (s *Store) pullOnce(ctx context.Context, o *ollama, req *api.PullRequest, layers map[string]layer, meter Meter) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	patience := 4 * s.stall // Ollama itself restarts a connection that stands still
	timer := time.AfterFunc(patience, func() { cancel(errStalled) })
	defer timer.Stop()
	var last int64 = -1
	var status string
	err := wholeAnswer(ctx, func(each api.PullProgressFunc) error { return o.api.Pull(ctx, req, each) }, func(r api.ProgressResponse) {
		if r.Digest != "" {
			layers[r.Digest] = layer{r.Total, r.Completed}
		}
		var total int64
		for _, l := range layers {
			total += l.total
		}
		done := completed(layers)
		if done != last || r.Status != status {
			timer.Reset(patience)
			last, status = done, r.Status
		}
		meter.Set(done, total)
		if r.Digest == "" {
			meter.Note(r.Status)
		} else {
			meter.Note("")
		}
	})
	if err == nil {
		return nil
	}
	if errors.Is(context.Cause(ctx), errStalled) {
		err = errStalled
	}
	return pullError(err)
}

// pullError tells what another try may mend from what it cannot: Ollama reports the registry's errors as text.
func pullError(err error) error {
	text := err.Error()
	for _, final := range []string{"file does not exist", "unauthorized", "insecure", "requires a newer version", "no such host", "no space left"} {
		if strings.Contains(text, final) {
			return err
		}
	}
	var status api.StatusError
	if errors.As(err, &status) && status.StatusCode >= 400 && status.StatusCode < 500 && status.StatusCode != http.StatusTooManyRequests {
		return err
	}
	return &retryable{err: err}
}

// checkWeights looks for the pinned weights among the layers of a pull. The manifest around them may change, with a
// licence text or a template; the weights must not.
func checkWeights(a Artifact, model string, layers map[string]layer) error {
	if _, ok := layers["sha256:"+a.SHA256]; ok {
		return nil
	}
	largest := "no layer"
	for digest, l := range layers {
		if l.total > layers[largest].total {
			largest = digest
		}
	}
	return &ChecksumError{Artifact: a.Name, Filename: model, From: "the model registry", Want: "sha256 " + a.SHA256, Got: strings.Replace(largest, ":", " ", 1)}
}
