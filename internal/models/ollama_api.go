package models

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/ollama/ollama/api"
)

// ollama speaks to a running Ollama.
type ollama struct {
	base *url.URL
	http *http.Client
	api  *api.Client
}

func newOllama(host string) (*ollama, error) {
	if !strings.Contains(host, "://") {
		host = "http://" + host
	}
	base, err := url.Parse(host)
	if err != nil || base.Host == "" {
		return nil, errors.New("the address of Ollama is not readable: check OLLAMA_HOST")
	}
	client := &http.Client{Transport: newClient().Transport}
	client.Transport.(*http.Transport).ResponseHeaderTimeout = 0 // a conversion may think for long before it answers
	return &ollama{base: base, http: client, api: api.NewClient(base, client)}, nil
}

// digest returns the digest of a model, or nothing when Ollama does not have it.
func (o *ollama) digest(ctx context.Context, model string) (string, error) {
	list, err := o.api.List(ctx)
	if err != nil {
		return "", fmt.Errorf("ask Ollama for its models: %w", err)
	}
	if !strings.Contains(model[strings.LastIndex(model, "/")+1:], ":") {
		model += ":latest"
	}
	for _, m := range list.Models {
		if m.Name == model {
			return m.Digest, nil
		}
	}
	return "", nil
}

// errBrokeOff is an answer without its end: Ollama died, or the connection to it.
var errBrokeOff = errors.New("Ollama's answer broke off")

// wholeAnswer makes a call that reports its progress and tells a finished one from one that broke off, which Ollama's
// client takes for success.
func wholeAnswer[F ~func(api.ProgressResponse) error](ctx context.Context, call func(F) error, each func(api.ProgressResponse)) error {
	finished := false
	err := call(func(r api.ProgressResponse) error {
		finished = r.Status == "success"
		each(r)
		return nil
	})
	switch {
	case err != nil:
		return err
	case finished:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return errBrokeOff
}

// upload gives Ollama a blob that it does not have yet. Ollama checks the digest.
func (o *ollama) upload(ctx context.Context, digest string, p Progress, name string, open func() (io.ReadCloser, int64, error)) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, o.base.JoinPath("api", "blobs", digest).String(), nil)
	if err != nil {
		return err
	}
	resp, err := o.http.Do(req)
	if err != nil {
		return fmt.Errorf("ask Ollama for a blob: %w", err)
	}
	resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	r, size, err := open()
	if err != nil {
		return err
	}
	defer r.Close()
	meter := p.Begin(Job{Verb: "load", Name: name, Total: size, Unit: UnitBytes})
	err = o.api.CreateBlob(ctx, digest, &meteredReader{r: r, meter: meter, total: size})
	meter.End(err)
	if err != nil {
		return fmt.Errorf("hand Ollama %s: %w", name, err)
	}
	return nil
}

type meteredReader struct {
	r           io.Reader
	meter       Meter
	done, total int64
}

func (m *meteredReader) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.done += int64(n)
	m.meter.Set(m.done, m.total)
	return n, err
}
