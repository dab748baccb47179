package hosted_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/speech/hosted"
)

var errUnreadable = errors.New("permission denied")

type unreadable struct{}

func (unreadable) Secret(string) (string, error) { return "", errUnreadable }

// TestServers: an address is needed, a key is not, and a key that is there and cannot be read is no missing one.
func TestServers(t *testing.T) {
	t.Parallel()
	there := map[string]string{"WHISPER_URL": "http://127.0.0.1:1", "TTS_URL": "http://127.0.0.1:1"}
	for name, c := range map[string]struct {
		env     map[string]string
		secrets faas.Secrets
		want    string
	}{
		"no key":         {there, faas.SecretMap{}, ""},
		"a key":          {there, faas.SecretMap{"whisper-key": "k", "tts-key": "k"}, ""},
		"no address":     {nil, faas.SecretMap{}, "_URL is not set"},
		"unreadable key": {there, unreadable{}, errUnreadable.Error()},
	} {
		host := faas.Host{Getenv: func(key string) string { return c.env[key] }, Secrets: c.secrets}
		_, hears := hosted.Recognizer(host, 0)
		_, speaks := hosted.Synthesizer(host, 0)
		for _, err := range []error{hears, speaks} {
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %q", name, err, c.want)
			}
		}
	}
}
