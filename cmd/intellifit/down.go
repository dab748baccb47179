package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/intellifit/intellifit/internal/stack"
)

// downLimit is how long an orderly end may take before the process is killed, which loses nothing.
const downLimit = time.Minute

func newDown() *cobra.Command {
	return &cobra.Command{
		Use:   "down",
		Short: "Stop what `up` started; the data is kept",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			home, err := stack.Home(os.Getenv)
			if err != nil {
				return err
			}
			began := time.Now()
			if err := stack.Down(cmd.Context(), home, downLimit); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "stopped in %.1f s; the data is kept in %s\n", time.Since(began).Seconds(), home)
			return err
		},
	}
}
