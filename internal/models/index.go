package models

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"
)

const maxIndexPage = 32 << 20 // bytes; the largest project pages are a few MB

// projectName is the normal form of PEP 503.
var projectName = regexp.MustCompile(`[-_.]+`)

// resolvePyPI asks the package index for the address of a file. It reads the JSON form of the simple API (PEP 691) and
// the HTML form (PEP 503) that many mirrors still have.
func (s *Store) resolvePyPI(ctx context.Context, a Artifact, src Source) (*url.URL, error) {
	base, err := url.Parse(strings.TrimSuffix(s.Index, "/") + "/")
	if err != nil {
		return nil, errors.New("the package index's address is not readable: check INTELLIFIT_PYPI_INDEX or PIP_INDEX_URL")
	}
	page := base.JoinPath(strings.ToLower(projectName.ReplaceAllString(src.Package, "-")) + "/")
	var file *url.URL
	err = s.retry(ctx, func() (bool, error) {
		var err error
		file, err = s.findFile(ctx, page, a, src)
		return false, err
	})
	if err != nil {
		var wrong *ChecksumError
		if errors.As(err, &wrong) {
			return nil, err
		}
		return nil, fmt.Errorf("%s: %w", place(page), err)
	}
	if file.User == nil && file.Host == page.Host {
		file.User = page.User
	}
	return file, nil
}

func (s *Store) findFile(ctx context.Context, page *url.URL, a Artifact, src Source) (*url.URL, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, max(s.stall, time.Second), errStalled)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, page.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "intellifit")
	req.Header.Set("Accept", "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.5, text/html;q=0.1")
	resp, err := s.Client.Do(req)
	if err != nil {
		return nil, networkError(ctx, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, statusError(resp)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxIndexPage))
	if err != nil {
		return nil, networkError(ctx, err)
	}
	var address, sum string
	if media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); strings.HasSuffix(media, "json") {
		address, sum, err = findInJSON(body, src.Filename)
	} else {
		address, sum, err = findInHTML(body, src.Filename)
	}
	if err != nil {
		return nil, err
	}
	if sum != "" && sum != a.SHA256 {
		return nil, &ChecksumError{Artifact: a.Name, Filename: src.Filename, From: place(page), Want: "sha256 " + a.SHA256, Got: "sha256 " + sum}
	}
	file, err := resp.Request.URL.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("address of %s: %w", src.Filename, err)
	}
	return file, nil
}

func findInJSON(body []byte, filename string) (address, sum string, err error) {
	var project struct {
		Files []struct {
			Filename string            `json:"filename"`
			URL      string            `json:"url"`
			Hashes   map[string]string `json:"hashes"`
		} `json:"files"`
	}
	if err := json.Unmarshal(body, &project); err != nil {
		return "", "", fmt.Errorf("decode project page: %w", err)
	}
	for _, f := range project.Files {
		if f.Filename == filename {
			return f.URL, f.Hashes["sha256"], nil
		}
	}
	return "", "", fmt.Errorf("the index lists no file %s", filename)
}

var anchor = regexp.MustCompile(`(?is)<a\s[^>]*?href\s*=\s*["']([^"']+)["']`)

func findInHTML(body []byte, filename string) (address, sum string, err error) {
	for _, m := range anchor.FindAllSubmatch(body, -1) {
		href := html.UnescapeString(string(m[1]))
		u, err := url.Parse(href)
		if err != nil || path.Base(u.Path) != filename {
			continue
		}
		sum, _ := strings.CutPrefix(u.Fragment, "sha256=")
		if !hex64.MatchString(sum) {
			sum = ""
		}
		u.Fragment = ""
		return u.String(), sum, nil
	}
	return "", "", fmt.Errorf("the index lists no file %s", filename)
}
