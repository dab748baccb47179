package stack

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if play := os.Getenv("INTELLIFIT_TEST_ROLE"); play != "" {
		os.Exit(role(play))
	}
	os.Exit(m.Run())
}

func role(string) int { return 2 }
