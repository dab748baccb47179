package runner

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain also is the process that TestKilledRunner kills: the test binary starts itself again with the variable set.
func TestMain(m *testing.M) {
	if url := os.Getenv(victimVariable); url != "" {
		os.Exit(runVictim(url))
	}
	goleak.VerifyTestMain(m,
		goleak.IgnoreTopFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"))
}
