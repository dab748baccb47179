package runner

import (
	"fmt"
	"net/http"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/intellifit/intellifit/shared/postgres/postgrestest"
)

// TestMain also is the process that TestKilledRunner kills: the test binary starts itself again with the variable set.
func TestMain(m *testing.M) {
	if url := os.Getenv(victimVariable); url != "" {
		runVictim(url)
	}
	code := m.Run()
	if err := postgrestest.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	http.DefaultClient.CloseIdleConnections()
	// The thread that starts children lives as long as the process, so that the kernel ties their lives to it.
	forker := goleak.IgnoreAnyFunction("github.com/intellifit/intellifit/internal/process.fork.func1.1")
	if err := goleak.Find(forker); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}
