package launch

import (
	"testing"

	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/internal/runner"
)

// What loads says how far it is, also a part that no list names beforehand; what is done is ok.
func TestLoading(t *testing.T) {
	t.Parallel()
	l := newLoading("models")
	if got := len(l.checks()); got != 1 {
		t.Errorf("%d checks, want that of the models", got)
	}
	if got := l.result("whisper"); got.State != runner.StateLoading || *got.Percent != 0 {
		t.Errorf("before it begins: %+v", got)
	}
	meter := l.watch("whisper", models.Silent()).Begin(models.Job{Verb: "install", Name: "whisper", Total: 35})
	meter.Set(7, 35)
	if got := l.result("whisper"); got.State != runner.StateLoading || *got.Percent != 20 || got.Detail != "install whisper" {
		t.Errorf("at 7 of 35: %+v", got)
	}
	l.done("whisper")
	if got := l.result("whisper"); got.State != "" {
		t.Errorf("when it is done: %+v", got)
	}
}
