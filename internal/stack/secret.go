package stack

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The names of the secrets in HOME/secrets.
const (
	SecretSuperuser = "postgres-superuser"
	SecretOwner     = "postgres-owner"
	SecretApp       = "postgres-app"
	SecretRedis     = "redis"
	SecretTokens    = "jwt-key"
)

// Secrets returns the folder of this installation's secrets, with each of them in a file of its own that only its owner
// reads. What is missing is created at random; what exists stays.
func Secrets(home string) (dir string, err error) {
	dir = filepath.Join(home, "secrets")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("create secrets folder: %w", err)
	}
	for _, name := range []string{SecretSuperuser, SecretOwner, SecretApp, SecretRedis, SecretTokens} {
		if err := createSecret(filepath.Join(dir, name)); err != nil {
			return "", fmt.Errorf("create secret %s: %w", name, err)
		}
	}
	return dir, nil
}

// createSecret writes a random secret unless the file exists. The file appears whole or not at all.
func createSecret(path string) error {
	if info, err := os.Stat(path); err == nil && info.Size() > 0 {
		return nil
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".new-")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	if _, err := temporary.WriteString(randomSecret()); err != nil {
		temporary.Close()
		return err
	}
	if err := errors.Join(temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}

// ReadSecret returns one secret of an installation.
func ReadSecret(dir, name string) (string, error) {
	value, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return "", fmt.Errorf("read secret %s: %w", name, err)
	}
	return strings.TrimSpace(string(value)), nil
}

// randomSecret is 32 random bytes in hexadecimal, safe in a URL.
func randomSecret() string {
	var b [32]byte
	rand.Read(b[:]) // never fails: see crypto/rand
	return hex.EncodeToString(b[:])
}

// WriteSecret stores a secret that others made, such as the database's URL. A reader sees the old one or the new one.
func WriteSecret(dir, name, value string) error {
	if err := replaceFile(filepath.Join(dir, name), []byte(value)); err != nil {
		return fmt.Errorf("write secret %s: %w", name, err)
	}
	return nil
}
