package main

import "github.com/spf13/cobra"

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "intellifit",
		Short:         "The local AI back end for gyms",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(newUp(), newDown(), newStatus(), newDoctor(), newToken(), newImport(), newChat(), newCall(), newPlan(), newEval(), newBench(), newVersion())
	return root
}
