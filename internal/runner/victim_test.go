package runner

const victimVariable = "INTELLIFIT_TEST_RUNNER_VICTIM"

func runVictim(string) int { return 0 }
