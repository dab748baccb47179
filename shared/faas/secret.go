package faas

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"
)

// DefaultSecretsDir is where OpenFaaS mounts secrets; the variable SECRETS_DIR overrides it.
const DefaultSecretsDir = "/var/openfaas/secrets"

// maxSecretBytes bounds what is read of one secret.
const maxSecretBytes = 64 << 10

// ErrNoSecret says that a secret is not there.
var ErrNoSecret = errors.New("no such secret")

// secretName is the form that OpenFaaS and Kubernetes accept; it has no path separator and no leading dot.
var secretName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,252}$`)

// Secrets gives secrets by name. They come from files, never from the environment. An absent one is ErrNoSecret.
type Secrets interface {
	Secret(name string) (string, error)
}

// OptionalSecret is a secret that need not be there: "" without it. One that is there and cannot be read is an error.
func OptionalSecret(s Secrets, name string) (string, error) {
	value, err := s.Secret(name)
	if errors.Is(err, ErrNoSecret) {
		return "", nil
	}
	return value, err
}

// SecretDir reads each secret from the file of its name in a folder, and reads it again at each call, so that a rotated
// key takes effect without a restart.
type SecretDir string

// Secret returns the content of the file without its final newline.
func (d SecretDir) Secret(name string) (string, error) {
	if !secretName.MatchString(name) {
		return "", fmt.Errorf("read secret %q: not a secret's name", name)
	}
	root, err := os.OpenRoot(string(d))
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read secret %s: %w: the folder %s does not exist", name, ErrNoSecret, d)
	}
	if err != nil {
		return "", fmt.Errorf("read secret %s: %w", name, err)
	}
	defer root.Close()
	f, err := root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read secret %s: %w in %s", name, ErrNoSecret, d)
	}
	if err != nil {
		return "", fmt.Errorf("read secret %s: %w", name, err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSecretBytes+1))
	if err != nil {
		return "", fmt.Errorf("read secret %s: %w", name, err)
	}
	if len(b) > maxSecretBytes {
		return "", fmt.Errorf("read secret %s: over %d bytes", name, maxSecretBytes)
	}
	return trimNewline(string(b)), nil
}

// SecretMap holds secrets in memory, for tests and for the local runner's defaults.
type SecretMap map[string]string

// Secret returns the entry of that name.
func (m SecretMap) Secret(name string) (string, error) {
	s, ok := m[name]
	if !ok {
		return "", fmt.Errorf("read secret %s: %w", name, ErrNoSecret)
	}
	return trimNewline(s), nil
}

func trimNewline(s string) string { return strings.TrimRight(s, "\r\n") }

func secretsDir(getenv func(string) string) string {
	if dir := getenv("SECRETS_DIR"); dir != "" {
		return dir
	}
	return DefaultSecretsDir
}
