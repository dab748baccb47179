package realtime

import (
	"testing"

	"go.uber.org/goleak"
)

// The Redis that tests share ends after them.
func TestMain(m *testing.M) {
	const process = "github.com/intellifit/intellifit/internal/process."
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("os/exec.(*Cmd).Start.func2"), goleak.IgnoreAnyFunction(process+"(*Process).wait"),
		goleak.IgnoreAnyFunction(process+"(*Running).run"), goleak.IgnoreAnyFunction(process+"fork.func1.1"))
}
