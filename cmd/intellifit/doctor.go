package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/internal/stack"
	"github.com/intellifit/intellifit/servers"
)

func newDoctor() *cobra.Command {
	var output, profile, addr string
	var noVoice bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what this machine lacks, and the exact fix",
		Long:  "Run the checks that `up` runs first. The exit status is 1 when one of them keeps `up` from starting.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			home, err := stack.Home(os.Getenv)
			if err != nil {
				return err
			}
			plan := stack.Plan{Home: home, Addr: addr, Profile: profile, Aliases: models.NewStore(home, os.Getenv).CheckAliases}
			if !noVoice {
				plan.Speech = &stack.Speech{Whisper: servers.Whisper(), TTS: servers.TTS()}
			}
			checks := stack.Examine(cmd.Context(), stack.ThisMachine(), plan)
			if err := writeChecks(cmd.OutOrStdout(), checks, output); err != nil {
				return err
			}
			if stack.Verdict(checks) != nil {
				return fmt.Errorf("this machine is not ready; the lines with ✗ say what to do")
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&output, "output", "o", "text", "text or json")
	flags.StringVar(&profile, "profile", "", "judge for small or standard")
	flags.BoolVar(&noVoice, "no-voice", false, "judge for an up without the servers of speech")
	flags.StringVar(&addr, "addr", stack.DefaultAddr, "where `up` would listen")
	return cmd
}

func writeChecks(w io.Writer, checks []stack.Check, output string) error {
	switch output {
	case "json":
		return writeJSON(w, checks)
	case "text":
	default:
		return checkOutput(output)
	}
	mark := map[stack.Status]string{stack.OK: "✓", stack.Warn: "!", stack.Fail: "✗"}
	for _, c := range checks {
		fmt.Fprintf(w, "%s %-12s %s\n", mark[c.Status], c.Name, c.What)
		if c.Fix != "" {
			fmt.Fprintf(w, "  %-12s fix: %s\n", "", c.Fix)
		}
	}
	return nil
}
